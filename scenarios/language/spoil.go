package language

import (
	"bytes"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// How far the spoilt bodies go.
const (
	spoiltDepth  = 10_000
	spoiltDigits = 400
)

// bodies are the ways in which an event's JSON can be spoilt: what some parsers
// refuse, some take for something else and some do not survive.
func bodies() []string { return []string{"deep", "digits", "duplicate-keys", "invalid-utf8"} }

// Spoil writes an event spoilt in the way of that name. It keeps its id, so that
// what the receiver does about it can be told; the empty name spoils nothing.
func Spoil(name string, tree *jsontree.Object, write func(*jsontree.Object) []byte) []byte {
	// What a tree cannot hold is written in the place of this text.
	const place = "ksim-place"
	in := func(member, written string) []byte {
		tree := jsontree.Clone(tree).(*jsontree.Object)
		tree.Set(member, place)
		return bytes.Replace(write(tree), []byte(`"`+place+`"`), []byte(written), 1)
	}
	switch name {
	case "deep":
		return in("ksim", strings.Repeat("[", spoiltDepth)+strings.Repeat("]", spoiltDepth))
	case "digits":
		return in("created_at", "1"+strings.Repeat("0", spoiltDigits-1))
	case "invalid-utf8":
		return in("ksim", "\"a\xff\xc3(\xed\xa0\x80\"")
	case "duplicate-keys":
		// The repeated member is one on which nothing depends, so that the
		// receiver may take either of the two.
		tree := jsontree.Clone(tree).(*jsontree.Object)
		tree.Members = append(tree.Members, jsontree.Member{Name: "pending_webhooks", Value: jsontree.Of(2)})
		return write(tree)
	}
	return write(tree)
}
