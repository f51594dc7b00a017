package platform

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// store is the file. Whatever changes it goes through write, one transaction for
// all that comes at the same time: a commit waits for the disk, and 64 attempts
// that end together wait for it once.
type store struct {
	path    string // "" in memory
	writing *sql.DB
	conn    *sql.Conn // the one that writes
	reading *sql.DB   // nil in memory, where the one connection does both
	kept    map[string]*sql.Stmt

	jobs   chan *job
	closed chan struct{}
	ended  chan struct{} // closed when nothing is written any more
	unlock func() error
}

type job struct {
	do   func(*tx) error
	done chan error
}

// tx is a transaction under way.
type tx struct {
	ctx context.Context
	s   *store
}

// lockSuffix is that of the file that one process alone holds.
const lockSuffix = ".lock"

// mostTogether bounds how many writes are committed at once.
const mostTogether = 256

// openStore opens or makes the file; path "" keeps all in memory.
//
// WAL with synchronous=FULL: what was committed outlives a power cut, too. What
// else of SQLite there is to say: temp_store and mmap stay at their defaults, and
// a small page cache keeps memory flat.
func openStore(ctx context.Context, path string) (s *store, err error) {
	s = &store{path: path, jobs: make(chan *job), closed: make(chan struct{}), ended: make(chan struct{}), kept: map[string]*sql.Stmt{}, unlock: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
			s = nil
		}
	}()
	dsn := ":memory:"
	if path != "" {
		if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
			return s, lang.Errorf("%s: no existe la carpeta %s", "%s: there is no folder %s", path, filepath.Dir(path))
		}
		if s.unlock, err = lock(path + lockSuffix); err != nil {
			return s, err
		}
		// SQLite would make it readable for everybody; it holds keys.
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return s, err
		}
		if err := f.Close(); err != nil {
			return s, err
		}
		if dsn, err = address(path); err != nil {
			return s, err
		}
	}
	if s.writing, err = sql.Open("sqlite", dsn); err != nil {
		return s, err
	}
	s.writing.SetMaxOpenConns(1)
	if path != "" {
		if s.reading, err = sql.Open("sqlite", dsn); err != nil {
			return s, err
		}
		s.reading.SetMaxOpenConns(4)
		s.reading.SetMaxIdleConns(4)
	}
	if s.conn, err = s.writing.Conn(ctx); err != nil {
		return s, damaged(path, err)
	}
	if _, err = s.conn.ExecContext(ctx, "BEGIN IMMEDIATE;"+schema+"COMMIT;"); err != nil {
		return s, damaged(path, err)
	}
	go s.commit(context.WithoutCancel(ctx))
	return s, nil
}

// unreadable reports whether SQLite cannot make sense of its file (SQLITE_CORRUPT,
// SQLITE_NOTADB).
func unreadable(err error) bool {
	var of interface{ Code() int }
	return errors.As(err, &of) && (of.Code()&0xff == 11 || of.Code()&0xff == 26)
}

// damaged says which file it is that SQLite cannot use.
func damaged(path string, err error) error {
	if unreadable(err) {
		return lang.Errorf("%s está dañado o no es de kometia-sim: muévalo a otra parte o use --memory", "%s is damaged or not of kometia-sim: move it away or use --memory", path)
	}
	return lang.Errorf("%s no se puede usar: %s; muévalo a otra parte o use --memory",
		"%s cannot be used: %s; move it away or use --memory", path, err)
}

func address(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if abs = filepath.ToSlash(abs); !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // C:/... on Windows
	}
	return (&url.URL{Scheme: "file", Path: abs, RawQuery: url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-4000)", "journal_size_limit(16777216)"},
	}.Encode()}).String(), nil
}

// write carries out do in a transaction and returns when it is on the disk. An
// error of do undoes what it did, and comes back as it is.
func (s *store) write(ctx context.Context, do func(*tx) error) error {
	return s.writeUnless(ctx.Done(), ctx.Err, do)
}

// writeAnyway is write for what nobody can call off.
func (s *store) writeAnyway(do func(*tx) error) error { return s.writeUnless(nil, nil, do) }

func (s *store) writeUnless(called <-chan struct{}, off func() error, do func(*tx) error) error {
	j := &job{do: do, done: make(chan error, 1)}
	select {
	case s.jobs <- j:
	case <-s.closed:
		return errClosed
	case <-called:
		return off()
	}
	return s.inWords(<-j.done) // once begun it is not left half known
}

// diskFull is SQLITE_FULL.
const diskFull = 13

