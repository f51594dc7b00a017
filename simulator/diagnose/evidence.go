package diagnose

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// evidence is the template of what was seen. The zero template tells what the
// conditions of the rule met.
type evidence struct{ template lang.Text }

// placeholders are the {name} and {name:Value} of a template.
func placeholders(template string) []string {
	var found []string
	for {
		open := strings.IndexByte(template, '{')
		if open < 0 {
			return found
		}
		n := strings.IndexByte(template[open:], '}')
		if n < 0 {
			return found
		}
		found = append(found, template[open:open+n+1])
		template = template[open+n+1:]
	}
}

func newEvidence(t lang.Text) (evidence, error) {
	if half(t) {
		return evidence{}, lang.Errorf("evidence: hacen falta es y en", "evidence: es and en are both needed")
	}
	var errs []error
	for _, p := range placeholders(t.ES + t.EN) {
		name, header, isHeader := strings.Cut(strings.Trim(p, "{}"), ":")
		switch name {
		case "status", "title", "match", "location", "error", "size", "text", "method", "issuer":
		case "header":
			if !isHeader || strings.EqualFold(header, "Set-Cookie") {
				errs = append(errs, lang.Errorf("evidence: %s no nombra una cabecera que se pueda mostrar",
					"evidence: %s names no header that may be shown", p))
			}
		default:
			errs = append(errs, lang.Errorf("evidence: no existe el marcador %s", "evidence: unknown placeholder %s", p))
		}
	}
	return evidence{template: t}, errors.Join(errs...)
}

func half(t lang.Text) bool { return (t.ES == "") != (t.EN == "") }

func (e evidence) fill(f *facts, seen []piece) lang.Text {
	if e.template.IsZero() {
		return plainEvidence(f, seen)
	}
	var es, en []string
	for _, p := range placeholders(e.template.ES + e.template.EN) {
		name := strings.Trim(p, "{}")
		v := lang.Same(value(name, f, seen)) // what the receiver says is quoted as it is
		if name == "error" {
			v = f.failure()
		}
		es, en = append(es, p, quote(v.ES)), append(en, p, quote(v.EN))
	}
	return lang.Text{ES: strings.NewReplacer(es...).Replace(e.template.ES), EN: strings.NewReplacer(en...).Replace(e.template.EN)}
}

func value(name string, f *facts, seen []piece) string {
	name, header, _ := strings.Cut(name, ":")
	switch name {
	case "status":
		return strconv.Itoa(f.out.Status)
	case "title":
		return f.title()
	case "location":
		return f.redirect().shown
	case "size":
		return strconv.Itoa(f.sent)
	case "text":
		return f.text()
	case "method":
		return f.method
	case "issuer":
		return f.issuer()
	case "header":
		return f.out.Get(header)
	}
	for _, p := range seen {
		if p.kind == pieceMatch {
			return p.value
		}
	}
	return ""
}

// plainEvidence tells the pieces one after the other.
func plainEvidence(f *facts, seen []piece) lang.Text {
	var es, en []string
	say := func(inES, inEN string) { es, en = append(es, inES), append(en, inEN) }
	if f.out.Err == nil {
		status := strconv.Itoa(f.out.Status)
		say("estado "+status, "status "+status)
	}
	told := map[piece]bool{}
	for _, p := range seen {
		if told[p] {
			continue
		}
		told[p] = true
		v := quote(p.value)
		switch p.kind {
		case pieceTitle:
			say("título «"+v+"»", "title “"+v+"”")
		case pieceMatch:
			say("el cuerpo dice «"+v+"»", "the body says “"+v+"”")
		case pieceHeader:
			say(p.name+": "+v, p.name+": "+v)
		case pieceCookie:
			say("cookie "+v, "cookie "+v)
		case pieceLocation:
			say("Location: "+v, "Location: "+v)
		case pieceEmpty:
			say("cuerpo vacío", "empty body")
		case pieceError:
			say(quote(f.failure().ES), quote(f.failure().EN))
		case pieceNote:
			n := noteText(wire.Note(p.value))
			say(n.ES, n.EN)
		}
	}
	return lang.Text{ES: strings.Join(es, ", "), EN: strings.Join(en, ", ")}
}

func noteText(n wire.Note) lang.Text {
	switch n {
	case wire.NoteBodyCut, wire.NoteHeaderCut:
		return lang.Text{ES: "respuesta cortada", EN: "response cut short"}
	case wire.NoteEarly:
		return lang.Text{ES: "respondió antes de leer todo el cuerpo", EN: "responded before it had read the whole body"}
	}
	return lang.Text{ES: "respuesta anómala (" + string(n) + ")", EN: "odd response (" + string(n) + ")"}
}
