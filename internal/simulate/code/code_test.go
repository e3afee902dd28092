package code_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/simulate"
	"github.com/tiebeam/tiebeam/internal/simulate/code"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// load reads testdata/shop.py as a service of its own below services/shop, beside another one.
func load(t *testing.T) *engine.Snapshot {
	t.Helper()
	raw, err := os.ReadFile("testdata/shop.py")
	if err != nil {
		t.Fatal(err)
	}
	files := tree.Memory{"services/shop/app.py": string(raw), "services/other/app.py": "import requests\nrequests.get('https://bank.example')\n"}
	snapshot, err := engine.Load(context.Background(), &engine.Request{Tree: files, Config: config.Default()})
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func calls(snapshot *engine.Snapshot, folder, match string) (simulate.Found, bool) {
	return code.NewReader(snapshot.Program, func(at program.Place) int {
		line, _ := snapshot.Source(at.File).Position(at.Start)
		return line
	}).Calls(folder, match)
}

// TestCalls reads one service: a breaker as a decorator, as a context, as a caller and gone round; retries of three kinds;
// calls for each item in a gather, in a group of tasks, in a pool of threads, in a loop; functions of libraries that are
// handed on; caches; loops that go on by what is answered.
func TestCalls(t *testing.T) {
	snapshot := load(t)
	for _, test := range []struct{ match, want string }{
		{"bank.example", "attempts=4 backoff=1 breaker.failures=3 breaker.open=20 deadline=3 factor=2"},
		{"stock.example", "at-once=1 attempts=5 backoff=NaN deadline=2 factor=2 fan=3 total=30"},
		{"mail.example", "attempts=1 breaker.failures=5 breaker.open=15 deadline=1"},
		{"news.example", "attempts=1 breaker.failures=3 breaker.open=20 deadline=NaN"},
		{"rates.example", "attempts=1 deadline=1"},
		{"hints.example", "attempts=1 breaker.failures=10 breaker.open=7 deadline=1 fallback=0"},
		{"tax.example", "at-once=5 attempts=1 deadline=1 fan=NaN"},
		{"price.example", "attempts=1 connections=4 deadline=300 fan=NaN"},
		{"image.example", "at-once=3 attempts=1 deadline=300 fan=12"},
		{"ship.example", "attempts=1 breaker.failures=3 breaker.open=20 deadline=4"},
		{"mirror.example", "attempts=1 deadline=5"},
		{"read.example", "attempts=1 deadline=+Inf fan=NaN"},
		{"retried.example", "attempts=3 backoff=NaN deadline=300 fan=NaN"},
		{"given.example", "attempts=1 breaker.failures=3 breaker.open=20 deadline=6"},
		{"elsewhere.example", "attempts=1 connections=100 deadline=4"},
		{"based.example", "attempts=1 connections=100 deadline=6"},
		{"several.example", "attempts=1 deadline=8 fan=2"},
		{"plainly.example", "attempts=1 breaker.failures=4 breaker.open=30 deadline=1"},
		{"rate.example", "attempts=1 cache.keys=1 cache.ttl=60 deadline=1"},
		{"level.example", "attempts=1 cache.coalesce=0 cache.keys=NaN cache.ttl=30 deadline=1"},
		{"usual.example", "attempts=1 cache.keys=NaN cache.ttl=600 deadline=1"},
		{"once.example", "attempts=1 cache.coalesce=0 cache.jitter=0.25 cache.keys=1 cache.ttl=60 deadline=300"},
		{"never.example", "attempts=1 deadline=1"},
		{"always.example", "attempts=1 cache.keys=1 cache.ttl=+Inf deadline=1"},
		{"least.example", "attempts=1 cache.keys=1 cache.ttl=+Inf deadline=1"},
		{"beside.example", "attempts=1 deadline=1"},
		{"pages.example", "at-once=1 attempts=1 deadline=1 fan=NaN"},
		{"numbered.example", "at-once=1 attempts=1 deadline=1 fan=NaN"},
		{"ready.example", "at-once=1 attempts=1 deadline=1 fan=NaN"},
		{"consumed.example", "attempts=1 deadline=1"},
	} {
		found, ok := calls(snapshot, "services/shop", test.match)
		var got []string
		for key, value := range found {
			got = append(got, fmt.Sprintf("%s=%g", key, value.Value))
		}
		slices.Sort(got)
		if !ok || strings.Join(got, " ") != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.match, strings.Join(got, " "), test.want)
		}
	}
}

// TestPlaces says where each value stands.
func TestPlaces(t *testing.T) {
	snapshot := load(t)
	found, _ := calls(snapshot, "", "tax.example")
	text := snapshot.Source(0)
	for i := range snapshot.Program.Files {
		if snapshot.Program.Files[i].Path == "services/shop/app.py" {
			text = snapshot.Source(program.FileID(i))
		}
	}
	for key, want := range map[string]string{"deadline": "timeout=1", "at-once": "max_workers=5", "fan": "pool.map(tax, items)"} {
		var line int
		if _, err := fmt.Sscanf(found[key].Where, "services/shop/app.py:%d", &line); err != nil {
			t.Errorf("%s stands at %q: %v", key, found[key].Where, err)
			continue
		}
		if got := text.Line(line); !strings.Contains(got, want) {
			t.Errorf("%s stands at %q, which holds %s", key, got, want)
		}
	}
}

// TestFolders keeps services of one tree apart, and says when nothing matches.
func TestFolders(t *testing.T) {
	snapshot := load(t)
	if found, ok := calls(snapshot, "services/other", "bank.example"); !ok || found["attempts"].Value != 1 {
		t.Errorf("the other service: %v %v", found, ok)
	}
	if found, ok := calls(snapshot, "services/oth", "bank.example"); ok {
		t.Errorf("half a name is no folder: %v", found)
	}
	if found, ok := calls(snapshot, "services/shop", "warehouse"); ok {
		t.Errorf("nothing calls a warehouse: %v", found)
	}
}
