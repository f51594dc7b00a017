// Package languagetest holds what tests of several packages need of the
// scenario language.
package languagetest

import (
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

// Plain is the smallest scenario that is one: an event, delivered once.
const Plain = `family: mine
group: plain
cases:
  - name: plain
    steps:
      - emit: {}
      - deliver: {}
checks:
  - id: MY-SHOP-001
    level: must
    evidence: [wire]
    title: {es: acepta, en: accepts}
    requirement: {es: debe aceptar, en: must accept}
    judge:
      - {answers: ["2xx"], then: pass}
      - {then: fail}
`

// published is the schema that editors read, compiled once for all specs.
var published = sync.OnceValues(func() (*jsonschema.Schema, error) { //nolint:gochecknoglobals // memo of a constant
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(string(language.Schema())))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("scenario.json", parsed); err != nil {
		return nil, err
	}
	return compiler.Compile("scenario.json")
})

// Refusal is what the published schema has against a scenario; nil when nothing.
func Refusal(text string) error {
	ginkgo.GinkgoHelper()
	asJSON, err := yaml.YAMLToJSON([]byte(strings.TrimPrefix(text, "\ufeff")))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	schema, err := published()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return schema.Validate(instance)
}
