// Package badge lays the verdict of a run out as an SVG badge for a README.
//
// It is a picture and not the JSON of shields.io: a picture is served from
// wherever it is put (an artifact, a branch, GitLab Pages), also for a private
// repository, and nobody else is asked when a README is looked at.
package badge

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/report/view"
)

const (
	label  = "Kometia webhooks"
	letter = 6.6 // pixels that a letter takes; the text is stretched to what it gets
	margin = 6
)

// Write writes the badge.
func Write(w io.Writer, v *view.Report) error {
	said := v.Sentence
	if len(v.Counts) > 1 { // the weightiest: what failed, or how many pass
		said += " · " + v.Counts[0].Text
	}
	color := map[string]string{"pass": "#2a7a34", "fail": "#b3261e", "error": "#8a4b00"}[v.Summary.Mark()]
	if color == "" {
		color = "#5c5c5c"
	}
	left, right := width(label), width(said)
	all := left + right
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="20" role="img" aria-label="%s">
<title>%s</title>
<clipPath id="r"><rect width="%d" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="%d" height="20" fill="#3b3b3b"/><rect x="%d" width="%d" height="20" fill="%s"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-anchor="middle">
<text x="%g" y="14" textLength="%d">%s</text>
<text x="%g" y="14" textLength="%d">%s</text>
</g>
</svg>
`, all, quoted(label+": "+said), quoted(label+": "+said), all, left, left, right, color,
		float64(left)/2, left-2*margin, quoted(label), float64(left)+float64(right)/2, right-2*margin, quoted(said))
	return err
}

func width(s string) int { return int(letter*float64(utf8.RuneCountInString(s))) + 2*margin }

func quoted(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
