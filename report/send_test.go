package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/terminal"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func sendRun() view.SendRun {
	return view.SendRun{Seed: 7, IDs: "4k2p", Start: start, Target: "http://127.0.0.1:8000/kometia/webhook"}
}

func event(kind string) view.SendEvent {
	return view.SendEvent{Kind: kind, ID: eventID, Number: "90417", Total: 145000, Currency: "MXN", Bytes: 2811, Test: true}
}

func tried(n int, off time.Duration, status int) view.SendAttempt {
	a := view.SendAttempt{Attempt: attempt(n, off, status), Connected: true}
	a.Kind, a.Latency = "order.created", 41*time.Millisecond
	return a
}

func target(url string) *wire.Target {
	t, err := wire.ParseTarget(url)
	if err != nil {
		panic(err)
	}
	return t
}

func laravelFixes() []diagnose.Fix {
	return []diagnose.Fix{
		{For: es("Laravel 11 y 12, bootstrap/app.php", "Laravel 11 and 12, bootstrap/app.php"), Code: "->withMiddleware(function (Middleware $middleware) {\n    $middleware->validateCsrfTokens(except: ['kometia/webhook']);\n})\n"},
		{For: es("Laravel 10 o anterior, app/Http/Middleware/VerifyCsrfToken.php", "Laravel 10 or older, app/Http/Middleware/VerifyCsrfToken.php"), Text: es("Con diagonal al principio.", "With a leading slash."), Code: "protected $except = ['/kometia/webhook'];"},
		{For: es("Otro", "Other"), Text: es("una tercera no se imprime", "a third is not printed")},
	}
}

// sends are the deliveries that the golden files show, by name.
func sends() map[string][]*view.Send {
	ok := &view.Send{Event: event("order.created"), Attempts: []view.SendAttempt{tried(1, 0, 204)}, Result: view.Delivered}

	no := tried(1, 0, 419)
	no.Diagnosis, no.Title = laravel(), titles("csrf.laravel")
	no.Diagnosis.Fixes = laravelFixes()
	csrf := &view.Send{Event: event("order.created"), Attempts: []view.SendAttempt{no}, Result: view.Failed}
	second := &view.Send{Event: event("order.paid"), Attempts: []view.SendAttempt{no}, Result: view.Failed}

	away := tried(1, 0, 0)
	away.Status, away.Outcome, away.Connected = 0, "no_response", false
	away.Error = "connect-refused: dial tcp 127.0.0.1:8000: connect: connection refused"
	away.Diagnosis = &diagnose.Diagnosis{
		Code: "connect.refused", Certainty: diagnose.Certain,
		Evidence: es("nadie escucha en 127.0.0.1:8000", "nobody listens on 127.0.0.1:8000"),
		Hint:     es("encienda su servidor: php artisan serve", "start your server: php artisan serve"),
	}
	away.Title = es("Nadie escucha en ese puerto", "Nobody listens on that port")
	gone := &view.Send{Event: event("order.created"), Attempts: []view.SendAttempt{away}, Result: view.Failed}

	slow := tried(1, 0, 0)
	slow.Outcome, slow.Error, slow.Latency = "no_response", "timeout: no status line", 10*time.Second
	late := &view.Send{Event: view.SendEvent{Kind: "product.updated", ID: eventID, Bytes: 911}, Attempts: []view.SendAttempt{slow}, Result: view.Failed}

	moved := tried(1, 0, 301)
	moved.Probes = []diagnose.Probe{{
		Request: &wire.Request{Method: "GET", Target: target("http://127.0.0.1:8000/kometia/webhook/")},
		Outcome: &wire.Outcome{Status: 405, Latency: 2 * time.Millisecond},
	}}
	redirected := &view.Send{Event: event("order.created"), Attempts: []view.SendAttempt{moved}, Result: view.Failed}

	php := tried(1, 0, 200)
	php.Notes = []wire.Note{wire.NoteBodyCut}
	php.Diagnosis = &diagnose.Diagnosis{
		Code: "ack.php-error", Certainty: diagnose.Certain,
		Evidence: es("«Fatal error: Uncaught PDOException»", "“Fatal error: Uncaught PDOException”"),
		Hint:     es("conteste 500 cuando el trabajo falla", "answer 500 when the work fails"),
	}
	php.Title = es("Un error de PHP detrás de un 2xx", "A PHP error behind a 2xx")
	hidden := &view.Send{Event: event("order.created"), Attempts: []view.SendAttempt{php}, Result: view.Delivered}

	expired := &view.Send{Event: event("order.created"), Result: view.Expired, Retry: true, LastOffset: 48 * time.Hour}
	for i := range 49 {
		expired.Attempts = append(expired.Attempts, tried(i+1, time.Duration(i)*time.Hour, 500))
	}
	recovered := &view.Send{Event: event("order.created"), Result: view.Delivered, Retry: true, LastOffset: 4 * time.Hour}
	for i, status := range []int{503, 503, 500, 0, 204} {
		a := tried(i+1, time.Duration(i)*time.Hour, status)
		if status == 0 {
			a.Outcome, a.Error = "no_response", "reset: read tcp: connection reset by peer"
		}
		recovered.Attempts = append(recovered.Attempts, a)
	}
	return map[string][]*view.Send{
		"delivered": {ok}, "csrf": {csrf}, "unreachable": {gone}, "timeout": {late}, "redirect": {redirected},
		"php-error": {hidden}, "expired": {expired}, "recovered": {recovered}, "story": {ok, csrf, second},
	}
}