// inWords says of a full disk and of a damaged file what can be done about it.
func (s *store) inWords(err error) error {
	if unreadable(err) {
		return damaged(s.path, err)
	}
	var of interface{ Code() int }
	if errors.As(err, &of) && of.Code()&0xff == diskFull {
		return lang.Errorf("ya no hay espacio en el disco: libere espacio y siga con kometia-sim serve; nada de lo aceptado se perdió",
			"there is no space left on the disk: make room and go on with kometia-sim serve; nothing that was accepted is lost")
	}
	return err
}

var errClosed = lang.Errorf("el simulador ya se cerró", "the simulator is closed already")

// commit carries out writes until the store is closed.
func (s *store) commit(ctx context.Context) {
	defer close(s.ended)
	for {
		select {
		case j := <-s.jobs:
			s.together(ctx, j)
		case <-s.closed:
			return
		}
	}
}

// together carries out a write and those that wait behind it.
func (s *store) together(ctx context.Context, first *job) {
	t := &tx{ctx: ctx, s: s}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		first.done <- err
		return
	}
	var good []*job
	for next := first; next != nil; {
		if err := s.one(t, next); err != nil {
			next.done <- err
		} else {
			good = append(good, next)
		}
		next = nil
		if len(good) < mostTogether {
			select {
			case next = <-s.jobs:
			default:
			}
		}
	}
	err := t.exec("COMMIT")
	if err != nil {
		_ = t.exec("ROLLBACK") // the error of the commit is the one to tell
	}
	for _, j := range good {
		j.done <- err
	}
}

func (s *store) one(t *tx, j *job) error {
	if err := t.exec("SAVEPOINT one"); err != nil {
		return err
	}
	err := j.do(t)
	if err != nil {
		return errors.Join(err, t.undo())
	}
	return t.exec("RELEASE one")
}

func (t *tx) undo() error { return errors.Join(t.exec("ROLLBACK TO one"), t.exec("RELEASE one")) }

// stmt prepares a statement once.
func (t *tx) stmt(text string) (*sql.Stmt, error) {
	if kept, ok := t.s.kept[text]; ok {
		return kept, nil
	}
	made, err := t.s.conn.PrepareContext(t.ctx, text)
	if err == nil {
		t.s.kept[text] = made
	}
	return made, err
}

func (t *tx) exec(text string, args ...any) error {
	_, err := t.result(text, args)
	return err
}

// insert gives the number of the new row.
func (t *tx) insert(text string, args ...any) (int64, error) {
	res, err := t.result(text, args)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// changed gives the number of rows that were changed.
func (t *tx) changed(text string, args ...any) (int64, error) {
	res, err := t.result(text, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) result(text string, args []any) (sql.Result, error) {
	stmt, err := t.stmt(text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(t.ctx, args...)
}

func (t *tx) query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := t.stmt(text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(t.ctx, args...)
}

// reader is what rows are read from: a transaction under way, or the file as it
// was committed last.
type reader interface {
	query(text string, args ...any) (*sql.Rows, error)
}

// committed reads what was committed.
type committed struct {
	ctx context.Context
	s   *store
}

func (c committed) query(text string, args ...any) (*sql.Rows, error) {
	return c.s.reading.QueryContext(c.ctx, text, args...)
}

// read has f read what was committed.
func (s *store) read(ctx context.Context, f func(reader) error) error {
	if s.reading != nil {
		return f(committed{ctx, s})
	}
	return s.write(ctx, func(t *tx) error { return f(t) })
}

// each calls f for every row; f scans it.
func each(rows *sql.Rows, err error, f func(scan func(...any) error) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// first scans the first row; false when there is none.
func first(rows *sql.Rows, err error, into ...any) (found bool, _ error) {
	err = each(rows, err, func(scan func(...any) error) error {
		if found {
			return nil
		}
		found = true
		return scan(into...)
	})
	return found, err
}

// meta reads a named value; "" when there is none.
func meta(r reader, name string) (value string, err error) {
	rows, err := r.query("SELECT value FROM meta WHERE name = ?", name)
	_, err = first(rows, err, &value)
	return value, err
}

func metaInt(r reader, name string) (int64, error) {
	text, err := meta(r, name)
	if err != nil || text == "" {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

func (t *tx) setMeta(name, value string) error {
	return t.exec("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}

func (t *tx) setMetaInt(name string, value int64) error {
	return t.setMeta(name, strconv.FormatInt(value, 10))
}

// close ends all writing.
func (s *store) close() error {
	close(s.closed)
	<-s.ended
	return s.release()
}

func (s *store) release() error {
	var errs []error
	for _, stmt := range s.kept { // or SQLite could not put its log back into the file
		errs = append(errs, stmt.Close())
	}
	if s.reading != nil {
		errs = append(errs, s.reading.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.writing != nil {
		errs = append(errs, s.writing.Close())
	}
	return errors.Join(append(errs, s.unlock())...)
}
