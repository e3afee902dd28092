package simulate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func read(t testing.TB, text string) *Topology {
	t.Helper()
	topology, err := Read("t.toml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return topology
}

// TestSameSeed plays the same seed twice, and several seeds at once.
func TestSameSeed(t *testing.T) {
	topology := read(t, Template)
	topology.Duration = 30
	first := play(topology, 4)
	again := play(topology, 4)
	if !reflect.DeepEqual(first, again) {
		t.Error("two studies of the same seeds differ")
	}
	alone := Run(topology, topology.Seed+2)
	alone.Seed = topology.Seed + 2
	if !reflect.DeepEqual(first[2], alone) {
		t.Error("a run depends on those beside it")
	}
	if reflect.DeepEqual(first[0].Users, first[1].Users) {
		t.Error("two seeds give the same run")
	}
}

// TestNothingIsLost counts: what arrived was answered, has failed, was refused, or is in flight.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topology := drawTopology(t)
		series := Run(topology, rapid.Uint64Range(0, 1000).Draw(t, "seed"))
		for i := range series.Nodes {
			n := &series.Nodes[i]
			in, out := sum(n.Arrived), sum(n.Done)+sum(n.Failed)+sum(n.Refused)+n.InFlight[len(n.InFlight)-1]
			if in != out {
				t.Fatalf("%s: %v arrived, %v accounted for", topology.Services[i].Name, in, out)
			}
			for k := range n.Busy {
				if n.Busy[k] < 0 || int(n.Busy[k]) > topology.Services[i].Slots || n.InFlight[k] < n.Busy[k] {
					t.Fatalf("%s: %v served of %v in flight with %d slots", topology.Services[i].Name, n.Busy[k], n.InFlight[k], topology.Services[i].Slots)
				}
				if q := topology.Services[i].Queue; q >= 0 && int(n.Queued[k]) > q {
					t.Fatalf("%v wait in a queue of %d", n.Queued[k], q)
				}
			}
		}
	})
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// drawTopology makes a chain of services with whatever guards.
func drawTopology(t *rapid.T) *Topology {
	n := rapid.IntRange(1, 4).Draw(t, "services")
	top := &Topology{Duration: 8, Step: 0.5, Runs: 1}
	for i := range n {
		s := Service{
			Name: fmt.Sprint("s", i), Slots: rapid.IntRange(1, 10).Draw(t, "slots"), Queue: rapid.IntRange(-1, 20).Draw(t, "queue"), Limit: -1,
			Time:    Time{Mean: float64(rapid.IntRange(0, 200).Draw(t, "ms")) / 1000, Random: rapid.Bool().Draw(t, "random")},
			Cancels: rapid.Bool().Draw(t, "cancels"),
		}
		if i+1 < n {
			s.Calls = []Call{drawCall(t, i+1)}
		}
		top.Services = append(top.Services, s)
	}
	top.Loads = []Load{{Rate: float64(rapid.IntRange(1, 100).Draw(t, "rate")), Call: drawCall(t, 0)}}
	top.Loads[0].Call.Fan, top.Loads[0].Call.Share, top.Loads[0].Call.Cache = 1, 1, nil
	top.Triggers = []Trigger{{Service: n - 1, At: 2, For: 2, Add: 0.1, Times: 2, Rate: 1, Down: rapid.Bool().Draw(t, "down")}}
	return top
}

func drawCall(t *rapid.T, to int) Call {
	c := Call{
		To: to, Deadline: math.Inf(1), Total: math.Inf(1), Attempts: rapid.IntRange(1, 3).Draw(t, "attempts"), Factor: 2, MaxBackoff: 1,
		Backoff: float64(rapid.IntRange(0, 3).Draw(t, "backoff")) / 10, Jitter: 0.5, PoolWait: math.Inf(1),
		Connections: rapid.IntRange(0, 5).Draw(t, "connections"), Fan: rapid.IntRange(1, 3).Draw(t, "fan"), AtOnce: rapid.IntRange(0, 3).Draw(t, "at once"), Share: 0.9,
		Fallback: rapid.Bool().Draw(t, "fallback"),
	}
	if rapid.Bool().Draw(t, "deadline") {
		c.Deadline, c.PoolWait = 0.3, 0.2
	}
	if rapid.Bool().Draw(t, "breaker") {
		c.Breaker = &Breaker{Failures: 3, Open: 1}
	}
	if rapid.Bool().Draw(t, "cache") {
		c.Cache = &Cache{Keys: 20, TTL: 1, Jitter: 0.1, Coalesce: rapid.Bool().Draw(t, "coalesce")}
	}
	return c
}

