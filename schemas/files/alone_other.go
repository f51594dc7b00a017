//go:build !unix

package files

import "io/fs"

// alone reports whether a file has one name and is ours, as far as that can be told.
func alone(fs.FileInfo) bool { return true }
