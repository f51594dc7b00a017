package api_test

import (
	"bytes"
	"context"
	crypto "crypto/rand"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/api"
)

var _ = Describe("NewKey", func() {
	It("draws keys as Kometia's are, marked as ours", func() {
		a, err := api.NewKey(crypto.Reader)
		Expect(err).NotTo(HaveOccurred())
		Expect(a).To(MatchRegexp(`^sk_test_[0-9A-Za-z]{29}$`))
		b, err := api.NewKey(crypto.Reader)
		Expect(err).NotTo(HaveOccurred())
		Expect(b).NotTo(Equal(a))
	})
	It("draws the same key from the same bytes", func() {
		stream := func() io.Reader { return rand.NewChaCha8([32]byte{1}) }
		a, err := api.NewKey(stream())
		Expect(err).NotTo(HaveOccurred())
		b, err := api.NewKey(stream())
		Expect(err).NotTo(HaveOccurred())
		Expect(a).To(Equal(b))
	})
	It("uses every letter and favours none", func() {
		seen := map[rune]int{}
		stream := rand.NewChaCha8([32]byte{2})
		for range 1000 {
			k, err := api.NewKey(stream)
			Expect(err).NotTo(HaveOccurred())
			for _, c := range strings.TrimPrefix(k, "sk_test_") {
				seen[c]++
			}
		}
		Expect(seen).To(HaveLen(62))
		for _, n := range seen {
			Expect(n).To(BeNumerically("~", 29000/62, 120))
		}
	})
	It("says that the bytes ran out", func() {
		_, err := api.NewKey(bytes.NewReader(make([]byte, 5)))
		Expect(err).To(MatchError(ContainSubstring("draw API key")))
	})
})

var _ = Describe("Serve", func() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hola") })
	get := func(ctx context.Context, url string) (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return string(b), err
	}
	DescribeTable("is reached where it says", func(ctx SpecContext, listen, url string) {
		s, err := api.Serve(ctx, listen, hello)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.URL).To(MatchRegexp(url))
		Expect(get(ctx, s.URL)).To(Equal("hola"))
		Expect(s.Close()).To(Succeed())
		Expect(s.Close()).To(Succeed(), "a second time")
		_, err = get(ctx, s.URL)
		Expect(err).To(HaveOccurred())
	},
		Entry("by default", "", `^http://127\.0\.0\.1:\d+$`, NodeTimeout(10*time.Second)),
		Entry("without a host", ":0", `^http://127\.0\.0\.1:\d+$`, NodeTimeout(10*time.Second)),
		Entry("on every interface", "0.0.0.0:0", `^http://127\.0\.0\.1:\d+$`, NodeTimeout(10*time.Second)),
	)
	It("ends with its context", func(ctx SpecContext) {
		inner, cancel := context.WithCancel(ctx)
		s, err := api.Serve(inner, "", hello)
		Expect(err).NotTo(HaveOccurred())
		cancel()
		Expect(s.Wait()).To(Succeed())
	}, NodeTimeout(10*time.Second))
	It("refuses an address that is none, or taken", func(ctx SpecContext) {
		_, err := api.Serve(ctx, "8091", hello)
		Expect(err).To(MatchError(ContainSubstring(`listen address "8091": want host:port`)))
		s, err := api.Serve(ctx, "", hello)
		Expect(err).NotTo(HaveOccurred())
		_, err = api.Serve(ctx, strings.TrimPrefix(s.URL, "http://"), hello)
		Expect(err).To(MatchError(ContainSubstring("address already in use")))
		Expect(s.Close()).To(Succeed())
	}, NodeTimeout(10*time.Second))
	It("leaves the body out of a response to HEAD", func(ctx SpecContext) {
		store := api.NewStore(api.StoreConfig{})
		s, err := api.Serve(ctx, "", api.New(options(store)))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(s.Close)
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, s.URL+"/api/v1/events", nil)
		Expect(err).NotTo(HaveOccurred())
		req.SetBasicAuth(secret, "")
		res, err := http.DefaultClient.Do(req)
		Expect(err).NotTo(HaveOccurred())
		defer res.Body.Close()
		Expect(res.StatusCode).To(Equal(http.StatusOK))
		Expect(res.ContentLength).To(BeNumerically(">", 0))
		Expect(io.ReadAll(res.Body)).To(BeEmpty())
	}, NodeTimeout(10*time.Second))
})
