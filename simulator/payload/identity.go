package payload

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Span is an identity in a body: a value that names an object, and where it
// stands.
type Span struct {
	What  string `json:"what"`
	Value string `json:"value"`
	At    []int  `json:"at"` // offsets in bytes
}

// spans finds the identities of events in a body.
func spans(body []byte, identities []shop.Identity) []Span {
	var list []Span
	taken := map[int]bool{}
	for _, id := range identities {
		if id.Value == "" {
			continue
		}
		s := Span{What: id.What, Value: id.Value}
		value := []byte(id.Value)
		for from := 0; ; {
			i := bytes.Index(body[from:], value)
			if i < 0 {
				break
			}
			at := from + i
			from = at + len(value)
			// Digits inside of a longer number are another number.
			if !taken[at] && !wordAt(body, at-1) && !wordAt(body, from) {
				s.At = append(s.At, at)
				taken[at] = true
			}
		}
		if len(s.At) > 0 {
			list = append(list, s)
		}
	}
	return list
}

func wordAt(body []byte, i int) bool {
	if i < 0 || i >= len(body) {
		return false
	}
	c := body[i]
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// identities lists what is unique in events: what the shop says, and the
// references that payments and parcels are known by elsewhere.
func identities(events []*shop.Event) []shop.Identity {
	var list []shop.Identity
	seen := map[string]bool{}
	add := func(what, value string) {
		if value != "" && !seen[value] {
			seen[value] = true
			list = append(list, shop.Identity{What: what, Value: value})
		}
	}
	for _, e := range events {
		for _, id := range e.Identities {
			add(id.What, id.Value)
		}
		references(e.Tree, add)
	}
	return list
}

func references(v any, add func(what, value string)) {
	switch v := v.(type) {
	case *jsontree.Object:
		for _, m := range v.Members {
			text, isText := m.Value.(string)
			switch {
			case isText && m.Name == "tracking_code" && len(text) == 10:
				add("tracking code", text)
			case isText && m.Name == "reference" && len(text) == 24 && strings.Trim(text, "0123456789abcdef") == "":
				add("reference", text)
			default:
				references(m.Value, add)
			}
		}
	case []any:
		for _, e := range v {
			references(e, add)
		}
	}
}

// Freshener gives identities new values of the same form and length: schemas and
// receivers see no other difference. It is safe for concurrent use.
type Freshener struct {
	mu     sync.Mutex
	rand   *rand.Rand
	number uint64
}

// NewFreshener draws from a stream of its own; two of different seeds share
// nothing.
func NewFreshener(seed uint64) *Freshener {
	r := rand.New(rand.NewPCG(seed, 0x6672657368))
	return &Freshener{rand: r, number: r.Uint64N(1 << 30)}
}

// renew draws new values for all identities; the same value becomes the same.
func (f *Freshener) renew(list []shop.Identity) map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	to := map[string]string{}
	for _, id := range list {
		if _, done := to[id.Value]; !done {
			to[id.Value] = f.value(id)
		}
	}
	return to
}

func (f *Freshener) value(id shop.Identity) string {
	v := id.Value
	switch {
	case isID(v):
		return renewID(v, f.rand)
	case id.What == "order number":
		// Counted on from a number of our own, so that no two tries share one.
		f.number++
		return strconv.FormatUint(1<<30+f.number%(1<<30), 10)
	case id.What == "reference":
		return f.drawn(v, 0, "0123456789abcdef")
	case strings.Trim(v, "0123456789") == "":
		return f.drawn(v, min(2, len(v)-1), "0123456789")
	}
	// An email, a permalink, a sku code: the part that the shop made unique is the
	// longest word with a digit in front of the host or at the end.
	at, end := uniquePart(v)
	return v[:at] + f.drawn(v[at:end], 0, base36) + v[end:]
}

// drawn replaces letters and digits behind the first few by others.
func (f *Freshener) drawn(v string, keep int, alphabet string) string {
	b := []byte(v)
	for i := keep; i < len(b); i++ {
		c := alphabet[f.rand.IntN(len(alphabet))]
		if b[i] >= 'A' && b[i] <= 'Z' && c >= 'a' {
			c -= 'a' - 'A'
		}
		b[i] = c
	}
	return string(b)
}

// uniquePart finds in an email, a permalink or a code what makes it unique: the
// last word of at least six letters and digits in front of an @, or the last word.
func uniquePart(v string) (at, end int) {
	local, _, _ := strings.Cut(v, "@")
	end = len(local)
	for end > 0 {
		at = end
		for at > 0 && wordAt([]byte(local), at-1) {
			at--
		}
		if end-at >= 6 || at == 0 {
			return at, end
		}
		end = at - 1
	}
	return 0, len(local)
}

// replace writes a body with other identities.
func replace(body []byte, list []Span, to map[string]string) []byte {
	type cut struct {
		at   int
		from string
	}
	var cuts []cut
	for _, s := range list {
		for _, at := range s.At {
			cuts = append(cuts, cut{at, s.Value})
		}
	}
	// In order of place; two identities never overlap in a body.
	for i := 1; i < len(cuts); i++ {
		for j := i; j > 0 && cuts[j].at < cuts[j-1].at; j-- {
			cuts[j], cuts[j-1] = cuts[j-1], cuts[j]
		}
	}
	out := make([]byte, 0, len(body)+16)
	from := 0
	for _, c := range cuts {
		if c.at < from {
			continue
		}
		out = append(out, body[from:c.at]...)
		out = append(out, to[c.from]...)
		from = c.at + len(c.from)
	}
	return append(out, body[from:]...)
}
