package payload

// Phase is one way of making payloads.
type Phase string

// The phases.
const (
	// Examples are the documented samples, under fresh identities.
	Examples Phase = "examples"
	// Coverage goes through every boundary, null, enum value and optional member
	// of the schemas and the plausible extremes, one at a time, then in pairs.
	Coverage Phase = "coverage"
	// Random puts several of them at once into a random event.
	Random Phase = "random"
	// Tolerant goes where the platform may go one day: members and enum values
	// that the schema does not know.
	Tolerant Phase = "tolerant"
	// NearValid breaks one rule of the schema at a time.
	NearValid Phase = "near-valid"
	// Bytes changes how an event is written, and breaks it.
	Bytes Phase = "bytes"
	// Histories are stories of the shop that go wrong on the way: duplicates, late
	// and lost deliveries, cut bodies, copies, restarts. They are played beside the
	// payloads and have a count of their own.
	Histories Phase = "histories"
	// Extreme is valid and beyond what any shop sends; off by default.
	Extreme Phase = "extreme"
)

// Phases lists all phases.
func Phases() []Phase {
	return []Phase{Examples, Coverage, Random, Tolerant, NearValid, Bytes, Histories, Extreme}
}

// DefaultPhases are those that run unless others are chosen.
func DefaultPhases() []Phase {
	return []Phase{Examples, Coverage, Random, Tolerant, NearValid, Bytes, Histories}
}

// turns is in what order the phases of payloads take turns, so that a short budget sees all
// of them: of 16 cases 7 are coverage.
func turns() []Phase {
	return []Phase{
		Coverage, Examples, Coverage, Bytes, Coverage, Tolerant, Coverage, NearValid,
		Coverage, Random, Coverage, Extreme, Coverage, Bytes, Random, NearValid,
	}
}

// schedule maps the index of a case to its phase and its number within it. It
// is arithmetic only: no case needs the one before it.
type schedule struct {
	cycle []Phase
	// before[i] is how often cycle[i] occurs before i.
	before []uint64
	times  map[Phase]uint64
}

func newSchedule(phases []Phase) schedule {
	wanted := map[Phase]bool{}
	for _, p := range phases {
		wanted[p] = true
	}
	s := schedule{times: map[Phase]uint64{}}
	for _, p := range turns() {
		if !wanted[p] {
			continue
		}
		s.cycle = append(s.cycle, p)
		s.before = append(s.before, s.times[p])
		s.times[p]++
	}
	return s
}

func (s schedule) at(index uint64) (Phase, uint64) {
	n := uint64(len(s.cycle))
	turn := index % n
	p := s.cycle[turn]
	return p, index/n*s.times[p] + s.before[turn]
}
