package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkProcess times whole processes: `send`, curl with the same body, and
// the 49 attempts of a delivery that is never acknowledged.
func BenchmarkProcess(b *testing.B) {
	dir := b.TempDir()
	binary := filepath.Join(dir, "kometia-sim")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
	}))
	defer server.Close()

	body := filepath.Join(dir, "body.json")
	event, err := exec.CommandContext(b.Context(), binary, "send", "order.placed", "--dry-run", "--to", server.URL, "--seed", "7").Output()
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(body, event, 0o600); err != nil {
		b.Fatal(err)
	}

	for _, c := range []struct {
		name   string
		status int
		exit   int
		argv   []string
	}{
		{"send", http.StatusNoContent, 0, []string{binary, "send", "order.placed", "--to", server.URL}},
		{"curl", http.StatusNoContent, 0, []string{"curl", "-s", "-H", "Content-Type: application/json", "--data-binary", "@" + body, server.URL}},
		{"send-retry", http.StatusInternalServerError, 1, []string{binary, "send", "order.placed", "--retry", "--json", "--to", server.URL}},
	} {
		b.Run(c.name, func(b *testing.B) {
			if _, err := exec.LookPath(c.argv[0]); err != nil {
				b.Skip(err)
			}
			status = c.status
			for b.Loop() {
				cmd := exec.CommandContext(b.Context(), c.argv[0], c.argv[1:]...)
				cmd.Dir = dir
				_ = cmd.Run()
				if got := cmd.ProcessState.ExitCode(); got != c.exit {
					b.Fatal(fmt.Errorf("%s: exit %d", c.name, got))
				}
			}
		})
	}
}
