package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	. "github.com/onsi/ginkgo/v2"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// nasty are strings that have broken reports before.
var nasty = []string{
	"", " ", "\n", "\t", "]]>", "<![CDATA[", "</failure>", "&amp;", "\x1b[2J\x1b[H", "\x1b]8;;http://x\x07y\x1b]8;;\x07",
	"\u202egnp.exe", "\u2066\u2069", "\xff\xfe", "\ufffe", "\x00", "%s%d%!", "'; rm -rf /", `"`, "::error::x", "日本語",
	"\r\nHTTP/1.1 200 OK\r\n", strings.Repeat("x", 2000), strings.Repeat("y ", 500), "a\u0301\u0301\u0301", " --flag --other 'q",
	"connect-refused: dial", "timeout: x", "lose-answer", "GET", "pass",
	"<script>alert(1)</script>", "</style></title><img src=//x onerror=a()>", "javascript:alert(1)", "{{.}}", "`", "```", "``a` b", "~~~", "</details>",
	"@octocat", "#1", "gh-12", "www.evil.example", "https://evil.example", "[a](http://x)", "![a](//x)", "<http://x>", "&lt;b&gt;", "a@b.example", "$x$",
	"| a | b |", "\\|", "\\`", "- item", "1. one", "    code", "===", "---", "# h", "> q", "<!--", ":smile:", "0123456789abcdef0123", "KOM-RTY-003", "_top", "*a* _b_ ~~c~~",
}

func anyText(t *rapid.T) string {
	return rapid.OneOf(
		rapid.SampledFrom(nasty), rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
	).Draw(t, "text")
}

func anyPair(t *rapid.T) lang.Text { return lang.Text{ES: anyText(t), EN: anyText(t)} }

func anyDiagnosis(t *rapid.T) *diagnose.Diagnosis {
	if rapid.Bool().Draw(t, "nil") {
		return nil
	}
	return &diagnose.Diagnosis{Code: anyText(t), Certainty: diagnose.Certainty(anyText(t)), Evidence: anyPair(t), Hint: anyPair(t)}
}

func anyShown(t *rapid.T) wire.Shown {
	return wire.Shown{Head: anyText(t), Body: anyText(t) + "\n" + anyText(t), Length: rapid.Int64().Draw(t, "length")}
}

func anyAttempt(t *rapid.T) verdict.Attempt {
	a := verdict.Attempt{
		Event: anyText(t), Kind: anyText(t), Number: rapid.Int().Draw(t, "n"), At: start,
		Offset:  time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "offset")),
		Status:  rapid.SampledFrom([]int{0, 200, 204, 301, 404, 500, 999, -1}).Draw(t, "status"),
		Outcome: rapid.SampledFrom([]string{"acknowledged", "rejected", "no_response", "\x1b"}).Draw(t, "outcome"),
		Error:   anyText(t), Fault: anyText(t), Latency: time.Duration(rapid.Int64().Draw(t, "latency")), Summary: anyText(t),
		Notes: rapid.SampledFrom([][]wire.Note{nil, {wire.NoteBodyCut}, {wire.Note("\x1b[31m")}}).Draw(t, "notes"),
	}
	if rapid.Bool().Draw(t, "effects") {
		a.Effects = number(rapid.IntRange(0, 3).Draw(t, "count"))
	}
	if rapid.Bool().Draw(t, "exchange") {
		a.Exchange = &wire.Transcript{Request: anyShown(t), Answer: anyShown(t)}
	}
	return a
}

