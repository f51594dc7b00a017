package report

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// configFile is named by a phrase that says by itself where to add something.
const configFile = "kometia-sim.yaml"

// A document shows this much at most of what a run has without bound. What is
// over is counted, not kept silent.
const (
	attemptsShown = 200 // of a check
	casesShown    = 200 // of a check
	remediesShown = 12  // of a diagnosis
	// An exchange of more attempts than these is folded: the timeline tells it.
	attemptsOpen = 8
)

// link is a reference to the section of a check.
type link struct{ Anchor, Text string }

// checkView is one check as the documents tell it. Its texts are safe, not
// escaped: that is for the format to do.
type checkView struct {
	Anchor, ID, Title, Variant string
	Standing                   standing
	Word, Level                string
	Open                       bool

	Requirement, Source, Expected, Found, Reason, Why string
	Needs                                             *link
	Enable                                            []addView
	Listed                                            string // what the list of known failures says of it
	Diagnosis                                         *diagnosisView
	Fixes                                             []fixView
	Shared                                            []link
	Timeline                                          *timeline
	Attempts                                          attemptsView
	Wire                                              []wireView
	Cases                                             []caseView
	CasesCount, CasesMore                             string
	Notes                                             []string
	Reproduce, Explain                                string
}

type diagnosisView struct {
	Title, Code, Certainty, Evidence string
	Sure                             bool // more than possible
}

// fixView is a remedy, or a part of one: what it is for, in words, as code.
type fixView struct{ For, Text, Code string }

// addView is what to add so that a check can be observed: the lead says where.
type addView struct {
	Lead, Text string
	Code       bool // to be copied as it stands
}

type caseView struct {
	Standing        standing
	Word            string
	Name, Expected  string
	Found, Attempts string
}

type attemptsView struct {
	Rows    []attemptRow
	Events  bool // the rows are about several events
	Effects bool // some row counts effects
	Event   string
	Folded  bool
	Count   string
	More    string
}

type attemptRow struct {
	At, Event, Sent, Reply, Took string
	Shape                        string
	Effects, Mark                string
}

// checks makes the views of all results, in their order.
func (p *page) checks(rs []verdict.Result, o Options) []checkView {
	anchors := anchorsOf(rs)
	byID := map[string]string{}
	byCause := map[string][]int{}
	for i := range rs {
		if _, taken := byID[rs[i].ID]; !taken {
			byID[rs[i].ID] = anchors[i]
		}
		if rs[i].Cause != "" && (rs[i].Verdict == verdict.Fail || rs[i].Verdict == verdict.Warn) {
			byCause[rs[i].Cause] = append(byCause[rs[i].Cause], i)
		}
	}
	views := make([]checkView, len(rs))
	for i := range rs {
		r, v := &rs[i], &views[i]
		*v = p.check(r, o)
		v.Anchor = anchors[i]
		if r.Needs != "" {
			v.Needs = &link{byID[r.Needs], Safe(r.Needs)}
		}
		for _, j := range byCause[r.Cause] {
			if j != i && len(v.Shared) < casesShown {
				v.Shared = append(v.Shared, link{anchors[j], strings.TrimSpace(Safe(rs[j].ID) + " " + p.cases(&rs[j]))})
			}
		}
	}
	return views
}

