//go:build !unix

package receivers

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

var (
	errLocked = errors.New("locked by another process")
	errSystem = errors.New("the example receivers start on Unix systems only")
)

func lockFile(string) (*os.File, error) { return nil, errSystem }

type group struct{ ended chan struct{} }

func startGroup(context.Context, *exec.Cmd) (*group, error) { return nil, errSystem }

func (g *group) kill() {}

func (g *group) state() string { return "" }
