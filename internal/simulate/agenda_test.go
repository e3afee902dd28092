package simulate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sorted is the agenda as one would write it first: a slice that is searched for the earliest event.
type sorted []event

func (s *sorted) pop() event {
	least := 0
	for i := range *s {
		if (*s)[i].at < (*s)[least].at { // of equal moments the one that came first stands first
			least = i
		}
	}
	e := (*s)[least]
	*s = slices.Delete(*s, least, least+1)
	return e
}

// TestAgenda pushes and pops in any order, into lanes whose events come in order or do not, and holds what comes out
// against a slice that is searched.
func TestAgenda(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a agenda
		var naive sorted
		lanes := rapid.IntRange(0, 3).Draw(t, "lanes")
		for range lanes {
			a.open()
		}
		for id := range int32(rapid.IntRange(0, 200).Draw(t, "steps")) {
			if len(naive) > 0 && rapid.IntRange(0, 2).Draw(t, "pop") == 0 {
				if got, want := a.pop(), naive.pop(); got.id != want.id || got.at != want.at {
					t.Fatalf("got %d at %v, want %d at %v", got.id, got.at, want.id, want.at)
				}
				continue
			}
			lane := int32(rapid.IntRange(0, lanes).Draw(t, "lane")) - 1
			e := event{at: float64(rapid.IntRange(0, 20).Draw(t, "at")), id: id, lane: lane}
			a.push(e)
			naive = append(naive, e)
		}
		for len(naive) > 0 {
			if got, want := a.pop(), naive.pop(); got.id != want.id {
				t.Fatalf("got %d, want %d", got.id, want.id)
			}
		}
		if !a.empty() {
			t.Fatal("events are left")
		}
	})
}

// TestAgendaUse does so as a run does: time goes on, each lane lies ahead by its own time, what is random comes alone.
func TestAgendaUse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var a agenda
	var naive sorted
	ahead := []float64{0, 0.5, 3}
	for range ahead {
		a.open()
	}
	now := 0.0
	for id := range int32(20000) {
		lane := int32(rng.IntN(len(ahead)+1)) - 1
		e := event{at: now + rng.ExpFloat64(), id: id, lane: lane}
		if lane != none {
			e.at = now + ahead[lane]
		}
		a.push(e)
		naive = append(naive, e)
		if rng.IntN(4) > 0 || len(naive) > 500 {
			got, want := a.pop(), naive.pop()
			if got.id != want.id {
				t.Fatalf("at %v: got %d at %v, want %d at %v", now, got.id, got.at, want.id, want.at)
			}
			now = got.at
		}
	}
}

// TestQueue holds the ring against a slice.
func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q fifo[int]
		var want []int
		for i, pop := range rapid.SliceOfN(rapid.Bool(), 0, 200).Draw(t, "pops") {
			if pop && len(want) > 0 {
				if got := q.pop(); got != want[0] {
					t.Fatalf("got %d, want %d", got, want[0])
				}
				want = want[1:]
			} else {
				q.push(i)
				want = append(want, i)
			}
			if q.len() != len(want) {
				t.Fatalf("%d are in it, want %d", q.len(), len(want))
			}
		}
	})
}
