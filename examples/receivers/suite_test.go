package receivers_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

func TestReceivers(t *testing.T) {
	RegisterFailHandler(Fail)
	suite, reporter := GinkgoConfiguration()
	suite.RandomizeAllSpecs = true
	RunSpecs(t, "receivers", suite, reporter)
}

// helperVariable names the folder of the helper's receiver.
const helperVariable = "RECEIVERS_TEST_HELPER"

// TestHelperThatIsKilled is the other process of a spec: it starts a receiver, tells its address and waits for the end.
func TestHelperThatIsKilled(t *testing.T) {
	dir := os.Getenv(helperVariable)
	if dir == "" {
		t.SkipNow()
	}
	receiver, err := receivers.Start(t.Context(), "php-cuidadoso", receivers.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(strings.TrimPrefix(receiver.URL, "http://"))
	<-t.Context().Done()
}
