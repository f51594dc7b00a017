package secret

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// shortest is how long a value is at least for a Hider to look for it: to hide
// each "1" would hide everything.
const shortest = 6

// Hider hides values that are known: what the user configured as secret, wherever
// it turns up again, the echo of a receiver included. The zero Hider knows none.
type Hider struct {
	mu     sync.Mutex
	values []string // the longest first, in every spelling
	of     *strings.Replacer
}

// Add adds secrets, in all the spellings in which outputs may hold them.
func (h *Hider) Add(values ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range values {
		if len(v) < shortest {
			continue
		}
		quoted, _ := json.Marshal(v)
		for _, s := range []string{
			v, strings.Trim(string(quoted), `"`), html.EscapeString(v), url.QueryEscape(v), url.PathEscape(v),
			base64.StdEncoding.EncodeToString([]byte(v)),
		} {
			if !slices.Contains(h.values, s) {
				h.values = append(h.values, s)
			}
		}
	}
	slices.SortStableFunc(h.values, func(a, b string) int { return len(b) - len(a) }) // one may hold another
	var pairs []string
	for _, v := range h.values {
		pairs = append(pairs, v, stars)
	}
	h.of = strings.NewReplacer(pairs...)
}

// Hide is a text without the secrets.
func (h *Hider) Hide(s string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		return s
	}
	return h.of.Replace(s)
}

// begun is how many bytes at the end of s may be the beginning of a secret.
func (h *Hider) begun(s string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	longest := 0
	for _, v := range h.values {
		for n := min(len(v)-1, len(s)); n > longest; n-- {
			if strings.HasSuffix(s, v[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// Writer hides the secrets in what is written to w. What may be the beginning of
// one waits for what follows, so that Flush is needed at the end.
func (h *Hider) Writer(w io.Writer) *Writer { return &Writer{hider: h, w: w} }

// Writer is an output without secrets.
type Writer struct {
	hider *Hider
	w     io.Writer
	mu    sync.Mutex
	held  string
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.hider.Hide(w.held + string(p))
	n := w.hider.begun(text)
	w.held = text[len(text)-n:]
	if _, err := io.WriteString(w.w, text[:len(text)-n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what waits.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	held := w.held
	w.held = ""
	if held == "" {
		return nil
	}
	_, err := io.WriteString(w.w, held)
	return err
}
