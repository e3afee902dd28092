package regress

import (
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// change is everything that differs between base and head.
type change struct {
	base, head *program.Program
	options    Options
	sources    [2]map[program.FileID]*source
	byPath     [2]map[string]program.FileID

	pairs   []*pair
	deleted []*body // bodies of base that became nothing
	added   []*body // bodies of head that come from nothing
	isNew   map[*body]bool
	// headPath is the path of head for each path of base that differs, "" where the file is gone.
	headPath map[string]string
	// identical are the paths whose facts are the same on both sides.
	identical map[string]bool

	fresh additions
	// gone counts the keys of the atoms of base that have no equal counterpart.
	gone map[string]int
	// goneNames are the words of those atoms.
	goneNames map[string]bool
	// obsolete are the exceptions that nothing in the change raises any more and that it defined or raised.
	obsolete map[string]bool
	losses   []Loss
	claimed  map[claim]bool
	// decided are the places of guards of base that were compared by value.
	decided map[program.GuardKind][]program.Place
	// locked are the places of the locks under which a write of both sides is made; unlocked those that some write lost.
	locked   []program.Place
	unlocked map[program.Place]bool
}

// additions is what head has and base has not, anywhere in the change: where a guard may have gone.
type additions struct {
	atoms []placedAtom
	keys  map[string]int
	names map[string]bool
	calls map[string]int // by last name
	// callees counts the calls by the last two parts of their names.
	callees map[string]int
	words   vocabulary
}

// placedAtom is an atom of a body.
type placedAtom struct {
	body  *body
	index int
}

func (a placedAtom) atom() *atom { return &a.body.atoms[a.index] }

func newChange(base, head *program.Program, options Options) *change {
	c := &change{
		base: base, head: head, options: options,
		headPath: map[string]string{}, identical: map[string]bool{},
	}
	for i, p := range []*program.Program{base, head} {
		c.sources[i] = map[program.FileID]*source{}
		c.byPath[i] = make(map[string]program.FileID, len(p.Files))
		for id, f := range p.Files {
			c.byPath[i][f.Path] = program.FileID(id)
		}
	}
	c.match()
	c.collect()
	c.collectGone()
	return c
}

// source gives the lowered form of a file of base (side 0) or head (side 1).
func (c *change) source(side int, id program.FileID) *source {
	if s := c.sources[side][id]; s != nil {
		return s
	}
	p := c.base
	if side == 1 {
		p = c.head
	}
	s := newSource(p, id)
	c.sources[side][id] = s
	return s
}

// collect gathers what head adds.
func (c *change) collect() {
	c.fresh = additions{keys: map[string]int{}, names: map[string]bool{}, calls: map[string]int{}, callees: map[string]int{}}
	for _, p := range c.pairs {
		for j := range p.head.atoms {
			if i := p.origin[j]; i < 0 || p.edited[i] {
				c.fresh.add(p.head, j)
			}
		}
	}
	c.isNew = map[*body]bool{}
	for _, b := range c.added {
		c.isNew[b] = true
		for j := range b.lower() {
			c.fresh.add(b, j)
		}
	}
}

func (f *additions) add(b *body, index int) {
	a := &b.atoms[index]
	f.atoms = append(f.atoms, placedAtom{b, index})
	f.keys[a.key]++
	f.words |= a.words
	eachToken(a.key, func(t string) { f.names[t] = true })
	for _, call := range b.atomCalls(index) {
		f.calls[b.method(call)]++
		f.callees[b.shortCallee(call)]++
	}
}

// moved says whether the change adds the same text somewhere else, as often as it takes it away.
func (c *change) moved(key string) bool { return c.fresh.keys[key] >= max(1, c.gone[key]) }

// addsText says whether an atom that the change adds has the text.
func (c *change) addsText(text string) bool {
	return slices.ContainsFunc(c.fresh.atoms, func(f placedAtom) bool { return mentions(f.atom().key, text) })
}

// collectGone gathers what base has and head has not.
func (c *change) collectGone() {
	c.gone, c.goneNames, c.obsolete = map[string]int{}, map[string]bool{}, map[string]bool{}
	raised := map[string]bool{}
	for _, f := range c.fresh.atoms {
		switch f.atom().kind {
		case raiseAtom:
			raised[f.body.raised(f.index)] = true
		case classAtom:
			raised[strings.TrimPrefix(f.atom().key, "class ")] = true
		}
	}
	lose := func(b *body, i int) {
		a := &b.atoms[i]
		c.gone[a.key]++
		eachToken(a.key, func(t string) { c.goneNames[t] = true })
		name := ""
		switch a.kind {
		case raiseAtom:
			name = b.raised(i)
		case classAtom:
			name = strings.TrimPrefix(a.key, "class ")
		}
		switch name {
		case "", "Exception", "ValueError", "RuntimeError", "TypeError":
			return
		}
		c.obsolete[name] = c.obsolete[name] || !raised[name]
	}
	for _, p := range c.pairs {
		for i := range p.base.atoms {
			if p.counterpart[i] < 0 || p.edited[i] {
				lose(p.base, i)
			}
		}
	}
	for _, b := range c.deleted {
		for i := range b.lower() {
			lose(b, i)
		}
	}
}

// match finds what became of every body of the files that differ.
func (c *change) match() {
	var leftBase, leftHead []*body
	gone, come := c.differingFiles()
	for _, path := range sortedKeys(c.headPath) {
		if c.headPath[path] == "" {
			continue
		}
		b, h := c.matchFile(path, c.headPath[path])
		leftBase, leftHead = append(leftBase, b...), append(leftHead, h...)
	}
	for _, id := range gone {
		leftBase = append(leftBase, c.source(0, id).bodies...)
	}
	for _, id := range come {
		leftHead = append(leftHead, c.source(1, id).bodies...)
	}
	c.matchMoved(leftBase, leftHead)
	c.followSplits()
}

// followSplits takes a function that only calls a new one, to which its statements went, for what was left of a split:
// the new one is what became of it.
func (c *change) followSplits() {
	for k, p := range c.pairs {
		if p.moved || p.kept > 0.2 || p.base.kind != fact.FunctionScope || len(p.base.atoms) < 3 {
			continue
		}
		keys := p.base.sortedAtoms()
		for j, b := range c.added {
			if b.kind == fact.FunctionScope && p.head.countMethods()[b.name] > 0 && similarity(keys, b.sortedAtoms()) >= minMoved {
				p.base.relower(nil)
				c.pairs[k] = newPair(c, p.base, b)
				c.added[j] = p.head
				break
			}
		}
	}
}

// differingFiles fills headPath and identical, and gives the files that are on one side only and were not renamed.
func (c *change) differingFiles() (gone, come []program.FileID) {
	for id, f := range c.base.Files {
		other, there := c.byPath[1][f.Path]
		switch {
		case !there:
			c.headPath[f.Path] = ""
			gone = append(gone, program.FileID(id))
		case c.same(f, c.head.Files[other]):
			c.identical[f.Path] = true
		default:
			c.headPath[f.Path] = f.Path
		}
	}
	for id, f := range c.head.Files {
		if _, there := c.byPath[0][f.Path]; !there {
			come = append(come, program.FileID(id))
		}
	}
	return c.matchRenamed(gone, come)
}

// same says whether two files have the same facts.
func (c *change) same(a, b *fact.File) bool {
	if a == b {
		return true
	}
	if c.options.Unchanged != nil {
		return c.options.Unchanged(a.Path)
	}
	return equalFacts(a, b)
}

// equalFacts compares what the bytes of two files decide, which is everything but the path.
func equalFacts(a, b *fact.File) bool {
	if a.Size != b.Size || len(a.Exprs) != len(b.Exprs) || len(a.Stmts) != len(b.Stmts) || len(a.Strings) != len(b.Strings) {
		return false
	}
	for i := range a.Strings {
		if a.Strings[i] != b.Strings[i] {
			return false
		}
	}
	for i := range a.Exprs {
		if a.Exprs[i] != b.Exprs[i] {
			return false
		}
	}
	for i := range a.Stmts {
		if a.Stmts[i] != b.Stmts[i] {
			return false
		}
	}
	return true
}

// minRenamed is the share of statements that a renamed file must keep.
const minRenamed = 0.4

// matchRenamed joins files that are on one side only by the statements they share, and gives the rest.
func (c *change) matchRenamed(gone, come []program.FileID) (leftGone, leftCome []program.FileID) {
	type candidate struct {
		score float64
		i, j  int
	}
	var candidates []candidate
	keys := make([][]string, len(come))
	for j, id := range come {
		keys[j] = c.source(1, id).keys()
	}
	for i, id := range gone {
		own := c.source(0, id).keys()
		for j := range come {
			if score := similarity(own, keys[j]); score >= minRenamed {
				candidates = append(candidates, candidate{score, i, j})
			}
		}
	}
	sort.SliceStable(candidates, func(a, b int) bool { return candidates[a].score > candidates[b].score })
	usedGone, usedCome := make([]bool, len(gone)), make([]bool, len(come))
	for _, k := range candidates {
		if usedGone[k.i] || usedCome[k.j] {
			continue
		}
		usedGone[k.i], usedCome[k.j] = true, true
		c.headPath[c.base.Files[gone[k.i]].Path] = c.head.Files[come[k.j]].Path
	}
	for i, id := range gone {
		if !usedGone[i] {
			leftGone = append(leftGone, id)
		}
	}
	for j, id := range come {
		if !usedCome[j] {
			leftCome = append(leftCome, id)
		}
	}
	return leftGone, leftCome
}

// keys gives the atoms of all bodies of a file, sorted.
func (s *source) keys() []string {
	var keys []string
	for _, b := range s.bodies {
		for i := range b.lower() {
			keys = append(keys, b.atoms[i].key)
		}
	}
	sort.Strings(keys)
	return keys
}

// matchFile pairs the bodies of one name and gives those that are on one side only. Bodies in which nothing differs
// are dropped.
func (c *change) matchFile(basePath, headPath string) (leftBase, leftHead []*body) {
	base, head := c.source(0, c.byPath[0][basePath]), c.source(1, c.byPath[1][headPath])
	for _, b := range base.bodies {
		h := head.byName[b.key]
		switch {
		case h == nil:
			leftBase = append(leftBase, b)
		case !b.equal(h):
			c.pairs = append(c.pairs, newPair(c, b, h))
		}
	}
	for _, h := range head.bodies {
		if base.byName[h.key] == nil {
			leftHead = append(leftHead, h)
		}
	}
	return leftBase, leftHead
}

// equal says whether two bodies do the same: same header and same atoms, awaiting included.
func (b *body) equal(h *body) bool {
	x, y := b.lower(), h.lower()
	if len(x) != len(y) || b.info().Flags != h.info().Flags || b.signature() != h.signature() {
		return false
	}
	for i := range x {
		if x[i].key != y[i].key || x[i].kind != y[i].kind || x[i].outer != y[i].outer || b.awaits(i) != h.awaits(i) {
			return false
		}
	}
	return true
}

// awaits counts the await expressions of an atom.
func (b *body) awaits(i int) int {
	n := 0
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		if b.Exprs[e].Kind == fact.Await {
			n++
		}
	})
	return n
}

