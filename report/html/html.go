// Package html lays a run out as one page that stands for itself: it asks the
// network for nothing, runs no script, and forbids both by its own policy. It is
// meant to be opened from a file or from the artifacts of a CI server, on a
// phone too.
package html

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"regexp"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

//go:embed page
var files embed.FS

// Write writes the page whole or not at all: half of it would look like a
// short run.
func Write(w io.Writer, v *view.Report) error {
	css, err := files.ReadFile("page/style.css")
	if err != nil {
		return lang.Errorf("html: %s", "html: %s", err)
	}
	p := newPage(v)
	p.CSS = template.CSS(css) //nolint:gosec // our own file
	p.CSP = policy(css)
	tmpl, err := template.New("page.html").Funcs(template.FuncMap{
		"pair":  func(page *page, about any) pair { return pair{page, about} },
		"flags": func(command string) []textPiece { return apart(command, inCommand) },
		"prose": func(sentence string) []textPiece { return apart(sentence, inSentence) },
		"upper": view.UpperFirst,
		"tone": func(t view.Tone) string {
			return map[view.Tone]string{view.Good: "good", view.Bad: "bad", view.Caution: "caution"}[t]
		},
		"some":   func(ds []view.Difference) []view.Difference { return ds[:min(len(ds), view.ListShown)] },
		"others": func(ds []view.Difference) string { return more(len(ds), view.ListShown, v.Words) },
		"rest":   func(all []view.Fix, shown int) string { return v.Words.RowsLeftOut.Of(len(all) - shown) },
	}).ParseFS(files, "page/page.html")
	if err != nil {
		return lang.Errorf("html: %s", "html: %s", err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, p); err != nil {
		return lang.Errorf("html: %s", "html: %s", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// policy lets the page use its own style sheet and nothing else at all.
func policy(css []byte) string {
	sum := sha256.Sum256(css)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// pair hands a template its page along with what it is about.
type pair struct {
	Page  *page
	About any
}

// textPiece is a part of a text; a flag or an id is not broken at its hyphens, and code
// is shown as such.
type textPiece struct {
	Text       string
	Flag, Code bool
}

const unbroken = "--[a-z][a-z-]*|KOM-[A-Z]+-[0-9]+"

var (
	inCommand  = regexp.MustCompile(unbroken)
	inSentence = regexp.MustCompile(unbroken + "|`[^`]+`")
)

// apart takes a text apart into flags, ids of checks and the rest; a sentence also into
// what stands between backticks, which a command has a use of its own for.
func apart(s string, marks *regexp.Regexp) (out []textPiece) {
	from := 0
	for _, at := range marks.FindAllStringIndex(s, -1) {
		found := s[at[0]:at[1]]
		quoted := strings.Trim(found, "`")
		out = append(out, textPiece{Text: s[from:at[0]]}, textPiece{quoted, quoted == found, quoted != found})
		from = at[1]
	}
	return append(out, textPiece{Text: s[from:]})
}
