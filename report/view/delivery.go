package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// fixesShown is how many remedies of a diagnosis are told; explain has all.
const fixesShown = 2

// Delivery is one event that was sent, and what became of it, as it is told.
type Delivery struct {
	Kind, ID string
	About    []string // the order, its total, the size of the body
	Test     string   // that it is a test; "" when it is none
	Lines    []SendLine
	Received bool
	Result   string // the word that the reader looks for
	Because  string // why it is so, or after how many attempts; may be ""
	Notes    []string
	// Diagnosis is nil when there is nothing to say. Label names it: a cause, or
	// a warning where the event was received.
	Diagnosis *Diagnosis
	Label     string
	Same      string // said in its place where the reader had it before
	Fixes     []Fix  // text and code of several lines
}

// SendLine is a run of attempts with one outcome.
type SendLine struct {
	When     string // in virtual time: "+0 h … +48 h"
	Times    string // how many attempts; "" for one
	Attempt  Attempt
	Answer   string // of a single attempt: the answer, and how long it took
	Received bool
}

// NewDelivery makes the view of a delivery that is over.
func NewDelivery(s *Send, w *Words) *Delivery {
	e := &s.Event
	v := &Delivery{Kind: Safe(e.Kind), ID: ShortID(e.ID), Received: s.Result == Delivered}
	if e.Number != "" {
		v.About = append(v.About, Safe(fmt.Sprintf(w.Order, e.Number)))
	}
	if e.Currency != "" {
		v.About = append(v.About, Money(e.Total, e.Currency))
	}
	v.About = append(v.About, Size(e.Bytes))
	if e.Test {
		v.Test = w.Test
	}
	if len(s.Attempts) == 0 {
		return v
	}
	for _, run := range fold(s.Attempts) {
		v.Lines = append(v.Lines, w.sendLine(run))
	}
	v.Result, v.Because = s.result(w)
	last := &s.Attempts[len(s.Attempts)-1]
	for _, n := range last.Notes {
		v.Notes = append(v.Notes, w.note(n))
	}
	// An event that was received in the end may have been refused for a reason
	// that is worth a line.
	a := last
	for i := len(s.Attempts) - 1; i >= 0 && a.Diagnosis == nil; i-- {
		a = &s.Attempts[i]
	}
	if a.Diagnosis == nil {
		return v
	}
	v.Diagnosis, v.Label = w.Diagnosis(a.Diagnosis, a.Title.In(w.Tag)), w.Cause
	v.Same = fmt.Sprintf(w.SameDiagnosis, v.Diagnosis.Code)
	if a.Outcome == string(delivery.Acknowledged) {
		v.Label = w.Acked2xxBut
	}
	for _, f := range a.Diagnosis.Fixes[:min(len(a.Diagnosis.Fixes), fixesShown)] {
		v.Fixes = append(v.Fixes, Fix{Prose(f.For.In(w.Tag)), strings.Join(Lines(f.Text.In(w.Tag)), "\n"), strings.Join(Lines(f.Code), "\n")})
	}
	return v
}

// Retries says what Kometia would do with an event that was not received.
func (r *SendRun) Retries(w *Words) string {
	interval, window := r.Interval, r.Window
	if interval <= 0 {
		interval = time.Hour
	}
	if window <= 0 {
		window = 48 * time.Hour
	}
	if interval == time.Hour && window == 48*time.Hour {
		return w.WouldRetry
	}
	return fmt.Sprintf(w.WouldRetryEvery, Span(interval), Span(window))
}

// SendAgain is the command that sends the same event once more.
func (r *SendRun) SendAgain() string {
	return strings.TrimSpace("kometia-sim send --again " + r.Again)
}

// Counts are how many deliveries were received, and how many were not.
func (t *Tally) Counts(w *Words) []Item {
	var items []Item
	if t.Delivered > 0 {
		items = append(items, Item{Text: w.SendDelivered.Of(t.Delivered), Tone: Good})
	}
	if t.Failed > 0 {
		items = append(items, Item{Text: w.SendFailed.Of(t.Failed), Tone: Bad})
	}
	return items
}

// fold splits attempts into runs of equal outcome.
func fold(as []SendAttempt) [][]SendAttempt {
	var runs [][]SendAttempt
	for i := range as {
		if i > 0 && as[i].Status == as[i-1].Status && as[i].Outcome == as[i-1].Outcome &&
			as[i].Error == as[i-1].Error && as[i].Fault == as[i-1].Fault {
			n := len(runs) - 1
			runs[n] = append(runs[n], as[i])
			continue
		}
		runs = append(runs, []SendAttempt{as[i]})
	}
	return runs
}

func (w *Words) sendLine(run []SendAttempt) SendLine {
	first, last := &run[0], &run[len(run)-1]
	v := SendLine{When: Offset(first.Offset), Attempt: w.attempt(&last.Attempt), Received: last.Outcome == string(delivery.Acknowledged)}
	switch {
	case len(run) > 1:
		v.When += " … " + Offset(last.Offset)
		v.Times = w.Attempts.Of(len(run))
	case last.Status > 0:
		v.Answer = fmt.Sprintf(w.AnsweredIn, last.Status, Latency(last.Latency))
	case kindOf(last.Error) == wire.ErrTimeout:
		v.Answer, v.Attempt.Fault = fmt.Sprintf(w.NoAnswerIn, Latency(last.Latency)), ""
	default:
		v.Answer = v.Attempt.Answer
	}
	return v
}

// result is the word that the reader looks for, and why it is so.
func (s *Send) result(w *Words) (word, because string) {
	last := &s.Attempts[len(s.Attempts)-1]
	switch {
	case s.Result == Delivered && len(s.Attempts) > 1:
		return w.Received, fmt.Sprintf(w.AtAttempt, len(s.Attempts))
	case s.Result == Delivered:
		return w.Received, ""
	case s.Result == Expired:
		return w.NotReceived, fmt.Sprintf(w.Expired, Span(s.LastOffset))
	case s.Retry:
		return w.NotReceived, w.GaveUp
	case last.Status >= 300 && last.Status <= 399:
		return w.NotReceived, w.NoRedirects
	case last.Status > 0:
		return w.NotReceived, w.Only2xx
	default:
		return w.NotReceived, ""
	}
}
