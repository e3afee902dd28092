package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits of what is taken from an agent.
const (
	maxLine   = 64 << 10
	maxList   = 200
	maxString = 500
	protocol  = 1
)

// Site is a line of the service's source. The zero Site is none.
type Site struct {
	// File is as the interpreter knows it, mostly absolute; Line is 1-based.
	File string `json:"file"`
	Line int    `json:"line"`
	Func string `json:"func"`
}

// Lag is a histogram of how late a loop ran what it was given. Counts has one more entry than Hello.Bounds.
type Lag struct {
	Counts []uint64 `json:"buckets"`
	// Sum and Max are in seconds; Max is that of the last second.
	Sum   float64 `json:"sum"`
	Count uint64  `json:"count"`
	Max   float64 `json:"max"`
}

// Tasks counts the tasks of one coroutine function; Line is where that begins.
type Tasks struct {
	Site
	Count int `json:"count"`
}

// Loop is one event loop.
type Loop struct {
	ID   int    `json:"id"`
	Impl string `json:"impl"`
	// Tasks is how many are alive, -1 where that is not known yet.
	Tasks int     `json:"tasks"`
	Top   []Tasks `json:"top"`
	Lag   Lag     `json:"lag"`
}

// Pool is one pool of connections. Its Site is where the service made it.
type Pool struct {
	Site
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Size is how many connections there are, Max how many there may be (0: no limit), Available how many are free,
	// Waiting how many callers wait for one.
	Size      int `json:"size"`
	Max       int `json:"max"`
	Available int `json:"available"`
	Waiting   int `json:"waiting"`
	// The rest is counted since the start, and only by psycopg_pool.
	Requests     float64 `json:"requests"`
	Errors       float64 `json:"errors"`
	WaitSeconds  float64 `json:"wait_seconds"`
	UsageSeconds float64 `json:"usage_seconds"`
	Lost         float64 `json:"lost"`
}

// Block is a line that kept a loop from running.
type Block struct {
	Site
	Count int `json:"count"`
	// Seconds is the sum, Longest the longest.
	Seconds float64 `json:"seconds"`
	Longest float64 `json:"longest"`
	// Running is the innermost function at that time.
	Running string `json:"running"`
}

// Unclosed is what the interpreter warned of: something was collected that should have been closed. Its Site is where
// it was opened, or else where it was collected.
type Unclosed struct {
	Site
	Message string `json:"message"`
	Where   string `json:"where"`
	Count   int    `json:"count"`
}

// Opened is a line that opens something.
type Opened struct {
	Site
	// Kind is "file", "socket", "thread" or "process"; Where a path, a directory with a closing slash, or an address.
	Kind  string `json:"kind"`
	Where string `json:"where"`
	// Count is how many the line opened, Open how many of them are open, -1 where that is not known.
	Count int `json:"count"`
	Open  int `json:"open"`
}

// Hello is what an agent says first.
type Hello struct {
	Agent          string `json:"agent"`
	Python         string `json:"python"`
	Implementation string `json:"implementation"`
	// NoGIL says that the interpreter runs without its global lock, where the agent may look at no frame of another thread:
	// lag is measured, and which line blocks a loop stays unknown.
	NoGIL  bool      `json:"nogil"`
	Bounds []float64 `json:"bounds"`
}

// Stats is what an agent says each second.
type Stats struct {
	Loops    []Loop     `json:"loops"`
	Pools    []Pool     `json:"pools"`
	Blocks   []Block    `json:"blocks"`
	Unclosed []Unclosed `json:"unclosed"`
	Opened   []Opened   `json:"opened"`
	// Faults counts what went wrong inside the agent, Fault is the last of it.
	Faults int    `json:"faults"`
	Fault  string `json:"fault"`
}

// message is one line.
type message struct {
	Version int    `json:"v"`
	Type    string `json:"type"`
	Hello
	Stats
}

// errMessage says that a line is not one of ours.
var errMessage = errors.New("not a message of the agent")

// decode reads one line and cuts what is too long in it.
func decode(line []byte) (*message, error) {
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", errMessage, err)
	}
	if m.Version != protocol {
		return nil, fmt.Errorf("%w: version %d, this watch speaks %d", errMessage, m.Version, protocol)
	}
	if m.Type == "hello" && !ascending(m.Bounds) {
		return nil, fmt.Errorf("%w: the bounds of the histogram do not ascend", errMessage)
	}
	m.limit()
	return &m, nil
}

func ascending(bounds []float64) bool {
	for i := 1; i < len(bounds); i++ {
		if bounds[i] <= bounds[i-1] {
			return false
		}
	}
	return len(bounds) <= maxList
}

func (m *message) limit() {
	m.Loops, m.Pools, m.Blocks, m.Unclosed, m.Opened = cut(m.Loops), cut(m.Pools), cut(m.Blocks), cut(m.Unclosed), cut(m.Opened)
	for i := range m.Loops {
		l := &m.Loops[i]
		l.Top, l.Lag.Counts = cut(l.Top), cut(l.Lag.Counts)
		shorten(&l.Impl)
		l.Tasks, l.Lag.Sum, l.Lag.Max = max(l.Tasks, -1), max(l.Lag.Sum, 0), max(l.Lag.Max, 0)
		for k := range l.Top {
			l.Top[k].limit()
			notNegative(&l.Top[k].Count)
		}
	}
	for i := range m.Pools {
		p := &m.Pools[i]
		p.limit()
		shorten(&p.Kind, &p.Name)
		notNegative(&p.Size, &p.Max, &p.Available, &p.Waiting)
		for _, f := range []*float64{&p.Requests, &p.Errors, &p.WaitSeconds, &p.UsageSeconds, &p.Lost} {
			*f = max(*f, 0)
		}
	}
	for i := range m.Blocks {
		b := &m.Blocks[i]
		b.limit()
		shorten(&b.Running)
		notNegative(&b.Count)
		b.Seconds, b.Longest = max(b.Seconds, 0), max(b.Longest, 0)
	}
	for i := range m.Unclosed {
		m.Unclosed[i].limit()
		shorten(&m.Unclosed[i].Message, &m.Unclosed[i].Where)
		notNegative(&m.Unclosed[i].Count)
	}
	for i := range m.Opened {
		m.Opened[i].limit()
		shorten(&m.Opened[i].Kind, &m.Opened[i].Where)
		notNegative(&m.Opened[i].Count)
	}
	shorten(&m.Fault, &m.Agent, &m.Python, &m.Implementation)
	notNegative(&m.Faults)
}

func (s *Site) limit() {
	shorten(&s.File, &s.Func)
	notNegative(&s.Line)
}

func cut[T any](list []T) []T { return list[:min(len(list), maxList)] }

func notNegative(numbers ...*int) {
	for _, n := range numbers {
		*n = max(*n, 0)
	}
}

// shorten cuts texts between characters.
func shorten(texts ...*string) {
	for _, text := range texts {
		if len(*text) <= maxString {
			continue
		}
		end := maxString
		for end > 0 && !utf8.RuneStart((*text)[end]) {
			end--
		}
		*text = (*text)[:end]
	}
}
