package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// Options say how to watch. PID must be set.
type Options struct {
	// PID is the process, Launched says that it was started for this.
	PID      int
	Launched bool
	// Args are what was launched, which names it when it has ended before it was looked at.
	Args []string
	// Root is where the file system of processes is, "/proc" where empty.
	Root string
	// Interval is the time between two looks, DefaultInterval where 0.
	Interval time.Duration
	// For is how long to watch, until the process ends where 0.
	For time.Duration
	// Settle is how long what was launched may open what it needs; DefaultSettle where 0.
	Settle time.Duration
	// Span is how long something must grow to be a leak, cause.DefaultSpan where 0.
	Span time.Duration
	// Listener hears the agent; nil for none.
	Listener *probe.Listener
	// Publish is told of each state, from one goroutine.
	Publish func(s *State)
	// Ticks takes the place of the clock in tests: each value is a look at that time.
	Ticks <-chan time.Time
}

// Defaults of Options.
const (
	DefaultInterval = time.Second
	DefaultSettle   = 10 * time.Second
)

// watcher is one run.
type watcher struct {
	Options
	sampler *proc.Sampler
	tracker *cause.Tracker
	state   State
	begin   time.Time
	// startBlocks is what lines had blocked when the service had settled.
	startBlocks map[probe.Site]probe.Block
	settled     bool
	waiting     map[string]time.Time // since when a pool is exhausted
	told        time.Time            // when the agent's word was last taken
}

// Run looks at the process until it ends, the time is over or ctx is done, and gives the last state. An error means that
// nothing could be watched. What was launched and ended before the first look has a state without samples.
func Run(ctx context.Context, o Options) (*State, error) {
	o.Interval, o.Settle = cmp.Or(o.Interval, DefaultInterval), cmp.Or(o.Settle, DefaultSettle)
	w := &watcher{Options: o, waiting: map[string]time.Time{}}
	if err := w.open(o.PID); err != nil {
		if o.Launched && errors.Is(err, proc.ErrGone) {
			return &State{Process: proc.Description{PID: o.PID, Args: o.Args}, Exhaustion: math.Inf(1), Ended: "the process ended before the first look"}, nil
		}
		return nil, err
	}
	defer func() { w.sampler.Close() }()
	ticks := o.Ticks
	if ticks == nil {
		ticker := time.NewTicker(o.Interval)
		defer ticker.Stop()
		ticks = ticker.C
		w.look(time.Now())
	}
	for w.state.Ended == "" {
		select {
		case <-ctx.Done():
			w.end("stopped")
		case now, ok := <-ticks:
			if !ok {
				w.end("stopped")
				continue
			}
			w.look(now)
			if o.For > 0 && now.Sub(w.begin) >= o.For {
				w.end("")
				last := w.state
				return &last, nil
			}
		}
	}
	last := w.state
	return &last, nil
}

// end publishes a last state.
func (w *watcher) end(how string) {
	w.state.Ended = how
	w.publish()
}

func (w *watcher) publish() {
	if w.Publish != nil {
		s := w.state
		w.Publish(&s)
	}
}

// open begins to look at a process.
func (w *watcher) open(pid int) error {
	sampler, err := proc.Open(pid, proc.Options{Root: w.Root})
	if err != nil {
		return err
	}
	if w.sampler != nil {
		w.sampler.Close()
	}
	w.sampler, w.begin, w.settled = sampler, time.Time{}, false
	o := cause.Options{Span: w.Span}
	if w.Launched {
		o.Settle = w.Settle
	}
	w.tracker = cause.New(o)
	w.state = State{Process: w.describe(pid)}
	return nil
}

// describe says what a process is, of one that has ended what it was launched as.
func (w *watcher) describe(pid int) proc.Description {
	d := proc.Describe(w.Root, pid)
	if len(d.Args) == 0 && w.Launched {
		d.Args = w.Args
	}
	return d
}

// look takes one sample and says what it means.
func (w *watcher) look(now time.Time) {
	if w.begin.IsZero() {
		w.begin = now
		w.state.Began = now
		if w.Launched {
			w.tracker.Begin(now)
		}
	}
	sample, err := w.sampler.Sample(now)
	if err != nil {
		w.end(w.ending(err, now))
		return
	}
	w.state.At, w.state.Sample = now, sample
	w.state.Samples++
	if w.state.Samples == 2 {
		// What was launched has by now become what it runs.
		w.state.Process = w.describe(w.sampler.PID())
	}
	w.tracker.Sample(&sample)
	w.listen(now)
	w.conclude(now)
	w.publish()
}