func anyResult(t *rapid.T) verdict.Result {
	return verdict.Result{
		ID: anyText(t), Variant: anyText(t),
		Level:   rapid.SampledFrom([]verdict.Level{verdict.Must, verdict.Should, verdict.Informative, "\x1b"}).Draw(t, "level"),
		Verdict: rapid.SampledFrom(append(slices.Clone(verdicts), "\x1b[0m")).Draw(t, "verdict"),
		Title:   anyPair(t), Requirement: anyPair(t), Why: anyPair(t), Fix: anyPair(t), Source: anyPair(t),
		Expected: anyPair(t), Found: anyPair(t), Reason: anyPair(t), Enable: anyPair(t),
		Notes:     rapid.SliceOfN(rapid.Custom(anyPair), 0, 2).Draw(t, "notes"),
		Diagnosis: anyDiagnosis(t),
		Attempts:  rapid.SliceOfN(rapid.Custom(anyAttempt), 0, 9).Draw(t, "attempts"),
		Events: []verdict.Event{
			{Verb: rapid.SampledFrom([]string{"down", "up", "restart", "\x1b"}).Draw(t, "verb"), Offset: time.Duration(rapid.Int64().Draw(t, "when"))},
		},
		Cause:     rapid.OneOf(rapid.Just("same"), rapid.Custom(anyText)).Draw(t, "cause"),
		Reproduce: anyText(t), Elapsed: time.Duration(rapid.Int64().Draw(t, "elapsed")),
	}
}

func anyReport(t *rapid.T) *verdict.Report {
	return &verdict.Report{
		Run: verdict.Run{
			Tool: anyText(t), Seed: rapid.Uint64().Draw(t, "seed"), IDs: anyText(t), Start: start, Target: anyText(t),
			Lang: lang.Tag(anyText(t)), Assumed: rapid.SliceOfN(rapid.Custom(anyPair), 0, 2).Draw(t, "assumed"),
			Plan: verdict.Plan{Requests: rapid.Int().Draw(t, "posts"), Refused: rapid.SliceOfN(rapid.Custom(anyText), 0, 2).Draw(t, "refused")},
		},
		Profile: verdict.Profile{
			Status: rapid.IntRange(0, 299).Draw(t, "status"), Observer: anyText(t), Skew: time.Duration(rapid.Int64().Draw(t, "skew")),
			Effects: []verdict.KindEffects{{Kind: anyText(t), Count: 1}},
		},
		Notes:       rapid.SliceOfN(rapid.Custom(anyPair), 0, 2).Draw(t, "run notes"),
		Results:     rapid.SliceOfN(rapid.Custom(anyResult), 0, 6).Draw(t, "results"),
		Interrupted: rapid.Bool().Draw(t, "interrupted"), Unreachable: rapid.Bool().Draw(t, "unreachable"),
		Elapsed: time.Duration(rapid.Int64().Draw(t, "elapsed")), Virtual: time.Duration(rapid.Int64().Draw(t, "virtual")),
	}
}

func anyOptions(t *rapid.T) view.Options {
	return view.Options{
		Strict: rapid.Bool().Draw(t, "strict"), RequireEffects: rapid.Bool().Draw(t, "require"),
		Lang: rapid.SampledFrom([]lang.Tag{lang.Spanish, lang.English, ""}).Draw(t, "lang"), Width: rapid.IntRange(-5, 200).Draw(t, "width"),
		Color: rapid.Bool().Draw(t, "color"), ASCII: rapid.Bool().Draw(t, "ascii"), Verbose: rapid.Bool().Draw(t, "verbose"),
		Reports: rapid.SliceOfN(rapid.Custom(anyText), 0, 2).Draw(t, "reports"),
	}
}

// forbidden reports what may reach no output.
func forbidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
}

// clean fails when something reached an output that may not.
func clean(t *rapid.T, out string, color bool) {
	if color {
		out = sgr.ReplaceAllString(out, "")
	}
	if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && forbidden(r) }); i >= 0 {
		t.Fatalf("forbidden at %d of %q", i, out)
	}
	if out != strings.ToValidUTF8(out, "") {
		t.Fatalf("invalid UTF-8 in %q", out)
	}
}

