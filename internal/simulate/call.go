package simulate

import "math"

// begin starts a call of a request, or of a client from outside.
func (w *world) begin(parent ticket, which int32) {
	id := w.attempts.take()
	t := ticket{id, w.next()}
	w.attempts.all[id] = attempt{gen: t.gen, parent: parent, edge: which, key: none, started: w.now}
	a := &w.attempts.all[id]
	if w.edges[which].cache != nil && w.cached(t, a) {
		return
	}
	w.try(t, a)
}

// try makes one attempt: through the breaker, with a connection, to the service.
func (w *world) try(t ticket, a *attempt) {
	e := &w.edges[a.edge]
	if b := e.call.Breaker; b != nil && e.failures >= b.Failures {
		if w.now < e.openTill || e.trying {
			w.stats.edges[a.edge].Broken++
			w.failed(t, a)
			return
		}
		e.trying = true
	}
	if e.call.Connections > 0 && e.used >= e.call.Connections {
		a.waits = true
		e.pool.push(t)
		w.schedule(e.waits, e.call.PoolWait, expires, t)
		return
	}
	w.send(t, a)
}

// send takes a connection and hands the call to the service.
func (w *world) send(t ticket, a *attempt) {
	e := &w.edges[a.edge]
	e.used++
	a.waits = false
	w.renew(&t, a)
	w.stats.edges[a.edge].Sent++
	if !w.arrive(int32(e.call.To), t) {
		w.answered(t, a, false)
		return
	}
	w.schedule(e.deadlines, e.call.Deadline, expires, t)
}

// renew gives an attempt a new generation, so that a deadline set for what it did before says nothing about it.
func (w *world) renew(t *ticket, a *attempt) {
	t.gen = w.next()
	a.gen = t.gen
}

// release gives a connection back and lets the next call have it.
func (w *world) release(which int32) {
	e := &w.edges[which]
	e.used--
	for e.pool.len() > 0 && (e.call.Connections == 0 || e.used < e.call.Connections) {
		t := e.pool.pop()
		if a := w.attempt(t); a != nil && a.waits {
			w.send(t, a)
			return
		}
	}
}

// answered is what the service said.
func (w *world) answered(t ticket, a *attempt, ok bool) {
	w.release(a.edge)
	w.judge(t, w.attempt(t), ok)
}

// expired gives up waiting, for the service or for a connection. What was asked goes on there, unless it cancels.
func (w *world) expired(t ticket, a *attempt) {
	w.stats.edges[a.edge].Expired++
	connected := !a.waits
	a.waits = false
	w.renew(&t, a) // neither the answer nor its place in the queue of the pool means anything any more
	if connected {
		w.release(a.edge)
	}
	w.judge(t, w.attempt(t), false)
}

// judge tells the breaker how an attempt went and goes on.
func (w *world) judge(t ticket, a *attempt, ok bool) {
	e := &w.edges[a.edge]
	if b := e.call.Breaker; b != nil {
		if ok {
			e.failures = 0
		} else if e.failures++; e.failures >= b.Failures {
			e.openTill = w.now + b.Open
		}
		e.trying = false
	}
	if ok {
		w.finish(t, a, true)
		return
	}
	w.failed(t, a)
}

// leastPause is the way there and back that even an attempt without a pause takes, in seconds. Without it endless attempts
// would make time stand still.
const leastPause = 1e-3

// failed tries again where that is allowed, else gives up.
func (w *world) failed(t ticket, a *attempt) {
	c := w.edges[a.edge].call
	a.tries++
	if r := w.request(a.parent); r != nil && w.deserted(r) {
		w.finish(t, a, false)
		return
	}
	if c.Attempts >= 0 && int(a.tries) >= c.Attempts || w.now-a.started >= c.Total {
		w.finish(t, a, false)
		return
	}
	w.stats.edges[a.edge].Repeated++
	pause := min(c.Backoff*math.Pow(c.Factor, float64(a.tries-1)), c.MaxBackoff)
	pause = max(pause*(1-c.Jitter*w.rng.Float64()), leastPause)
	w.schedule(none, pause, again, t)
}

// finish ends a call and tells the request that made it.
func (w *world) finish(t ticket, a *attempt, ok bool) {
	done := *a
	e := &w.edges[done.edge]
	if done.key != none {
		w.fetched(e, &done, ok)
	}
	if !ok && e.call.Fallback {
		ok = true
		w.stats.edges[done.edge].Degraded++
	}
	w.attempts.all[t.id].gen = 0
	w.attempts.free = append(w.attempts.free, t.id)
	if done.parent.id == none {
		w.stats.served(w.now-done.started, ok)
		return
	}
	r := w.request(done.parent)
	if r == nil {
		return
	}
	r.failed = r.failed || !ok
	if r.left > 0 && !r.failed {
		r.left--
		w.begin(done.parent, done.edge)
		return
	}
	if r.pending--; r.pending == 0 {
		w.advance(done.parent)
	}
}

// cached answers a call from the cache, or lets it wait for who fetches the answer; false where it has to fetch itself.
func (w *world) cached(t ticket, a *attempt) bool {
	e := &w.edges[a.edge]
	key := int32(w.rng.IntN(len(e.cache)))
	item := &e.cache[key]
	switch {
	case item.expires > w.now:
		w.finish(t, a, true)
		return true
	case item.fetching && e.call.Cache.Coalesce:
		e.waiting[key] = append(e.waiting[key], t)
		return true
	}
	item.fetching = true
	a.key = key
	return false
}

// fetched keeps an answer and gives it to those who waited for it.
func (w *world) fetched(e *edge, done *attempt, ok bool) {
	item := &e.cache[done.key]
	item.fetching = false
	if ok {
		item.expires = w.now + w.lifetime(e.call.Cache)
	}
	waiting := e.waiting[done.key]
	delete(e.waiting, done.key)
	for _, t := range waiting {
		if a := w.attempt(t); a != nil {
			w.finish(t, a, ok)
		}
	}
}
