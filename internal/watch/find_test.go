package watch

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/tree"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/join"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// shop is a service whose faults are on known lines. Of what `vendor` does the catalogue knows nothing.
var shop = map[string]string{
	"shop/rates.py": `import vendor


def convert(path):
    rates = open(path)
    return rates.read()


def safe(path):
    with open(path) as rates:
        return rates.read()


def hidden(path):
    handle = vendor.acquire(path)
    return handle.value
`,
	"shop/pay.py": `import asyncio
import time

import vendor


async def charge():
    await asyncio.sleep(0)
    settle()


def settle():
    time.sleep(0.4)


async def crunch():
    await asyncio.sleep(0)
    vendor.compute()


async def off():
    await asyncio.to_thread(settle)
`,
}

func static(t *testing.T) *join.Static {
	t.Helper()
	q := &engine.Request{Tree: tree.Memory(shop), Config: config.Default(), Workers: 1}
	s, err := join.Load(t.Context(), q, "/srv", "/srv")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// leakOf is a state in which a file is open ever more often, with the line that opens it where that is known.
func leakOf(line int, function string) *State {
	group := proc.Group{Narrow: true, Kind: proc.File, Where: "/srv/rates.csv"}
	s := &State{
		Process: proc.Description{PID: 7, Args: []string{"python3", "-m", "shop"}, Dir: "/srv"}, Exhaustion: 120,
		Leaks: []cause.Leak{{
			Subject: cause.Subject{What: cause.Descriptors, Group: group}, Count: 400, Before: 12,
			Judgement: trend.Judgement{Rising: true, Slope: 5}, Limit: 1024, Exhaustion: 120,
		}},
	}
	if line > 0 {
		s.Agent.Stats.Opened = []probe.Opened{{Site: probe.Site{File: "/srv/shop/rates.py", Line: line, Func: function}, Kind: "file", Where: "/srv/rates.csv", Count: 400, Open: -1}}
	}
	return s
}

func blockOf(file string, line int, function string) *State {
	return &State{
		Process: proc.Description{PID: 7, Args: []string{"python3", "-m", "shop"}, Dir: "/srv"},
		Blocks:  []probe.Block{{Site: probe.Site{File: file, Line: line, Func: function}, Count: 9, Longest: 0.4, Seconds: 3.6, Running: "sleep (time.py)"}},
	}
}

// TestFindingsJoin: what was measured names the site that was read, with its guard; where there is none that is said, with
// the row of the catalogue that would make it known.
func TestFindingsJoin(t *testing.T) {
	source := static(t)
	for name, test := range map[string]struct {
		state               *State
		rule, place, symbol string
		message             []string
		related, remedy     string
	}{
		"a leak of a line that the analysis blames": {
			leakOf(5, "convert"), GrowingDescriptors, "shop/rates.py:5", "convert",
			[]string{"rates.csv open 400 times, 5 more each second (12 at first)", "all 1,024 descriptors will be used up in 2 min 0 s", "files are opened and not closed"},
			"read in the source: leaked-resource: builtins.open is acquired and ", "",
		},
		"a leak of a line that it takes for guarded": {
			leakOf(10, "safe"), GrowingDescriptors, "shop/rates.py:10", "safe", nil,
			"read in the source: builtins.open is guarded for the analysis (release from ", "",
		},
		"a leak of a line of which it knows nothing": {
			leakOf(15, "hidden"), GrowingDescriptors, "shop/rates.py:15", "hidden", nil,
			"read in the source: nothing that the catalogue knows is called here", `[[catalog]] with path and resource = { release = ["close"] }`,
		},
		"a leak whose line nobody told, of which one site can be the cause": {
			leakOf(0, ""), GrowingDescriptors, "shop/rates.py:5", "convert", nil, "read in the source: leaked-resource: builtins.open", "",
		},
		"a block of a line that blocks through a call": {
			blockOf("/srv/shop/pay.py", 13, "settle"), BlockedLoop, "shop/pay.py:13", "settle",
			[]string{"the event loop was blocked 9 times, 400 ms at the longest, in sleep (time.py)"}, "read in the source: blocking-in-async: ", "",
		},
		"a block of a line of which it knows nothing": {
			blockOf("/srv/shop/pay.py", 18, "crunch"), BlockedLoop, "shop/pay.py:18", "crunch", nil,
			"read in the source: nothing that the catalogue knows is called here", `[[catalog]] with path and block = { by = "network" }`,
		},
		"a block in a file that is not of the service": {
			blockOf("/usr/lib/other.py", 3, "f"), BlockedLoop, "process python3 -m shop:1", "", []string{"at /usr/lib/other.py:3 in f, which is not part of the source that was read"}, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			found := Find(test.state, source)
			if len(found) != 1 {
				t.Fatalf("found %+v", found)
			}
			f := &found[0]
			finding.Complete(f, func(_ finding.Side, name string) finding.Lines {
				if file := source.Source(name); file != nil {
					return file
				}
				return nil
			})
			place := f.Path + ":" + strconv.Itoa(f.Line)
			if f.Rule != test.rule || place != test.place || f.Symbol != test.symbol {
				t.Errorf("%s at %s in %q, want %s at %s in %q", f.Rule, place, f.Symbol, test.rule, test.place, test.symbol)
			}
			for _, want := range test.message {
				if !strings.Contains(f.Message, want) {
					t.Errorf("says %q, want %q", f.Message, want)
				}
			}
			var told []string
			for _, r := range f.Related {
				told = append(told, r.Message)
			}
			if (test.related == "") != (len(told) == 0) || !strings.Contains(strings.Join(told, "\n"), test.related) {
				t.Errorf("the analysis is told with %q, want %q", told, test.related)
			}
			if !strings.Contains(f.Remedy, test.remedy) {
				t.Errorf("remedy %q, want %q", f.Remedy, test.remedy)
			}
		})
	}
}

// TestThresholds: a block or two, and a pool that is used up for a moment, are no findings.
func TestThresholds(t *testing.T) {
	s := &State{
		Blocks: []probe.Block{{Count: 2, Longest: 0.9}, {Count: 1, Longest: 1.2}, {Count: 3, Longest: 0.2}},
		Pools: []Exhausted{
			{Pool: probe.Pool{Kind: "psycopg", Name: "a", Size: 4, Max: 4, Waiting: 1}, For: 9 * time.Second},
			{Pool: probe.Pool{Kind: "psycopg", Name: "b", Size: 4, Max: 4, Waiting: 1}, For: 10 * time.Second},
		},
	}
	var got []string
	for _, f := range Find(s, nil) {
		got = append(got, f.Message)
	}
	want := []string{
		"the psycopg pool b has given out all 4 connections and 1 caller waits, for 10 s",
		"the event loop was blocked 1 time, 1.2 s at the longest", "the event loop was blocked 3 times, 200 ms at the longest",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if found := Find(&State{Exhaustion: math.Inf(1)}, nil); len(found) != 0 {
		t.Errorf("nothing happens, and found %+v", found)
	}
}
