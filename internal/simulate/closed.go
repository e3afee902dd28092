package simulate

import "math"

// Closed is what formulas say of one service, in the fluid limit where requests flow evenly. Where a formula does not
// apply the field is NaN.
type Closed struct {
	// Arrival is the rate of first attempts that reach the service, Capacity the most it answers before the trigger,
	// Slowed the most it answers during the trigger: slots by the time a slot is held, and no more than what it depends on.
	Arrival, Capacity, Slowed float64
	// Hold is how long a request holds its slot before the trigger, HoldSlowed during it.
	Hold, HoldSlowed float64
	// Exhausted is when the service is exhausted, in seconds from the begin of the trigger: the room left by the excess of
	// arrivals, t = (F - Q0)/(λ - μ'). +Inf for never.
	Exhausted float64
	// Metastable is true in the band μ/(1+r) < λ < μ, where it works until something goes wrong and does not recover when
	// that is over, as the repetitions alone keep it busy (Bronson et al., HotOS 2021).
	Metastable bool
}

// ClosedForms gives the formulas' answers for every service, in their order. They know of slots, queues, limits, pools,
// deadlines, attempts and the usual load behind a cache; breakers are for the simulation alone, and so is who gets no
// connection in time.
func ClosedForms(t *Topology) []Closed {
	out := make([]Closed, len(t.Services))
	rates := t.rates()
	for _, i := range t.bottomUp() {
		out[i] = t.closed(i, out, rates[i])
	}
	tries := t.amplifications()
	for i := range out {
		out[i].Exhausted = t.exhaustion(i, &out[i])
		r := tries[i] - 1
		c := &out[i]
		c.Metastable = r > 0 && c.Arrival < c.Capacity && c.Arrival*(1+r) > c.Capacity
	}
	return out
}

// rates gives the first attempts a second at every service: what the loads send, times the share and number of the calls.
func (t *Topology) rates() []float64 {
	rates := make([]float64, len(t.Services))
	for i := range t.Loads {
		l := &t.Loads[i]
		rates[l.Call.To] += l.Call.behind(l.Rate * t.surge())
	}
	order := t.bottomUp()
	for k := len(order) - 1; k >= 0; k-- {
		from := order[k]
		for c := range t.Services[from].Calls {
			call := &t.Services[from].Calls[c]
			rates[call.To] += call.behind(rates[from])
		}
	}
	return rates
}

// behind is how many calls a second reach the service for so many requests of the caller: of a cache those that renew an
// entry, once in its life time at most.
func (c *Call) behind(rate float64) float64 {
	made := rate * c.Share * float64(c.Fan)
	if c.Cache != nil {
		return min(made, float64(c.Cache.Keys)/c.Cache.TTL)
	}
	return made
}

// reaching is the share of the requests whose calls reach the service, for so many a second: of a cache those that find no
// entry.
func (c *Call) reaching(rate float64) float64 {
	if c.Cache == nil || rate == 0 {
		return c.Share
	}
	return c.behind(rate) / (rate * float64(c.Fan))
}

// surge is what triggers multiply the load by.
func (t *Topology) surge() float64 {
	most := 1.0
	for i := range t.Triggers {
		if t.Triggers[i].Service == none {
			most = max(most, t.Triggers[i].Rate)
		}
	}
	return most
}

// bottomUp orders the services so that each comes behind those it calls.
func (t *Topology) bottomUp() []int {
	done := make([]bool, len(t.Services))
	var order []int
	var visit func(i int)
	visit = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		for c := range t.Services[i].Calls {
			visit(t.Services[i].Calls[c].To)
		}
		order = append(order, i)
	}
	for i := range t.Services {
		visit(i)
	}
	return order
}

// closed works out one service from those it calls.
func (t *Topology) closed(i int, known []Closed, arrival float64) Closed {
	s := &t.Services[i]
	c := Closed{Arrival: arrival, Hold: s.Time.Mean, HoldSlowed: t.slowedTime(i)}
	before, during := math.Inf(1), math.Inf(1)
	for k := range s.Calls {
		call := &s.Calls[k]
		below := &known[call.To]
		share := call.reaching(arrival)
		rounds := share * call.rounds()
		c.Hold += rounds * min(below.Hold, call.longest())
		each := share * float64(call.Fan)
		before = min(before, below.Capacity/each, call.pooled(below.Hold)/each)
		if math.IsInf(call.PoolWait, 1) {
			during = min(during, call.pooled(below.HoldSlowed)/each)
		}
		if below.Arrival <= below.Slowed {
			c.HoldSlowed += rounds * min(below.HoldSlowed, call.longest())
			continue
		}
		// Too much arrives below and its queue grows, until all slots of this service wait in it. Where that is shorter than
		// the deadline this one answers what the other does; else each request costs all attempts and pauses.
		if wait := float64(s.Slots) / below.Slowed * each; wait <= call.Deadline {
			during = min(during, below.Slowed/each)
			c.HoldSlowed += share * wait
		} else {
			c.HoldSlowed += rounds * call.longest()
		}
	}
	c.Capacity = min(before, float64(s.Slots)/c.Hold)
	c.Slowed = min(during, float64(s.Slots)/c.HoldSlowed)
	return c
}

// slowedTime is the own work of a service while the triggers hold.
func (t *Topology) slowedTime(i int) float64 {
	own := t.Services[i].Time.Mean
	for k := range t.Triggers {
		if trigger := &t.Triggers[k]; trigger.Service == i {
			own = own*trigger.Times + trigger.Add
			if trigger.Down {
				return 0
			}
		}
	}
	return own
}

