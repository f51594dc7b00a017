package scenarios_test

import (
	"maps"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// cutIDs knows events by the first characters of their ids.
var cutIDs reader = func(s *shelf, f fact) (int, bool) {
	begins := f.ID[:12]
	if s.known[begins] {
		return 204, false
	}
	s.known[begins] = true
	return careful(s, f)
}

// lastForty remembers so many events.
func lastForty() reader {
	var known []string
	return func(s *shelf, f fact) (int, bool) {
		if known = append(known, f.ID); len(known) > 40 {
			delete(s.known, known[0])
			known = known[1:]
		}
		return careful(s, f)
	}
}

// onlyUpdates changes what is there, and nothing else.
var onlyUpdates reader = func(s *shelf, f fact) (int, bool) {
	if s.rows[f.object()] == nil && !strings.HasSuffix(f.Kind, ".created") && f.Kind != "order.placed" {
		return 204, true
	}
	return careful(s, f)
}

// onlyToday ignores what happened more than a day ago.
var onlyToday reader = func(s *shelf, f fact) (int, bool) {
	if time.Since(time.Unix(f.at(), 0)) > 24*time.Hour {
		return 204, false
	}
	return careful(s, f)
}

// twoAtATime drops what comes while it works on two events.
func twoAtATime() reader {
	var busy atomic.Int64
	return func(s *shelf, f fact) (int, bool) {
		n := busy.Add(1)
		defer busy.Add(-1)
		s.mu.Unlock()                    // which its caller holds
		time.Sleep(3 * time.Millisecond) // its work
		s.mu.Lock()
		if n > 2 {
			return 204, false
		}
		return careful(s, f)
	}
}

// lastOfObject knows of each object the id of its last event.
func lastOfObject() reader {
	last := map[string]string{}
	return func(s *shelf, f fact) (int, bool) {
		delete(s.known, last[f.object()])
		last[f.object()] = f.ID
		return careful(s, f)
	}
}

// coalescing keeps what it had where an event says nothing.
var coalescing reader = func(s *shelf, f fact) (int, bool) {
	had := maps.Clone(s.rows[f.object()])
	status, acts := careful(s, f)
	for field, v := range s.rows[f.object()] {
		if v == nil || v == "" {
			s.rows[f.object()][field] = had[field]
		}
	}
	return status, acts
}

// defaulting writes something of its own where there is no note.
var defaulting = changing(func(row map[string]any) {
	if note, is := row["nota"]; is && (note == nil || note == "") {
		row["nota"] = "sin nota"
	}
})

var _ = DescribeTable("tells a fault by what only it does", Label("whole", "unraced"),
	func(ctx SpecContext, read reader, id, fault string) {
		r := result(run(ctx, newShelf().config(read, fieldsOfShelf), id), id)
		Expect(r.Verdict).To(Equal(verdict.Fail), "%s %s", r.Found.EN, r.Reason.EN)
		Expect(r.Fault.EN).To(Equal(fault))
	},
	Entry("a duplicate behind a newer event", lastOfObject(), "KOM-DUP-002", "Acts twice on a duplicate"),
	Entry("a default where the event says nothing", defaulting, "KOM-PAY-012", "Puts a value of its own where the event says 0, empty or null"),
	Entry("a field that is emptied", coalescing, "KOM-DUP-006", "Keeps the previous value when an update empties the field"),
)

// unused does nothing about updates of products.
var unused reader = func(s *shelf, f fact) (int, bool) {
	if f.Kind == "product.updated" {
		return 204, false
	}
	return careful(s, f)
}

var _ = It("does not blame a receiver for a kind that it does not use", Label("whole", "unraced"), func(ctx SpecContext) {
	rep := run(ctx, newShelf().config(unused, fieldsOfShelf), "KOM-DUP-006", "KOM-ORD-001", "KOM-ORD-003", "KOM-ORD-005", "KOM-ORD-006", "KOM-ORD-007", "KOM-PAY-012")
	for i := range rep.Results {
		res := &rep.Results[i]
		Expect(res.Verdict).NotTo(BeElementOf(verdict.Fail, verdict.Warn), "%s: %s %s", res.ID, res.VariantTitle.EN, res.Found.EN)
	}
})

var _ = DescribeTable("names a cause by what became of all events, in whichever check it shows", Label("whole", "unraced"),
	func(ctx SpecContext, read reader, cause, fault string, reds []string, greens ...string) {
		rep := run(ctx, newShelf().config(read, fieldsOfShelf), append(greens, reds...)...)
		for _, id := range reds {
			res := result(rep, id)
			Expect(res.Verdict).To(BeElementOf(verdict.Fail, verdict.Warn), id)
			Expect(res.Cause).To(Equal(cause), "%s: %s", id, res.Found.EN)
			Expect(res.Fault.EN).To(Equal(fault), id)
		}
		for _, id := range greens {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Pass), id)
		}
	},
	Entry("ids that are cut off", cutIDs, "ids", "Takes two events for one because their ids start alike",
		[]string{"KOM-DUP-002", "KOM-DUP-004", "KOM-ORD-005"}),
	Entry("a list of known events that is trimmed", lastForty(), "forgetting", "Forgets an event after many others and processes it again",
		[]string{"KOM-DUP-002", "KOM-DUP-008"}, "KOM-DUP-001"),
	Entry("a queue that is full, or whatever else is lost where much comes at once", twoAtATime(), "at-once", "Loses events it acknowledged when several arrive at once",
		[]string{"KOM-RTY-007", "KOM-BRS-002"}, "KOM-DUP-001"),
	Entry("events that are ignored for their age", onlyToday, "too-old", "Accepts an event but ignores it because it is old",
		[]string{"KOM-RTY-003", "KOM-RTY-006"}, "KOM-DUP-001"),
	Entry("updates of what is not there", onlyUpdates, "bare-update", "Loses an update that arrives before the object it updates",
		[]string{"KOM-ORD-001", "KOM-ORD-003", "KOM-ORD-005"}, "KOM-ORD-008"),
)
