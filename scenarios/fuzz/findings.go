package fuzz

import (
	"cmp"
	"slices"
	"sync"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// findings are those of a run, in memory and on disk.
type findings struct {
	store     *Store        // nil keeps none
	target    string        // whose they are
	onFinding func(Finding) // may be nil

	mu   sync.Mutex
	list []*Finding
	lost map[*Finding]lang.Text // those that are not on the disk, and why
}

// count is how many there are.
func (l *findings) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.list)
}

// add adds a finding as it is.
func (l *findings) add(f *Finding) {
	l.mu.Lock()
	l.list = append(l.list, f)
	l.mu.Unlock()
}

// keep adds a finding to the run and to the disk; one of a bucket that is there
// already is counted with it.
func (l *findings) keep(f *Finding) *Finding {
	f.Target = l.target
	f.identify()
	f.caption()
	l.mu.Lock()
	for _, other := range l.list {
		if other.ID == f.ID {
			other.absorb(f)
			other.Flaky = other.Flaky && f.Flaky
			l.mu.Unlock()
			return other
		}
	}
	defer l.mu.Unlock()
	l.list = append(l.list, f)
	l.write(f)
	return f
}

// replace puts a smaller finding in the place of the one that it was made from.
// When another finding is the same, the two are one, and it reports false.
func (l *findings) replace(f, smaller *Finding) bool {
	was := f.ID
	smaller.identify()
	smaller.caption()
	l.mu.Lock()
	defer l.mu.Unlock()
	smaller.buckets, smaller.Also = f.buckets, f.Also
	for _, other := range l.list {
		if other != f && other.ID == smaller.ID {
			other.absorb(f)
			l.list = slices.DeleteFunc(l.list, func(mine *Finding) bool { return mine == f })
			delete(l.lost, f)
			l.forget(was)
			return false
		}
	}
	*f = *smaller
	l.write(f)
	if f.ID != was {
		l.forget(was)
	}
	return true
}

// copied is a finding as it is now: others are counted with it meanwhile.
func (l *findings) copied(f *Finding) Finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *f
}

// announce shows a finding at once.
func (l *findings) announce(f *Finding) {
	if l.onFinding == nil {
		return
	}
	l.onFinding(l.copied(f))
}

// write puts a finding on the disk; l.mu is held.
func (l *findings) write(f *Finding) {
	if l.store == nil {
		return
	}
	if err := l.store.Write(&f.Saved); err != nil {
		if l.lost == nil {
			l.lost = map[*Finding]lang.Text{}
		}
		l.lost[f] = lang.Textf("no se pudo guardar el caso %s: %s", "the case %s could not be kept: %s", f.ID, err)
		return
	}
	delete(l.lost, f)
	f.File = l.store.Path(f.ID)
}

func (l *findings) forget(id string) {
	if l.store != nil {
		_ = l.store.Remove(id) // what it held stands in another file
	}
}

// unkept says which findings are not on the disk, and why.
func (l *findings) unkept() (lost []lang.Text) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if why, is := l.lost[f]; is {
			lost = append(lost, why)
		}
	}
	return lost
}

// all lists the findings, the gravest first.
func (l *findings) all() []Finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Finding, 0, len(l.list))
	for _, f := range l.list {
		found := *f
		for _, b := range f.buckets {
			found.Count += b.count.Load()
		}
		if len(f.buckets) > 0 {
			found.Count-- // the one that it was found by is in its bucket
		}
		list = append(list, found)
	}
	rank := func(f Finding) int {
		for i, o := range oracle.All() {
			if o.Name == f.Oracle {
				return i
			}
		}
		return len(list)
	}
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func weight(f Finding) int {
	switch {
	case f.Flaky:
		return 0
	case f.Level == verdict.Must:
		return 3
	case f.Level == verdict.Should:
		return 2
	default:
		return 1
	}
}
