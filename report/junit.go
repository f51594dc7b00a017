package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// JUnit tells a run to a CI server. A failure is the receiver's, an error is
// ours or the connection's, and what could not be judged is skipped with its
// reason. A warning passes with a note, unless the run is strict.
type JUnit struct{ Options Options }

// Write implements [Writer].
func (j JUnit) Write(w io.Writer, r *verdict.Report) error {
	suite := j.suite(r)
	body, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err = io.WriteString(w, xml.Header+string(body)+"\n")
	return err
}

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Time    string       `xml:"time,attr"`
	Failure *junitDetail `xml:"failure"`
	Error   *junitDetail `xml:"error"`
	Skipped *junitDetail `xml:"skipped"`
	Out     *junitText   `xml:"system-out"`
}

// junitText is text that people read in the file itself; what XML cannot hold
// is escaped before it gets here.
type junitText struct {
	Text string `xml:",cdata"`
}

type junitDetail struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

func (j JUnit) suite(r *verdict.Report) junitSuite {
	tag := j.Options.tag(r.Run.Lang)
	r = inLightOfList(r, j.Options)
	s := junitSuite{
		Name: "kometia-sim",
		Time: seconds(r.Elapsed),
		Properties: []junitProperty{
			{"tool", Safe(r.Run.Tool)},
			{"seed", strconv.FormatUint(r.Run.Seed, 10)},
			{"ids", Safe(r.Run.IDs)},
			{"start", r.Run.Start.UTC().Format(time.RFC3339)},
			{"target", clean(r.Run.Target, commandLimit)},
			{"verdict", Summarize(r, j.Options).Sentence(lang.English)},
		},
	}
	names := namesOf(r.Results)
	for i := range r.Results {
		s.add(j.testcase(&r.Results[i], names[i], tag))
	}
	// A run that did not take place, or not to its end, must not look green to
	// a server that reads nothing but this file.
	w := dictionary()
	if r.Interrupted {
		s.add(runError("interrupted", w.InterruptedHint.In(tag)))
	}
	if r.Unreachable {
		s.add(runError("unreachable", w.UnreachableHint.In(tag)))
	}
	return s
}

func runError(kind, message string) junitCase {
	return junitCase{
		Name: kind, Class: "kometia-sim", Time: seconds(0),
		Error: &junitDetail{Message: message, Type: kind},
	}
}

func (s *junitSuite) add(c junitCase) {
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

func (j JUnit) testcase(r *verdict.Result, name string, tag lang.Tag) junitCase {
	c := junitCase{Name: name, Class: "kometia-sim." + family(r.ID), Time: seconds(r.Elapsed)}
	switch r.Verdict {
	case verdict.Pass:
	case verdict.Info:
		c.Out = &junitText{j.details(r, tag)}
	case verdict.Warn:
		if j.Options.Strict {
			c.Failure = j.failure(r, tag)
		} else {
			c.Out = &junitText{j.details(r, tag)}
		}
	case verdict.Fail:
		c.Failure = j.failure(r, tag)
	case known:
		w := dictionary()
		c.Skipped = &junitDetail{Message: Safe(w.Page.Knowns.In(tag) + ": " + newPage(j.Options, tag).listed(r)), Text: j.details(r, tag)}
	case outdated:
		c.Failure = &junitDetail{Message: Safe(newPage(j.Options, tag).listed(r)), Type: "known-failing", Text: j.details(r, tag)}
	case verdict.NotObserved, verdict.NotApplicable, verdict.Inconclusive:
		c.Skipped = &junitDetail{Message: string(r.Verdict) + ": " + Safe(r.Reason.In(tag))}
	default:
		c.Error = &junitDetail{Message: Safe(r.Reason.In(tag)), Type: "harness", Text: j.details(r, tag)}
	}
	return c
}

func (j JUnit) failure(r *verdict.Result, tag lang.Tag) *junitDetail {
	d := &junitDetail{Message: Safe(r.Title.In(tag)), Type: Safe(r.Cause), Text: j.details(r, tag)}
	if want, got := Safe(r.Expected.In(tag)), Safe(r.Found.In(tag)); want != "" && got != "" {
		w := dictionary()
		d.Message += ": " + fmt.Sprintf(w.ExpectedFound.In(tag), want, got)
	}
	if r.Diagnosis != nil {
		d.Type = Safe(r.Diagnosis.Code)
	}
	if d.Type == "" {
		d.Type = family(r.ID)
	}
	return d
}

// details is the block that the terminal shows, without colour.
func (j JUnit) details(r *verdict.Result, tag lang.Tag) string {
	o := j.Options
	o.Color, o.ASCII, o.Width = false, false, 100
	p := newPage(o, tag)
	switch {
	case r.Verdict == verdict.Fail, r.Verdict == verdict.Warn, r.Verdict == known:
		p.block(r, nil, o)
	case r.Verdict == outdated:
		p.passesNow(r)
	case broken(r.Verdict):
		p.harnessError(r)
	default:
		p.brief(r)
	}
	return "\n" + p.buf.String()
}

// namesOf gives every result a name of its own: the id, which CI servers keep
// history by, and the variant only where the id alone is taken twice.
func namesOf(rs []verdict.Result) []string {
	ids, used := map[string]int{}, map[string]int{}
	for i := range rs {
		ids[rs[i].ID]++
	}
	names := make([]string, len(rs))
	for i := range rs {
		name := rs[i].ID
		if ids[name] > 1 && rs[i].Variant != "" {
			name += " " + rs[i].Variant
		}
		name = Safe(name)
		unique := name
		for n := 2; used[unique] > 0; n++ {
			unique = fmt.Sprintf("%s (%d)", name, n)
		}
		used[unique]++
		names[i] = unique
	}
	return names
}

// family is the part of a check's id before its number: KOM-RTY. What has no
// number, such as an oracle of fuzz, is a family of its own.
func family(id string) string {
	name, _ := parted(id)
	return Safe(name)
}

// parted splits a check's id into its family and its number, "" for none.
func parted(id string) (family, number string) {
	i := strings.LastIndexByte(id, '-')
	if i <= 0 || i == len(id)-1 || strings.Trim(id[i+1:], "0123456789") != "" {
		return id, ""
	}
	return id[:i], id[i+1:]
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