func tell(ss []*view.Send, o view.Options) string {
	GinkgoHelper()
	var b bytes.Buffer
	t := terminal.NewSend(&b, sendRun(), o)
	var tally view.Tally
	for _, s := range ss {
		tally.Add(s)
		Expect(t.Delivery(s)).To(Succeed())
	}
	Expect(t.End(&tally)).To(Succeed())
	return b.String()
}

// writeSend writes the lines of a delivery that is over.
func writeSend(j *ndjson.Send, s *view.Send) error {
	for i := range s.Attempts {
		if err := j.Attempt(s.Event, &s.Attempts[i]); err != nil {
			return err
		}
	}
	return j.Result(s)
}

func stream(ss []*view.Send) string {
	GinkgoHelper()
	var b bytes.Buffer
	j := ndjson.NewSend(&b, sendRun(), view.Options{Lang: lang.Spanish})
	var tally view.Tally
	for _, s := range ss {
		tally.Add(s)
		Expect(writeSend(j, s)).To(Succeed())
	}
	Expect(j.End(&tally)).To(Succeed())
	return b.String()
}

var _ = Describe("the end of a send", func() {
	It("says with what it was made, where that gives the same bytes", func() {
		end := func(made bool) string {
			var b strings.Builder
			s := terminal.NewSend(&b, view.SendRun{Seed: 7, IDs: "4k2p", Start: start, Made: made}, view.Options{Lang: lang.English})
			Expect(s.End(&view.Tally{Delivered: 1})).To(Succeed())
			return b.String()
		}
		Expect(end(true)).To(Equal("seed 7  ids 4k2p  start 2026-01-01T00:00:00Z  (with them, the same bytes)\n"))
		Expect(end(false)).To(BeEmpty())
	})
})