func (p *page) check(r *verdict.Result, o Options) checkView {
	st := p.words.Page.standingOf(r.Verdict)
	v := checkView{
		ID: Safe(r.ID), Title: Safe(r.Title.In(p.tag)), Standing: st, Word: st.Word.In(p.tag),
		Level: p.words.level(r.Level).In(p.tag), Open: st.Open,
		Requirement: prose(r.Requirement.In(p.tag)), Source: prose(r.Source.In(p.tag)), Why: prose(r.Why.In(p.tag)),
		Expected: Safe(r.Expected.In(p.tag)), Found: Safe(r.Found.In(p.tag)), Reason: Safe(r.Reason.In(p.tag)),
		Diagnosis: p.diagnosed(r.Diagnosis, o), Attempts: p.exchange(r), Wire: p.exchanges(r.Attempts),
		Reproduce: clean(r.Reproduce, commandLimit), Explain: "kometia-sim explain " + Safe(r.ID),
	}
	if st.Open && r.Variant != "" && (len(r.Attempts) == 0 || r.Variant != r.Attempts[0].Kind) {
		v.Variant = Safe(r.Variant)
	}
	if standsAlone(r) || o.Strict && r.Verdict == verdict.Warn {
		v.Open = true
	}
	if r.Verdict == verdict.NotObserved {
		v.Enable = p.enable(r.Enable.In(p.tag))
	}
	switch r.Verdict {
	case verdict.Pass, verdict.NotApplicable, outdated:
	default:
		v.Fixes = p.fixes(r)
	}
	v.Listed = Safe(p.listed(r))
	for _, n := range r.Notes {
		v.Notes = append(v.Notes, Safe(n.In(p.tag)))
	}
	if len(r.Cases) > 1 {
		v.Cases, v.CasesMore = p.caseViews(r.Cases)
		v.CasesCount = p.words.Page.CountCases.of(len(r.Cases), p.tag)
	}
	return v
}

func (p *page) diagnosed(d *diagnose.Diagnosis, o Options) *diagnosisView {
	if d == nil {
		return nil
	}
	v := &diagnosisView{
		Code: Safe(d.Code), Certainty: p.words.certainty(d.Certainty).In(p.tag), Evidence: Safe(d.Evidence.In(p.tag)),
		Sure: d.Certainty == diagnose.Certain || d.Certainty == diagnose.Likely,
	}
	if o.CauseTitle != nil {
		v.Title = prose(o.CauseTitle(d.Code).In(p.tag))
	}
	return v
}

// fixes are the remedies of a diagnosis and that of the check itself. Where
// the diagnosis is only possible, the check knows better.
func (p *page) fixes(r *verdict.Result) []fixView {
	own := mixed(r.Fix.In(p.tag))
	d := r.Diagnosis
	if d == nil {
		return own
	}
	var diagnosed []fixView
	for i := range d.Fixes[:min(len(d.Fixes), remediesShown)] {
		f := &d.Fixes[i]
		v := fixView{For: prose(f.For.In(p.tag)), Text: prose(f.Text.In(p.tag)), Code: strings.Join(safeLines(f.Code), "\n")}
		if v.For == "" {
			v.For = Safe(f.File)
		}
		if v.Text != "" || v.Code != "" {
			diagnosed = append(diagnosed, v)
		}
	}
	if len(diagnosed) == 0 {
		diagnosed = mixed(d.Hint.In(p.tag))
	}
	if d.Certainty == diagnose.Possible {
		return append(own, diagnosed...)
	}
	return append(diagnosed, own...)
}

// mixed takes a text apart into prose and, where it is indented, code.
func mixed(s string) []fixView {
	var out []fixView
	var text, code []string
	end := func() {
		if len(text)+len(code) > 0 {
			out = append(out, fixView{Text: strings.Join(text, " "), Code: strings.Join(dedent(code), "\n")})
		}
		text, code = nil, nil
	}
	for _, line := range safeLines(s) {
		switch {
		case strings.HasPrefix(line, "  "), line == "" && len(code) > 0:
			code = append(code, line)
		case strings.TrimSpace(line) == "":
		default:
			if len(code) > 0 {
				end()
			}
			text = append(text, strings.TrimSpace(line))
		}
	}
	end()
	return out
}

// remedy is the first fix in one line, for lists.
func (p *page) remedy(r *verdict.Result) string {
	if d := r.Diagnosis; d != nil && d.Certainty != diagnose.Possible && !d.Hint.IsZero() {
		return Safe(prose(d.Hint.In(p.tag)))
	}
	for _, f := range mixed(r.Fix.In(p.tag)) {
		return Safe(strings.TrimRight(f.Text, ":"))
	}
	if r.Diagnosis != nil {
		return Safe(prose(r.Diagnosis.Hint.In(p.tag)))
	}
	return ""
}