// signature is the text of everything before the first statement of a body.
func (b *body) signature() string {
	t := ""
	for _, d := range b.decorators() {
		t += "@" + d + "\n"
	}
	for _, base := range b.bases() {
		t += base + ","
	}
	for _, p := range b.parameters() {
		t += p.name + ":" + p.annotation + "=" + p.text + ","
	}
	return t + b.text(b.info().Returns)
}

// minMoved is the share of statements that a function must keep to be recognised under another name, and what is
// asked of one that keeps its own.
const (
	minMoved     = 0.5
	minSameName  = 0.34
	sameNameGain = 0.2
	samePathGain = 0.1
)

// matchMoved joins functions that were renamed, moved to another class or file, or both.
func (c *change) matchMoved(base, head []*body) {
	type candidate struct {
		score float64
		i, j  int
	}
	var candidates []candidate
	headKeys := make([][]string, len(head))
	for j, h := range head {
		headKeys[j] = h.sortedAtoms()
	}
	for i, b := range base {
		keys := b.sortedAtoms()
		for j, h := range head {
			if b.kind != fact.FunctionScope || h.kind != fact.FunctionScope {
				continue
			}
			score := similarity(keys, headKeys[j])
			sameName := b.name == h.name
			if score < minSameName || score < minMoved && !sameName {
				continue
			}
			if sameName {
				score += sameNameGain
			}
			if b.Path == h.Path {
				score += samePathGain
			}
			candidates = append(candidates, candidate{score, i, j})
		}
	}
	sort.SliceStable(candidates, func(a, b int) bool { return candidates[a].score > candidates[b].score })
	usedBase, usedHead := make([]bool, len(base)), make([]bool, len(head))
	for _, k := range candidates {
		if usedBase[k.i] || usedHead[k.j] {
			continue
		}
		usedBase[k.i], usedHead[k.j] = true, true
		c.pairs = append(c.pairs, newPair(c, base[k.i], head[k.j]))
	}
	for i, b := range base {
		if !usedBase[i] {
			c.deleted = append(c.deleted, b)
		}
	}
	for j, h := range head {
		if !usedHead[j] {
			c.added = append(c.added, h)
		}
	}
}

func (b *body) sortedAtoms() []string {
	keys := make([]string, 0, len(b.lower()))
	for i := range b.atoms {
		keys = append(keys, b.atoms[i].key)
	}
	sort.Strings(keys)
	return keys
}
