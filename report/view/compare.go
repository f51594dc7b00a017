package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Comparison is what has changed from one run to another of the same receiver.
type Comparison struct {
	Words *ComparisonWords
	// Old and New are the runs: their verdict, and when and with which data they
	// were made.
	Old, New ComparedRun
	Sentence string // what has changed, in numbers
	// Worse are checks whose result is worse, those that had none and failed
	// included, and findings of fuzz that are new. Better is the contrary.
	Worse, Better []Difference
	// Lost were judged before and are not any more. Added and Gone are checks that
	// only one of the runs had.
	Lost, Added, Gone []Difference
	Same              int
	// Exit is ExitFailed when something is worse, ExitInconclusive when nothing is
	// and something could not be judged any more, else ExitOK.
	Exit int
}

// ComparedRun is one of the runs that are compared.
type ComparedRun struct {
	Sentence, Target, When string
}

// Difference is one check, or one finding, that is not as it was.
type Difference struct {
	ID, Title string
	// Was and Is are its verdicts; zero where it had none.
	Was, Is   Standing
	Found     string // now; of what is gone, then
	Reproduce string
	// At is its place among the results of the new run; negative when it is not
	// among them.
	At int
}

// Change says a difference in words: "passed → failed".
func (d *Difference) Change() string {
	switch {
	case d.Was.Word == "":
		return d.Is.Word
	case d.Is.Word == "":
		return d.Was.Word
	default:
		return d.Was.Word + " → " + d.Is.Word
	}
}

// ComparisonWords are what only comparisons say.
type ComparisonWords struct {
	Title, Old, New                              string
	Worse, Better, Lost, Added, Gone, Same, More Counted
	Nothing, LostHint, AddedHint, GoneHint       string
}

func comparisonWords(t speak) *ComparisonWords {
	return &ComparisonWords{
		Title:     t("Qué cambió", "What changed"),
		Old:       t("Antes", "Before"),
		New:       t("Ahora", "Now"),
		Worse:     Counted{t("%d peor", "%d worse"), t("%d peores", "%d worse")},
		Better:    Counted{t("%d mejor", "%d better"), t("%d mejores", "%d better")},
		Lost:      Counted{t("%d ya sin resultado", "%d no longer judged"), t("%d ya sin resultado", "%d no longer judged")},
		Added:     Counted{t("%d nueva", "%d new"), t("%d nuevas", "%d new")},
		Gone:      Counted{t("%d que ya no está", "%d gone"), t("%d que ya no están", "%d gone")},
		Same:      Counted{t("%d igual", "%d unchanged"), t("%d iguales", "%d unchanged")},
		More:      Counted{t("y %d más", "and %d more"), t("y %d más", "and %d more")},
		Nothing:   t("Nada cambió.", "Nothing changed."),
		LostHint:  t("Antes se pudieron juzgar y ahora no: sin prueba no pasan.", "They could be judged before and cannot be now: without evidence they do not pass."),
		AddedHint: t("Solo la segunda corrida las tiene.", "Only the second run has them."),
		GoneHint:  t("Solo la primera corrida las tiene.", "Only the first run has them."),
	}
}

// Compare holds a run against an earlier one. A check is the same when its id is,
// a finding of fuzz when its case is. What was found counts, not what a list of
// known failures makes of it.
func Compare(before, now *verdict.Report, o Options) *Comparison {
	w := In(o.Tag(now.Run.Lang))
	t := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(w.Tag) }
	c := &comparing{words: w, out: &Comparison{
		Words: comparisonWords(t), Old: compared(w, before, o), New: compared(w, now, o),
	}}
	was, is := keyed(before.Results), keyed(now.Results)
	for _, key := range is.keys {
		c.held(key, was, is)
	}
	for _, key := range was.keys {
		if _, there := is.at[key]; !there {
			c.gone(was.results[was.at[key]], is)
		}
	}
	c.out.conclude()
	return c.out
}

func compared(w *Words, r *verdict.Report, o Options) ComparedRun {
	return ComparedRun{
		Sentence: Summarize(r, o).Sentence(w.Tag), Target: Command(cmp.Or(r.Run.Name, r.Run.Target)),
		When: r.Run.Start.UTC().Format("2006-01-02 15:04") + fmt.Sprintf("  %s %d", strings.ToLower(w.SeedLabel), r.Run.Seed),
	}
}

// byKey are results by what makes those of two runs the same.
type byKey struct {
	results []verdict.Result
	keys    []string
	at      map[string]int
	ids     map[string]verdict.Verdict // the gravest of each id
}

func keyed(rs []verdict.Result) *byKey {
	k := &byKey{results: rs, at: map[string]int{}, ids: map[string]verdict.Verdict{}}
	times := map[string]int{}
	for i := range rs {
		if rs[i].Finding == nil {
			times[rs[i].ID]++
		}
	}
	for i := range rs {
		r := &rs[i]
		key := r.ID
		switch {
		case r.Finding != nil:
			key += " " + r.Finding.ID
		case times[r.ID] > 1:
			key += " " + r.Variant
		}
		if _, twice := k.at[key]; twice {
			continue
		}
		k.at[key], k.keys = i, append(k.keys, key)
		if grave, seen := k.ids[r.ID]; !seen || gravity(r.Verdict) > gravity(grave) {
			k.ids[r.ID] = r.Verdict
		}
	}
	return k
}

