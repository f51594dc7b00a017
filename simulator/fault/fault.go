// Package fault breaks a delivery on purpose, without root and without
// touching the receiver: it stands between the delivery engine and the wire.
//
// A [Fault] is a value: it is read by [Parse], written by String, and turned
// into what the wire is to do by [Fault.Script], a pure function.
package fault

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// Kind names what is broken about one attempt.
type Kind string

// The faults. The zero Kind leaves the attempt alone.
const (
	None Kind = ""
	// Refuse: the attempt never leaves; the receiver does not hear of it.
	Refuse Kind = "refuse"
	// LoseAnswer: the receiver works and answers, the answer is read to its
	// end and thrown away, as if the network had lost it on the way back.
	LoseAnswer Kind = "lose-answer"
	// Reset: the connection is torn down (RST) once the request is out.
	Reset Kind = "reset"
	// HangUp: the connection is closed (FIN) after the last byte, at once or
	// some time later.
	HangUp Kind = "hang-up"
	// CutFIN and CutRST: only a share of the body is sent; then our side of the
	// connection ends (FIN), or it is torn down (RST).
	CutFIN Kind = "cut-fin"
	CutRST Kind = "cut-rst"
	// Drip: the whole request, in small pieces with pauses between them.
	Drip Kind = "drip"
)

// Kinds lists the kinds by name, without None.
func Kinds() []string {
	return []string{
		string(Refuse), string(LoseAnswer), string(Reset), string(HangUp), string(CutFIN), string(CutRST), string(Drip),
	}
}

const (
	// standardCut is the share of the body that a cut without one sends.
	standardCut = 60
	// maxAfter bounds how long a hang-up may wait: no timeout is longer.
	maxAfter = time.Minute
)

// Fault is what is broken about one attempt. The zero Fault leaves it alone.
type Fault struct {
	Kind Kind
	// After is how long after the last byte a hang-up comes.
	After time.Duration
	// Percent is, of a hang-up, how long after the last byte it comes, in
	// percent of the receiver's measured latency; of a cut, how much of the body
	// is sent.
	Percent int
}

// Parse reads a fault as it is written in a scenario: "", a kind, or one of
// "hang-up 1ms", "hang-up 25%", "cut-fin 60%" and "cut-rst 60%". A cut without
// a share sends 60 % of the body.
func Parse(s string) (Fault, error) {
	name, how, given := strings.Cut(s, " ")
	f := Fault{Kind: Kind(name)}
	switch f.Kind {
	case None, Refuse, LoseAnswer, Reset, Drip:
		if given {
			return Fault{}, lang.Errorf("falla %q: %s va sola", "fault %q: %s stands alone", s, orNone(name))
		}
		return f, nil
	case HangUp:
		if !given {
			return f, nil
		}
		if percent, ok := parsePercent(how, 100); ok {
			f.Percent = percent
			return f, nil
		}
		d, err := time.ParseDuration(how)
		if err != nil || d <= 0 || d > maxAfter {
			return Fault{}, lang.Errorf("falla %q: hang-up va sola, o con un tiempo de hasta %s o una parte de la latencia del receptor: hang-up 1ms, hang-up 25%%",
				"fault %q: hang-up stands alone, or with a time up to %s or a share of the receiver's latency: hang-up 1ms, hang-up 25%%", s, "1m")
		}
		f.After = d
		return f, nil
	case CutFIN, CutRST:
		f.Percent = standardCut
		if !given {
			return f, nil
		}
		percent, ok := parsePercent(how, 99)
		if !ok {
			return Fault{}, lang.Errorf("falla %q: dé la parte del cuerpo que se manda, de 1%% a 99%%: %s 60%%",
				"fault %q: give the share of the body that is sent, from 1%% to 99%%: %s 60%%", s, name)
		}
		f.Percent = percent
		return f, nil
	}
	return Fault{}, lang.Errorf("la falla %q no es ninguna de %s%s", "fault %q is none of %s%s", s, strings.Join(Kinds(), ", "), lang.DidYouMean(nearest.Name(name, Kinds())))
}

func orNone(name string) lang.Text {
	if name == "" {
		return lang.Text{ES: "ninguna falla", EN: "no fault"}
	}
	return lang.Same(name)
}

// parsePercent reads "60%", written as String does.
func parsePercent(s string, most int) (int, bool) {
	digits, found := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	return n, found && err == nil && n >= 1 && n <= most && strconv.Itoa(n) == digits
}

// String writes the fault as Parse reads it; "" for none.
func (f Fault) String() string {
	switch {
	case f.Percent != 0:
		return fmt.Sprintf("%s %d%%", f.Kind, f.Percent)
	case f.After != 0:
		return fmt.Sprintf("%s %s", f.Kind, f.After)
	}
	return string(f.Kind)
}

// Of is the fault of a kind as it stands alone.
func Of(k Kind) Fault {
	if k == CutFIN || k == CutRST {
		return Fault{Kind: k, Percent: standardCut}
	}
	return Fault{Kind: k}
}

// Loses reports whether the attempt counts as without an answer, whatever the
// receiver said: its sender never heard of it.
func (f Fault) Loses() bool {
	switch f.Kind {
	case None, Drip:
		return false
	}
	return true
}

// Cuts reports whether the body does not arrive whole.
func (f Fault) Cuts() bool { return f.Kind == CutFIN || f.Kind == CutRST }

// Abandons reports whether the connection ends while the receiver may be at
// work: nobody will tell when it is done.
func (f Fault) Abandons() bool { return f.Kind == HangUp || f.Kind == Reset || f.Cuts() }
