package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("ids", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("lists everything unique that a run sent, all of it harmless", Label("whole"), func() {
		r := newReceiver(204)
		Expect(sh.run("run", "--target", r.URL, "--ids", "zz99").code).To(BeElementOf(0, 1))
		listed := map[string]bool{}
		for line := range strings.Lines(sh.run("ids", "zz99").out) {
			_, value, _ := strings.Cut(strings.TrimSpace(line), "\t")
			listed[value] = true
		}
		Expect(len(listed)).To(BeNumerically(">", 100))
		seen := 0
		var visit func(name string, v any)
		visit = func(name string, v any) {
			switch v := v.(type) {
			case map[string]any:
				for name, member := range v {
					visit(name, member)
				}
			case []any:
				for _, member := range v {
					visit(name, member)
				}
			case string:
				if name == "email" && v != "" {
					Expect(v).To(HaveSuffix("@example.com"))
				}
			}
		}
		for _, body := range r.got() {
			var event map[string]any
			if json.Unmarshal(body, &event) != nil || event["id"] == nil {
				continue
			}
			visit("", event)
			data, ok := event["data"].(map[string]any)
			if !ok {
				continue
			}
			object, ok := data["object"].(map[string]any)
			if !ok {
				continue
			}
			for _, id := range []any{event["id"], object["id"]} {
				Expect(id).To(ContainSubstring("ksim"))
				Expect(listed).To(HaveKey(id))
				seen++
			}
			if number, ok := object["number"].(string); ok {
				Expect(listed).To(HaveKey(number))
			}
		}
		Expect(seen).To(BeNumerically(">", 100))
	})

	It("keeps the newest 200 runs", func() {
		dir := filepath.Join(sh.dir, ".kometia-sim", "runs")
		for n := range 230 {
			file := sh.write(filepath.Join(".kometia-sim", "runs", fmt.Sprintf("r%03d.ndjson", n)), "")
			at := time.Date(2026, 1, 1, 0, n, 0, 0, time.UTC)
			Expect(os.Chtimes(file, at, at)).To(Succeed())
		}
		Expect(sh.run("send", "order.paid", "--to", newReceiver(204).URL, "--ids", "zz99").code).To(Equal(0))
		entries, err := os.ReadDir(dir)
		Expect(err).NotTo(HaveOccurred())
		Expect(entries).To(HaveLen(200))
		Expect(filepath.Join(dir, "zz99.ndjson")).To(BeAnExistingFile())
		Expect(filepath.Join(dir, "r031.ndjson")).To(BeAnExistingFile())
		Expect(filepath.Join(dir, "r030.ndjson")).NotTo(BeAnExistingFile())
	})
})
