package lang

import (
	_ "embed"
	"strings"
)

// phrases are messages of libraries in pairs of lines: the English as the
// library formats it and below it, indented, the same in Spanish. A message of
// ours does not belong here: it is made in both languages; see Errorf.
//
//go:embed phrases.txt
var phrases string

// Said gives a message of a library in both languages.
func Said(message string) Text { return Text{ES: InSpanish(message), EN: message} }

// InSpanish puts a message into Spanish as far as it is made of phrases that
// are known; what is not stays as it was. Of several lines each stands for
// itself.
func InSpanish(message string) string {
	all := parsePhrases(phrases)
	lines := strings.Split(message, "\n")
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		if es, ok := all.translate(text, 0); ok {
			lines[i] = line[:len(line)-len(text)] + es
		}
	}
	return strings.Join(lines, "\n")
}

// phrase is one pair; pieces are the English between the verbs.
type phrase struct {
	pieces []string
	verbs  []byte // s is anything, q in double quotes, w one word, d a number
	es     string
	weight int // bytes of the pieces: how much of a message it is sure of
}

type phraseBook []phrase

func parsePhrases(text string) (all phraseBook) {
	english := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "  "):
			all = append(all, newPhrase(english, strings.TrimPrefix(line, "  ")))
		default:
			english = line
		}
	}
	return all
}

func newPhrase(en, es string) phrase {
	p := phrase{es: es}
	for {
		i := strings.IndexByte(en, '%')
		if i < 0 || i+1 == len(en) {
			p.pieces = append(p.pieces, en)
			break
		}
		p.pieces, p.verbs = append(p.pieces, en[:i]), append(p.verbs, en[i+1])
		en = en[i+2:]
	}
	for _, s := range p.pieces {
		p.weight += len(s)
	}
	return p
}

// deepest is how far phrases stand in one another.
const deepest = 8

// translate finds the phrase that is surest of the message. What stands in the
// place of an %s is translated, too.
func (b phraseBook) translate(message string, depth int) (string, bool) {
	if depth > deepest {
		return message, false
	}
	best, found := -1, []string(nil)
	for i := range b {
		if best >= 0 && b[i].weight <= b[best].weight {
			continue
		}
		if values, ok := match(b[i].pieces, b[i].verbs, message); ok {
			best, found = i, values
		}
	}
	if best >= 0 {
		return b.fill(&b[best], found, depth), true
	}
	// A place stands before what is wrong with it.
	for at := 0; ; {
		i := strings.Index(message[at:], ": ")
		if i < 0 {
			return message, false
		}
		at += i + len(": ")
		if es, ok := b.translate(message[at:], depth+1); ok {
			return message[:at] + es, true
		}
	}
}

func (b phraseBook) fill(p *phrase, values []string, depth int) string {
	var out strings.Builder
	n := 0
	rest := p.es
	for {
		i := strings.IndexByte(rest, '%')
		if i < 0 || i+1 == len(rest) || n == len(values) {
			out.WriteString(rest)
			return out.String()
		}
		out.WriteString(rest[:i])
		value := values[n]
		if p.verbs[n] == 's' {
			value, _ = b.translate(value, depth+1)
		}
		out.WriteString(value)
		rest = rest[i+2:]
		n++
	}
}

// match takes a message apart; verbs stand between the pieces.
func match(pieces []string, verbs []byte, message string) ([]string, bool) {
	rest, ok := strings.CutPrefix(message, pieces[0])
	if !ok {
		return nil, false
	}
	if len(verbs) == 0 {
		return nil, rest == ""
	}
	next := pieces[1]
	for from := 0; from <= len(rest); {
		end := len(rest)
		if next != "" || len(verbs) > 1 {
			i := strings.Index(rest[from:], next)
			if i < 0 {
				return nil, false
			}
			end = from + i
		}
		if value := rest[:end]; fits(verbs[0], value) {
			if values, ok := match(pieces[1:], verbs[1:], rest[end:]); ok {
				return append([]string{value}, values...), true
			}
		}
		from = end + 1
	}
	return nil, false
}

func fits(verb byte, value string) bool {
	switch verb {
	case 'q':
		return len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"'
	case 'w':
		return value != "" && !strings.Contains(value, " ")
	case 'd':
		return value != "" && strings.Trim(value, "-0123456789") == ""
	default:
		return true
	}
}
