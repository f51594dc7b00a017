package practice

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// schema: the unique event id is what makes a duplicate harmless, also when two
// copies come at the same instant. effects has no unique index on purpose: it
// has to be able to show that something was done twice, and it can only grow.
// One transaction, so that a receiver killed while it starts leaves no half.
//
// A job's number is never given again (AUTOINCREMENT): a worker that is late
// with one which another has done strikes it off once more, and must not hit
// the job that came after it.
const schema = `
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS events (
	id TEXT PRIMARY KEY, kind TEXT NOT NULL, object_id TEXT NOT NULL, received_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS effects (
	seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, object_id TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS effects_event ON effects (event_id);
CREATE INDEX IF NOT EXISTS effects_object ON effects (object_id);
CREATE TRIGGER IF NOT EXISTS effects_keep_update BEFORE UPDATE ON effects BEGIN SELECT RAISE(ABORT, 'effects are insert-only'); END;
CREATE TRIGGER IF NOT EXISTS effects_keep_delete BEFORE DELETE ON effects BEGIN SELECT RAISE(ABORT, 'effects are insert-only'); END;
CREATE TABLE IF NOT EXISTS state (
	object_id TEXT PRIMARY KEY, body BLOB NOT NULL, updated_at INTEGER NOT NULL, event_at INTEGER NOT NULL,
	rank INTEGER NOT NULL, event_id TEXT NOT NULL, deleted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, due INTEGER NOT NULL);
COMMIT;
`

