package payload

import "github.com/kometia-sim/kometia-sim/schemas/jsontree"

// Size measures how much a payload differs from the normal event: in how many
// places, and how much stands there. A shrunk payload is never larger.
func Size(plain, tree any) (places, length int) {
	for _, e := range differences(plain, tree) {
		places++
		if !e.drop {
			length += len(jsontree.Encode(e.value, jsontree.Plain))
		}
	}
	return places, length
}
