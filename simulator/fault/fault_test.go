package fault_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("Parse", func() {
	DescribeTable("reads what scenarios say",
		func(s string, want fault.Fault, written string) {
			got, err := fault.Parse(s)
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(want))
			Expect(got.String()).To(Equal(written))
		},
		Entry(nil, "", fault.Fault{}, ""),
		Entry(nil, "refuse", fault.Fault{Kind: fault.Refuse}, "refuse"),
		Entry(nil, "lose-answer", fault.Fault{Kind: fault.LoseAnswer}, "lose-answer"),
		Entry(nil, "reset", fault.Fault{Kind: fault.Reset}, "reset"),
		Entry(nil, "hang-up", fault.Fault{Kind: fault.HangUp}, "hang-up"),
		Entry(nil, "hang-up 1ms", fault.Fault{Kind: fault.HangUp, After: time.Millisecond}, "hang-up 1ms"),
		Entry(nil, "hang-up 25%", fault.Fault{Kind: fault.HangUp, Percent: 25}, "hang-up 25%"),
		Entry(nil, "cut-fin 60%", fault.Fault{Kind: fault.CutFIN, Percent: 60}, "cut-fin 60%"),
		Entry(nil, "cut-rst 1%", fault.Fault{Kind: fault.CutRST, Percent: 1}, "cut-rst 1%"),
		Entry("a cut without a share", "cut-rst", fault.Fault{Kind: fault.CutRST, Percent: 60}, "cut-rst 60%"),
		Entry(nil, "drip", fault.Fault{Kind: fault.Drip}, "drip"),
	)
	DescribeTable("says what is wrong and what is expected",
		func(s, want string) {
			_, err := fault.Parse(s)
			Expect(err).To(MatchError(ContainSubstring(want)))
		},
		Entry(nil, "hangup", `fault "hangup" is none of refuse, lose-answer, reset, hang-up, cut-fin, cut-rst, drip (did you mean hang-up?)`),
		Entry(nil, "lose-anwser", "did you mean lose-answer?"),
		Entry(nil, "explode", `fault "explode" is none of refuse`),
		Entry(nil, "refuse 5%", `fault "refuse 5%": refuse stands alone`),
		Entry(nil, "drip ", "drip stands alone"),
		Entry(nil, " ", "no fault stands alone"),
		Entry(nil, "hang-up soon", "hang-up 1ms, hang-up 25%"),
		Entry(nil, "hang-up 0s", "hang-up stands alone, or with a time up to 1m"),
		Entry(nil, "hang-up -1ms", "hang-up stands alone"),
		Entry(nil, "hang-up 2m", "up to 1m"),
		Entry(nil, "hang-up 101%", "hang-up 25%"),
		Entry(nil, "cut-fin 100%", "from 1% to 99%: cut-fin 60%"),
		Entry(nil, "cut-rst 0%", "from 1% to 99%: cut-rst 60%"),
		Entry(nil, "cut-rst 060%", "from 1% to 99%"),
		Entry(nil, "cut-rst 1ms", "from 1% to 99%"),
	)
	It("knows every kind that it lists, and no other", func() {
		for _, k := range fault.Kinds() {
			f, err := fault.Parse(k)
			Expect(err).NotTo(HaveOccurred())
			Expect(f).To(Equal(fault.Of(fault.Kind(k))))
			Expect(f.Script(request("{}"), fault.Circumstances{}) == nil).To(Equal(k == "refuse" || k == "lose-answer"))
		}
	})
})

func request(body string) *wire.Request {
	t, err := wire.ParseTarget("http://localhost/hook")
	if err != nil {
		panic(err)
	}
	return &wire.Request{Target: t, Body: []byte(body)}
}

// valid draws any fault that there is.
func valid(t *rapid.T) fault.Fault {
	f := fault.Of(fault.Kind(rapid.SampledFrom(append(fault.Kinds(), "")).Draw(t, "kind")))
	switch {
	case f.Cuts():
		f.Percent = rapid.IntRange(1, 99).Draw(t, "share")
	case f.Kind == fault.HangUp && rapid.Bool().Draw(t, "by latency"):
		f.Percent = rapid.IntRange(1, 100).Draw(t, "percent")
	case f.Kind == fault.HangUp:
		f.After = time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "after"))
	}
	return f
}

func TestAFaultIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := valid(t)
		got, err := fault.Parse(f.String())
		if err != nil || got != f {
			t.Fatalf("%q: %+v, %v", f.String(), got, err)
		}
	})
}

