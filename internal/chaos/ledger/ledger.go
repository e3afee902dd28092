package ledger

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// maxRecords bounds what one run may make us remember; what is beyond is said to be not read.
const maxRecords = 1 << 18

// Ledger is the account of a run that goes on. Its methods may be called at the same time.
type Ledger struct {
	mu      sync.Mutex
	plan    fault.Plan
	started time.Time
	records []*Record
	tests   []*Test
	running map[string]*running // by worker
	counts  map[fault.Point]int
	blind   []Blindness
	refused []string
	// reached is true once the operation of the plan was sent, and injected once the fault was there.
	reached, injected bool
	// out is the service that is out, and attempts are the times at which the program came to it.
	out      string
	attempts []time.Duration
	conns    int
	// full is true once an operation could not be remembered.
	full bool
	// whole is true for a command that is no test run: all of it is one test without a name.
	whole bool
}

// running is the test that a worker runs.
type running struct {
	test  *Test
	phase Phase
}

// New starts an account with the fault that is to be injected. whole says that the command is no test run.
func New(plan fault.Plan, whole bool) *Ledger {
	l := &Ledger{plan: plan, started: time.Now(), running: map[string]*running{}, counts: map[fault.Point]int{}, whole: whole}
	if whole {
		l.Begin("", "", "", 0)
		l.Enter("", Call)
	}
	return l
}

func (l *Ledger) now() time.Duration { return time.Since(l.started) }

// Begin says that a worker starts a test, which is defined at a line of a file.
func (l *Ledger) Begin(worker, id, file string, line int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.whole && id != "" {
		// The command turned out to be a test run.
		l.whole = false
		l.tests = l.tests[1:]
		delete(l.running, "")
	}
	t := &Test{ID: id, Worker: worker, Start: l.now(), File: file, Line: line}
	l.tests = append(l.tests, t)
	l.running[worker] = &running{t, Setup}
}

// Enter says that a worker's test goes into a phase.
func (l *Ledger) Enter(worker string, phase Phase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.running[worker]; r != nil {
		r.phase = phase
	}
}

// Finish says that a worker's test has ended, and how.
func (l *Ledger) Finish(worker, outcome string, pools []Pool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.running[worker]
	if r == nil {
		return
	}
	r.test.Outcome, r.test.End, r.test.Pools = outcome, l.now(), pools
	delete(l.running, worker)
}

// Refuse notes something that was asked of a proxy and denied.
func (l *Ledger) Refuse(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.refused, what) && len(l.refused) < 1000 {
		l.refused = append(l.refused, what)
	}
}

// Out notes that a program comes to a service, and says whether it is out.
func (l *Ledger) Out(protocol wire.Protocol, upstream string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == "" || l.out != string(protocol)+" "+upstream {
		return false
	}
	if len(l.attempts) < maxRecords {
		l.attempts = append(l.attempts, l.now())
	}
	return true
}

// Wrote says whether a test has sent something that writes, or calls what may write, to services of a protocol.
func (l *Ledger) Wrote(test string, protocol wire.Protocol) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.records, func(r *Record) bool {
		return r.Test == test && r.Protocol == protocol && r.Phase == Call && (r.Class.Writes() || r.Calls)
	})
}

// where says which test and phase an operation on a worker's connection belongs to. A connection that no worker owns
// belongs to the only test that runs.
func (l *Ledger) where(worker string) (string, Phase) {
	r := l.running[worker]
	if r == nil && worker == "" && len(l.running) == 1 {
		for _, only := range l.running {
			r = only
		}
	}
	if r == nil {
		return "", Outside
	}
	return r.test.ID, r.phase
}

// Trace ends the account.
func (l *Ledger) Trace() *Trace {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := &Trace{Reached: l.injected, Connections: l.conns, Blind: slices.Clone(l.blind), Refused: slices.Clone(l.refused), Attempts: slices.Clone(l.attempts)}
	for _, r := range l.records {
		t.Records = append(t.Records, *r)
	}
	for _, test := range l.tests {
		copied := *test
		if copied.End == 0 {
			copied.End = l.now()
		}
		t.Tests = append(t.Tests, copied)
	}
	return t
}

// Conn is one connection of the account. Its methods are called one at a time.
type Conn struct {
	ledger   *Ledger
	id       int
	worker   string
	protocol wire.Protocol
	upstream string
	way      Way
	open     map[*wire.Op]*Record
	last     int // Seq of the operation whose answer came last
}

// Open adds a connection that a worker made to an upstream.
func (l *Ledger) Open(worker string, protocol wire.Protocol, upstream string, way Way) *Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns++
	return &Conn{ledger: l, id: l.conns, worker: worker, protocol: protocol, upstream: upstream, way: way, open: map[*wire.Op]*Record{}}
}

