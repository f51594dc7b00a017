package main

import (
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
)

// What the tests need of the program from within.
var (
	Run   = run
	Start = start
)

type Host = console.Host

// ReadConfig reads a config as the program does.
func ReadConfig(name string, data []byte) error {
	_, err := settings.Parse(name, data, settings.Sources{
		Getenv: func(string) string { return "" }, Read: func(string) ([]byte, error) { return []byte("of-a-file"), nil },
	})
	return err
}
