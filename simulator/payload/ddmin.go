package payload

import "slices"

// Reduce makes a list that fails minimal by delta debugging: what is left fails,
// and without any one of its elements it does not (as far as fails could be
// asked). The order is kept. An empty list is never tried.
func Reduce[T any](list []T, fails func([]T) bool) []T {
	// Most failures have one cause.
	if len(list) > 1 && len(list) <= 32 {
		for i := range list {
			if one := list[i : i+1 : i+1]; fails(one) {
				return one
			}
		}
	}
	for parts := 2; len(list) > 1; {
		size := (len(list) + parts - 1) / parts
		smaller := false
		for at := 0; at < len(list); at += size {
			end := min(at+size, len(list))
			rest := slices.Concat(list[:at], list[end:])
			if len(rest) > 0 && fails(rest) {
				list, smaller = rest, true
				break
			}
		}
		switch {
		case smaller:
			parts = max(parts-1, 2)
		case size == 1:
			return list
		default:
			parts = min(parts*2, len(list))
		}
	}
	return list
}

// least finds the smallest n from low to high that fails, when high is known to
// fail: by halving, so that a threshold is found exactly and anything else at
// least does not grow.
func least(low, high int64, fails func(int64) bool) int64 {
	for low < high {
		middle := low + (high-low)/2
		if fails(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return high
}