// enable is what to add, and where, so that a check can be observed: flags,
// lines of the config, or a phrase that names its place by itself.
func (p *page) enable(text string) (out []addView) {
	if strings.Contains(text, configFile) {
		return []addView{{Lead: p.words.ToTest.In(p.tag), Text: prose(text)}}
	}
	command, config := additions(text)
	if len(command) > 0 {
		out = append(out, addView{p.words.AddToCommand.In(p.tag), strings.Join(command, " "), true})
	}
	if len(config) > 0 {
		out = append(out, addView{p.words.AddToConfig.In(p.tag), strings.Join(config, "\n"), true})
	}
	return out
}

func (p *page) caseViews(cs []verdict.Case) (views []caseView, more string) {
	w := &p.words.Page
	for _, c := range cs[:min(len(cs), casesShown)] {
		st := w.standingOf(c.Verdict)
		v := caseView{
			Standing: st, Word: st.Word.In(p.tag), Name: Safe(c.Name),
			Expected: Safe(c.Expected.In(p.tag)), Found: Safe(c.Found.In(p.tag)),
		}
		if v.Found == "" && len(c.Attempts) > 0 {
			v.Found = p.tell(c.Attempts)
		}
		views = append(views, v)
	}
	if n := len(cs) - len(views); n > 0 {
		more = w.RowsLeftOut.of(n, p.tag)
	}
	return views, more
}

// exchange is the attempts of a check, line by line.
func (p *page) exchange(r *verdict.Result) attemptsView {
	as := r.Attempts
	if len(as) == 0 {
		return attemptsView{}
	}
	v := attemptsView{Events: !oneEvent(as), Folded: len(as) > attemptsOpen, Count: p.words.Attempts.of(len(as), p.tag)}
	if !v.Events {
		v.Event = strings.TrimSpace(Safe(as[0].Kind) + " " + Safe(as[0].Event))
	}
	seen := map[string]int{}
	for _, a := range as[:min(len(as), attemptsShown)] {
		row := attemptRow{
			At: offset(a.Offset), Sent: p.request(a), Reply: p.reply(a), Shape: shapeOf(a),
		}
		if v.Events {
			row.Event = strings.TrimSpace(Safe(a.Kind) + " " + shortID(a.Event))
		}
		if a.Status > 0 || a.Latency > 0 {
			row.Took = Latency(max(a.Latency, 0))
		}
		if a.Effects != nil {
			v.Effects = true
			row.Effects = fmt.Sprint(*a.Effects)
			if before := seen[a.Event]; (r.Verdict == verdict.Fail || r.Verdict == known) && before > 0 && *a.Effects > before {
				row.Mark = p.words.Duplicate.In(p.tag)
			}
			seen[a.Event] = *a.Effects
		}
		v.Rows = append(v.Rows, row)
	}
	if n := len(as) - len(v.Rows); n > 0 {
		v.More = p.words.Page.RowsLeftOut.of(n, p.tag)
	}
	return v
}

// fact is a line of the head of a document.
type fact struct{ Label, Text, Code string }

// facts say what a run was made with and what it rests on.
func (p *page) facts(r *verdict.Report) []fact {
	w, run := &p.words.Page, &r.Run
	var out []fact
	add := func(label lang.Text, text, code string) {
		if text+code != "" {
			out = append(out, fact{label.In(p.tag), text, code})
		}
	}
	add(w.SeedLabel, "", fmt.Sprint(run.Seed))
	add(w.IDsLabel, "", Safe(run.IDs))
	if !run.Start.IsZero() {
		add(w.StartLabel, "", run.Start.UTC().Format(time.RFC3339))
	}
	for _, f := range p.plan(run.Plan) {
		add(f.label, flat(f.text), "")
	}
	if !r.Unreachable {
		add(p.words.Receiver, flat(p.profile(&r.Profile)), "")
	}
	if run.Timeout > 0 {
		add(w.Timeout, Latency(run.Timeout), "")
	}
	add(w.Took, Elapsed(r.Elapsed), "")
	var assumed []string
	for _, a := range run.Assumed[:min(len(run.Assumed), casesShown)] {
		assumed = append(assumed, prose(a.In(p.tag)))
	}
	add(w.AssumedLabel, strings.Join(assumed, ", "), "")
	if run.IDs != "" && !r.Unreachable && !run.Unlisted {
		add(w.CleanUpLabel, "", "kometia-sim ids "+Safe(run.IDs))
	}
	add(w.Tool, Safe(run.Tool), "")
	return out
}

