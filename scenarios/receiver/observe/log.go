package observe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const whatLog = "observe.log"

// maxLine is how much of a line is looked at.
const maxLine = 64 << 10

// logObserver follows a log file.
//
// The file is opened only to read what is new and found again by its name, so
// that it may be truncated or replaced at any time. One that was replaced is
// kept open until the next replacement: workers that run for long go on writing
// to the old file.
type logObserver struct {
	path    string
	pattern *regexp.Regexp
	timeout time.Duration

	mu       sync.Mutex
	current  *tail // nil while the file is not there
	previous *tail // nil until the file is replaced
	tally    *tally
	buffer   []byte
}

// tail is one file that is followed.
type tail struct {
	file   *os.File
	info   os.FileInfo
	offset int64
	line   []byte // the last line as far as it has come, at most maxLine
	skip   bool   // the rest of this line is not ours
}

func newLog(cfg Config) (*logObserver, error) {
	var errs []error
	if cfg.Log.File == "" {
		errs = append(errs, lang.Errorf("observe: log: falta file", "observe: log: file is missing"))
	}
	if cfg.Log.Pattern == "" {
		errs = append(errs, lang.Errorf("observe: log: falta pattern", "observe: log: pattern is missing"))
	}
	pattern, err := regexp.Compile(cfg.Log.Pattern)
	if err != nil {
		errs = append(errs, lang.Errorf("observe: log: pattern %q: %s", "observe: log: pattern %q: %s", cfg.Log.Pattern, err))
	}
	l := &logObserver{
		path: cfg.under(cfg.Log.File), pattern: pattern, timeout: cfg.Timeout,
		tally: newTally(), buffer: make([]byte, 64<<10),
	}
	if cfg.Log.File != "" {
		errs = append(errs, l.begin())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// begin starts behind what the file holds now.
func (l *logObserver) begin() error {
	if dir, err := os.Stat(filepath.Dir(l.path)); err != nil {
		return lang.Errorf("observe: log: carpeta del archivo: %s", "observe: log: folder of the file: %s", err)
	} else if !dir.IsDir() {
		return lang.Errorf("observe: log: %s no es una carpeta", "observe: log: %s is no folder", filepath.Dir(l.path))
	}
	t, err := open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return lang.Errorf("observe: log: %s", "observe: log: %s", err)
	}
	l.current = t
	if t.offset = t.info.Size(); t.offset > 0 {
		// A line whose beginning is older than the run is older, too.
		last := make([]byte, 1)
		if _, err := t.file.ReadAt(last, t.offset-1); err != nil {
			return lang.Errorf("observe: log: %s", "observe: log: %s", err)
		}
		t.skip = last[0] != '\n'
	}
	return nil
}

// open opens a regular file. To open a pipe would wait for its writer.
func open(path string) (*tail, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, lang.Errorf("%s no es un archivo normal", "%s is no regular file", path)
	}
	file, err := os.Open(path) //nolint:gosec // the path is the user's own config
	if err != nil {
		return nil, err
	}
	// Not the info of before: the name may stand for another file by now.
	if info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &tail{file: file, info: info}, nil
}

// Close implements io.Closer.
func (l *logObserver) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := errors.Join(l.current.close(), l.previous.close())
	l.current, l.previous = nil, nil
	return err
}

func (t *tail) close() error {
	if t == nil {
		return nil
	}
	return t.file.Close()
}

// Observe implements Observer. A file that is not there has no lines.
func (l *logObserver) Observe(outer context.Context, subjects []Subject) ([]Reading, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := allow(outer, l.timeout)
	defer cancel()
	switch err := l.follow(ctx); {
	case outer.Err() != nil:
		return nil, outer.Err()
	case err == nil:
	case errors.Is(context.Cause(ctx), errTooLong):
		return nil, &Error{What: whatLog, Kind: Slow, Err: err, Text: lang.Textf("leer %s tardó más de %s", "reading %s took longer than %s", l.path, l.timeout)}
	default:
		return nil, &Error{What: whatLog, Kind: Missing, Err: err, Text: lang.Textf("no se puede leer %s: %s", "cannot read %s: %s", l.path, shown(err.Error()))}
	}
	return l.tally.readings(whatLog, subjects)
}

// follow reads what is new in all files. The name is looked up before the old
// file is read, so that what was written to it before the replacement is seen.
func (l *logObserver) follow(ctx context.Context) error {
	info, err := os.Stat(l.path)
	gone := errors.Is(err, fs.ErrNotExist)
	if err != nil && !gone {
		return err
	}
	replaced := !gone && (l.current == nil || !os.SameFile(info, l.current.info))
	for _, t := range []*tail{l.previous, l.current} {
		if t == nil {
			continue
		}
		if err := l.read(ctx, t); err != nil {
			return err
		}
	}
	if !replaced {
		return nil
	}
	fresh, err := open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // replaced once more, and not there yet
	}
	if err != nil {
		return err
	}
	if l.current != nil {
		if err := l.previous.close(); err != nil {
			return errors.Join(err, fresh.file.Close())
		}
		l.previous = l.current
	}
	l.current = fresh
	return l.read(ctx, fresh)
}

// read counts the new lines of one file.
func (l *logObserver) read(ctx context.Context, t *tail) error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < t.offset {
		// Truncated: what is there now was written since.
		t.offset, t.line, t.skip = 0, nil, false
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := t.file.ReadAt(l.buffer, t.offset)
		t.offset += int64(n)
		l.split(t, l.buffer[:n])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// split cuts data into lines and counts those that have their end.
func (l *logObserver) split(t *tail, data []byte) {
	for len(data) > 0 {
		part, rest, ended := bytes.Cut(data, []byte{'\n'})
		data = rest
		if !t.skip {
			t.line = append(t.line, part[:min(len(part), maxLine-len(t.line))]...)
		}
		if !ended {
			return
		}
		if !t.skip {
			l.count(bytes.TrimSuffix(t.line, []byte{'\r'}))
		}
		t.line, t.skip = t.line[:0], false
	}
}

func (l *logObserver) count(line []byte) {
	if !l.pattern.Match(line) {
		return
	}
	ids := map[string]struct{}{}
	findIDs(ids, line)
	if len(ids) > 0 {
		l.tally.add(ids)
	}
}
