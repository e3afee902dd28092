package cause

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

var start = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

// process makes samples a second apart: leaves gives the narrowest groups at each second.
func process(seconds int, limit uint64, leaves func(i int) map[proc.Group]int, change func(i int, s *proc.Sample)) []proc.Sample {
	var samples []proc.Sample
	for i := range seconds {
		counts := map[proc.Group]int{}
		for g, n := range leaves(i) {
			for {
				counts[g] += n
				if g == (proc.Group{}) {
					break
				}
				g = g.Parent()
			}
		}
		s := proc.Sample{
			At: start.Add(time.Duration(i) * time.Second), Open: counts[proc.Group{}], MaxOpen: limit, Threads: 4, RSSBytes: 50 << 20,
			Detailed: true, Counts: counts,
		}
		if change != nil {
			change(i, &s)
		}
		samples = append(samples, s)
	}
	return samples
}

func run(samples []proc.Sample, o Options) []Leak {
	t := New(o)
	for i := range samples {
		t.Sample(&samples[i])
	}
	return t.Leaks()
}

func socket(state, where string) proc.Group {
	return proc.Group{Narrow: true, Kind: proc.Socket, State: state, Where: where}
}

func file(name string) proc.Group { return proc.Group{Narrow: true, Kind: proc.File, Where: name} }

func kind(k proc.Kind) proc.Group { return proc.Group{Narrow: true, Kind: k} }

// base is what every process has.
func base(more map[proc.Group]int) map[proc.Group]int {
	all := map[proc.Group]int{file("/srv/app.log"): 1, kind(proc.Device): 3, socket("LISTEN", ""): 1, kind(proc.Epoll): 1}
	for g, n := range more {
		all[g] += n
	}
	return all
}

func TestLeaksAreNamed(t *testing.T) {
	for _, test := range []struct {
		name   string
		leaves func(i int) map[proc.Group]int
		change func(i int, s *proc.Sample)
		want   string
		also   string
	}{
		{"close_wait", func(i int) map[proc.Group]int {
			return map[proc.Group]int{socket("CLOSE_WAIT", "127.0.0.1:8080"): i, socket("ESTABLISHED", "127.0.0.1:5432"): 5}
		}, nil, "59 sockets in CLOSE_WAIT to 127.0.0.1:8080", ""},
		{"same path", func(i int) map[proc.Group]int { return map[proc.Group]int{file("/data/rates.csv"): 2 * i} }, nil,
			"/data/rates.csv open 118 times", ""},
		{"many paths of one directory", func(i int) map[proc.Group]int {
			files := map[proc.Group]int{}
			for k := range i {
				files[file(fmt.Sprintf("/spool/%d.tmp", k))] = 1
			}
			return files
		}, nil, "59 open files in /spool/", ""},
		{"loops", func(i int) map[proc.Group]int {
			return map[proc.Group]int{kind(proc.Epoll): i, socket("UNIX", ""): 2 * i}
		}, nil, "60 epoll descriptors", "118 Unix sockets"},
		{"subprocesses", func(i int) map[proc.Group]int { return map[proc.Group]int{kind(proc.Pipe): 2 * i} },
			func(i int, s *proc.Sample) { s.Children, s.Zombies = i, i }, "118 pipes", "59 child processes"},
		{"threads", func(int) map[proc.Group]int { return nil }, func(i int, s *proc.Sample) { s.Threads = 4 + i/2 }, "33 threads", ""},
		{"memory with descriptors", func(i int) map[proc.Group]int { return map[proc.Group]int{file("/a"): i} },
			func(i int, s *proc.Sample) { s.RSSBytes += uint64(i) << 20 }, "/a open 59 times", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			leaks := run(process(60, 1024, func(i int) map[proc.Group]int { return base(test.leaves(i)) }, test.change), Options{})
			if len(leaks) != 1 {
				t.Fatalf("%d leaks, want one: %+v", len(leaks), leaks)
			}
			if got := leaks[0].Subject.Describe(leaks[0].Count); got != test.want {
				t.Errorf("named %q, want %q", got, test.want)
			}
			also := ""
			for _, a := range leaks[0].Also {
				also += a.Subject.Describe(a.Count)
			}
			if also != test.also {
				t.Errorf("also %q, want %q", also, test.also)
			}
			if leaks[0].Subject.Meaning() == "" {
				t.Error("says not what it means")
			}
		})
	}
}

