package history

// Minimal makes a history small that fails, when the delivery at an index showed
// it.
func Minimal(h *History, at int, fails func(*History) bool) *History {
	everything := func(_, _ []Delivery) bool { return true }
	return minimal(h.clone(), at, everything, fails)
}
