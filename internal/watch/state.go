package watch

import (
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// State is all that is known at one moment. It is not changed after it was published.
type State struct {
	// Process is what is watched, Began when that began, At the moment of the last look, Samples how many there were.
	Process   proc.Description
	Began, At time.Time
	Samples   int
	// Sample is the last look.
	Sample proc.Sample
	// Leaks grow now; Pace is how fast all descriptors do, 0 where they do not, and Exhaustion in how many seconds they
	// are used up, +Inf where they are not.
	Leaks            []cause.Leak
	Pace, Exhaustion float64
	// Agent is what the agent said last; where it has not spoken, NoAgent says why.
	Agent   probe.View
	NoAgent string
	// Blocks are the lines that block an event loop, without what they did while the service started.
	Blocks []probe.Block
	// Pools are those that have been used up for a while with somebody waiting.
	Pools []Exhausted
	// Curves are the series for a picture, by name.
	Curves map[string][]trend.Point
	// Share is the part of one core that watching has cost so far.
	Share float64
	// Ended says how it ended, empty while it goes on.
	Ended string
}

// Exhausted is a pool whose connections are all taken.
type Exhausted struct {
	probe.Pool
	// For is for how long, without a break.
	For time.Duration
}

// Names of the curves.
const (
	CurveDescriptors = "descriptors"
	CurveThreads     = "threads"
	CurveMemory      = "memory"
	CurveTasks       = "tasks"
	// CurveLeak is followed by the number of the leak.
	CurveLeak = "leak-"
)

// Hub hands the newest state to whoever looks. The zero value is ready; its methods may be called by several goroutines.
type Hub struct {
	mu     sync.Mutex
	state  *State
	change chan struct{}
}

// Publish makes a state the newest.
func (h *Hub) Publish(s *State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = s
	if h.change != nil {
		close(h.change)
		h.change = nil
	}
}

// State gives the newest state, nil before the first, and a channel that is closed when there is a newer one.
func (h *Hub) State() (*State, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.change == nil {
		h.change = make(chan struct{})
	}
	return h.state, h.change
}
