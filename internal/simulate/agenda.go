package simulate

// kind is what an event does.
type kind uint8

const (
	arrives  kind = iota // the next request of a load
	worked               // the own work of a request is done
	expires              // the deadline of a call, or its wait for a connection, is over
	again                // a call is tried again
	switches             // a trigger begins or ends
	sample               // the series are read
)

// event is something that happens at a moment to the entity id. What belongs to an entity that has gone since is told by
// its generation.
type event struct {
	at   float64
	seq  uint64
	id   int32
	gen  uint32
	lane int32 // the lane it stands for in the heap, none where it came alone
	kind kind
}

// before is a total order, so that equal moments do not depend on the shape of the heap.
func (e *event) before(other *event) bool {
	return e.at < other.at || e.at == other.at && e.seq < other.seq
}

// agenda gives events in the order of their moments, those of one moment in the order in which they came.
//
// It is a heap with four children a node, which touches half as many cache lines as one with two, in front of lanes.
// Events that lie ahead by a time that does not change (the deadline of a call, work that is not random) come in order
// already: those of one lane wait in a queue, and only the first stands in the heap. So the heap is as large as what is
// random, and not as all deadlines of the last seconds, of which nearly all come to nothing.
//
//	heap   9.1  9.4(lane 0)  9.2(lane 1)
//	lane 0      9.6  9.9  10.2
//	lane 1      9.3
//
// The zero value is empty and has no lanes.
type agenda struct {
	heap  []event
	lanes []lane
	seq   uint64
}

// lane is a queue of events in the order of their moments; live is true while the one before the first stands in the heap.
type lane struct {
	queue fifo[event]
	last  float64
	live  bool
}

// open adds a lane and gives its number.
func (a *agenda) open() int32 {
	a.lanes = append(a.lanes, lane{})
	return int32(len(a.lanes) - 1)
}

// empty says whether nothing is to come.
func (a *agenda) empty() bool { return len(a.heap) == 0 }

// push adds an event. Its lane is a hint that the events of one lane mostly come in order: one that does not goes to the
// heap alone, and so does one of lane none.
func (a *agenda) push(e event) {
	e.seq = a.seq
	a.seq++
	if e.lane != none {
		l := &a.lanes[e.lane]
		switch {
		case !l.live:
			l.live, l.last = true, e.at
		case e.at >= l.last:
			l.last = e.at
			l.queue.push(e)
			return
		default:
			e.lane = none
		}
	}
	a.heap = append(a.heap, e)
	a.up(len(a.heap) - 1)
}

// up moves the event at a place of the heap to where it belongs above.
func (a *agenda) up(i int) {
	e := a.heap[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&a.heap[parent]) {
			break
		}
		a.heap[i] = a.heap[parent]
		i = parent
	}
	a.heap[i] = e
}

// pop takes the earliest event; there must be one.
func (a *agenda) pop() event {
	first := a.heap[0]
	if first.lane != none {
		l := &a.lanes[first.lane]
		if l.queue.len() > 0 {
			a.down(l.queue.pop())
			return first
		}
		l.live = false
	}
	n := len(a.heap) - 1
	last := a.heap[n]
	a.heap = a.heap[:n]
	if n > 0 {
		a.down(last)
	}
	return first
}

// down puts an event in the place of the first and moves it to where it belongs below.
func (a *agenda) down(e event) {
	heap := a.heap
	i := 0
	for {
		child := 4*i + 1
		if child >= len(heap) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(heap)); c++ {
			if heap[c].before(&heap[least]) {
				least = c
			}
		}
		if !heap[least].before(&e) {
			break
		}
		heap[i] = heap[least]
		i = least
	}
	heap[i] = e
}

// ticket names an entity that may have gone since.
type ticket struct {
	id  int32
	gen uint32
}

// fifo is a queue in a ring of a power of two places, which are used again. The zero value is empty.
type fifo[T any] struct {
	ring  []T
	first int
	count int
}

func (q *fifo[T]) len() int { return q.count }

func (q *fifo[T]) push(item T) {
	if q.count == len(q.ring) {
		larger := make([]T, max(16, 2*len(q.ring)))
		n := copy(larger, q.ring[q.first:])
		copy(larger[n:], q.ring[:q.first])
		q.ring, q.first = larger, 0
	}
	q.ring[(q.first+q.count)&(len(q.ring)-1)] = item
	q.count++
}

// pop takes the first; there must be one.
func (q *fifo[T]) pop() T {
	item := q.ring[q.first]
	q.first = (q.first + 1) & (len(q.ring) - 1)
	q.count--
	return item
}