// Sent notes an operation whose request is complete. plan is not nil where the fault is to be injected at it.
func (c *Conn) Sent(op *wire.Op) (record *Record, plan *fault.Plan) {
	l := c.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	test, phase := l.where(c.worker)
	if len(l.records) >= maxRecords {
		if !l.full {
			l.full = true
			l.blind = append(l.blind, Blindness{test, c.protocol, c.upstream, fmt.Sprintf("more than %d operations in one run", maxRecords)})
		}
		return nil, nil
	}
	r := &Record{
		Seq: len(l.records) + 1, Test: test, Phase: phase, Worker: c.worker, Conn: c.id, Protocol: op.Protocol, Shape: op.Shape,
		Target: op.Target, Class: op.Class, Shown: op.Shown, Calls: op.Calls, Foreign: op.Foreign, Key: op.Key, Values: op.Values,
		Way: c.way, State: Sent, Start: l.now(),
	}
	if phase == Call {
		point := r.Point()
		l.counts[point]++
		r.Occurrence = l.counts[point]
	}
	l.records = append(l.records, r)
	c.open[op] = r
	if l.plan.Kind != "" && !l.reached && phase == Call && r.Point() == l.plan.Point {
		l.reached = true
		r.Fault = l.plan.Kind
		if r.Fault == fault.Outage {
			l.out = string(c.protocol) + " " + c.upstream
		}
		plan = &l.plan
	}
	return r, plan
}

// Stack adds the Python stack of who sent an operation.
func (c *Conn) Stack(r *Record, stack []Frame) {
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	r.Stack = stack
}

// Injected notes that the fault of the plan is there.
func (c *Conn) Injected() {
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	c.ledger.injected = true
}

// Undelivered notes that the fault kept an operation from its peer.
func (c *Conn) Undelivered(r *Record) {
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	r.State = Undelivered
	c.ledger.injected = true
}

// Gave notes how long a client waited for an answer that did not come. The wait is endless where the client did
// nothing else in the meantime and has not given up.
func (c *Conn) Gave(r *Record, waited time.Duration, gaveUp bool) {
	l := c.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Waited = waited
	if gaveUp {
		return
	}
	for _, later := range l.records[r.Seq:] {
		if later.Test == r.Test && later.Phase == r.Phase {
			return
		}
	}
	if at := l.running[r.Worker]; at != nil && at.test.ID == r.Test && at.phase == r.Phase {
		r.Endless = true
	}
}

// Observe notes an event of the decoder, other than Sent.
func (c *Conn) Observe(e *wire.Event) {
	l := c.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e.Kind {
	case wire.Done:
		if r := c.open[e.Op]; r != nil {
			c.done(r, e)
		}
	case wire.Commit:
		c.decide(e, Committed)
	case wire.Rollback:
		c.decide(e, RolledBack)
	case wire.Blind, wire.Refuse:
		if !e.Quiet && len(l.blind) < maxRecords {
			test, _ := l.where(c.worker)
			l.blind = append(l.blind, Blindness{test, c.protocol, c.upstream, e.Note})
		}
	}
}

// done notes an answer. What wrote nothing is not heard of again, but for what waits for EXEC.
func (c *Conn) done(r *Record, e *wire.Event) {
	c.last = r.Seq
	r.Values, r.Shown = e.Op.Values, e.Op.Shown
	r.End, r.Note = c.ledger.now(), e.Note
	if r.State != Sent { // decided before its answer was complete, by a COMMIT in the same request
		r.Rows = max(r.Rows, e.Rows)
		delete(c.open, e.Op)
		return
	}
	r.Rows = e.Rows
	r.State = Answered
	if e.Failed {
		r.State = Failed
	}
	if r.Rows == 0 && !e.Queued {
		delete(c.open, e.Op)
	}
}

func (c *Conn) decide(e *wire.Event, state State) {
	decider := c.last
	if r := c.open[e.Op]; r != nil && e.Op != nil {
		decider = r.Seq
	}
	for _, op := range e.Ops {
		r := c.open[op]
		if r == nil {
			continue
		}
		r.State, r.Decider = state, decider
		if state == Committed {
			r.Rows = max(r.Rows, 1)
		}
		if r.End != 0 {
			delete(c.open, op)
		}
	}
}

// Close notes that the connection has ended: what was not committed is taken back.
func (c *Conn) Close() {
	l := c.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range c.open {
		if r.State == Answered && r.Rows > 0 {
			r.State = RolledBack
		}
	}
	c.open = map[*wire.Op]*Record{}
}
