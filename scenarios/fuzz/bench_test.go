package fuzz_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// BenchmarkHunt is what one payload of a run takes, from making it to judging
// its answer, with 16 connections to a receiver in this process.
func BenchmarkHunt(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	target, err := wire.ParseTarget(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	rec, err := undertest.New(undertest.Config{Target: target})
	if err != nil {
		b.Fatal(err)
	}
	defer rec.Close()
	r, err := fuzz.NewRunner(rec, fuzz.Config{
		Concurrency: 16, Cases: int64(b.N),
		Generator: payload.Config{Seed: 7, Start: time.Now(), Phases: payloadPhases()},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	report, err := r.Run(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if n := len(r.Findings()); n > 0 {
		b.Fatalf("%d findings in a receiver that takes everything", n)
	}
	b.ReportMetric(float64(report.Run.Plan.Requests)/b.Elapsed().Seconds(), "requests/s")
}

// payloadPhases are the default phases that make payloads.
func payloadPhases() []payload.Phase {
	return slices.DeleteFunc(payload.DefaultPhases(), func(p payload.Phase) bool { return p == payload.Histories })
}
