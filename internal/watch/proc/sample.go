package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// Unlimited is the value of a limit that there is not.
const Unlimited = uint64(math.MaxUint64)

var (
	// ErrGone says that the process has ended.
	ErrGone = errors.New("the process has ended")
	// ErrReused says that the number now belongs to another process.
	ErrReused = errors.New("the process has ended and its number belongs to another one")
	// ErrUnsupported says that this system has no /proc as Linux has it.
	ErrUnsupported = errors.New("watch reads /proc as Linux has it, which this system does not")
)

// Sample is one look at a process. Counts and Sockets must not be changed; later samples may share them.
type Sample struct {
	// At is when it was taken.
	At time.Time
	// Open is how many descriptors are open; it is meaningless where Denied is not empty.
	Open int
	// MaxOpen is the soft limit at this moment, Unlimited where there is none. A process may change its own.
	MaxOpen uint64
	// Threads counts threads, Children and Zombies the processes that its first thread has started and not waited for.
	Threads, Children, Zombies int
	// RSSBytes and VirtualBytes are memory.
	RSSBytes, VirtualBytes uint64
	// CPU is the time that all threads have used since the start.
	CPU time.Duration
	// Denied says why descriptors could not be read, empty where they could.
	Denied string
	// Detailed says that Counts and Sockets are of this very moment; otherwise they are of DetailedAt.
	Detailed   bool
	DetailedAt time.Time
	// Counts is how many descriptors each group has; wider groups hold the narrower ones.
	Counts map[Group]int
	// Sockets counts sockets by state and class of peer.
	Sockets map[SocketClass]int
}

// Kind is how many descriptors of a kind there were.
func (s *Sample) Kind(kind Kind) int { return s.Counts[Group{Narrow: true, Kind: kind}] }

// Headroom is the share of descriptors that is still free, 1 where there is no limit and 0 at or beyond it.
func (s *Sample) Headroom() float64 {
	if s.MaxOpen == Unlimited {
		return 1
	}
	if s.MaxOpen == 0 {
		return 0
	}
	return max(0, 1-float64(s.Open)/float64(s.MaxOpen))
}

// Options say how to look. The zero value reads /proc and takes at most DefaultShare of a core for details.
type Options struct {
	// Root is where the file system of processes is, "/proc" where empty.
	Root string
	// Share is the part of one core that details may cost, DefaultShare where 0.
	Share float64
}

// DefaultShare leaves more than half of the one percent that watching may cost to everything that is not details.
const DefaultShare = 0.004

// Sampler looks at one process again and again. It is used by one goroutine at a time.
type Sampler struct {
	pid     int
	start   uint64
	proc    procfs.Proc
	details *details
	share   float64
	due     time.Time
	last    Sample
}

// Open begins to look at a process. The error says what to do about it where something can be done.
func Open(pid int, o Options) (*Sampler, error) {
	root := rootOr(o.Root)
	share := o.Share
	if share == 0 {
		share = DefaultShare
	}
	tree, err := procfs.NewFS(root)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	p, err := tree.Proc(pid)
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, gone(err))
	}
	stat, err := p.Stat()
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, gone(err))
	}
	if ended(stat.State) {
		return nil, fmt.Errorf("process %d: %w", pid, ErrGone)
	}
	d, err := newDetails(root, pid)
	if err != nil {
		return nil, err
	}
	return &Sampler{pid: pid, start: stat.Starttime, proc: p, details: d, share: share}, nil
}

// Close lets go of the process.
func (s *Sampler) Close() { s.details.close() }

// PID is the number of the process.
func (s *Sampler) PID() int { return s.pid }

// Sample looks at the process. It returns ErrGone or ErrReused once it has ended, also when it does so meanwhile.
func (s *Sampler) Sample(now time.Time) (Sample, error) {
	stat, err := s.proc.Stat()
	if err != nil {
		return Sample{}, gone(err)
	}
	if stat.Starttime != s.start {
		return Sample{}, ErrReused
	}
	if ended(stat.State) {
		return Sample{}, ErrGone
	}
	sample := s.last
	sample.At, sample.Detailed = now, false
	sample.Threads = stat.NumThreads
	sample.RSSBytes, sample.VirtualBytes = uint64(max(stat.ResidentMemory(), 0)), uint64(stat.VSize)
	sample.CPU = time.Duration(stat.CPUTime() * float64(time.Second))
	sample.MaxOpen = Unlimited
	// Limits are read each time: what was started has those of its parent until it sets its own.
	if limits, err := s.proc.Limits(); err == nil {
		sample.MaxOpen = limits.OpenFiles
	}
	if err := s.descriptors(&sample, now); err != nil {
		return Sample{}, err
	}
	// What was read between two looks at the start time belongs to the process that has it.
	if again, err := s.proc.Stat(); err != nil || again.Starttime != s.start {
		return Sample{}, ErrGone
	}
	s.last = sample
	return sample, nil
}

// descriptors counts them, and looks at each where that has not cost too much before.
func (s *Sampler) descriptors(sample *Sample, now time.Time) error {
	sample.Denied = ""
	open, err := s.details.count()
	if errors.Is(err, fs.ErrPermission) {
		sample.Denied = fmt.Sprintf("the descriptors of process %d may be read by its own user and by root only: run watch as that user or with sudo", s.pid)
		sample.Open, sample.Counts, sample.Sockets = 0, nil, nil
		return nil
	}
	if err != nil {
		return gone(err)
	}
	sample.Open = open
	if now.Before(s.due) {
		return nil
	}
	counts, classes, cost, err := s.details.read()
	if err != nil {
		return gone(err)
	}
	s.due = now.Add(time.Duration(float64(cost) / s.share))
	sample.Open = s.details.open
	sample.Counts, sample.Sockets = counts, classes
	sample.Detailed, sample.DetailedAt = true, now
	sample.Children, sample.Zombies = s.details.kin()
	return nil
}

// ended says whether a state is that of a process that runs no more: a zombie, or dead.
func ended(state string) bool { return state == "Z" || state == "X" || state == "x" }

// gone makes ErrGone of the ways in which a file of an ended process answers.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) || errors.Is(err, procfs.ErrFileRead) {
		return ErrGone
	}
	return err
}
