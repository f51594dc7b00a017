package view

import (
	"fmt"
	"slices"
)

// tellOnce is on how many checks a remark stands before it is one on the run.
const tellOnce = 3

// once takes the remarks that stand on many checks off them, and gives them as
// remarks on the run, with how many they stood on.
func once(checks []Check, saidOf string) (notes []string) {
	on := map[string]int{}
	for i := range checks {
		if checks[i].Finding != nil {
			continue // each stands for itself
		}
		for _, n := range checks[i].Notes {
			if on[n]++; on[n] == tellOnce {
				notes = append(notes, n)
			}
		}
	}
	for i := range checks {
		if checks[i].Finding != nil {
			continue
		}
		checks[i].Notes = slices.DeleteFunc(checks[i].Notes, func(n string) bool { return on[n] >= tellOnce })
	}
	for i, n := range notes {
		notes[i] = fmt.Sprintf(saidOf, n, on[n])
	}
	return notes
}
