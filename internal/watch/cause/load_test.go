package cause

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// loaded makes the looks at a service on a machine that has other things to do: the service stands still for seconds
// and then runs again, looks come late, and descriptors are read one by one at some looks only. step is one piece of
// the service's work.
func loaded(seed uint64, seconds int, leaves func(done int) map[proc.Group]int) []proc.Sample {
	chance := rand.New(rand.NewPCG(seed, 9))
	var samples []proc.Sample
	done, still, next := 0, 0, 0
	var known map[proc.Group]int
	for i := 0; i < seconds; i++ {
		if still > 0 {
			still--
		} else if done += 1 + chance.IntN(3); chance.IntN(8) == 0 {
			still = 1 + chance.IntN(5)
		}
		if chance.IntN(5) == 0 {
			continue // a look that came too late to be made
		}
		s := process(1, 20_000, func(int) map[proc.Group]int { return base(leaves(done)) }, nil)[0]
		s.At = start.Add(time.Duration(i)*time.Second + time.Duration(chance.IntN(400))*time.Millisecond)
		if s.Detailed = i >= next; s.Detailed {
			known, next = s.Counts, i+1+chance.IntN(5)
		}
		s.Counts = known
		samples = append(samples, s)
	}
	return samples
}

// TestLoadChangesNoCause: whatever a loaded machine does to looks, what is found has its whole cause.
func TestLoadChangesNoCause(t *testing.T) {
	for _, test := range []struct {
		name   string
		leaves func(done int) map[proc.Group]int
		want   string
	}{
		{"loops", func(done int) map[proc.Group]int {
			return map[proc.Group]int{kind(proc.Epoll): done, socket("UNIX", ""): 2 * done}
		}, "epoll descriptors with Unix sockets"},
		{"connections", func(done int) map[proc.Group]int {
			return map[proc.Group]int{socket("ESTABLISHED", "127.0.0.1:5432"): done, socket("ESTABLISHED", "127.0.0.1:6379"): min(done, 12)}
		}, "sockets in ESTABLISHED to 127.0.0.1:5432"},
		{"two files", func(done int) map[proc.Group]int {
			return map[proc.Group]int{file("/srv/a.csv"): done, file("/data/b.csv"): done}
		}, "/data/b.csv open times; /srv/a.csv open times"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := 0
			for seed := range uint64(300) {
				leaks := run(loaded(seed, 50, test.leaves), Options{})
				if len(leaks) == 0 {
					continue
				}
				found++
				if got := causes(leaks); got != test.want {
					t.Errorf("seed %d: %s", seed, got)
				}
			}
			if found < 270 {
				t.Errorf("found in %d of 300", found)
			}
		})
	}
}

// TestLoadMakesNoLeak: what grows for a while or comes and goes stays silent on a loaded machine as well, but for one in
// a hundred whose start took most of the time.
func TestLoadMakesNoLeak(t *testing.T) {
	for name, leaves := range map[string]func(done int) map[proc.Group]int{
		"pool that fills": func(done int) map[proc.Group]int {
			return map[proc.Group]int{socket("ESTABLISHED", "127.0.0.1:5432"): min(done, 12)}
		},
		"files in batches": func(done int) map[proc.Group]int { return map[proc.Group]int{file("/data/x"): done % 9 * 8} },
	} {
		t.Run(name, func(t *testing.T) {
			found := 0
			for seed := range uint64(300) {
				found += len(run(loaded(seed, 50, leaves), Options{}))
			}
			if found > 3 {
				t.Errorf("%d of 300 are called leaks", found)
			}
		})
	}
}

// causes names what grows, without numbers.
func causes(leaks []Leak) string {
	var all []string
	for i := range leaks {
		text := leaks[i].Subject.Describe(0)
		for _, also := range leaks[i].Also {
			text += " with " + also.Subject.Describe(0)
		}
		all = append(all, strings.NewReplacer("0 ", "", " 0", "").Replace(text))
	}
	return strings.Join(all, "; ")
}
