package practice_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// childDB makes the test binary a receiver on the database of that name: the
// child process of the tests that kill one.
const childDB = "KOMETIA_SIM_TEST_PRACTICE_DB"

func TestMain(m *testing.M) {
	if path := os.Getenv(childDB); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child serves until it is killed; the first line of its output is its address.
func child(path string) error {
	r, err := practice.New(context.Background(), practice.Config{DB: path, Flaw: os.Getenv(childDB + "_FLAW")})
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	return r.Serve(context.Background(), ln)
}

func TestPractice(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "practice")
}
