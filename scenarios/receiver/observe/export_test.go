package observe

// FindIDs and ReadAnswer are parsers of what comes from outside, for the fuzz
// tests.
func FindIDs(text []byte) map[string]struct{} {
	found := map[string]struct{}{}
	findIDs(found, text)
	return found
}

// ReadAnswer reads an answer about one subject and about several.
func ReadAnswer(data []byte, subjects []Subject) (one Reading, all []Reading, errOne, errAll error) {
	a := answers{what: "observe.test"}
	one, errOne = a.one(data, subjects[0])
	all, errAll = a.all(data, subjects)
	return one, all, errOne, errAll
}

// Waiting is how many questions wait for the next round.
func (g *gather[Q, A]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		return 0
	}
	return len(g.next.questions)
}
