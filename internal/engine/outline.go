package engine

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/program"
)

// known is what a run on a whole tree leaves for later ones that look at a part of it only.
type known struct {
	// Paths are the files that could be read, in the order of the program.
	Paths   []string
	Outline *program.Outline
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
	encoded, ok := v.q.Cache.Get(key)
	if !ok {
		return nil
	}
	found := &known{}
	if err := gob.NewDecoder(bytes.NewReader(encoded)).Decode(found); err != nil || !found.holds() {
		return nil
	}
	return found
}

// holds says whether the parts fit together.
func (k *known) holds() bool {
	return k.Outline != nil && k.Outline.Size() == len(k.Paths) && slices.IsSorted(k.Paths)
}

// learn finds out about a tree of which all is loaded, and keeps it.
func (v *inventory) learn(s *Snapshot) *known {
	k := s.know()
	if key, ok := v.outlineKey(); ok {
		v.store(key, k)
	}
	return k
}

// know says what a run on all of a tree has found out about it, nil where a fault of ours hides some. All sites must have
// been looked for.
func (s *Snapshot) know() *known {
	if s.Program.IsFaulty() {
		return nil
	}
	k := &known{Outline: s.Program.Outline()}
	for _, f := range s.files {
		k.Paths = append(k.Paths, f.entry.Path)
	}
	return k
}

// keepOutline stores what is known of a tree.
func (v *inventory) keepOutline(s *Snapshot) {
	key, ok := v.outlineKey()
	if !ok {
		return
	}
	if _, there := v.q.Cache.Get(key); there {
		return
	}
	v.store(key, s.know())
}

func (v *inventory) store(key cache.Key, k *known) {
	var encoded bytes.Buffer
	if k != nil && gob.NewEncoder(&encoded).Encode(k) == nil {
		v.q.Cache.Put(key, encoded.Bytes())
	}
}

// sameWorld says whether two trees agree in all that holds for every file: installed versions and SQL scripts.
func sameWorld(a, b *inventory) bool {
	script := func(f *file) string { return f.entry.Path + "\x00" + f.id }
	return fmt.Sprint(a.versions) == fmt.Sprint(b.versions) && bytes.Equal(a.evidence, b.evidence) && slices.EqualFunc(a.scripts, b.scripts, func(x, y *file) bool {
		return x.id != "" && script(x) == script(y)
	})
}