// The statements of the write path. putState is the rule for events that come
// late: a row gives way only to something newer, and a deleted one to nothing.
// Times have seconds only, so the rank of the kind and then the event id (which
// grows with time) decide between equals, and every order of arrival ends in the
// same state.
const (
	putEvent  = `INSERT INTO events (id, kind, object_id, received_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	putEffect = `INSERT INTO effects (event_id, object_id, kind, at) VALUES (?, ?, ?, ?)`
	putState  = `INSERT INTO state (object_id, body, updated_at, event_at, rank, event_id, deleted) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (object_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at, event_at = excluded.event_at,
	rank = excluded.rank, event_id = excluded.event_id, deleted = excluded.deleted
WHERE NOT state.deleted AND (excluded.deleted OR
	(excluded.updated_at, excluded.event_at, excluded.rank, excluded.event_id) > (state.updated_at, state.event_at, state.rank, state.event_id))`
	putJob  = `INSERT INTO jobs (body, due) VALUES (?, ?)`
	nextJob = `SELECT seq, body, due FROM jobs ORDER BY seq LIMIT 1`
	dropJob = `DELETE FROM jobs WHERE seq = ?`

	countEffects = `SELECT (SELECT count(*) FROM effects WHERE event_id = ?1) + (SELECT count(*) FROM effects WHERE object_id = ?1)`
	readState    = `SELECT body, deleted FROM state WHERE object_id = coalesce((SELECT object_id FROM events WHERE id = ?1), ?1)`
)

// errStoreAway is what a delivery meets while the database is taken away.
var errStoreAway = errors.New("the database is down")

// store is the receiver's database.
type store struct {
	// write has one connection: SQLite has one writer at a time anyway, and
	// queueing in Go is fair where SQLite's own waiting is by chance.
	write *sql.DB
	// read is for observations, which must not queue behind deliveries.
	read *sql.DB

	putEvent, putEffect, putState, putJob, nextJob, dropJob *sql.Stmt
	countEffects, readState                                 *sql.Stmt

	acts  func(event) int      // how many effects an event has; nil means one
	names func(event) []string // and what they are called; nil is by its kind

	away atomic.Bool
}

// openStore opens or makes the database file.
//
// WAL with synchronous=NORMAL: a commit is in the operating system's hands
// before the 2xx goes out, so it outlives the death of the process by any
// signal, which is what the checks can bring about. What FULL adds is to outlive
// a power cut, for one fsync per delivery (some milliseconds on a cheap disk);
// a receiver in production wants FULL, this one wants to be no bottleneck.
func openStore(ctx context.Context, path string) (s *store, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, lang.Errorf("base de datos de práctica %q: %s", "practice database %q: %s", path, err)
	}
	if abs = filepath.ToSlash(abs); !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // C:/... on Windows
	}
	dsn := func(more ...string) string {
		return (&url.URL{Scheme: "file", Path: abs, RawQuery: url.Values{
			"_txlock": {"immediate"}, // taking the write lock late could deadlock with another process
			"_pragma": append([]string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)"}, more...),
		}.Encode()}).String()
	}
	s = &store{}
	defer func() {
		if err != nil {
			err = lang.Errorf("base de datos de práctica %q: %s", "practice database %q: %s", path, errors.Join(err, s.close()))
			s = nil
		}
	}()
	if s.write, err = sql.Open("sqlite", dsn()); err != nil {
		return s, err
	}
	s.write.SetMaxOpenConns(1)
	if _, err = s.write.ExecContext(ctx, schema); err != nil {
		return s, err
	}
	if s.read, err = sql.Open("sqlite", dsn("query_only(1)")); err != nil {
		return s, err
	}
	s.read.SetMaxOpenConns(2)
	s.read.SetMaxIdleConns(2)
	for _, p := range []struct {
		db    *sql.DB
		into  **sql.Stmt
		query string
	}{
		{s.write, &s.putEvent, putEvent},
		{s.write, &s.putEffect, putEffect},
		{s.write, &s.putState, putState},
		{s.write, &s.putJob, putJob},
		{s.write, &s.nextJob, nextJob},
		{s.write, &s.dropJob, dropJob},
		{s.read, &s.countEffects, countEffects},
		{s.read, &s.readState, readState},
	} {
		if *p.into, err = p.db.PrepareContext(ctx, p.query); err != nil {
			return s, err
		}
	}
	return s, nil
}

// close closes both pools, which closes their statements too.
func (s *store) close() error {
	var mistakes []error
	for _, db := range []*sql.DB{s.write, s.read} {
		if db != nil {
			mistakes = append(mistakes, db.Close())
		}
	}
	return errors.Join(mistakes...)
}

// act stores the event and does its work in one transaction: either both are
// done or neither is. It reports false when the event was known already.
func (s *store) act(ctx context.Context, e event, now time.Time) (fresh bool, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		fresh, err = s.apply(ctx, tx, e, now)
		return err
	})
	return fresh, err
}

func (s *store) transact(ctx context.Context, do func(*sql.Tx) error) error {
	if s.away.Load() {
		return errStoreAway
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (s *store) apply(ctx context.Context, tx *sql.Tx, e event, now time.Time) (fresh bool, err error) {
	at := now.UnixMilli()
	res, err := tx.StmtContext(ctx, s.putEvent).ExecContext(ctx, e.id, e.kind, e.objectID, at)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	for _, name := range s.effectsOf(e) {
		if _, err := tx.StmtContext(ctx, s.putEffect).ExecContext(ctx, e.id, e.objectID, name, at); err != nil {
			return false, err
		}
	}
	_, err = tx.StmtContext(ctx, s.putState).ExecContext(ctx, e.row()...)
	return true, err
}

// row is what an event makes of its object's state.
func (e event) row() []any {
	return []any{e.objectID, []byte(e.object), e.updatedAt, e.createdAt, e.rank(), e.id, e.about.Deletes()}
}

// effectsOf are what an event leads to, by their names.
func (s *store) effectsOf(e event) []string {
	switch {
	case s.names != nil:
		return s.names(e)
	case s.acts != nil:
		return slices.Repeat([]string{e.kind}, s.acts(e))
	}
	return []string{e.kind}
}

// enqueue keeps a body for later; it outlives the process like an event.
func (s *store) enqueue(ctx context.Context, body []byte, due time.Time) error {
	if s.away.Load() {
		return errStoreAway
	}
	_, err := s.putJob.ExecContext(ctx, body, due.UnixMilli())
	return err
}

// job is a body that waits for its work.
type job struct {
	seq  int64
	body []byte
	due  time.Time
}

// next is the oldest job; false when none waits.
func (s *store) next(ctx context.Context) (job, bool, error) {
	var j job
	var due int64
	err := s.nextJob.QueryRowContext(ctx).Scan(&j.seq, &j.body, &due)
	if errors.Is(err, sql.ErrNoRows) {
		return job{}, false, nil
	}
	j.due = time.UnixMilli(due)
	return j, err == nil, err
}

// work does a job, which is an event, and strikes it off in one transaction.
func (s *store) work(ctx context.Context, j job, e event, now time.Time) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := s.apply(ctx, tx, e, now); err != nil {
			return err
		}
		_, err := tx.StmtContext(ctx, s.dropJob).ExecContext(ctx, j.seq)
		return err
	})
}

// drop strikes a job off undone.
func (s *store) drop(ctx context.Context, j job) error {
	_, err := s.dropJob.ExecContext(ctx, j.seq)
	return err
}

// observation is what the receiver did about one event or object.
type observation struct {
	Effects int             `json:"effects"`
	State   json.RawMessage `json:"state"`
}

// strike strikes a job off.
func (s *store) strike(ctx context.Context, j job) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, s.dropJob).ExecContext(ctx, j.seq)
		return err
	})
}

// postpone puts a job behind all others.
func (s *store) postpone(ctx context.Context, j job) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		res, err := tx.StmtContext(ctx, s.dropJob).ExecContext(ctx, j.seq)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // another has done it
		}
		_, err = tx.StmtContext(ctx, s.putJob).ExecContext(ctx, j.body, j.due.UnixMilli())
		return err
	})
}

// namedEffects counts the effects of an event by their names.
func (s *store) namedEffects(ctx context.Context, id string) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT kind, count(*) FROM effects WHERE event_id = ? GROUP BY kind`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	named := map[string]int{}
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		named[name] = n
	}
	return named, rows.Err()
}

// observe looks an event or object id up; an unknown one has no effects and no
// state. It sees what deliveries did also while the database is away for them.
func (s *store) observe(ctx context.Context, id string) (observation, error) {
	var o observation
	if err := s.countEffects.QueryRowContext(ctx, id).Scan(&o.Effects); err != nil {
		return o, err
	}
	var body []byte
	var deleted bool
	err := s.readState.QueryRowContext(ctx, id).Scan(&body, &deleted)
	if errors.Is(err, sql.ErrNoRows) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	var state map[string]json.RawMessage
	if err := json.Unmarshal(body, &state); err != nil {
		return o, lang.Errorf("estado de %q: %s", "state of %q: %s", id, err)
	}
	if _, own := state["deleted"]; !own {
		state["deleted"] = json.RawMessage(fmt.Sprintf("%t", deleted))
	}
	o.State, err = json.Marshal(state)
	return o, err
}