// pooled is how many calls a second its pool lets through when each takes so long, +Inf for without a pool.
func (c *Call) pooled(hold float64) float64 {
	if c.Connections == 0 || hold == 0 {
		return math.Inf(1)
	}
	return float64(c.Connections) / min(hold, c.Deadline)
}

// together is how many of the calls for one request are under way at once.
func (c *Call) together() int {
	if c.AtOnce > 0 {
		return min(c.AtOnce, c.Fan)
	}
	return c.Fan
}

// rounds is how many calls for one request come one after the other.
func (c *Call) rounds() float64 { return math.Ceil(float64(c.Fan) / float64(c.together())) }

// longest is how long a call can take with all its attempts and pauses, +Inf for without bound.
func (c *Call) longest() float64 {
	all := math.Inf(1)
	if c.Attempts >= 0 {
		all = float64(c.Attempts)*c.Deadline + c.pauses()
	}
	return min(all, c.Total+c.Deadline)
}

// tries is how many attempts are made at most when all time out, +Inf for without bound.
func (c *Call) tries() float64 {
	most := math.Inf(1)
	if c.Attempts >= 0 {
		most = float64(c.Attempts)
	}
	if each := c.Deadline + c.Backoff; !math.IsInf(c.Total, 1) && !math.IsInf(each, 1) {
		most = min(most, 1+math.Ceil(c.Total/each))
	}
	return most
}

// pauses is the sum of the longest pauses between the attempts.
func (c *Call) pauses() float64 {
	sum := 0.0
	for k := range min(max(c.Attempts-1, 0), 10000) {
		sum += min(c.Backoff*math.Pow(c.Factor, float64(k)), c.MaxBackoff)
	}
	return sum
}

// exhaustion is when the room of a service is used up.
func (t *Topology) exhaustion(i int, c *Closed) float64 {
	room := t.Services[i].room()
	if math.IsInf(room, 1) || c.Arrival <= c.Slowed || t.callers(i) <= room {
		return math.Inf(1)
	}
	at := (room - c.Arrival*c.Hold) / (c.Arrival - c.Slowed)
	_, end := t.window()
	if begin, _ := t.window(); at > min(end, t.Duration)-begin {
		return math.Inf(1)
	}
	return max(0, at)
}

// callers is the most that those who call a service have under way there at once, +Inf where clients from outside do, or
// where a caller gives up and calls again while the service still works.
func (t *Topology) callers(to int) float64 {
	for i := range t.Loads {
		if t.Loads[i].Call.To == to {
			return math.Inf(1)
		}
	}
	most := 0.0
	for i := range t.Services {
		for k := range t.Services[i].Calls {
			switch c := &t.Services[i].Calls[k]; {
			case c.To != to:
			case !math.IsInf(c.Deadline, 1):
				return math.Inf(1)
			case c.Connections > 0:
				most += float64(c.Connections)
			default:
				most += float64(t.Services[i].Slots * c.together())
			}
		}
	}
	return most
}

// room is how many requests a service holds before it refuses one, +Inf for without bound.
func (s *Service) room() float64 {
	room := math.Inf(1)
	if s.Queue >= 0 {
		room = float64(s.Slots + s.Queue)
	}
	if s.Limit >= 0 {
		room = min(room, float64(s.Limit))
	}
	return room
}

// amplifications is how many attempts reach each service for one request from outside when all of them fail: the product
// of the attempts on the way that multiplies most, +Inf where one has no bound.
func (t *Topology) amplifications() []float64 {
	most := make([]float64, len(t.Services))
	reach := func(c *Call, above float64) {
		most[c.To] = max(most[c.To], above*c.tries())
	}
	for i := range t.Loads {
		reach(&t.Loads[i].Call, 1)
	}
	order := t.bottomUp()
	for k := len(order) - 1; k >= 0; k-- {
		from := order[k]
		for c := range t.Services[from].Calls {
			reach(&t.Services[from].Calls[c], max(most[from], 1))
		}
	}
	return most
}

// Herd is what entries of a cache that expire together do to the service behind it.
type Herd struct {
	// From and To are the names of the caller and of the service.
	From, To string
	// Burst is how many calls come at once, Wait how long the last of them waits, Jitter the spread of life times in
	// seconds from which the service keeps up: J = N/(μ - λ); NaN where it is busy with the rest already.
	Burst        int
	Wait, Jitter float64
}

// Herds works out the caches whose entries expire together.
func Herds(t *Topology) []Herd {
	var herds []Herd
	known := ClosedForms(t)
	for i := range t.Services {
		for k := range t.Services[i].Calls {
			c := &t.Services[i].Calls[k]
			if c.Cache == nil || c.Cache.Jitter > 0 || c.Cache.Spread || math.IsInf(c.Cache.TTL, 1) {
				continue
			}
			to := &known[c.To]
			// Of the keys that expire at one moment, those asked for within the time of one answer come at once.
			keys, asked := float64(c.Cache.Keys), known[i].Arrival*c.Share*float64(c.Fan)
			burst := keys * (1 - math.Exp(-asked*max(to.Hold, 1)/keys))
			h := Herd{From: t.Services[i].Name, To: t.Services[c.To].Name, Burst: int(math.Round(burst)), Wait: burst / to.Capacity, Jitter: math.NaN()}
			if spare := to.Capacity - to.Arrival; spare > 0 {
				h.Jitter = keys / spare
			}
			herds = append(herds, h)
		}
	}
	return herds
}
