package platform

import "strings"

// version is that of the file's tables; another one is refused.
const version = "1"

// schema: one row for each subscription, event, object, delivery, kept response
// and call.
//
// The attempts of a delivery stand in its own row (runs), those in a row that are
// equal as one: whatever happens to a delivery is one update of one row. Numbers
// are never given again (AUTOINCREMENT).
//
// What was asked for beside the schedule is counted in extra until it begins.
//
// A batch is which attempts were about to be made, written before their first
// byte went out: after a kill it tells which of them may have reached a receiver.
const schema = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (
	id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, kinds TEXT NOT NULL, created INTEGER NOT NULL,
	fault TEXT NOT NULL DEFAULT '', times INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0,
	elsewhere INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS events (
	seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, object_type TEXT NOT NULL, object_id TEXT NOT NULL,
	at INTEGER NOT NULL, body BLOB NOT NULL, pending_at INTEGER NOT NULL, about BLOB NOT NULL, cause TEXT NOT NULL, depth INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS events_at ON events (at, seq);
CREATE INDEX IF NOT EXISTS events_object ON events (object_id);
CREATE TABLE IF NOT EXISTS objects (
	type TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, made INTEGER NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
	parent TEXT NOT NULL DEFAULT '', gone INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_made ON objects (type, gone, made, seq);
CREATE INDEX IF NOT EXISTS objects_parent ON objects (parent) WHERE parent <> '';
CREATE TABLE IF NOT EXISTS deliveries (
	id INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL, subscription INTEGER NOT NULL, kind TEXT NOT NULL,
	state INTEGER NOT NULL, first INTEGER NOT NULL, due INTEGER NOT NULL, next INTEGER NOT NULL,
	counter INTEGER NOT NULL, attempts INTEGER NOT NULL, runs BLOB NOT NULL, extra INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_extra ON deliveries (id) WHERE extra > 0;
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE INDEX IF NOT EXISTS deliveries_subscription ON deliveries (subscription);
-- Where an event or a subscription is asked for as well, "+state" keeps SQLite from
-- going through all that are pending.
CREATE INDEX IF NOT EXISTS deliveries_state ON deliveries (state);
CREATE TABLE IF NOT EXISTS responses (
	id INTEGER PRIMARY KEY AUTOINCREMENT, delivery INTEGER NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL, total INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS responses_delivery ON responses (delivery);
CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY, tickets BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
	id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, virtual INTEGER NOT NULL, key TEXT NOT NULL, method TEXT NOT NULL,
	path TEXT NOT NULL, query TEXT NOT NULL, status INTEGER NOT NULL, events TEXT NOT NULL, cause TEXT NOT NULL, depth INTEGER NOT NULL
);
`

// later are columns that files of this version may lack, in their tables.
func later() [][2]string {
	return [][2]string{{"subscriptions", "elsewhere INTEGER NOT NULL DEFAULT 0"}}
}

// complete adds the columns that an older file lacks.
func complete(t *tx) error {
	for _, c := range later() {
		name, _, _ := strings.Cut(c[1], " ")
		rows, err := t.query("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", c[0], name)
		there, err := first(rows, err, new(int))
		if err == nil && !there {
			err = t.exec("ALTER TABLE " + c[0] + " ADD COLUMN " + c[1])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