// TestFormulas holds the simulation against t = (F - Q0)/(λ - μ') where that applies.
func TestFormulas(t *testing.T) {
	for _, test := range []struct {
		name, text, service string
	}{
		{"one service with a limit", `
[run]
duration = "60s"
[service.shop]
slots = 10
limit = 600
time = "50ms"
[[load]]
to = "shop"
rate = 120
[[trigger]]
service = "shop"
at = "10s"
add = "50ms"
`, "shop"},
		{"through a service without a deadline", `
[run]
duration = "90s"
[service.gateway]
slots = 100
limit = 800
time = "1ms"
[[service.gateway.call]]
to = "shop"
[service.shop]
slots = 20
time = "50ms"
[[load]]
to = "gateway"
rate = 150
[[trigger]]
service = "shop"
at = "10s"
times = 3
`, "gateway"},
		{"a deadline turns a wait into its attempts", `
[run]
duration = "90s"
[service.gateway]
slots = 100
queue = 1500
time = "1ms"
[[service.gateway.call]]
to = "shop"
deadline = "500ms"
attempts = 2
[service.shop]
slots = 20
time = "50ms"
cancels = true
[[load]]
to = "gateway"
rate = 150
[[trigger]]
service = "shop"
at = "10s"
add = "2s"
`, "gateway"},
	} {
		t.Run(test.name, func(t *testing.T) {
			topology := read(t, test.text)
			i := slices.IndexFunc(topology.Services, func(s Service) bool { return s.Name == test.service })
			formula := ClosedForms(topology)[i].Exhausted
			played := Summarise(topology, play(topology, 10)).Services[i].Exhausted
			if math.IsInf(formula, 1) || math.Abs(played.Mid-formula) > 0.15*formula {
				t.Errorf("exhausted after %v by simulation, %v by formula", played, formula)
			}
		})
	}
}

// metastable is a service that repetitions keep busy: μ = 200 and λ = 80.
const metastable = `
[run]
duration = "60s"
[service.shop]
slots = 10
time = "50ms"
[[load]]
to = "shop"
rate = 80
deadline = "500ms"
attempts = %d
[[trigger]]
service = "shop"
at = "10s"
for = "5s"
add = "150ms"
`

// TestMetastable is the table of what was measured with real servers: two retries never recover, one does.
func TestMetastable(t *testing.T) {
	for attempts, want := range map[int]string{2: "holds", 3: "does not recover"} {
		topology := read(t, fmt.Sprintf(metastable, attempts))
		outcome := Summarise(topology, play(topology, 10))
		if got := outcome.Verdict(); got != want {
			t.Errorf("%d attempts: %s, want %s (recovered %d of %d)", attempts, got, want, outcome.Recovered, outcome.Runs)
		}
		if got := ClosedForms(topology)[0].Metastable; got != (attempts == 3) {
			t.Errorf("%d attempts: metastable by formula is %v", attempts, got)
		}
	}
}

