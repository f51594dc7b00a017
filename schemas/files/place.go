package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Place is where an output goes.
type Place struct {
	path string      // as given
	real string      // behind all links, where that can be told
	info fs.FileInfo // nil when there is nothing yet
	fd   bool        // a descriptor of this process by name, such as /dev/fd/3
}

// descriptor is how systems name what a process has open already. Opening such
// a name anew must neither cut off nor replace what stands there: a shell may
// have redirected more than this output into it.
var descriptor = regexp.MustCompile(`^/(dev|proc/(self|thread-self|[0-9]+))/fd/[0-9]+$`)

// Find looks at the place that a path names. It is an error when nothing can be
// written there: a folder, or a file in a folder that does not exist.
func Find(path string) (Place, error) {
	p := Place{path: path, real: path, fd: descriptor.MatchString(filepath.Clean(path))}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return p, lang.Errorf("%s es una carpeta; dé la ruta de un archivo", "%s is a folder; give the path of a file", path)
	case err == nil:
		p.info = info
		if target, err := filepath.EvalSymlinks(path); err == nil {
			p.real = target
		}
		p.fd = p.fd || descriptor.MatchString(linked(path))
		return p, nil
	case !errors.Is(err, fs.ErrNotExist):
		return p, err
	}
	p.real, err = behind(path)
	return p, err
}

// linked is what a symbolic link says, which may be a link again: of
// /dev/stdout it is the name of a descriptor, and not the file behind that.
func linked(path string) string {
	for range mostLinks {
		next, err := os.Readlink(path)
		if err != nil || descriptor.MatchString(path) {
			return path
		}
		path = beside(path, next)
	}
	return path
}

// mostLinks is how many links may lead to one another, as in Linux.
const mostLinks = 40

// behind is where a file will come to be that does not exist yet, links that
// lead to it followed.
func behind(path string) (string, error) {
	path = linked(path)
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return path, lang.Errorf("la carpeta %s no existe", "there is no folder %s", filepath.Dir(path))
	}
	return filepath.Join(dir, filepath.Base(path)), nil
}

func beside(path, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(path), name)
}

// Standard is 1 or 2 when the place is the standard output or error of this
// process by name (/dev/stdout, /dev/fd/1), else 0.
func (p Place) Standard() int {
	switch name := filepath.ToSlash(linked(p.path)); name {
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return 1
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2":
		return 2
	}
	return 0
}

// Waits reports whether opening the place waits for somebody at its other end.
func (p Place) Waits() bool { return p.info != nil && p.info.Mode()&fs.ModeNamedPipe != 0 }

// Same reports whether two places are one.
func (p Place) Same(q Place) bool {
	if p.info != nil && q.info != nil {
		return os.SameFile(p.info, q.info)
	}
	if p.info != nil || q.info != nil {
		return false
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return strings.EqualFold(p.real, q.real)
	}
	return p.real == q.real
}

// replaceable reports whether a new file may take the place of what is there:
// nothing, or a regular file that no other name leads to.
func (p Place) replaceable() bool {
	return !p.fd && (p.info == nil || p.info.Mode().IsRegular() && alone(p.info))
}