func TestTwoLeaksAreToldApart(t *testing.T) {
	leaks := run(process(60, 1024, func(i int) map[proc.Group]int {
		return base(map[proc.Group]int{socket("CLOSE_WAIT", "10.0.0.3:443"): 2 * i, file("/data/rates.csv"): i})
	}, nil), Options{})
	var names []string
	for _, l := range leaks {
		names = append(names, l.Subject.Describe(l.Count))
	}
	if got, want := strings.Join(names, "; "), "118 sockets in CLOSE_WAIT to 10.0.0.3:443; /data/rates.csv open 59 times"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExhaustionFollowsTheLimit(t *testing.T) {
	samples := process(60, 1024, func(i int) map[proc.Group]int { return map[proc.Group]int{file("/a"): 4 * i} }, func(i int, s *proc.Sample) {
		if i > 30 {
			s.MaxOpen = 4096
		}
	})
	leaks := run(samples, Options{})
	// 59 seconds in, at the judgement of second 55, 220 are open and 4 come each second.
	if len(leaks) != 1 || math.Abs(leaks[0].Exhaustion-(4096-236)/4.0) > 1 {
		t.Errorf("exhaustion %+v, want 965 s", leaks)
	}
	for i := range samples {
		samples[i].MaxOpen = proc.Unlimited
	}
	if leaks = run(samples, Options{}); len(leaks) != 1 || !math.IsInf(leaks[0].Exhaustion, 1) {
		t.Errorf("without a limit: %+v", leaks)
	}
}

func TestUsedUpBeforeItCouldBeSeen(t *testing.T) {
	leaks := run(process(40, 1024, func(i int) map[proc.Group]int {
		return base(map[proc.Group]int{socket("ESTABLISHED", "127.0.0.1:6379"): min(200*i, 1010)})
	}, nil), Options{})
	if len(leaks) != 1 || leaks[0].Subject.Group != socket("ESTABLISHED", "127.0.0.1:6379") {
		t.Errorf("got %+v", leaks)
	}
}

func TestHonestProcessesAreSilent(t *testing.T) {
	for _, test := range []struct {
		name   string
		leaves func(i int) map[proc.Group]int
		change func(i int, s *proc.Sample)
	}{
		{"pool that fills", func(i int) map[proc.Group]int {
			return map[proc.Group]int{socket("ESTABLISHED", "127.0.0.1:5432"): min(i, 20)}
		}, nil},
		{"files in batches", func(i int) map[proc.Group]int { return map[proc.Group]int{file("/data/x"): i % 15 * 8} }, nil},
		{"load that comes and goes", func(i int) map[proc.Group]int {
			return map[proc.Group]int{socket("ESTABLISHED", "10.0.0.9 to :8000"): int(50 + 40*math.Sin(float64(i)/8))}
		}, nil},
		{"limit reached at once and unlimited", func(int) map[proc.Group]int { return map[proc.Group]int{file("/x"): 900} },
			func(_ int, s *proc.Sample) { s.MaxOpen = proc.Unlimited }},
		{"memory that grows a little", func(int) map[proc.Group]int { return nil }, func(i int, s *proc.Sample) { s.RSSBytes += uint64(i) << 18 }},
		{"nothing may be read", func(int) map[proc.Group]int { return nil }, func(i int, s *proc.Sample) {
			s.Denied, s.Open, s.Counts, s.Detailed = "no", i*10, nil, false
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, seconds := range []int{9, 30, 60, 200} {
				if leaks := run(process(seconds, 1024, func(i int) map[proc.Group]int { return base(test.leaves(i)) }, test.change), Options{}); len(leaks) > 0 {
					t.Errorf("after %d s: %+v", seconds, leaks)
				}
			}
		})
	}
}

func TestMendedLeakIsTakenBack(t *testing.T) {
	grown := func(i int) map[proc.Group]int { return base(map[proc.Group]int{file("/a"): min(i, 60)}) }
	if leaks := run(process(60, 1024, grown, nil), Options{}); len(leaks) != 1 {
		t.Fatalf("not found while it grows: %+v", leaks)
	}
	if leaks := run(process(240, 1024, grown, nil), Options{}); len(leaks) != 0 {
		t.Errorf("still told when it has stopped: %+v", leaks)
	}
}

func TestStartDoesNotCount(t *testing.T) {
	tracker := New(Options{Settle: 20 * time.Second})
	tracker.Begin(start)
	samples := process(40, 1024, func(i int) map[proc.Group]int { return map[proc.Group]int{file("/a"): i} }, nil)
	for i := range samples {
		tracker.Sample(&samples[i])
	}
	if leaks := tracker.Leaks(); len(leaks) != 0 {
		t.Errorf("twenty seconds of start and twenty of growth are too few: %+v", leaks)
	}
}

func TestTasks(t *testing.T) {
	tracker := New(Options{})
	for i := range 60 {
		at := start.Add(time.Duration(i) * time.Second)
		tracker.Tasks(at, 10+3*i, map[string]int{"worker (app.py:20)": 3 * i, "serve (app.py:9)": 1})
		tracker.Sample(&proc.Sample{At: at, MaxOpen: proc.Unlimited, Threads: 1})
	}
	leaks := tracker.Leaks()
	if len(leaks) != 1 || leaks[0].Subject.Describe(leaks[0].Count) != "177 asyncio tasks of worker (app.py:20)" {
		t.Errorf("got %+v", leaks)
	}
}

// TestBounded: however many paths a process opens, memory and the answer stay bounded, and the leak is found.
func TestBounded(t *testing.T) {
	tracker := New(Options{})
	for i := range 60 {
		s := process(1, 1<<20, func(int) map[proc.Group]int {
			files := map[proc.Group]int{}
			for k := range 300 {
				files[file(fmt.Sprintf("/many/%d-%d", i, k))] = 2
			}
			files[file("/leak")] = 3 * i
			return files
		}, nil)[0]
		s.At = start.Add(time.Duration(i) * time.Second)
		tracker.Sample(&s)
		if len(tracker.all) > maxSeries {
			t.Fatalf("%d series", len(tracker.all))
		}
	}
	leaks := tracker.Leaks()
	if len(leaks) != 1 || leaks[0].Subject.Group != file("/leak") {
		t.Errorf("got %+v", leaks)
	}
}

// TestNoNumbersThatAreNone: no series of looks makes a panic, a NaN or a negative time.
func TestNoNumbersThatAreNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tracker := New(Options{Span: time.Second})
		at := start
		for range rapid.IntRange(0, 80).Draw(t, "samples") {
			at = at.Add(time.Duration(rapid.IntRange(-2, 5).Draw(t, "step")) * time.Second)
			open := rapid.IntRange(0, 3000).Draw(t, "open")
			limit := rapid.SampledFrom([]uint64{0, 1, 1024, proc.Unlimited}).Draw(t, "limit")
			tracker.Sample(&proc.Sample{
				At: at, Open: open, MaxOpen: limit, Threads: rapid.IntRange(0, 9).Draw(t, "threads"), Detailed: rapid.Bool().Draw(t, "detailed"),
				Counts: map[proc.Group]int{{}: open, kind(proc.Pipe): open},
			})
		}
		for _, l := range tracker.Leaks() {
			if math.IsNaN(l.Exhaustion) || l.Exhaustion < 0 || math.IsNaN(l.Judgement.Slope) {
				t.Fatalf("%+v", l)
			}
		}
	})
}

func TestDescribeNamesEveryKind(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range proc.Kinds() {
		text := (Subject{What: Descriptors, Group: kind(k)}).Describe(3)
		if seen[text] || !strings.HasPrefix(text, "3 ") || strings.HasSuffix(text, " ") {
			t.Errorf("%s is described as %q", k, text)
		}
		seen[text] = true
	}
	if got := (Subject{What: Descriptors, Group: socket("ESTABLISHED", "10.0.0.9 to :8000")}).Describe(7); got != "7 sockets in ESTABLISHED from 10.0.0.9 to :8000" {
		t.Errorf("inbound: %q", got)
	}
	if !slices.Contains(order, Memory) {
		t.Error("memory has no rank")
	}
}
