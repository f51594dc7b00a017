// Package state is the folder .kometia-sim, where a working folder keeps what
// was sent from it: the last send (last.json), what each run made (runs), and
// the cases that fuzz found (cases).
package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const (
	// Dir is the name of the folder.
	Dir = ".kometia-sim"
	// cases and runs are the folders in it.
	cases = "cases"
	runs  = "runs"
	// served is what serve remembers.
	served = "serve.db"
)

// Folder is the state folder of a working folder; it need not exist yet.
type Folder struct{ root string }

// Of is the state folder of a working folder.
func Of(dir string) Folder { return Folder{filepath.Join(dir, Dir)} }

// Cases is where the cases of fuzz are kept; the folder may not exist.
func (f Folder) Cases() string { return filepath.Join(f.root, cases) }

// MakeCases is Cases once that folder exists.
func (f Folder) MakeCases() (string, error) { return f.open(cases) }

// MakeServed is where serve remembers, once the folder for it exists; shown is how
// to call it.
func (f Folder) MakeServed() (path, shown string, err error) {
	dir, err := f.open("")
	if err == nil {
		err = ours(filepath.Join(dir, served))
	}
	return filepath.Join(dir, served), filepath.Join(Dir, served), err
}

// NotOursError is something in the folder where we keep a file, and which is none:
// a link leads to somebody else's file, a pipe makes whoever opens it wait.
type NotOursError struct{ Path string }

// Error implements error.
func (e *NotOursError) Error() string { return e.In(lang.English) }

// In implements [lang.Bilingual].
func (e *NotOursError) In(tag lang.Tag) string {
	return lang.Textf("%s no es un archivo ni una carpeta de kometia-sim, sino un enlace, una tubería o un dispositivo: quítelo",
		"%s is no file or folder of kometia-sim, but a link, a pipe or a device: remove it", e.Path).In(tag)
}

// ours finds out that what has the name of a file or folder of ours is one, or that
// nothing has it. The folder may have come with a repository.
func ours(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !info.Mode().IsRegular() && !info.IsDir():
		return &NotOursError{Path: filepath.Join(Dir, filepath.Base(path))}
	}
	return err
}

// keep writes a file of the folder, whole or not at all, and readable by its
// owner only.
func (f Folder) keep(name string, data []byte) error {
	dir, err := f.open("")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	if err := ours(path); err != nil {
		return err
	}
	return files.Keep(path, data)
}

// open makes the folder, or a folder in it, and gives its path. The folder keeps
// itself out of the user's repository.
func (f Folder) open(sub string) (string, error) {
	dir := filepath.Join(f.root, sub)
	if sub == runs { // in which we delete, too
		if err := ours(dir); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	ignore := filepath.Join(f.root, ".gitignore")
	if _, err := os.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		if err := files.Keep(ignore, []byte("*\n")); err != nil {
			return "", err
		}
	}
	return dir, nil
}