// TestGuardsAct shows each guard doing what it is for, by what reached the service behind it.
func TestGuardsAct(t *testing.T) {
	const base = `
[run]
duration = "40s"
[service.shop]
slots = 50
time = "1ms"
[[service.shop.call]]
to = "store"
deadline = "200ms"
%s
[service.store]
slots = 5
time = "20ms"
[[load]]
to = "shop"
rate = 50
[[trigger]]
service = "store"
at = "10s"
for = "20s"
down = true
`
	play := func(extra string) (store EdgeSeries, failed float64) {
		series := Run(read(t, fmt.Sprintf(base, extra)), 1)
		return series.Edges[0], series.failedSince(10)
	}
	plain, failed := play("")
	if failed < 0.5 {
		t.Fatalf("a store that is down fails %v of the requests", failed)
	}
	if got, _ := play("attempts = 3"); float64(got.Sent) < 1.5*float64(plain.Sent) {
		t.Errorf("three attempts send %d, one sends %d", got.Sent, plain.Sent)
	}
	if got, _ := play("breaker = { failures = 5, open = \"5s\" }"); got.Broken == 0 || got.Sent > plain.Sent*2/3 {
		t.Errorf("with a breaker %d calls are sent and %d stopped, without %d are sent", got.Sent, got.Broken, plain.Sent)
	}
	if got, failed := play("fallback = true"); failed > 0 || got.Degraded == 0 {
		t.Errorf("with a default %v of the requests fail, %d got it", failed, got.Degraded)
	}
	if got, failed := play("cache = { keys = 10, ttl = \"1h\" }"); failed > 0 || got.Sent > 0 {
		t.Errorf("with everything in the cache %d calls are sent and %v fail", got.Sent, failed)
	}
}

// TestCacheHerd lets all entries expire at once: with coalescing one call renews each.
func TestCacheHerd(t *testing.T) {
	const text = `
[run]
duration = "20s"
[service.shop]
slots = 1000
time = "1ms"
[[service.shop.call]]
to = "store"
cache = { keys = 1, ttl = "5s", coalesce = %v }
[service.store]
slots = 100
time = "200ms"
[[load]]
to = "shop"
rate = 100
`
	sent := map[bool]int{}
	for _, coalesce := range []bool{true, false} {
		sent[coalesce] = Run(read(t, fmt.Sprintf(text, coalesce)), 1).Edges[0].Sent
	}
	// It expires at 5, 10.2 and 15.4 s; without coalescing everyone who comes within the 200 ms of an answer fetches it.
	if sent[true] != 3 || sent[false] < 30 {
		t.Errorf("%d calls with coalescing, %d without", sent[true], sent[false])
	}
}

