//go:build unix

package main_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	main "github.com/kometia-sim/kometia-sim/cmd/kometia-sim"
	"github.com/kometia-sim/kometia-sim/retryclock"
)

// exportSeeds are cases that fuzz writes, and such as somebody has tampered with.
func exportSeeds() (seeds []string) {
	const plain = `{"version":1,"id":"0123456789","tool":"kometia-sim 0.1.0","oracle":"no-hang","level":"must","kind":"order.placed","class":"plausible",` +
		`"phase":"coverage","what":"a text","code":"500","seed":1,"index":1,"found":{"es":"x","en":"x"},"steps":[{"kind":"order.placed","event":"evt_1","at":"1970-01-01T00:00:00Z","headers":["QTogYg=="],` +
		`"body":["eyJhIjogImIifQ=="],"object":"ord_1","object_type":"order","number":"#1001"}]}`
	for _, change := range []string{
		"", `a text→x\ntouch pwned\n$(touch pwned)`, "order.placed→order.placed\\ntouch pwned", "evt_1→';touch pwned;'", "QTogYg==→QTogYg0KQjogYw==",
		"QTogYg==→QTogJztpZDsn", "eyJhIjogImIifQ==→IiInOyB0b3VjaCBwd25lZCAjIg==", "eyJhIjogImIifQ==→IyMjCkdFVCBodHRwOi8vYS8K", "eyJhIjogImIifQ==→/w8bWzJK",
		"eyJhIjogImIifQ==→S09NRVRJQQp0b3VjaCBwd25lZAo=", "eyJhIjogImIifQ==→e3ska2V5fX0=",
	} {
		from, to, _ := strings.Cut(change, "→")
		seeds = append(seeds, strings.ReplaceAll(plain, from, to))
	}
	return seeds
}

// exported is what replay --export writes of a case.
func exported(t *testing.T, dir, format string) (code int, out string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = main.Run(context.Background(), &main.Host{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" },
		Dir: dir, Clock: retryclock.Wall{}, Random: rand.Reader,
	}, []string{"replay", "case.json", "--export", format, "--target", "http://127.0.0.1:1/hook"})
	return code, stdout.String()
}

// Whatever stands in a case, what is exported of it is curl commands and nothing
// else to a shell, and requests and comments to an editor's HTTP client.
func FuzzExport(f *testing.F) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		f.Skip("no sh here")
	}
	seeds := exportSeeds()
	plain := seeds[0]
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "case.json"), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		code, script := exported(t, dir, "curl")
		if code != 0 {
			if data == plain {
				t.Fatal("what fuzz writes is refused")
			}
			return
		}
		// The one command there is prints what it was given.
		cmd := exec.CommandContext(t.Context(), shell, "-c", "curl() { printf '%s\\0' \"$@\"; printf '\\0'; }\nbase64() { :; }\n"+script)
		cmd.Dir, cmd.Env = filepath.Join(dir, "run"), []string{"PATH=/nonexistent"}
		if err := os.Mkdir(cmd.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		left, _ := os.ReadDir(cmd.Dir)
		if err != nil || said.Len() > 0 || len(left) > 0 {
			t.Fatalf("%v, %s, %v left by\n%s", err, &said, left, script)
		}
		calls := strings.SplitAfter(string(out), "\x00\x00")
		if len(calls) < 2 {
			t.Fatalf("no call in\n%s", script)
		}
		for _, call := range calls[:len(calls)-1] {
			words := strings.Split(call, "\x00")
			if len(words) < 10 || strings.Join(words[:3], " ") != "-sS -i --globoff" || words[7] != "-X" || words[9] != "http://127.0.0.1:1/hook" {
				t.Fatalf("%q is called by\n%s", words, script)
			}
		}
		code, file := exported(t, dir, "http")
		if code != 0 {
			t.Fatalf("exit %d", code)
		}
		for _, block := range strings.Split("\n"+file, "\n###")[1:] {
			_, request, _ := strings.Cut(block, "\n") // behind the comment
			if strings.TrimSpace(request) == "" {
				continue
			}
			if !strings.HasPrefix(request, "POST http://127.0.0.1:1/hook\n") || strings.Contains(request, "{{") || strings.ContainsAny(request, "\x1b\r\x00") {
				t.Fatalf("%q of\n%s", request, file)
			}
		}
	})
}
