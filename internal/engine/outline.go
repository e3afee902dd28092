package engine

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// known is what a run on a whole tree leaves for later ones that look at a part of it only.
type known struct {
	// Paths are the files that could be read, in the order of the program.
	Paths   []string
	Outline *program.Outline

	key cache.Key // under which it lies in the cache
}

// leastFiles is from how many files on it pays to look at a part of a tree: the whole of a smaller one is read and
// judged in less time than it takes to find out what a change can affect.
const leastFiles = 256

// outlineKey names what is known of a tree by all that it depends on; ok is false where something of that is not known,
// or there is no cache.
func (v *inventory) outlineKey() (key cache.Key, ok bool) {
	if v.q.Cache == nil || len(v.files) < v.q.leastFiles() {
		return key, false
	}
	parts, ok := v.contents()
	if !ok {
		return key, false
	}
	options, err := json.Marshal([]any{v.q.Config.Tests, v.q.Config.Catalog, v.q.Config.MaxFileBytes})
	if err != nil {
		return key, false
	}
	return cache.KeyOf(append([]string{"outline", string(options)}, parts...)...), true
}

// outline finds what is known of a tree, nil where that is nothing.
func (v *inventory) outline() *known {
	key, ok := v.outlineKey()
	if !ok {
		return nil
	}
	k := v.q.Ahead.outline(key)
	if k == nil {
		k = knownAt(v.q.Cache, key)
	}
	if k != nil {
		k.key = key
	}
	return k
}

// knownAt reads what is known of a tree from the cache, nil where it is not there.
func knownAt(store *cache.Store, key cache.Key) *known {
	encoded, ok := store.Get(key)
	if !ok {
		return nil
	}
	return unflatKnown(string(encoded))
}

// holds says whether the parts fit together.
func (k *known) holds() bool {
	return k.Outline != nil && k.Outline.Holds() && k.Outline.Size() == len(k.Paths) && slices.IsSorted(k.Paths)
}

// know says what a run on all of a tree has found out about it, nil where a fault of ours hides some. All sites must have
// been looked for.
func (s *Snapshot) know() *known {
	if s.Program.IsFaulty() {
		return nil
	}
	return &known{Paths: s.paths(), Outline: s.Program.Outline()}
}

// sketch says what of a tree can be told before sites are looked for.
func (s *Snapshot) sketch() *known { return &known{Paths: s.paths(), Outline: s.Program.Sketch()} }

// paths are those of the files of the program, in their order.
func (s *Snapshot) paths() (all []string) {
	for _, f := range s.files {
		all = append(all, f.entry.Path)
	}
	return all
}

// learn finds out about a tree of which all is loaded, and keeps it; nil where a fault of ours hides some of it.
func (v *inventory) learn(s *Snapshot) *known {
	k := s.know()
	if key, ok := v.outlineKey(); ok && k != nil {
		k.key = key
		v.q.Cache.Put(key, k.flat())
	}
	return k
}

// keepOutline is learn for who only wants it to be there.
func (v *inventory) keepOutline(s *Snapshot) {
	if key, ok := v.outlineKey(); ok && !v.q.Cache.Has(key) {
		v.learn(s)
	}
}

// flat writes what is known for the cache.
func (k *known) flat() []byte {
	o, w := k.Outline, &flat{}
	w.texts(k.Paths)
	integers(w, o.Starts)
	integers(w, o.Edges)
	modules := slices.Sorted(maps.Keys(o.Holders))
	w.texts(modules)
	for _, module := range modules {
		integers(w, o.Holders[module])
	}
	w.texts(o.Steps)
	w.number(len(o.Asked))
	for i := range o.Asked {
		ask := &o.Asked[i]
		settled := 0
		if ask.Settled {
			settled = 1
		}
		w.number(settled)
		integers(w, append([]program.FileID{ask.Root.File, ask.End.File}, ask.Through[:]...))
		integers(w, []int32{int32(ask.Root.Scope), int32(ask.End.Scope)})
	}
	integers(w, o.Declares)
	integers(w, o.Retries)
	w.texts(o.Words)
	return w.out
}

// unflatKnown reads what is known, nil where it is damaged.
func unflatKnown(encoded string) *known {
	r := &unflat{in: encoded}
	o := &program.Outline{Holders: map[string][]program.FileID{}}
	k := &known{Paths: r.texts(), Outline: o}
	o.Starts, o.Edges = unintegers[int32](r), unintegers[program.FileID](r)
	for _, module := range r.texts() {
		o.Holders[module] = unintegers[program.FileID](r)
	}
	o.Steps = r.texts()
	o.Asked = make([]program.Ask, r.number(1))
	for i := range o.Asked {
		ask := &o.Asked[i]
		ask.Settled = r.number(0) != 0
		files, scopes := unintegers[program.FileID](r), unintegers[int32](r)
		if len(files) != 2+len(ask.Through) || len(scopes) != 2 {
			return nil
		}
		ask.Root = program.Func{File: files[0], Scope: fact.Scope(scopes[0])}
		ask.End = program.Func{File: files[1], Scope: fact.Scope(scopes[1])}
		copy(ask.Through[:], files[2:])
	}
	o.Declares, o.Retries, o.Words = unintegers[program.FileID](r), unintegers[program.FileID](r), r.texts()
	if r.bad || r.in != "" || !k.holds() {
		return nil
	}
	return k
}

// world tells what holds for every file besides decision records: installed versions and SQL scripts. It is not known where
// there is evidence: that nothing notices a mutant holds only while no file at all has changed.
func (v *inventory) world() (world string, ok bool) {
	if v.evidence != nil {
		return "", false
	}
	parts := []any{v.versions}
	for _, f := range v.scripts {
		if f.id == "" {
			return "", false
		}
		parts = append(parts, f.entry.Path, f.id)
	}
	encoded, err := json.Marshal(parts)
	return string(encoded), err == nil
}

// sameWorld says whether two trees agree in what holds for every file.
func sameWorld(a, b *inventory) bool {
	before, ok := a.world()
	after, known := b.world()
	return ok && known && before == after
}
