package secret

import (
	"encoding/base64"
	"io"
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
	// Shortest is how long a value is at least to be looked for; zero means 6.
	Shortest int

	mu     sync.Mutex
	known  []string  // the longest first: one may hold another
	values []spelled // the same
	begins [256]bool // the bytes with which a spelling of one begins
}

// Add adds secrets, which are found in all the spellings in which outputs may
// hold them.
func (h *Hider) Add(values ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	least := h.Shortest
	if least == 0 {
		least = shortest
	}
	for _, v := range values {
		if len(v) < least {
			continue
		}
		for _, known := range append(inBase64(v), v) {
			if !slices.Contains(h.known, known) {
				h.known = append(h.known, known)
			}
		}
	}
	slices.SortStableFunc(h.known, func(a, b string) int { return len(b) - len(a) })
	h.values = h.values[:0]
	for _, v := range h.known {
		h.values = append(h.values, spell(v))
		h.begins[v[0]] = true
	}
	for _, c := range `\&%+` {
		h.begins[c] = len(h.known) > 0
	}
}

// leastBase64 is how many characters in base64 are told from any other.
const leastBase64 = 10

// inBase64 are the characters that stand for a value in base64 wherever it begins
// in what is encoded: behind a name and a colon, as in Basic, too.
func inBase64(v string) (all []string) {
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			text := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + v))
			if before == 0 {
				all = append(all, text) // with what fills it up
			}
			// The first and the last character may hold bits of what stands beside.
			text = text[(before*8+5)/6 : (before+len(v))*8/6]
			if len(text) >= leastBase64 {
				all = append(all, text)
			}
		}
	}
	return all
}

// Hide is a text without the secrets.
func (h *Hider) Hide(s string) string {
	shown, _ := h.hide(s, true)
	return shown
}

// hide hides the secrets in s. Unless that is all, what may be the beginning of
// one at its end is held back.
func (h *Hider) hide(s string, all bool) (shown, held string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.values) == 0 {
		return s, ""
	}
	if !all {
		for n := len(apart) - 1; n > 0 && held == ""; n-- {
			if rest, found := strings.CutSuffix(s, apart[:n]); found {
				s, held = rest, apart[:n]
			}
		}
	}
	whole, places := together(s)
	var b strings.Builder
	done := 0
	for i := 0; i < len(whole); {
		end, more := h.at(whole, i)
		switch {
		case more && !all:
			b.WriteString(s[done:places(i)])
			return b.String(), s[places(i):] + held
		case end > i:
			b.WriteString(s[done:places(i)])
			b.WriteString(stars)
			i, done = end, places(end)
		default:
			i++
		}
	}
	b.WriteString(s[done:])
	return b.String(), held
}

// apart stands within words of Markdown that would mean something to GitHub.
const apart = "&#8203;"

// together is a text without what keeps its words apart, and where each byte of it
// stands in s.
func together(s string) (string, func(int) int) {
	if !strings.Contains(s, apart) {
		return s, func(i int) int { return i }
	}
	var b strings.Builder
	var places []int
	for i := 0; i < len(s); i++ {
		for strings.HasPrefix(s[i:], apart) {
			i += len(apart)
		}
		if i < len(s) {
			places = append(places, i)
			b.WriteByte(s[i])
		}
	}
	places = append(places, len(s))
	return b.String(), func(i int) int { return places[i] }
}

// at is where a secret ends that begins at i, -1 for none; more says that what
// follows s may still make one of it.
func (h *Hider) at(s string, i int) (end int, more bool) {
	if !h.begins[s[i]] {
		return -1, false
	}
	for _, v := range h.values {
		end, cut := v.at(s, i)
		if more = more || cut; end >= 0 {
			return end, more
		}
	}
	return -1, more
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
	shown, held := w.hider.hide(w.held+string(p), false)
	w.held = held
	if _, err := io.WriteString(w.w, shown); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what waits.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	held := w.hider.Hide(w.held)
	w.held = ""
	if held == "" {
		return nil
	}
	_, err := io.WriteString(w.w, held)
	return err
}
