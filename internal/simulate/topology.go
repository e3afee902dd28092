package simulate

import (
	"math"
	"slices"
)

// Topology is a set of services, who calls whom, what arrives and what goes wrong. Make one with Read; Run and Study
// change nothing in it. Durations are in seconds, rates in requests a second.
type Topology struct {
	// Duration is how long is simulated, Step the distance of two samples of the series.
	Duration, Step float64
	// Seed is the first seed; a study plays Runs seeds from there on.
	Seed uint64
	Runs int

	Services []Service
	Loads    []Load
	Triggers []Trigger
	// Unknown are the values that the file gives as a range; the topology holds their middle.
	Unknown []Unknown
	// Read are the values that were read from code, in the order of the calls.
	Read []Reading
}

// Service is a program that serves a number of requests at once.
type Service struct {
	Name string
	// Slots is how many requests are served at once: threads, workers, connections.
	Slots int
	// Queue is how many requests wait for a slot before the next is refused; -1 for without bound.
	Queue int
	// Limit is how many requests the process can hold at all, served and waiting (descriptors); -1 for without bound.
	Limit int
	// Time is the own work for a request, before it calls others.
	Time Time
	// Cancels is true where work stops when the client has gone.
	Cancels bool
	// Calls are made one after the other for each request.
	Calls []Call
}

// Time is how long something takes: always Mean, or exponentially distributed around it.
type Time struct {
	Mean   float64
	Random bool
}

// Call is what one service does to call another.
type Call struct {
	// To is the index of the service called.
	To int
	// Deadline is the time after which the caller gives up, +Inf for never.
	Deadline float64
	// Attempts counts the first; -1 for without bound. Total is the time after which no further one is made, +Inf for none.
	Attempts int
	Total    float64
	// Backoff is the pause before the second attempt, Factor what each further one multiplies it by, MaxBackoff its bound
	// (+Inf for none), Jitter the part of it that is random, from 0 to 1.
	Backoff, Factor, MaxBackoff, Jitter float64
	// Connections bounds the calls under way from all requests of the caller; 0 for without bound.
	Connections int
	// PoolWait is how long a call waits for a connection, +Inf for ever.
	PoolWait float64
	// Breaker stops calling after failures; nil for none.
	Breaker *Breaker
	// Fallback is true where a default answers in place of a failure.
	Fallback bool
	// Fan is how many such calls are made for one request, AtOnce how many of them are under way together; 0 for all.
	Fan, AtOnce int
	// Share is the part of the requests that make the call, from 0 to 1.
	Share float64
	// Cache answers in place of the service; nil for none.
	Cache *Cache
}

// Breaker opens after so many failures in a row, and lets one call try again after a time.
type Breaker struct {
	Failures int
	Open     float64
}

// Cache holds Keys answers for TTL. At the start all are there, made at the same moment unless Spread.
type Cache struct {
	Keys int
	TTL  float64
	// Jitter is the part of TTL by which life times differ, from 0 to 1; Spread is true where the entries at the start
	// are of all ages.
	Jitter float64
	Spread bool
	// Coalesce is true where only one request fetches an answer and the others wait for it.
	Coalesce bool
}

// Load is what arrives from outside, at random moments.
type Load struct {
	Rate float64
	// Call says where it goes and how the clients behave: their patience is the deadline.
	Call Call
}

// Trigger is what goes wrong.
type Trigger struct {
	// Service is slowed down, or -1 where the trigger multiplies the load.
	Service int
	// At is when it begins, For how long it lasts, +Inf for until the end.
	At, For float64
	// Add is added to the service's own work and Times multiplies it; Down refuses everything.
	Add, Times float64
	Down       bool
	// Rate multiplies the load.
	Rate float64
}

// End is when the trigger is over.
func (t *Trigger) End() float64 { return t.At + t.For }

// Unknown is a value that is not known exactly: a dotted path of the file and the range it lies in.
type Unknown struct {
	Path      string
	Low, High float64
	// Whole is true for a value that counts. Why says who does not tell it ("shop/app.py:12 does not show it"), empty where
	// the file itself gives the range.
	Whole bool
	Why   string
	set   func(t *Topology, value float64)
}

// Reading is one value that was read from the code of a service.
type Reading struct {
	// Path names the call ("shop → bank"), What says the value ("deadline 3 s"), Where is the place that says it
	// ("shop/app.py:12"). Key is its word in the file.
	Path, Key, What, Where string
	// Line is that of the call in the file, 1-based.
	Line int
}

// clone copies a topology so deep that a guard can be taken out of the copy.
func (t *Topology) clone() *Topology {
	c := *t
	c.Services = slices.Clone(t.Services)
	for i := range c.Services {
		c.Services[i].Calls = slices.Clone(t.Services[i].Calls)
	}
	c.Loads = slices.Clone(t.Loads)
	c.Triggers = slices.Clone(t.Triggers)
	return &c
}

// window is the time from the first trigger's begin to the last one's end; without a trigger it is empty at the start.
func (t *Topology) window() (begin, end float64) {
	if len(t.Triggers) == 0 {
		return 0, 0
	}
	begin = math.Inf(1)
	for i := range t.Triggers {
		begin, end = min(begin, t.Triggers[i].At), max(end, t.Triggers[i].End())
	}
	return begin, end
}