var _ = Describe("hostile texts", Label("unraced"), func() {
	It("reach no output of a run", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			r, o := anyReport(t), anyOptions(t)
			for _, f := range report.Formats() {
				var b bytes.Buffer
				if err := f.Write(&b, r, o); err != nil {
					t.Fatal(err)
				}
				out := b.String()
				clean(t, out, o.Color && f.Name == "terminal")
				switch f.Name {
				case "junit":
					if err := wellFormed(out); err != nil {
						t.Fatalf("%v in %q", err, out)
					}
				case "json":
					objectsIn(t, out, len(r.Results)+2)
				case "html":
					if _, err := inspect(out, len(r.Results)); err != nil {
						t.Fatalf("%v in %q", err, out)
					}
				case "markdown":
					if err := inert(out); err != nil {
						t.Fatalf("%v in %q", err, out)
					}
				case "terminal":
					for line := range strings.Lines(out) {
						if strings.HasSuffix(line, " \n") {
							t.Fatalf("space at the end of %q", line)
						}
					}
				}
			}
		})
	})

	It("reach no output of a send", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			o := anyOptions(t)
			s := &view.Send{
				Event:  view.SendEvent{Kind: anyText(t), ID: anyText(t), Number: anyText(t), Total: rapid.Int64().Draw(t, "total"), Currency: anyText(t)},
				Result: rapid.SampledFrom([]string{view.Delivered, view.Expired, view.Failed, "\x1b"}).Draw(t, "result"),
				Retry:  rapid.Bool().Draw(t, "retry"),
			}
			for range rapid.IntRange(0, 4).Draw(t, "attempts") {
				d := anyDiagnosis(t)
				if d != nil {
					d.Fixes = []diagnose.Fix{{For: anyPair(t), Text: anyPair(t), Code: anyText(t)}}
				}
				to, err := wire.ParseTarget("http://127.0.0.1/" + anyText(t))
				if err != nil {
					to = target("http://127.0.0.1/")
				}
				s.Attempts = append(s.Attempts, view.SendAttempt{
					Attempt: anyAttempt(t), Diagnosis: d, Title: anyPair(t),
					Probes: []diagnose.Probe{{
						Request: &wire.Request{Method: anyText(t), Target: to},
						Outcome: &wire.Outcome{Err: &wire.Error{Kind: wire.ErrorKind(anyText(t)), Err: errors.New(anyText(t))}},
					}},
				})
			}
			run := view.SendRun{IDs: anyText(t), Target: anyText(t), Start: start}
			var text, lines bytes.Buffer
			var tally view.Tally
			tally.Add(s)
			term, js := terminal.NewSend(&text, run, o), ndjson.NewSend(&lines, run, o)
			for _, err := range []error{term.Delivery(s), term.End(&tally), writeSend(js, s), js.End(&tally)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			clean(t, text.String(), o.Color)
			clean(t, lines.String(), false)
			objectsIn(t, lines.String(), 3+2*len(s.Attempts))
		})
	})

	It("change nothing about the exit code, which follows from the counts", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			r, o := anyReport(t), anyOptions(t)
			s := view.Summarize(r, o)
			if n := s.Pass + s.Fail + s.Warn + s.Info + s.NotObserved + s.NotApplicable + s.Inconclusive + s.Error; n != len(r.Results) {
				t.Fatalf("%d of %d results counted", n, len(r.Results))
			}
			if s.MustObserved > s.MustTotal || s.Causes > s.Fail || (s.Causes == 0) != (s.Fail == 0) {
				t.Fatalf("%+v", s)
			}
			ok := false
			switch s.Exit {
			case view.ExitOK:
				ok = s.Fail+s.Error == 0 && s.Pass+s.Warn > 0 && !r.Interrupted && !r.Unreachable && (!o.Strict || s.Warn == 0)
			case view.ExitFailed:
				ok = s.Error == 0 && (s.Fail > 0 || o.Strict && s.Warn > 0)
			case view.ExitUnreachable:
				ok = r.Unreachable && !r.Interrupted
			case view.ExitInconclusive:
				ok = s.Fail+s.Error == 0 && (s.Pass == 0 && (s.Warn == 0 || s.Inconclusive > 0) || o.RequireEffects && s.MustObserved < s.MustTotal)
			case view.ExitHarness:
				ok = s.Error > 0 && !r.Interrupted
			case view.ExitInterrupted:
				ok = r.Interrupted
			}
			if !ok {
				t.Fatalf("%+v", s)
			}
		})
	})
})

// objectsIn fails unless out is n lines of one object each.
func objectsIn(t *rapid.T, out string, n int) {
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != n {
		t.Fatal(fmt.Sprintf("%d lines for %d in %q", len(lines), n, out))
	}
	for _, l := range lines {
		var v map[string]any
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatalf("%v in %q", err, l)
		}
	}
}
