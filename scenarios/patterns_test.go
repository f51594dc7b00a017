package scenarios_test

import (
	"strings"

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
	Entry("updates of what is not there", onlyUpdates, "bare-update", "Loses an update that arrives before the object it updates",
		[]string{"KOM-ORD-001", "KOM-ORD-003", "KOM-ORD-005"}, "KOM-ORD-008"),
)
