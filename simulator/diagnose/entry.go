package diagnose

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Entry is the page behind a code: what it means and how to mend it.
type Entry struct {
	Code string
	// Title is a short sentence without a period.
	Title lang.Text
	// Cause says what happened at the receiver.
	Cause lang.Text
	// Check says where to look to be sure.
	Check lang.Text
	// Hint is the fix in one line; it may hold {path}, see FixesFor.
	Hint lang.Text
	// Fixes are all known fixes, general ones first, then by framework. Their
	// texts and code may hold {path}: FixesFor gives them ready to show.
	Fixes []Fix

	// General says that the code names the step at which it went wrong, not the
	// reason: where normal events pass, the reason is elsewhere.
	General bool

	generalFirst bool
}

// Fix is one way to mend a cause, in one framework or server.
type Fix struct {
	// For labels it: "Laravel 11 y 12, bootstrap/app.php".
	For lang.Text
	// Framework is the id of the framework or server, "" for a general fix;
	// Versions is which of its versions it holds for ("<=10"), "" for all.
	Framework, Versions string
	// File is where the code goes; Code is what goes there, without a final
	// line break. Both may be empty: then Text is all.
	File, Code string
	// Text explains, when the code does not speak for itself.
	Text lang.Text
}

// FixesFor gives the fixes with the path of target, a URL or a path, put in.
// Those named in first stand first, in that order: a framework ("laravel") or
// a framework with versions as a fix has them ("laravel <=10"). An empty target
// reads as the path of the guide's example, kometia/webhook. Where the URL is
// at fault more often than the server (redirects), general fixes stay on top.
func (e Entry) FixesFor(target string, first ...string) []Fix {
	fixes := make([]Fix, 0, len(e.Fixes))
	taken := make([]bool, len(e.Fixes))
	take := func(want func(Fix) bool) {
		for i, f := range e.Fixes {
			if taken[i] || !want(f) {
				continue
			}
			taken[i] = true
			f.For, f.Text = putPath(f.For, target), putPath(f.Text, target)
			f.Code, f.File = putPathIn(f.Code, target), putPathIn(f.File, target)
			fixes = append(fixes, f)
		}
	}
	if e.generalFirst {
		take(func(f Fix) bool { return f.Framework == "" })
	}
	for _, id := range first {
		take(func(f Fix) bool {
			return f.Framework == id || (f.Versions != "" && f.Framework+" "+f.Versions == id)
		})
	}
	take(func(Fix) bool { return true })
	return fixes
}

// HintFor is the hint with the path of target put in, as FixesFor does.
func (e Entry) HintFor(target string) lang.Text { return putPath(e.Hint, target) }

func putPath(t lang.Text, target string) lang.Text {
	return lang.Text{ES: putPathIn(t.ES, target), EN: putPathIn(t.EN, target)}
}

// putPathIn puts the path where {path} stands; /{path} is the same with its
// leading slash, so that the root is "/" in both and never "//".
func putPathIn(s, target string) string {
	if !strings.Contains(s, "{path}") {
		return s
	}
	path := displayPath(target)
	bare := strings.TrimPrefix(path, "/")
	if bare == "" {
		bare = "/"
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "/{path}", path), "{path}", bare)
}

// displayPath is the target's path as it may stand inside the quotes of any
// language: what could end a string or hide in it stays percent-encoded.
func displayPath(target string) string {
	u, err := url.Parse(target)
	if target == "" || err != nil {
		return "/kometia/webhook"
	}
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/_-.~@+:=,", r)
	}
	path := u.Path
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) || r == unicode.ReplacementChar }) >= 0 {
		path = strings.NewReplacer("'", "%27", "$", "%24", "(", "%28", ")", "%29").Replace(u.EscapedPath())
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}
