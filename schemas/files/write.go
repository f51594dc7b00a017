package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	// shared is the mode of what is written for others to read, as far as the
	// user's umask lets them; private is that of what only the user should read.
	shared  fs.FileMode = 0o666
	private fs.FileMode = 0o600
)

// Open opens the place to be written bit by bit. What was in a file is gone
// then; through a pipe or a device the bytes go as they come.
func (p Place) Open() (*os.File, error) {
	flags := os.O_WRONLY
	switch {
	case p.fd:
		flags |= os.O_APPEND // beside what the shell has put there
	case p.info == nil || p.info.Mode().IsRegular():
		flags |= os.O_CREATE | os.O_TRUNC
	}
	return os.OpenFile(p.path, flags, shared)
}

// Whole reports whether Write puts a new file into the place, so that nobody
// ever sees half of it. Where it does not, the place is to be opened.
func (p Place) Whole() bool { return p.replaceable() }

// Write writes all of data to the place: whole or not at all where a file can be
// replaced, else through it.
func (p Place) Write(data []byte) error { return p.write(data, shared, false) }

// Try finds out whether the place can be written, and leaves it as it is.
func (p Place) Try() error {
	if p.fd || p.Waits() {
		return nil
	}
	if p.info != nil {
		f, err := os.OpenFile(p.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return f.Close()
	}
	f, err := beginBeside(p.real, shared)
	if err != nil {
		return named(p.path, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Keep writes a file for its owner alone, whole or not at all where it can be
// replaced, and on the disk before it returns.
func Keep(path string, data []byte) error {
	p, err := Find(path)
	if err != nil {
		return err
	}
	return p.write(data, private, true)
}

func (p Place) write(data []byte, mode fs.FileMode, sync bool) error {
	if !p.replaceable() {
		return p.through(data)
	}
	if p.info != nil {
		mode = p.info.Mode().Perm()
	}
	f, err := beginBeside(p.real, mode)
	if err != nil {
		if p.info != nil && !Full(err) { // a file that may be written in a folder that may not
			return p.through(data)
		}
		return named(p.path, err)
	}
	_, err = f.Write(data)
	if err == nil && p.info != nil {
		err = f.Chmod(mode) // the umask is not for a file that there was before
	}
	if err == nil && sync {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return named(p.path, errors.Join(err, os.Remove(f.Name())))
	}
	if err = os.Rename(f.Name(), p.real); err == nil {
		return nil
	}
	err = errors.Join(err, os.Remove(f.Name()))
	if p.info != nil { // something is mounted on it
		return p.through(data)
	}
	return named(p.path, err)
}

// through writes data to what is there.
func (p Place) through(data []byte) error {
	f, err := p.Open()
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// beginBeside makes a new file in the folder of another. Unlike os.CreateTemp it
// leaves the mode to the umask.
func beginBeside(path string, mode fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(path)
	if len(base) > longestName {
		base = base[:longestName]
	}
	for i := 0; ; i++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s-%d-%d", base, os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// longestName leaves room for what stands around it: file systems take 255 bytes.
const longestName = 200

// Full reports an error of a disk, or of the user's share of it, that has no room.
func Full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// named tells an error of a file beside a path as one of that path: the name of
// the other file means nothing to anyone.
func named(path string, err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return &fs.PathError{Op: p.Op, Path: path, Err: p.Err}
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return &fs.PathError{Op: "write", Path: path, Err: l.Err}
	}
	return err
}

// Append adds to the end of a file that others add to as well, in one write.
func Append(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, shared)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