// ending says how a process ended that can be looked at no more.
func (w *watcher) ending(err error, now time.Time) string {
	after := Duration(now.Sub(w.begin).Seconds())
	if errors.Is(err, proc.ErrGone) || errors.Is(err, proc.ErrReused) {
		return fmt.Sprintf("the process ended after %s", after)
	}
	return fmt.Sprintf("the process can be looked at no more after %s: %s", after, err)
}

// listen takes what the agent said.
func (w *watcher) listen(now time.Time) {
	if w.Listener == nil {
		return
	}
	if w.Launched && !w.state.Process.Python() && w.follow() {
		return
	}
	view, ok := w.Listener.View(w.sampler.PID())
	w.state.Agent = view
	w.state.NoAgent = ""
	if !ok || view.At.IsZero() {
		w.state.NoAgent = Why(&w.state, w.Launched)
		return
	}
	if view.At != w.told {
		w.told = view.At
		w.tasks(now, &view)
	}
	w.blocks(now, &view)
	w.pools(now, &view)
}

// Why says why no agent speaks, for what is watched.
func Why(s *State, launched bool) string { return probe.Why(&s.Process, launched) }

// follow turns to the Python process that a command has started, where the command is none itself (a shell, uv, a
// supervisor): the first that spoke. It says whether it did.
func (w *watcher) follow() bool {
	pids := w.Listener.PIDs()
	slices.Sort(pids)
	for _, pid := range pids {
		if pid != w.sampler.PID() && w.open(pid) == nil {
			return true
		}
	}
	return false
}

// tasks counts tasks over all loops.
func (w *watcher) tasks(now time.Time, view *probe.View) {
	alive, known := 0, false
	byName := map[string]int{}
	for i := range view.Stats.Loops {
		l := &view.Stats.Loops[i]
		if l.Tasks < 0 {
			continue
		}
		known = true
		alive += l.Tasks
		for _, t := range l.Top {
			byName[taskName(&t)] += t.Count
		}
	}
	if known {
		w.tracker.Tasks(now, alive, byName)
	}
}

func taskName(t *probe.Tasks) string { return fmt.Sprintf("%s (%s:%d)", t.Func, t.File, t.Line) }

// blocks takes away what lines had blocked while the service started, where imports and first connections block.
func (w *watcher) blocks(now time.Time, view *probe.View) {
	if !w.settled && (!w.Launched || now.Sub(w.begin) >= w.Settle) {
		w.settled = true
		w.startBlocks = map[probe.Site]probe.Block{}
		for _, b := range view.Stats.Blocks {
			w.startBlocks[b.Site] = b
		}
	}
	w.state.Blocks = nil
	for _, b := range view.Stats.Blocks {
		before := w.startBlocks[b.Site]
		if !w.settled || b.Count <= before.Count {
			continue
		}
		b.Count -= before.Count
		b.Seconds = max(b.Seconds-before.Seconds, 0)
		w.state.Blocks = append(w.state.Blocks, b)
	}
}

// pools finds those that are used up while somebody waits.
func (w *watcher) pools(now time.Time, view *probe.View) {
	w.state.Pools = nil
	still := map[string]time.Time{}
	for _, p := range view.Stats.Pools {
		if p.Waiting == 0 || p.Available > 0 {
			continue
		}
		name := p.Kind + " " + p.Name
		since, ok := w.waiting[name]
		if !ok {
			since = now
		}
		still[name] = since
		w.state.Pools = append(w.state.Pools, Exhausted{p, now.Sub(since)})
	}
	w.waiting = still
}

// conclude asks the tracker.
func (w *watcher) conclude(now time.Time) {
	w.state.Leaks = w.tracker.Leaks()
	w.state.Pace, w.state.Exhaustion = w.tracker.Pace(cause.Subject{What: cause.Descriptors}), math.Inf(1)
	for i := range w.state.Leaks {
		w.state.Exhaustion = min(w.state.Exhaustion, w.state.Leaks[i].Exhaustion)
	}
	w.state.Curves = w.curves()
	if passed := now.Sub(w.state.Began); passed > 0 {
		w.state.Share = proc.OwnTime().Seconds() / passed.Seconds()
	}
}
