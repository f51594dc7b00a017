package main

// What the tests need of the program from within.
var (
	Run   = run
	Start = start
	Curl  = curl
)

type Host = host

// ReadConfig reads a config as the program does.
func ReadConfig(name string, data []byte) error {
	c := &config{file: name}
	return readYAML(name, data, c.keys())
}
