// Package wire makes one HTTP attempt on its own connection and tells what
// came of it.
package wire
