package retryclock

import (
	"container/heap"
	"time"
)

// Queue keeps items in the order in which they are due; those due at the same
// instant leave in the order in which they came, so that a run is the same
// every time. The zero value is an empty queue. It is not safe for concurrent
// use.
type Queue[T any] struct {
	items dueItems[T]
	seq   uint64
}

// Len is how many items wait.
func (q *Queue[T]) Len() int { return len(q.items) }

// Push adds an item that is due at the given instant.
func (q *Queue[T]) Push(due time.Time, item T) {
	q.seq++
	heap.Push(&q.items, dueItem[T]{due: due, seq: q.seq, item: item})
}

// Peek tells when the next item is due; false when there is none.
func (q *Queue[T]) Peek() (due time.Time, ok bool) {
	if len(q.items) == 0 {
		return time.Time{}, false
	}
	return q.items[0].due, true
}

// Pop takes the next item out; it panics on an empty queue.
func (q *Queue[T]) Pop() (due time.Time, item T) {
	e := heap.Pop(&q.items).(dueItem[T])
	return e.due, e.item
}

type dueItem[T any] struct {
	due  time.Time
	seq  uint64
	item T
}

type dueItems[T any] []dueItem[T]

func (d dueItems[T]) Len() int { return len(d) }

func (d dueItems[T]) Less(i, j int) bool {
	if !d[i].due.Equal(d[j].due) {
		return d[i].due.Before(d[j].due)
	}
	return d[i].seq < d[j].seq
}

func (d dueItems[T]) Swap(i, j int) { d[i], d[j] = d[j], d[i] }

func (d *dueItems[T]) Push(x any) { *d = append(*d, x.(dueItem[T])) }

func (d *dueItems[T]) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}
