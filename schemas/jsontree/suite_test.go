package jsontree_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestJsontree(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "jsontree")
}
