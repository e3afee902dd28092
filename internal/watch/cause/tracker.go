package cause

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// Options say what counts as a leak. The zero value takes the defaults.
type Options struct {
	// Settle is how long after Begin nothing counts, as whatever starts has yet to open what it needs.
	Settle time.Duration
	// Span is how long something must grow, DefaultSpan where 0.
	Span time.Duration
	// MemorySpan is the same for memory, DefaultMemorySpan where 0.
	MemorySpan time.Duration
}

// Defaults of Options.
const (
	DefaultSpan       = 25 * time.Second
	DefaultMemorySpan = 5 * time.Minute
)

const (
	// judgeEvery is how often series are judged, as that costs more than to collect them.
	judgeEvery = 5 * time.Second
	// maxSeries bounds the number of series: those with the fewest go first.
	maxSeries = 512
	// minRise is by how many a count must have grown, and minMemory by how many bytes.
	minRise   = 5
	minMemory = 16 << 20
	// explains is the share of a wider group's growth that narrower ones must have to take its place.
	explains = 0.5
	// shares is the least share that something must have to be told of as a part.
	shares = 0.1
	// confirmations is how often in a row something must be seen rising.
	confirmations = 2
)

// Leak is something that grows and does not stop.
type Leak struct {
	Subject Subject
	// Count is how many there are now, Before how many there were when the growth was first seen.
	Count, Before int
	// Judgement is that of the series, its Slope in counts a second.
	Judgement trend.Judgement
	// Since is when the judged part of the series begins.
	Since time.Time
	// Limit is the largest possible count, +Inf where there is none, and Exhaustion in how many seconds all descriptors
	// are used up, +Inf where they will not be.
	Limit, Exhaustion float64
	// Also are further subjects that grow for the same reason.
	Also []Also
}

// Also is a subject that another one explains.
type Also struct {
	Subject Subject
	Count   int
}

// series is what is kept of one subject.
type series struct {
	trend.Series
	limit    float64
	rising   int // judgements in a row
	judged   trend.Judgement
	part     trend.Judgement // as a part of the next wider subject
	before   float64
	touched  bool
	lastSeen time.Time
}

// Tracker collects what is counted and says what leaks. It is used by one goroutine at a time.
type Tracker struct {
	options Options
	begin   time.Time
	started bool
	judged  time.Time
	all     map[Subject]*series
	leaks   []Leak
}

// New returns a tracker that has seen nothing.
func New(o Options) *Tracker {
	o.Span, o.MemorySpan = cmp.Or(o.Span, DefaultSpan), cmp.Or(o.MemorySpan, DefaultMemorySpan)
	return &Tracker{options: o, all: map[Subject]*series{}}
}

// Begin says when the process was started, where it was started just now.
func (t *Tracker) Begin(at time.Time) { t.begin, t.started = at, true }

// settled says whether a moment counts.
func (t *Tracker) settled(now time.Time) bool {
	if !t.started {
		t.Begin(now.Add(-t.options.Settle))
	}
	return now.Sub(t.begin) >= t.options.Settle
}

// Sample takes one look at the process.
func (t *Tracker) Sample(s *proc.Sample) {
	if !t.settled(s.At) {
		return
	}
	limit := math.Inf(1)
	if s.MaxOpen != proc.Unlimited {
		limit = float64(s.MaxOpen)
	}
	if s.Denied == "" {
		t.measure(Subject{What: Descriptors}, s.At, float64(s.Open), limit)
	}
	if s.Denied == "" && s.Detailed {
		t.groups(s, limit)
		t.measure(Subject{What: Children}, s.At, float64(s.Children), math.Inf(1))
	}
	t.measure(Subject{What: Threads}, s.At, float64(s.Threads), math.Inf(1))
	t.measure(Subject{What: Memory}, s.At, float64(s.RSSBytes), math.Inf(1))
	t.judge(s.At)
}

// groups adds a point to each group of descriptors, 0 for those that are gone.
func (t *Tracker) groups(s *proc.Sample, limit float64) {
	for subject, known := range t.all {
		if subject.What == Descriptors && subject.Group.Narrow {
			known.touched = false
		}
	}
	for group, n := range s.Counts {
		if group.Narrow {
			t.measure(Subject{What: Descriptors, Group: group}, s.At, float64(n), limit)
		}
	}
	t.drain(Descriptors, s.At)
}

// drain adds a 0 to each series of a sort that was not touched.
func (t *Tracker) drain(what What, at time.Time) {
	for subject, known := range t.all {
		if subject.What == what && subject != (Subject{What: what}) && !known.touched {
			known.Add(trend.Point{Seconds: t.seconds(at)})
		}
	}
}

// Tasks takes the number of tasks that are alive, and of those of each coroutine that has many.
func (t *Tracker) Tasks(at time.Time, alive int, byName map[string]int) {
	if !t.settled(at) {
		return
	}
	for subject, known := range t.all {
		if subject.What == Tasks {
			known.touched = false
		}
	}
	t.measure(Subject{What: Tasks}, at, float64(alive), math.Inf(1))
	for name, n := range byName {
		t.measure(Subject{What: Tasks, Name: name}, at, float64(n), math.Inf(1))
	}
	t.drain(Tasks, at)
}

func (t *Tracker) seconds(at time.Time) float64 { return at.Sub(t.begin).Seconds() }

