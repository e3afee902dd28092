package simulate

// arrive brings a request of an attempt to a service, which serves it, lets it wait, or refuses it and says
// false.
func (w *world) arrive(to int32, caller ticket) bool {
	n := &w.nodes[to]
	w.stats.nodes[to].arrived++
	s := n.service
	full := s.Limit >= 0 && n.inflight >= s.Limit
	if n.down || full || n.busy >= s.Slots && s.Queue >= 0 && n.queue.len() >= s.Queue {
		w.stats.refuse(w, to)
		return false
	}
	id := w.requests.take()
	made := ticket{id, w.next()}
	w.requests.all[id] = request{gen: made.gen, node: to, caller: caller}
	n.inflight++
	if n.busy < s.Slots {
		w.serve(made)
	} else {
		n.queue.push(made)
	}
	return true
}

// serve gives a request a slot.
func (w *world) serve(t ticket) {
	r := &w.requests.all[t.id]
	n := &w.nodes[r.node]
	r.serving = true
	n.busy++
	mean := n.service.Time.Mean*n.times + n.add
	if n.service.Time.Random {
		mean *= w.rng.ExpFloat64()
	}
	w.schedule(n.lane, mean, worked, t)
}

// worked goes on behind the own work of a request.
func (w *world) worked(t ticket, r *request) {
	if w.deserted(r) {
		w.end(t, false)
		return
	}
	w.advance(t)
}

// deserted says whether nobody waits for the request any more and its service notices that.
func (w *world) deserted(r *request) bool {
	return w.nodes[r.node].service.Cancels && w.attempt(r.caller) == nil
}

// advance makes the next calls of a request, or ends it where there are no more. A call that is over at once (a cache,
// an open breaker) lets it go on here and not from within, so that the depth does not grow.
func (w *world) advance(t ticket) {
	for {
		r := w.request(t)
		if r == nil {
			return
		}
		calls := w.nodes[r.node].service.Calls
		if r.failed || int(r.step) >= len(calls) {
			w.end(t, !r.failed)
			return
		}
		c := &calls[r.step]
		which := w.nodes[r.node].first + r.step
		r.step++
		if c.Share < 1 && w.rng.Float64() >= c.Share {
			continue
		}
		first := c.together()
		r.pending, r.left = int32(first)+1, int32(c.Fan-first)
		for range first {
			w.begin(t, which)
		}
		if r = w.request(t); r == nil { // the calls may have moved the arena
			return
		}
		if r.pending--; r.pending > 0 {
			return
		}
	}
}

// end takes a request from its service, tells who waits for it, and lets the next one in.
func (w *world) end(t ticket, ok bool) {
	r := w.requests.all[t.id]
	w.drop(t)
	n := &w.nodes[r.node]
	n.inflight--
	if r.serving {
		n.busy--
	}
	w.stats.end(r.node, ok)
	w.admit(n)
	if a := w.attempt(r.caller); a != nil {
		w.answered(r.caller, a, ok)
	}
}

// admit lets waiting requests in while there are slots.
func (w *world) admit(n *node) {
	for n.busy < n.service.Slots && n.queue.len() > 0 {
		t := n.queue.pop()
		r := w.request(t)
		if r == nil {
			continue
		}
		if w.deserted(r) {
			n.inflight--
			w.drop(t)
			w.stats.end(n.id, false)
			continue
		}
		w.serve(t)
	}
}

// drop gives the place of a request to the next one.
func (w *world) drop(t ticket) {
	w.requests.all[t.id].gen = 0
	w.requests.free = append(w.requests.free, t.id)
}
