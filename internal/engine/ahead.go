package engine

import (
	"bytes"
	"encoding/gob"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Ahead reads from the cache what the last comparison at the same place needed, while git still finds out what this one is about.
// The next change of a project mostly needs the same files around it, and what it does not need is dropped. A nil Ahead has nothing.
type Ahead struct {
	store   *cache.Store
	key     cache.Key
	needed  needed
	files   map[cache.Key]*foreseen
	known   func() *known
	stopped atomic.Bool
}

// needed is what a comparison took from the cache.
type needed struct {
	Facts   []cache.Key
	Outline cache.Key
}

// foreseen are the facts of one file.
type foreseen struct {
	read  func() (*fact.File, *program.Index)
	taken atomic.Bool
}

// LookAhead begins to read, on as many goroutines as workers says, and returns at once. place names where comparisons are made: the folder
// or the repository. prepare, where it is not nil, is told how many files are kept in memory. Stop has to be called before the store is closed.
func LookAhead(store *cache.Store, place string, workers int, prepare func(files int)) *Ahead {
	if store == nil {
		return nil
	}
	a := &Ahead{store: store, key: cache.KeyOf("ahead", place), files: map[cache.Key]*foreseen{}}
	encoded, ok := store.Get(a.key)
	if !ok || gob.NewDecoder(bytes.NewReader(encoded)).Decode(&a.needed) != nil {
		a.needed = needed{}
		return a
	}
	if prepare != nil {
		prepare(len(a.needed.Facts))
	}
	for _, key := range a.needed.Facts {
		a.files[key] = &foreseen{read: sync.OnceValues(func() (*fact.File, *program.Index) { return decoded(store, key) })}
	}
	a.known = sync.OnceValue(func() *known { return knownAt(store, a.needed.Outline) })
	go func() { // what is waited for first
		a.known()
		catalog.Builtin()
	}()
	var next atomic.Int64
	for range max(workers, 1) {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(a.needed.Facts) || a.stopped.Load() {
					return
				}
				a.files[a.needed.Facts[i]].read()
			}
		}()
	}
	return a
}

// Stop ends reading.
func (a *Ahead) Stop() {
	if a != nil {
		a.stopped.Store(true)
	}
}

// facts gives the facts that are stored under a key, with their index; nil where they were not foreseen. They are the caller's, who
// is the only one to get them.
func (a *Ahead) facts(key cache.Key) (*fact.File, *program.Index) {
	if a == nil {
		return nil, nil
	}
	file, ok := a.files[key]
	if !ok || file.taken.Swap(true) {
		return nil, nil
	}
	return file.read()
}

// outline gives what is known of the tree with that key; nil where it was not foreseen.
func (a *Ahead) outline(key cache.Key) *known {
	if a == nil || a.known == nil || key != a.needed.Outline {
		return nil
	}
	return a.known()
}

// keep stores what this comparison needed, where the next one would gain by it.
func (a *Ahead) keep(now needed) {
	if a == nil || len(now.Facts) == 0 {
		return
	}
	hits := 0
	for _, key := range now.Facts {
		if _, ok := a.files[key]; ok {
			hits++
		}
	}
	if now.Outline == a.needed.Outline && hits*8 >= len(now.Facts)*7 && hits*4 >= len(a.needed.Facts)*3 {
		return
	}
	slices.SortFunc(now.Facts, func(x, y cache.Key) int { return bytes.Compare(x[:], y[:]) })
	now.Facts = slices.Compact(now.Facts)
	var encoded bytes.Buffer
	if gob.NewEncoder(&encoded).Encode(&now) == nil {
		a.store.Put(a.key, encoded.Bytes())
	}
}

// decoded reads facts from the cache; nil where they are not there or damaged.
func decoded(store *cache.Store, key cache.Key) (*fact.File, *program.Index) {
	encoded, ok := store.Get(key)
	if !ok {
		return nil, nil
	}
	facts, err := fact.Decode(encoded)
	if err != nil {
		return nil, nil
	}
	return facts, program.NewIndex(facts)
}