func (t *Tracker) measure(subject Subject, at time.Time, value, limit float64) {
	known := t.all[subject]
	if known == nil {
		if len(t.all) >= maxSeries && !t.makeRoom(at) {
			return
		}
		known = &series{}
		t.all[subject] = known
	}
	known.touched, known.limit = true, limit
	if value > 0 {
		known.lastSeen = at
	}
	known.Add(trend.Point{Seconds: t.seconds(at), Value: value})
}

// forgotten is for how long a group must have been empty to lose its place.
const forgotten = 30 * time.Second

// makeRoom drops series whose subject is gone, and says whether there is room now. Narrow groups that hold very little
// go as well.
func (t *Tracker) makeRoom(at time.Time) bool {
	maps.DeleteFunc(t.all, func(subject Subject, known *series) bool {
		last, _ := known.Last()
		narrow := subject.Group.Where != "" || subject.Name != ""
		return narrow && known.rising == 0 && (at.Sub(known.lastSeen) > forgotten || last.Value <= 1)
	})
	return len(t.all) < maxSeries
}

// judge looks at all series from time to time.
func (t *Tracker) judge(now time.Time) {
	if now.Sub(t.judged) < judgeEvery && !t.judged.IsZero() {
		return
	}
	t.judged = now
	for subject, known := range t.all {
		t.judgeOne(subject, known)
	}
	t.leaks = t.explain()
}

func (t *Tracker) judgeOne(subject Subject, known *series) {
	o := trend.Options{MinRise: minRise, MinSeconds: t.options.Span.Seconds()}
	points := known.Recent()
	if subject.What == Memory {
		o = trend.Options{MinRise: minMemory, MinSeconds: t.options.MemorySpan.Seconds()}
		points = known.Long()
	}
	j := trend.Judge(points, o)
	// What is too slow to be seen among the last points is seen in the whole past, as long as it has not stopped.
	if !j.Rising {
		points = known.Long()
		j = trend.Judge(points, o)
	}
	if !j.Rising {
		// Where all descriptors are used up, nothing can rise any more, and nothing has been mended.
		if known.rising < confirmations || !t.exhausted() {
			known.rising = 0
		}
		return
	}
	known.rising++
	known.judged, known.before = j, points[0].Value
}

// explain turns what grows into leaks, each growth told once and as narrowly as it can be.
func (t *Tracker) explain() []Leak {
	growing := t.growing()
	inside := map[Subject]float64{}
	for subject := range growing {
		if wider, ok := subject.parent(); ok {
			inside[wider] += t.share(subject, wider)
		}
	}
	var leaks []Leak
	for subject, judged := range growing {
		if inside[subject] >= explains {
			continue
		}
		leak := t.leak(subject, judged)
		if inside[subject] == 0 {
			// Details that are read seldom say nothing by themselves yet; what has grown most explains it all the same.
			leak.Subject = t.narrowest(subject, t.growth)
			leak.Before = int(t.first(leak.Subject))
		}
		leaks = append(leaks, leak)
	}
	if t.exhausted() && !slices.ContainsFunc(leaks, func(l Leak) bool { return l.Subject.What == Descriptors }) {
		// They had been used up before anything could be seen to grow.
		all := Subject{What: Descriptors}
		leaks = append(leaks, t.leak(t.narrowest(all, t.value), trend.Judgement{}))
	}
	return merge(leaks)
}

// nearlyAll is from which share of the limit on descriptors count as used up.
const nearlyAll = 0.95

func (t *Tracker) exhausted() bool {
	all := t.all[Subject{What: Descriptors}]
	if all == nil {
		return false
	}
	last, ok := all.Last()
	return ok && last.Value >= nearlyAll*all.limit
}

func (t *Tracker) leak(subject Subject, judged trend.Judgement) Leak {
	known := t.all[subject]
	last, _ := known.Last()
	return Leak{
		Subject: subject, Count: int(last.Value), Before: int(known.before), Judgement: judged, Limit: known.limit,
		Since:      t.begin.Add(time.Duration((last.Seconds - judged.Seconds) * float64(time.Second))),
		Exhaustion: t.exhaustion(subject, judged.Slope),
	}
}

// Leaks gives what leaks by the last judgement, with the counts of the last look, worst first. The slice is the caller's.
func (t *Tracker) Leaks() []Leak {
	leaks := slices.Clone(t.leaks)
	for i := range leaks {
		l := &leaks[i]
		l.Count, l.Exhaustion = t.count(l.Subject), t.exhaustion(l.Subject, l.Judgement.Slope)
		l.Also = slices.Clone(l.Also)
		for k := range l.Also {
			l.Also[k].Count = t.count(l.Also[k].Subject)
		}
	}
	return leaks
}

func (t *Tracker) count(subject Subject) int {
	if known := t.all[subject]; known != nil {
		last, _ := known.Last()
		return int(last.Value)
	}
	return 0
}

// exhaustion is in how many seconds the descriptors are used up by one group's growth, +Inf for what is no descriptor.
func (t *Tracker) exhaustion(subject Subject, slope float64) float64 {
	all := t.all[Subject{What: Descriptors}]
	if subject.What != Descriptors || all == nil {
		return math.Inf(1)
	}
	total, _ := all.Last()
	return trend.Exhaustion(total.Value, all.limit, slope)
}

// Points copies the series of a subject for a picture, nil where there is none.
func (t *Tracker) Points(subject Subject) []trend.Point {
	if known := t.all[subject]; known != nil {
		return known.Points()
	}
	return nil
}

// Pace is the slope of a subject over its last points, in counts a second; 0 where it is not known.
func (t *Tracker) Pace(subject Subject) float64 {
	if known := t.all[subject]; known != nil && known.rising > 0 {
		return known.judged.Slope
	}
	return 0
}
