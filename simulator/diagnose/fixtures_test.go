package diagnose_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// fixture is a raw answer of testdata and what it has to be diagnosed as.
type fixture struct {
	File      string             `yaml:"file"`
	URL       string             `yaml:"url"`
	Accept    string             `yaml:"accept"`
	Code      string             `yaml:"code"` // "" for nothing to say
	Certainty diagnose.Certainty `yaml:"certainty"`
	// Evidence has to be part of the Spanish or the English evidence.
	Evidence string `yaml:"evidence"`
	// Fix is how the first fix has to be labelled, in Spanish.
	Fix string `yaml:"fix"`
}

func fixtures() []fixture {
	data, err := os.ReadFile("testdata/expect.yaml")
	Expect(err).NotTo(HaveOccurred())
	var list []fixture
	Expect(yaml.UnmarshalWithOptions(data, &list, yaml.Strict())).To(Succeed())
	return list
}

// answerFiles are all raw answers there are.
func answerFiles() []string {
	names, err := filepath.Glob("testdata/*.http")
	Expect(err).NotTo(HaveOccurred())
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	sort.Strings(names)
	return names
}

// answer reads a raw answer as the wire would hand it over.
func answer(file string) *wire.Outcome {
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	Expect(err).NotTo(HaveOccurred())
	return parse(raw)
}

func parse(raw []byte) *wire.Outcome {
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), &http.Request{Method: http.MethodPost})
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		Expect(errors.Is(err, io.ErrUnexpectedEOF)).To(BeTrue(), "%v", err) // pages that were cut to size
	}
	out := &wire.Outcome{Status: res.StatusCode, Connected: true, BodyBytes: int64(len(body)), Body: body[:min(len(body), 64<<10)]}
	for name, values := range res.Header {
		for _, v := range values {
			out.Header = append(out.Header, wire.Field{Name: name, Value: v})
		}
	}
	return out
}

// request is a plain event to url.
func request(url, accept string) *wire.Request {
	if url == "" {
		url = "http://127.0.0.1:8000/kometia/webhook"
	}
	req := &wire.Request{
		Target: target(url), Body: []byte(`{"kind":"order.created"}`),
		Header: []wire.Field{{Name: "Content-Type", Value: "application/json"}},
	}
	if accept != "" {
		req.Header = append(req.Header, wire.Field{Name: "Accept", Value: accept})
	}
	return req
}

func refused(kind wire.ErrorKind, text string) *wire.Outcome {
	return &wire.Outcome{Err: &wire.Error{Kind: kind, Err: errors.New(text)}}
}

// target parses a URL by wire.ParseTarget.
func target(url string) *wire.Target {
	t, err := wire.ParseTarget(url)
	Expect(err).NotTo(HaveOccurred())
	return t
}
