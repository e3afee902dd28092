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
	kind kind
}

// before is a total order, so that equal moments do not depend on the shape of the heap.
func (e *event) before(other *event) bool {
	return e.at < other.at || e.at == other.at && e.seq < other.seq
}

// agenda is a heap with four children a node, which touches half as many cache lines as one with two.
type agenda struct {
	events []event
	seq    uint64
}

func (a *agenda) push(e event) {
	e.seq = a.seq
	a.seq++
	a.events = append(a.events, e)
	i := len(a.events) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&a.events[parent]) {
			break
		}
		a.events[i] = a.events[parent]
		i = parent
	}
	a.events[i] = e
}

// pop takes the earliest event; there must be one.
func (a *agenda) pop() event {
	first := a.events[0]
	last := a.events[len(a.events)-1]
	a.events = a.events[:len(a.events)-1]
	n := len(a.events)
	if n == 0 {
		return first
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, n); c++ {
			if a.events[c].before(&a.events[least]) {
				least = c
			}
		}
		if !a.events[least].before(&last) {
			break
		}
		a.events[i] = a.events[least]
		i = least
	}
	a.events[i] = last
	return first
}

// fifo is a queue of entities. The zero value is empty.
type fifo struct {
	items []ticket
	first int
}

// ticket names an entity that may have gone since.
type ticket struct {
	id  int32
	gen uint32
}

func (q *fifo) len() int { return len(q.items) - q.first }

func (q *fifo) push(t ticket) { q.items = append(q.items, t) }

func (q *fifo) pop() ticket {
	t := q.items[q.first]
	q.first++
	if q.first > 1024 && q.first > len(q.items)/2 {
		q.items = append(q.items[:0], q.items[q.first:]...)
		q.first = 0
	}
	return t
}