// gravity orders what was judged; what was not is -1.
func gravity(v verdict.Verdict) int {
	switch v {
	case verdict.Pass:
		return 0
	case verdict.Warn:
		return 1
	case verdict.Fail:
		return 2
	default:
		return -1
	}
}

type comparing struct {
	words *Words
	out   *Comparison
}

// held holds a result of the new run against the old one.
func (c *comparing) held(key string, was, is *byKey) {
	r := &is.results[is.at[key]]
	d := c.difference(r, is.at[key])
	d.Is = c.words.Standing(r.Verdict)
	before, known := was.at[key]
	_, had := was.ids[r.ID]
	switch {
	case known:
	case had && r.Finding != nil: // of an oracle that was held before
		c.out.Worse = append(c.out.Worse, d)
		return
	case had: // its findings of then are told one by one
		return
	default:
		c.out.Added = append(c.out.Added, d)
		return
	}
	old := was.results[before].Verdict
	d.Was = c.words.Standing(old)
	switch a, b := gravity(old), gravity(r.Verdict); {
	case a == b:
		c.out.Same++
	case b < 0:
		if d.Found == "" {
			d.Found = Safe(r.Reason.In(c.words.Tag))
		}
		c.out.Lost = append(c.out.Lost, d)
	case b > a && b > 0:
		c.out.Worse = append(c.out.Worse, d)
	default:
		c.out.Better = append(c.out.Better, d)
	}
}

// gone tells of a result that only the old run has.
func (c *comparing) gone(r verdict.Result, is *byKey) {
	d := c.difference(&r, -1)
	d.Was = c.words.Standing(r.Verdict)
	now, there := is.ids[r.ID]
	switch {
	case !there:
		c.out.Gone = append(c.out.Gone, d)
	case r.Finding == nil: // its findings of now are told one by one
	case gravity(now) < 0:
		c.out.Lost = append(c.out.Lost, d)
	default:
		c.out.Better = append(c.out.Better, d)
	}
}

func (c *comparing) difference(r *verdict.Result, at int) Difference {
	d := Difference{
		ID: Safe(r.ID), Title: Safe(r.Title.In(c.words.Tag)), Found: Safe(r.Found.In(c.words.Tag)), Reproduce: Command(r.Reproduce), At: at,
	}
	if fault := r.Fault.In(c.words.Tag); fault != "" && gravity(r.Verdict) > 0 {
		d.Title = Safe(fault)
	}
	if r.Finding != nil {
		d.ID += " " + Safe(r.Finding.ID)
	}
	return d
}

func (c *Comparison) conclude() {
	var said []string
	for _, part := range []struct {
		n     int
		words Counted
	}{
		{len(c.Worse), c.Words.Worse},
		{len(c.Better), c.Words.Better},
		{len(c.Lost), c.Words.Lost},
		{len(c.Added), c.Words.Added},
		{len(c.Gone), c.Words.Gone},
		{c.Same, c.Words.Same},
	} {
		if part.n > 0 {
			said = append(said, part.words.Of(part.n))
		}
	}
	c.Sentence = strings.Join(said, ", ")
	if len(c.Worse)+len(c.Better)+len(c.Lost)+len(c.Added)+len(c.Gone) == 0 {
		c.Sentence = strings.TrimSpace(c.Words.Nothing + " " + c.Sentence)
	}
	unjudged := func(d Difference) bool { return d.Is.Verdict != verdict.NotApplicable }
	switch {
	case len(c.Worse) > 0:
		c.Exit = ExitFailed
	case slices.ContainsFunc(c.Lost, unjudged):
		c.Exit = ExitInconclusive
	}
}

// Parts are the groups of differences that there are, in the order in which they
// are told: what they are called, and what there is to say of all of them.
func (c *Comparison) Parts() (parts []ComparedPart) {
	for _, p := range []ComparedPart{
		{c.Words.Worse.Of(len(c.Worse)), "", Bad, c.Worse, nil},
		{c.Words.Lost.Of(len(c.Lost)), c.Words.LostHint, Caution, c.Lost, nil},
		{c.Words.Better.Of(len(c.Better)), "", Good, c.Better, nil},
		{c.Words.Added.Of(len(c.Added)), c.Words.AddedHint, Plain, c.Added, nil},
		{c.Words.Gone.Of(len(c.Gone)), c.Words.GoneHint, Plain, c.Gone, nil},
	} {
		if len(p.Differences) == 0 {
			continue
		}
		if p.Tone == Plain { // of these only what is red is news
			red := func(d Difference) bool { return max(gravity(d.Is.Verdict), gravity(d.Was.Verdict)) > 0 }
			var told []Difference
			for _, d := range p.Differences {
				if red(d) {
					told = append(told, d)
				} else {
					p.Others = append(p.Others, d.ID)
				}
			}
			p.Differences = told
		}
		if more := len(p.Others) - othersShown; more > 0 {
			p.Others = append(p.Others[:othersShown:othersShown], c.Words.More.Of(more))
		}
		parts = append(parts, p)
	}
	return parts
}

// ComparedPart is differences of one kind.
type ComparedPart struct {
	Heading, Hint string
	Tone          Tone
	Differences   []Difference
	Others        []string // ids of those that there is no more to say of
}

// othersShown is how many ids of a part are named.
const othersShown = 20
