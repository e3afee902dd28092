package simulate

import (
	"math"
	"math/rand/v2"
)

// none is the index of no entity.
const none = -1

// request is one request at one service.
type request struct {
	gen     uint32
	node    int32
	step    int32  // the next call of the service
	pending int32  // calls under way
	left    int32  // of the same calls, those that are not begun yet
	caller  ticket // the call it answers; of id none where the client has gone
	failed  bool
	serving bool // holds a slot
}

// attempt is one call of one request (or of one client from outside), with its repetitions.
type attempt struct {
	gen     uint32
	parent  ticket // the request that calls; of id none for a client from outside
	edge    int32
	tries   int32
	key     int32 // what it fetches for a cache, else none
	waits   bool  // for a connection
	started float64
}

// node is a service at work.
type node struct {
	id       int32
	service  *Service
	first    int32 // index of its first edge
	busy     int
	inflight int
	queue    fifo[ticket]
	lane     int32 // of its work, where that is not random
	add      float64
	times    float64
	down     bool
}

// edge is a call of the topology at work.
type edge struct {
	call *Call
	from int32 // node that calls, none for a load
	used int   // connections
	pool fifo[ticket]
	// deadlines and waits are the lanes of what a call waits for: the answer, a connection.
	deadlines, waits int32
	// failures in a row, and until when the breaker is open; trying is true while one call tries again.
	failures int
	openTill float64
	trying   bool
	cache    []entry
	waiting  map[int32][]ticket
}

// entry is one answer of a cache.
type entry struct {
	expires  float64
	fetching bool
}

// world is one run.
type world struct {
	t        *Topology
	now      float64
	agenda   agenda
	rng      *rand.Rand
	nodes    []node
	edges    []edge
	loads    []int32 // edges of the loads
	rate     float64 // what the load is multiplied by
	requests arena[request]
	attempts arena[attempt]
	stats    *stats
	events   int
	// generation grows with every entity made, so that a ticket never fits a later entity in the same place.
	generation uint32
}

// arena keeps entities in places that are used again.
type arena[T any] struct {
	all  []T
	free []int32
}

func (a *arena[T]) take() int32 {
	if n := len(a.free); n > 0 {
		id := a.free[n-1]
		a.free = a.free[:n-1]
		return id
	}
	var zero T
	a.all = append(a.all, zero)
	return int32(len(a.all) - 1)
}

// Run plays the topology for one seed. Cost: about an eighth of a microsecond an event; memory follows what is in flight.
func Run(t *Topology, seed uint64) *Series {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 0x7469656265616d)), rate: 1}
	w.build()
	for !w.agenda.empty() {
		e := w.agenda.pop()
		if e.at > t.Duration {
			break
		}
		w.now = e.at
		w.events++
		w.handle(&e)
	}
	return w.stats.finish(w)
}

func (w *world) build() {
	for i := range w.t.Services {
		s := &w.t.Services[i]
		w.nodes = append(w.nodes, node{id: int32(i), service: s, first: int32(len(w.edges)), lane: none, times: 1})
		if !s.Time.Random {
			w.nodes[i].lane = w.agenda.open()
		}
		for k := range s.Calls {
			w.edges = append(w.edges, w.newEdge(&s.Calls[k], int32(i)))
		}
	}
	for i := range w.t.Loads {
		w.loads = append(w.loads, int32(len(w.edges)))
		w.edges = append(w.edges, w.newEdge(&w.t.Loads[i].Call, none))
		w.schedule(none, w.gap(i), arrives, ticket{id: int32(i)})
	}
	for i := range w.t.Triggers {
		w.schedule(none, w.t.Triggers[i].At, switches, ticket{id: int32(i)})
		if end := w.t.Triggers[i].End(); !math.IsInf(end, 1) {
			w.schedule(none, end, switches, ticket{id: int32(i), gen: 1})
		}
	}
	w.stats = newStats(w)
	w.schedule(none, w.t.Step, sample, ticket{})
}

func (w *world) newEdge(c *Call, from int32) edge {
	e := edge{call: c, from: from, deadlines: w.agenda.open(), waits: w.agenda.open()}
	if c.Cache != nil {
		e.cache = make([]entry, c.Cache.Keys)
		e.waiting = map[int32][]ticket{}
		for i := range e.cache {
			e.cache[i].expires = w.lifetime(c.Cache)
			if c.Cache.Spread {
				e.cache[i].expires *= w.rng.Float64()
			}
		}
	}
	return e
}

// lifetime draws how long an answer is kept.
func (w *world) lifetime(c *Cache) float64 { return c.TTL * (1 - c.Jitter*w.rng.Float64()) }

func (w *world) gap(load int) float64 {
	rate := w.t.Loads[load].Rate * w.rate
	if rate <= 0 {
		return math.Inf(1)
	}
	return w.rng.ExpFloat64() / rate
}

// schedule lets something happen after a time; lane is that of events which are all as far away, else none.
func (w *world) schedule(lane int32, after float64, k kind, about ticket) {
	if math.IsInf(after, 1) {
		return
	}
	w.agenda.push(event{at: w.now + after, id: about.id, gen: about.gen, lane: lane, kind: k})
}

func (w *world) handle(e *event) {
	about := ticket{e.id, e.gen}
	switch e.kind {
	case arrives:
		w.begin(ticket{id: none}, w.loads[e.id])
		w.schedule(none, w.gap(int(e.id)), arrives, about)
	case worked:
		if r := w.request(about); r != nil {
			w.worked(about, r)
		}
	case expires:
		if a := w.attempt(about); a != nil {
			w.expired(about, a)
		}
	case again:
		if a := w.attempt(about); a != nil {
			w.try(about, a)
		}
	case switches:
		w.toggle(&w.t.Triggers[e.id], e.gen == 0)
	case sample:
		w.stats.sample(w)
		w.schedule(none, w.t.Step, sample, about)
	}
}

func (w *world) toggle(t *Trigger, on bool) {
	if t.Service < 0 {
		w.rate = 1
		if on {
			w.rate = t.Rate
		}
		return
	}
	n := &w.nodes[t.Service]
	n.add, n.times, n.down = 0, 1, false
	if on {
		n.add, n.times, n.down = t.Add, t.Times, t.Down
	}
}

// request gives the request of a ticket, nil where it has gone.
func (w *world) request(t ticket) *request {
	if t.id < 0 || w.requests.all[t.id].gen != t.gen {
		return nil
	}
	return &w.requests.all[t.id]
}

// attempt gives the call of a ticket, nil where it is over.
func (w *world) attempt(t ticket) *attempt {
	if t.id < 0 || w.attempts.all[t.id].gen != t.gen {
		return nil
	}
	return &w.attempts.all[t.id]
}

func (w *world) next() uint32 {
	w.generation++
	return w.generation
}
