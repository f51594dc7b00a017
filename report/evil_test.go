package report_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// evil is a run against a receiver that answers with whatever might break a
// report, in every place that a receiver can reach and in those that it cannot.
func evil() *verdict.Report {
	r := fixtures()["mixed"]
	r.Results = nil
	for i, s := range []string{
		"<script>document.title='owned'</script>", "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07x", "\xff\xfe invalid \xc3(",
		"\u202egnp.exe \u2066rtl", "[click](http://evil.example) @octocat #1 `code` | pipe", strings.Repeat("W", 3000),
		"</details></style><img src=http://evil.example/x.png onerror=alert(1)>", "<style>@import url(http://evil.example/x.css);</style>",
	} {
		t := es(s, s)
		first, last := attempt(1, time.Duration(i)*time.Hour, 500), attempt(2, 49*time.Hour, 0)
		first.Summary, first.Event, first.Kind = s, s, "order."+s
		last.Event, last.Kind, last.Error = first.Event, first.Kind, s
		last.Outcome = "no_response"
		first.Exchange = &wire.Transcript{
			Request: wire.Shown{Head: s, Body: s, Length: 1e9}, Answer: wire.Shown{Head: s + "\n" + s, Body: "\x00\n" + s + "\r\n```\n</code></pre>" + s, Length: 1e9},
		}
		check := verdict.Result{
			ID: fmt.Sprintf("KOM-EVL-%03d", i), Variant: s, Level: verdict.Must, Verdict: verdict.Fail, Title: t, Requirement: t, Source: t,
			Expected: t, Found: t, Why: t, Fix: t, Notes: r.Notes, Reproduce: s,
			Attempts: []verdict.Attempt{first, last},
			Cases:    []verdict.Case{{Name: s, Verdict: verdict.Fail, Found: t}, {Name: s, Verdict: verdict.Pass}},
			Diagnosis: &diagnose.Diagnosis{
				Code: "server.error", Certainty: diagnose.Likely, Evidence: t, Fixes: []diagnose.Fix{{For: t, Text: t, Code: s}, {Code: s}, {Text: t}},
			},
		}
		if i > 5 {
			check.ID = s
		}
		r.Results = append(r.Results, check)
	}
	return r
}

// huge is a run of n failures with much to say.
func huge(n int) *verdict.Report {
	r := fixtures()["mixed"]
	long := strings.Repeat("@a|`<#1 ", 100)
	for i := range n {
		f := refused()
		f.ID, f.Cause = fmt.Sprintf("KOM-BIG-%05d", i), fmt.Sprint(i)
		f.Why, f.Found, f.Requirement = es(long, long), es(long, long), es(long, long)
		r.Results = append(r.Results, f)
		r.Notes = append(r.Notes, es(long, long))
		r.Run.Assumed = append(r.Run.Assumed, es(long, long))
	}
	return r
}
