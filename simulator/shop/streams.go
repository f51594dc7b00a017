package shop

import (
	"hash/fnv"
	"math/bits"
	"math/rand/v2"
)

// Every value comes from one of two families of streams, so that the shape of
// the data and what is unique about it can be fixed apart:
//
//   - shape streams are a function of the run seed, the story's key and the
//     purpose ("order", "customer", ...): names, prices, quantities, nulls;
//   - identities (identity.go) are a function of the run ids and the key.
//
// No stream outlives one call of Tell: nothing depends on what was told before.

// stream opens the shape stream of one purpose.
func stream(seed uint64, key Key, purpose string) *rand.Rand {
	h := hash(hashString(seed, key.Name), uint64(key.Index))
	return rand.New(rand.NewPCG(h, hashString(h, purpose)))
}

// source makes a PCG stream into what gofakeit takes: math/rand's Source64.
// A Faker over it costs 0.04 us, one from gofakeit's own seeding 13 us.
type source struct{ pcg *rand.PCG }

func (s source) Uint64() uint64 { return s.pcg.Uint64() }
func (s source) Int63() int64   { return int64(s.pcg.Uint64() >> 1) }
func (s source) Seed(int64)     {}

// hash mixes two words: the finaliser of splitmix64 over their combination.
func hash(a, b uint64) uint64 {
	x := bits.RotateLeft64(a, 23) ^ (b+0x9e3779b97f4a7c15)*0xd6e8feb86659fd93
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// hashString mixes a text into a: FNV-1a, finished by hash so that texts which
// differ in one letter give unrelated streams.
func hashString(a uint64, s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails, allocates nothing
	return hash(a, h.Sum64())
}

// pick draws one element.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance is true in percent of 100 draws.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// between draws from low to high, both included.
func between(r *rand.Rand, low, high int64) int64 { return low + r.Int64N(high-low+1) }
