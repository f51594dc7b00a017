package observe

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxLooked is how much of a log's end is looked at before the first request.
const maxLooked = 1 << 20

// Doubts are why an observer that could be made may see nothing, to be told
// before the first request: a file that is not there, a pattern that no line of
// it has matched so far. Both may be right, so they are no errors.
func (c Config) Doubts() []lang.Text {
	if c.Log.File == "" {
		return nil
	}
	path := c.under(c.Log.File)
	t, err := open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []lang.Text{lang.Textf("observe.log: %s todavía no existe; sin él no se ve ningún efecto: revise file", "observe.log: %s does not exist yet; without it no effect is seen: check file", path)}
	}
	if err != nil {
		return nil // New has said so
	}
	defer func() { _ = t.close() }()
	data, err := io.ReadAll(io.NewSectionReader(t.file, max(0, t.info.Size()-maxLooked), maxLooked))
	if err != nil {
		return nil
	}
	pattern, err := regexp.Compile(c.Log.Pattern)
	if err != nil {
		return nil
	}
	lines, matching, named := 0, 0, 0
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		if lines++; !pattern.Match(line) {
			continue
		}
		matching++
		ids := map[string]struct{}{}
		if findIDs(ids, line); len(ids) > 0 {
			named++
		}
	}
	switch {
	case lines > 0 && matching == 0:
		return []lang.Text{lang.Textf("observe.log: ninguna de las %d líneas que %s ya tiene coincide con %q; si algún evento ya se recibió, revise pattern",
			"observe.log: none of the %d lines that %s already has matches %q; if any event was received before, check pattern", lines, path, c.Log.Pattern)}
	case matching > 0 && named == 0:
		return []lang.Text{lang.Textf("observe.log: %d líneas de %s coinciden con %q y ninguna tiene el id de un evento u objeto (evn_..., ord_...); sin él no cuentan",
			"observe.log: %d lines of %s match %q and none has the id of an event or object (evn_..., ord_...); without it they do not count", matching, path, c.Log.Pattern)}
	}
	return nil
}

// checkProgram refuses a program that is not there.
func checkProgram(key, name, dir string) error {
	path := name
	if strings.ContainsRune(name, filepath.Separator) || strings.ContainsRune(name, '/') {
		path = Config{Dir: dir}.under(name)
	}
	_, err := exec.LookPath(path)
	switch {
	case err == nil, errors.Is(err, exec.ErrDot):
		return nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return lang.Errorf("%s: no se encuentra el programa %s", "%s: program %s not found", key, shown(name))
	}
	return lang.Errorf("%s: no se puede ejecutar %s: %s", "%s: cannot run %s: %s", key, shown(name), shown(err.Error()))
}