var _ = Describe("a send", func() {
	all := sends()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
			for _, width := range []int{100, 50} {
				It(fmt.Sprintf("shows %s in %s at %d columns", name, tag, width), func() {
					golden(fmt.Sprintf("send-%s.%s.%d", name, tag, width), tell(all[name], view.Options{Lang: tag, Width: width}))
				})
			}
		}
		It("says the same of "+name+" in colour", func() {
			without := tell(all[name], view.Options{Width: 100})
			with := tell(all[name], view.Options{Width: 100, Color: true})
			Expect(sgr.ReplaceAllString(with, "")).To(Equal(without))
		})
		It("streams "+name, func() {
			golden("send-"+name+".ndjson", stream(all[name]))
		})
	}

	It("is two lines when it was received", func() {
		Expect(strings.Count(tell(all["delivered"], view.Options{Width: 100}), "\n")).To(Equal(2))
	})
	It("writes the lines of the documents, field by field", func() {
		got := strings.Split(stream(all["csrf"]), "\n")
		Expect(got[0]).To(Equal(`{"type":"run","version":1,"seed":7,"ids":"4k2p","start":"2026-01-01T00:00:00Z","target":"http://127.0.0.1:8000/kometia/webhook"}`))
		Expect(got[1]).To(HavePrefix(`{"type":"attempt","event":"` + eventID + `","kind":"order.created","attempt":1,"at":"2026-01-01T00:00:00Z","offset_s":0,"status":419,"outcome":"rejected","latency_ms":41,"error":null,"diagnosis":{"code":"csrf.laravel","certainty":"certain","title":"Laravel rechazó el POST por CSRF","evidence":"estado 419, título «Page Expired»","hint":"`))
		Expect(got[2]).To(Equal(`{"type":"result","event":"` + eventID + `","kind":"order.created","outcome":"failed","attempts":1,"last_offset_s":0}`))
		Expect(got[3]).To(Equal(`{"type":"end","delivered":0,"failed":1,"exit":1}`))
	})
	It("puts probes before the attempt that they explain", func() {
		got := strings.Split(stream(all["redirect"]), "\n")
		Expect(got[1]).To(ContainSubstring(`"type":"probe"`))
		Expect(got[2]).To(ContainSubstring(`"type":"attempt"`))
	})
	It("says every note of the wire in words", func() {
		for _, n := range []wire.Note{
			wire.NoteBodyCut, wire.NoteBodyEndless, wire.NoteBodySlow, wire.NoteBodyMalformed,
			wire.NoteHeaderTooLarge, wire.NoteHeaderCut, wire.NoteHeaderBad, wire.NoteHeaderSlow, wire.NoteStatusLine, wire.NoteUnasked, wire.NoteEarly, wire.NoteBodyExtra,
			wire.NoteContinued, wire.NoteUnanswered, wire.NoteRefused,
		} {
			s := *all["delivered"][0]
			s.Attempts = slices.Clone(s.Attempts)
			s.Attempts[0].Notes = []wire.Note{n}
			Expect(tell([]*view.Send{&s}, view.Options{Width: 100})).To(And(ContainSubstring("Nota"), Not(ContainSubstring(string(n)))))
		}
	})
	It("names a retry policy that is not Kometia's", func() {
		var b bytes.Buffer
		run := sendRun()
		run.Interval, run.Window = 5*time.Minute, 2*time.Hour
		t := terminal.NewSend(&b, run, view.Options{Lang: lang.English})
		Expect(t.Delivery(all["csrf"][0])).To(Succeed())
		Expect(t.End(&view.Tally{Failed: 1})).To(Succeed())
		Expect(b.String()).To(ContainSubstring("every 5 min for 2 h"))
	})

	DescribeTable("ends with", func(exit int, interrupted bool, names ...string) {
		tally := view.Tally{Interrupted: interrupted}
		for _, n := range names {
			for _, s := range all[n] {
				tally.Add(s)
			}
		}
		Expect(tally.Exit()).To(Equal(exit))
	},
		Entry("0 when all were received", view.ExitOK, false, "delivered", "recovered"),
		Entry("0 when a 2xx hides an error", view.ExitOK, false, "php-error"),
		Entry("1 when one was not", view.ExitFailed, false, "delivered", "csrf"),
		Entry("3 when no connection was ever made", view.ExitUnreachable, false, "unreachable"),
		Entry("1 when there was a connection at some time", view.ExitFailed, false, "unreachable", "csrf"),
		Entry("1 when a connection stood without a response", view.ExitFailed, false, "timeout"),
		Entry("130 when interrupted", view.ExitInterrupted, true, "delivered"),
	)

	It("reports a writer that fails, and writes no more", func() {
		j := ndjson.NewSend(broken{}, sendRun(), view.Options{})
		Expect(writeSend(j, all["csrf"][0])).To(MatchError(errBroken))
		Expect(j.End(&view.Tally{})).To(MatchError(errBroken))
		Expect(terminal.NewSend(broken{}, sendRun(), view.Options{}).Delivery(all["csrf"][0])).To(MatchError(errBroken))
	})
})

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// objects parses NDJSON.
func objects(s string) []map[string]any {
	GinkgoHelper()
	Expect(s).To(HaveSuffix("\n"))
	var out []map[string]any
	for line := range strings.Lines(s) {
		var v map[string]any
		Expect(json.Unmarshal([]byte(line), &v)).To(Succeed(), line)
		out = append(out, v)
	}
	return out
}
