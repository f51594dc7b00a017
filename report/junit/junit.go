// Package junit lays a run out for a CI server. A failure is the receiver's, an
// error is ours or the connection's, and what could not be judged is skipped
// with its reason. A warning passes with a note, unless the run is strict.
//
// CI servers tell cases by class and name, over all files of a job: GitLab takes
// the first of two that are alike, so that a red one can hide behind a green. So
// the names of several subscriptions are different ones.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// program names the suite.
const program = "kometia-sim"

// detailsWidth is how many columns the text of a case is wrapped at.
const detailsWidth = 100

// Write writes the document.
func Write(w io.Writer, v *view.Report) error {
	body, err := xml.MarshalIndent(suites{Suites: []suite{newSuite(v)}}, "", "  ")
	if err != nil {
		return lang.Errorf("junit: %s", "junit: %s", err)
	}
	_, err = io.WriteString(w, xml.Header+string(body)+"\n")
	return err
}

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []suite  `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Name    string  `xml:"name,attr"`
	Class   string  `xml:"classname,attr"`
	Time    string  `xml:"time,attr,omitempty"`
	Failure *detail `xml:"failure"`
	Error   *detail `xml:"error"`
	Skipped *detail `xml:"skipped"`
	Out     *output `xml:"system-out"`
}

// output is text that people read in the file itself; what XML cannot hold is
// escaped before it gets here.
type output struct {
	Text string `xml:",cdata"`
}

type detail struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

func newSuite(v *view.Report) suite {
	n := naming{class: program, used: map[string]bool{}}
	if of := v.Run.Run.Subscription; of != nil {
		n.class = fmt.Sprintf("%s.subscription-%d", program, of.Number)
		n.suffix = fmt.Sprintf(" [%d/%d %s]", of.Number, of.Of, path(v.Target))
	}
	s := suite{
		Name: program + n.suffix,
		Time: seconds(v.Elapsed),
		Properties: []property{
			{"tool", v.Tool},
			{"seed", v.Seed},
			{"ids", v.IDs},
			{"start", v.Run.Run.Start.UTC().Format(time.RFC3339)},
			{"target", v.Target},
			{"verdict", v.Summary.Sentence(lang.English)},
		},
	}
	if began := v.Run.Run.Began; !began.IsZero() {
		s.Timestamp = began.UTC().Format("2006-01-02T15:04:05")
	}
	for i := range v.Checks {
		s.add(n.testcase(i, v))
	}
	// A run that did not take place, or not to its end, must not look green to
	// a server that reads nothing but this file.
	if v.Interrupted {
		s.add(n.runError("interrupted", v.Hint))
	}
	if v.Unreachable {
		s.add(n.runError("unreachable", v.Words.UnreachableHint))
	}
	return s
}

func (n *naming) runError(kind, message string) testcase {
	return testcase{Name: kind + n.suffix, Class: n.class, Error: &detail{Message: message, Type: kind}}
}

func (s *suite) add(c testcase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// naming gives every case a name of its own.
type naming struct {
	class, suffix string
	used          map[string]bool
}

// name is the id, what is asked for and, where one id stands several times, what
// tells them apart. It is the same whatever was found: servers keep history by it.
func (n *naming) name(c *view.Check, title string) string {
	name := strings.TrimSpace(c.ID + " " + title)
	if apart := strings.TrimSpace(strings.TrimPrefix(c.Name, c.ID)); apart != "" {
		name += " · " + apart
	}
	unique := name + n.suffix
	for i := 2; n.used[unique]; i++ {
		unique = fmt.Sprintf("%s (%d)%s", name, i, n.suffix)
	}
	n.used[unique] = true
	return unique
}

// path is what tells subscriptions apart in a few words.
func path(target string) string {
	if u, err := url.Parse(target); err == nil && u.Path != "" {
		return view.Safe(u.Path)
	}
	return target
}

func (n *naming) testcase(at int, v *view.Report) testcase {
	c := &v.Checks[at]
	t := testcase{Name: n.name(c, view.Safe(v.Run.Results[at].Title.In(v.Words.Tag))), Class: n.class + "." + c.Family}
	if c.Elapsed > 0 { // of a finding of fuzz nobody knows it
		t.Time = seconds(c.Elapsed)
	}
	d := &detail{Message: c.Reason, Text: details(c, v)}
	switch c.Verdict {
	case verdict.Pass:
	case verdict.Info:
		t.Out = &output{d.Text}
	case verdict.Warn, verdict.Fail:
		if c.Verdict == verdict.Warn && !v.Options.Strict {
			t.Out = &output{d.Text}
			break
		}
		t.Failure = d
		if d.Message = c.Title; c.Contrast != "" {
			d.Message += ": " + c.Contrast
		}
		if d.Type = c.Cause; d.Type == "" {
			d.Type = c.Family
		}
		if c.Diagnosis != nil && c.Diagnosis.Code != "" {
			d.Type = c.Diagnosis.Code
		}
	case view.Known:
		t.Skipped, d.Message = d, view.Safe(c.Word+": "+c.Listed)
	case view.Outdated:
		t.Failure, d.Message, d.Type = d, c.Listed, "known-failing"
	case verdict.NotObserved, verdict.NotApplicable, verdict.Inconclusive:
		t.Skipped = &detail{Message: string(c.Verdict) + ": " + c.Reason}
	default:
		t.Error, d.Type = d, "harness"
	}
	return t
}

// details is the check as plain text.
func details(c *view.Check, v *view.Report) string {
	p := columns.Checks{Page: columns.New(view.Options{Width: detailsWidth}), Words: v.Words}
	p.Check(c, nil)
	return "\n" + p.String()
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