func TestAScriptIsAFunctionOfItsArguments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := valid(t)
		id := rapid.StringMatching(`evn_[a-z]{3}`).Draw(t, "id")
		before, after := rapid.StringN(0, 60, -1).Draw(t, "before"), rapid.StringN(0, 60, -1).Draw(t, "after")
		r := request(before + id + after)
		c := fault.Circumstances{Event: id, Latency: time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "latency")), Seed: rapid.Uint64().Draw(t, "seed")}
		s, again := f.Script(r, c), f.Script(r, c)
		if s == nil {
			if f.Abandons() || f.Kind == fault.Drip {
				t.Fatalf("%s has no script", f)
			}
			return
		}
		r.Script = s
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		if len(s.Steps) != len(again.Steps) {
			t.Fatal("two scripts of one fault")
		}
		head := len(wire.AppendHead(nil, r))
		total, sent, waited := head+len(r.Body), 0, time.Duration(0)
		for i, st := range s.Steps {
			if st.To != again.Steps[i].To || st.Pause != again.Steps[i].Pause {
				t.Fatal("two scripts of one fault")
			}
			to := st.To
			if to < 0 {
				to = total
			}
			if to < sent {
				t.Fatalf("step %d goes back from %d to %d", i, sent, to)
			}
			sent, waited = to, waited+st.Pause
		}
		switch {
		case !f.Cuts() && sent != total:
			t.Fatalf("%s sends %d of %d bytes", f, sent, total)
		case f.Cuts() && sent >= total:
			t.Fatalf("%s sends all", f)
		case f.Cuts() && after != "" && !bytes.Contains(r.Body[:sent-head], []byte(id)):
			t.Fatalf("%s cuts the id off", f)
		}
		if want := f.After + c.Latency*time.Duration(f.Percent)/100; f.Kind == fault.HangUp && waited != want {
			t.Fatalf("%s waits %s, not %s", f, waited, want)
		}
		if f.Kind == fault.Drip && (s.End != wire.GoOn || len(s.Steps) > 24 || waited > 24*30*time.Millisecond) {
			t.Fatalf("a drip in %d pieces over %s", len(s.Steps), waited)
		}
	})
}

var _ = Describe("Script", func() {
	It("drips otherwise under another seed", func() {
		f, r := fault.Of(fault.Drip), request(strings.Repeat("b", 3000))
		one, other := f.Script(r, fault.Circumstances{Seed: 1}), f.Script(r, fault.Circumstances{Seed: 2})
		Expect(one).NotTo(Equal(other))
		Expect(len(one.Steps)).To(BeNumerically(">", 8))
	})
	It("cuts at the share of the body, and behind the id where that comes later", func() {
		f := fault.Fault{Kind: fault.CutRST, Percent: 60}
		r := request(strings.Repeat("b", 100))
		head := len(wire.AppendHead(nil, r))
		Expect(f.Script(r, fault.Circumstances{}).Steps).To(Equal([]wire.Step{{To: head + 60}}))
		r.Body = []byte(strings.Repeat("b", 90) + "evn_1" + "}")
		Expect(f.Script(r, fault.Circumstances{Event: "evn_1"}).Steps[0].To).To(Equal(len(wire.AppendHead(nil, r)) + 95))
		r.Body = nil
		Expect(f.Script(r, fault.Circumstances{}).Steps[0].To).To(Equal(len(wire.AppendHead(nil, r)) - 1))
	})
	It("ends as the fault says", func() {
		for kind, end := range map[fault.Kind]wire.Ending{
			fault.Reset: wire.Reset, fault.HangUp: wire.HangUp, fault.CutFIN: wire.Finish, fault.CutRST: wire.Reset,
		} {
			Expect(fault.Of(kind).Script(request("{}"), fault.Circumstances{}).End).To(Equal(end), string(kind))
		}
	})
})

// seeds are the inputs that fuzzing starts from.
func seeds() []string {
	return append(fault.Kinds(), "", "hang-up 1ms", "hang-up 25%", "cut-fin 60%", "cut-rst 99%", "hang-up 1h", "cut-fin %", "drip 1%", "hang-up  1ms", "hang-up 1.5ms")
}

func FuzzParse(f *testing.F) {
	if len(seeds()) < 15 {
		f.Fatalf("only %d seeds", len(seeds()))
	}
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := fault.Parse(s)
		if err != nil {
			if got != (fault.Fault{}) || !strings.Contains(err.Error(), "fault ") {
				t.Fatalf("%q: %+v, %v", s, got, err)
			}
			return
		}
		again, err := fault.Parse(got.String())
		if err != nil || again != got {
			t.Fatalf("%q reads as %+v, writes as %q and reads as %+v, %v", s, got, got.String(), again, err)
		}
	})
}
