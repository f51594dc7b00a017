package retryclock_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestRetryclock(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "retryclock")
}