func TestReadFaults(t *testing.T) {
	const good = "[service.a]\nslots = 1\ntime = 0.1\n[[load]]\nto = \"a\"\nrate = 1\n"
	for _, test := range []struct{ text, want string }{
		{"", "t.toml: no [service.NAME] in it"},
		{"[service.a]\nslots = 1\ntime = 1\n", "t.toml: no [[load]] in it: what arrives?"},
		{"[service.a]\nslts = 1\n", `t.toml:2: "service.a.slts" is no key here: did you mean "slots"?`},
		{"[service.a]\ntime = 1\n", "t.toml:1: service.a.slots: missing"},
		{"[service.a]\nslots = 0\ntime = 1\n", "t.toml:2: service.a.slots: 0 is not 1 or more"},
		{"[service.a]\nslots = 1\ntime = \"fast\"\n", `t.toml:3: service.a.time: "fast" is neither a number nor a duration such as "50ms"`},
		{"[service.a]\nslots = 1\ntime = [1]\n", `neither a number nor a duration such as "50ms" nor a range`},
		{"[service.a]\nslots = 1\ntime = \"2s..1s\"\n", "t.toml:3: service.a.time: the range 2s..1s ends below its begin"},
		{strings.Replace(good, `to = "a"`, `to = "b"`, 1), `t.toml:5: load.0.to: no service is called "b"`},
		{good + "[[trigger]]\nat = 1\n", "t.toml:7: trigger.0: needs either a service that is slowed down (add, times, down) or a rate"},
		{good + "[[service.a.call]]\nto = \"a\"\n", "t.toml:1: service.a: the calls go round in a circle (a → a)"},
		{strings.Replace(good, "time = 0.1", "time = 0.1\ncode = \"x\"", 1) + "[[service.a.call]]\nto = \"a\"\n", `t.toml:8: service.a.call.0: the code in "x" cannot be read here`},
		{"[service.a\n", "t.toml:1: "},
		{"[service.a]\nslots = -3\ntime = 1\n", "t.toml:2: service.a.slots: -3 is not 1 or more"},
		{"[service.a]\nslots = 1.5\ntime = 1\n", "t.toml:2: service.a.slots: 1.5 is not a whole number"},
		{"[service.a]\nslots = \"2s\"\ntime = 1\n", `t.toml:2: service.a.slots: "2s" is not a number or a range such as "10..20"`},
		{"[service.a]\nslots = \"none\"\ntime = 1\n", "t.toml:2: service.a.slots: needs a bound"},
		{"[service.a]\nslots = 1\ntime = \"-50ms\"\n", "t.toml:3: service.a.time: -50ms is not between 0 and 3600"},
		{"[service.a]\nslots = 1\ntime = \"5 min\"\n", `t.toml:3: service.a.time: "5 min" is neither a number nor a duration such as "50ms" (units: ms, s, m, h)`},
		{"[service.a]\nslots = 1\ntime = \"1s..none\"\n", "t.toml:3: service.a.time: 1s..none is not between 0 and 3600"},
		{"[service.a]\nslots = 1\ntime = nan\n", "t.toml:3: service.a.time: not a number"},
		{"[service.a]\nslots = 1\ntime = 1e308\n", "t.toml:3: service.a.time: 1e+308 is not between 0 and 3600"},
		{"[run]\nruns = 1000000\n" + good, "t.toml:2: run.runs: 1000000 is not between 1 and 10000"},
		{strings.Replace(good, "rate = 1", "rate = \"5ms\"", 1), `t.toml:6: load.0.rate: "5ms" is not a number or a range such as "10..20"`},
		{strings.Replace(good, "rate = 1", "rate = 1e9", 1), "t.toml:6: load.0.rate: 1e+09 is not between 0 and 1e+07"},
		{strings.Replace(good, "rate = 1", "rate = \"none\"", 1), "t.toml:6: load.0.rate: none is not between 0 and 1e+07"},
		{strings.Replace(good, "rate = 1", "rate = 9000000", 1), "t.toml:6: load.0.rate: 9e+06 requests/s at all services for 2 min in 20 runs are 6.5e+10 events, more than 2e+09: lower the rate, run.duration or run.runs"},
		{strings.Replace(good, "rate = 1", "rate = 1\ndeadline = \"1s..none\"", 1), "t.toml:7: load.0.deadline: the range 1s..none needs an end"},
		{strings.Replace(good, "rate = 1", "rate = 1\nattempts = 0", 1), "t.toml:7: load.0.attempts: 0 is not 1 or more"},
		{strings.Replace(good, "rate = 1", "rate = 1\njitter = 2", 1), "t.toml:7: load.0.jitter: 2 is not between 0 and 1"},
		{strings.Replace(good, "rate = 1", "rate = 1\nfan = 100000", 1), "t.toml:7: load.0.fan: 100000 is not between 1 and 10000"},
		{strings.Replace(good, "rate = 1", "rate = 1\ndeadlin = 1", 1), `t.toml:7: "load.deadlin" is no key here: did you mean "deadline"?`},
		{good + "[service.b]\nslots = 1\ntime = 1\n", "t.toml:7: service.b: nothing reaches it: let a service that is reached call it, give it a [[load]], or take it out"},
		{
			good + "[[service.a.call]]\nto = \"b\"\n[service.b]\nslots = 1\ntime = 1\n[[service.b.call]]\nto = \"c\"\n[service.c]\nslots = 1\ntime = 1\n[[service.c.call]]\nto = \"b\"\n",
			"t.toml:9: service.b: the calls go round in a circle (b → c → b): requests would never end",
		},
		{good + "[[trigger]]\nservice = \"a\"\nat = 500\n", "t.toml:9: trigger.0.at: 500 is not between 0 and 120"},
		{good + "[[trigger]]\nservice = \"aa\"\n", `t.toml:8: trigger.0.service: no service is called "aa": did you mean "a"?`},
	} {
		_, err := Read("t.toml", []byte(test.text), nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
	}
}

// TestReadCode takes from the code what the file leaves open.
func TestReadCode(t *testing.T) {
	text := "[service.a]\nslots = 1\ntime = 0.1\ncode = \"src\"\n[[service.a.call]]\nto = \"b\"\nattempts = 2\n[service.b]\nslots = 1\ntime = 0.1\n[[load]]\nto = \"a\"\nrate = 1\n"
	topology, err := Read("t.toml", []byte(text), func(folder, match string) (Found, bool, error) {
		if folder != "src" || match != "b" {
			t.Errorf("asked for %q in %q", match, folder)
		}
		return Found{
			"deadline": {3, "app.py:1"}, "attempts": {5, "app.py:2"}, "connections": {7, "app.py:3"}, "fan": {math.NaN(), "app.py:4"},
			"at-once": {2, "app.py:5"}, "breaker.failures": {4, "app.py:6"}, "breaker.open": {math.NaN(), "app.py:6"},
		}, true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if c := topology.Services[0].Calls[0]; c.Deadline != 3 || c.Attempts != 2 || c.Connections != 7 {
		t.Errorf("got deadline %v, %d attempts, %d connections", c.Deadline, c.Attempts, c.Connections)
	}
	if c := topology.Services[0].Calls[0]; c.Fan != 11 || c.AtOnce != 2 || *c.Breaker != (Breaker{4, 32.5}) {
		t.Errorf("got %d calls, %d at once, breaker %+v", c.Fan, c.AtOnce, *c.Breaker)
	}
	var unknown, told []string
	for _, u := range topology.Unknown {
		unknown = append(unknown, fmt.Sprintf("%s %v %v %v %s", u.Path, u.Low, u.High, u.Whole, u.Why))
	}
	if want := []string{
		"service.a.call.0.fan 1 20 true app.py:4 does not show it", "service.a.call.0.breaker.open 5 60 false app.py:6 does not show it",
	}; !slices.Equal(unknown, want) {
		t.Errorf("unknown %q", unknown)
	}
	for _, one := range topology.Read {
		told = append(told, one.Path+" "+one.What+" "+one.Where)
	}
	if want := []string{
		"a → b deadline 3 s app.py:1", "a → b 7 connections app.py:3", "a → b fan not shown app.py:4", "a → b 2 of them at once app.py:5",
		"a → b breaker after 4 failures app.py:6", "a → b breaker.open not shown app.py:6",
	}; !slices.Equal(told, want) {
		t.Errorf("read %q", told)
	}
	changed := topology.clone()
	topology.Unknown[1].set(changed, 9)
	if topology.Services[0].Calls[0].Breaker.Open != 32.5 || changed.Services[0].Calls[0].Breaker.Open != 9 {
		t.Error("a value that is tried changes the topology it was taken from")
	}
}

func TestConflicts(t *testing.T) {
	topology := read(t, `
[service.gateway]
slots = 10
time = "1ms"
[[service.gateway.call]]
to = "shop"
deadline = "1s"
attempts = 2
[service.shop]
slots = 10
time = "50ms"
[[service.shop.call]]
to = "bank"
deadline = "800ms"
attempts = 3
backoff = "100ms"
factor = 2
[service.bank]
slots = 1
time = "200ms"
[[load]]
to = "gateway"
rate = 6
deadline = "100ms"
`)
	var got []string
	for _, c := range Conflicts(topology) {
		got = append(got, c.Path+": "+c.Message)
	}
	want := []string{
		"users → gateway: gives up after 100 ms, the work takes 251 ms",
		"users → gateway: gives up after 100 ms, gateway may need 2 s for shop (2 × 1 s)",
		"bank: 6 requests/s arrive, it answers 5 at most: it is exhausted without anything going wrong",
		"bank: up to 6 attempts reach it for one request from outside when it fails",
		"gateway → shop: gives up after 1 s, shop may need 2.75 s for bank (3 × 800 ms + 300 ms of pauses)",
		"gateway: 6 requests/s arrive, it answers 5 at most: it is exhausted without anything going wrong",
		"shop: 6 requests/s arrive, it answers 5 at most: it is exhausted without anything going wrong",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestStudy reads back what a study of the template writes.
func TestStudy(t *testing.T) {
	topology := read(t, Template)
	topology.Runs = 5
	var shares []float64
	study := Examine(topology, Options{Guards: true, Progress: func(share float64) { shares = append(shares, share) }})
	if !slices.IsSorted(shares) || shares[len(shares)-1] != 1 {
		t.Errorf("progress went %v", shares)
	}
	if study.Outcome.Verdict() != "is exhausted and recovers" || topology.Services[study.Outcome.First].Name != "gateway" {
		t.Errorf("verdict %q", study.Outcome.Verdict())
	}
	if len(study.Flips) != 1 || study.Flips[0].At < 80 || study.Flips[0].At > 115 || study.Flips[0].AtLow != "holds" {
		t.Errorf("flips: %+v", study.Flips)
	}
	if g := study.Guards[0]; g.Path != "gateway → orders" || g.Guard != "deadline" || g.There || !g.Matters {
		t.Errorf("the first guard is %+v", g)
	}
	var out bytes.Buffer
	if err := study.JSON(&out, "t.toml", "test"); err != nil {
		t.Fatal(err)
	}
	var back jsonStudy
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Verdict != study.Outcome.Verdict() || len(back.Services) != 3 || *back.Recovered != 5 {
		t.Errorf("read back %+v: %v", back, err)
	}
	out.Reset()
	if err := study.Text(&out, "t.toml", true); err != nil || !strings.Contains(out.String(), "+ gateway → orders   with a deadline of 165 ms: nothing is exhausted") {
		t.Errorf("%v:\n%s", err, out.String())
	}
	out.Reset()
	if err := study.HTML(&out, "<t>.toml", "test"); err != nil || strings.Count(out.String(), "<svg") != 4 || strings.Contains(out.String(), "<t>") || strings.Contains(out.String(), "NaN") {
		t.Errorf("%v:\n%s", err, out.String())
	}
}

func FuzzRead(f *testing.F) {
	f.Add(Template)
	f.Add("[service.a]\nslots = 1\ntime = \"1ms..2ms\"\n[[load]]\nto = \"a\"\nrate = 1\ncache = {keys = 1, ttl = 1}\n")
	f.Fuzz(func(t *testing.T, text string) {
		topology, err := Read("t.toml", []byte(text), nil)
		if err == nil && (len(topology.Services) == 0 || topology.Runs < 1 || topology.Step <= 0) {
			t.Errorf("accepted %+v", topology)
		}
	})
}

// TestTogether makes six calls for one request: all at once, three and three, one after the other.
func TestTogether(t *testing.T) {
	for together, want := range map[string]float64{"": 0.1, "at-once = 3": 0.2, "at-once = 4": 0.2, "at-once = 1": 0.6} {
		topology := read(t, fmt.Sprintf(`
[run]
duration = "100s"
[service.shop]
slots = 1000
time = 0
[[service.shop.call]]
to = "store"
fan = 6
%s
[service.store]
slots = 1000
time = "100ms"
[[load]]
to = "shop"
rate = 2
`, together))
		series := Run(topology, 1)
		done, latency := 0.0, 0.0
		for i, n := range series.Users.Done {
			done += n
			latency += n * series.Users.Latency[i]
		}
		if got := latency / done; math.Abs(got-want) > 1e-6 {
			t.Errorf("%q: a request takes %v, want %v", together, got, want)
		}
		if hold := ClosedForms(topology)[0].Hold; math.Abs(hold-want) > 1e-6 {
			t.Errorf("%q: a request takes %v by formula, want %v", together, hold, want)
		}
		if got := float64(series.Edges[0].Sent); math.Abs(got-6*done) > 12 {
			t.Errorf("%q: %v calls for %v requests", together, got, done)
		}
	}
}

// TestTotal repeats without bound, each second, but not after five.
func TestTotal(t *testing.T) {
	topology := read(t, `
[run]
duration = "1000s"
[service.shop]
slots = 1000
time = 0
[[service.shop.call]]
to = "store"
attempts = "none"
backoff = "1s"
total = "4.5s"
[service.store]
slots = 1
time = 0
[[load]]
to = "shop"
rate = 1
[[trigger]]
service = "store"
at = 0
down = true
`)
	// Attempts at 0, 1, 2, 3, 4 and 5 seconds; the last fails behind the 4.5.
	edge := Run(topology, 1).Edges[0]
	if first := edge.Sent - edge.Repeated; math.Abs(float64(edge.Sent)/float64(first)-6) > 0.1 {
		t.Errorf("%d attempts for %d requests", edge.Sent, first)
	}
}