// remarks are what is to be known of a run as a whole.
func (p *page) remarks(r *verdict.Report, sum Summary) []string {
	var out []string
	switch sum.Conclusion {
	case Unreachable:
		out = append(out, p.words.UnreachableHint.In(p.tag))
	case Interrupted:
		out = append(out, p.words.InterruptedHint.In(p.tag))
	case HarnessFailed:
		out = append(out, p.words.HarnessHint.In(p.tag))
	}
	for _, n := range r.Notes[:min(len(r.Notes), casesShown)] {
		out = append(out, Safe(n.In(p.tag)))
	}
	return out
}

// lead says what was proved, and in which time. A receiver that was never
// reached proved nothing.
func (p *page) lead(r *verdict.Report, sum Summary) string {
	if sum.Conclusion == Unreachable {
		return ""
	}
	lead := p.proved(r, sum)
	if r.Virtual > 0 {
		lead += " " + p.simulated(r)
	}
	return lead
}

// textPiece is a part of a text; a flag is not broken at its hyphens.
type textPiece struct {
	Text string
	Flag bool
}

var flagName = regexp.MustCompile(`--[a-z][a-z-]*`)

// apartFlags takes a text apart into flags and what stands between them.
func apartFlags(s string) (out []textPiece) {
	from := 0
	for _, at := range flagName.FindAllStringIndex(s, -1) {
		out = append(out, textPiece{Text: s[from:at[0]]}, textPiece{s[at[0]:at[1]], true})
		from = at[1]
	}
	return append(out, textPiece{Text: s[from:]})
}

// count says how many checks have a verdict.
func (p *page) count(v verdict.Verdict, n int) string {
	w := &p.words
	return map[verdict.Verdict]counted{
		verdict.Pass: w.CountPass, verdict.Fail: w.CountFail, verdict.Warn: w.CountWarn, verdict.Info: w.CountInfo,
		verdict.NotObserved: w.CountNotObserved, verdict.NotApplicable: w.CountNotApplicable,
		verdict.Inconclusive: w.CountInconclusive, verdict.Error: w.CountError,
		known: w.CountKnown, outdated: w.CountOutdated,
	}[v].of(n, p.tag)
}

// lowerFirst goes on with a sentence; a word in capitals keeps them.
func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); !unicode.IsUpper(r) || unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}

// upperFirst begins a sentence.
func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLower(r) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// flat is laid out text on one line, without styles.
func flat(atoms []atom) string {
	var b strings.Builder
	for i, a := range atoms {
		if i > 0 && a.gap > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(a.text)
	}
	return b.String()
}

// anchorsOf gives every result an id for links: that of the check where it can
// be one, made unique where it is taken. Each begins with a letter; what else
// in a document has an id begins it with an underscore.
func anchorsOf(rs []verdict.Result) []string {
	used := map[string]bool{}
	anchors := make([]string, len(rs))
	for i := range rs {
		base := slug(rs[i].ID)
		a := base
		for n := 2; used[a]; n++ {
			a = fmt.Sprintf("%s-%d", base, n)
		}
		used[a] = true
		anchors[i] = a
	}
	return anchors
}

func slug(id string) string {
	var b strings.Builder
	for _, r := range Safe(id) {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	s := b.String()
	if s == "" || s[0] == '-' || s[0] >= '0' && s[0] <= '9' {
		s = "check" + strings.TrimRight("-"+s, "-")
	}
	return s
}
