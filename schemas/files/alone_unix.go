//go:build unix

package files

import (
	"io/fs"
	"os"
	"syscall"
)

// alone reports whether a file has one name and is ours: a new file in its place
// would leave its other names behind, and would take it from its owner.
func alone(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || s.Nlink == 1 && int(s.Uid) == os.Geteuid()
}
