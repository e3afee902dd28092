package regress

import (
	"sort"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// pair is a body of base and the body of head it became.
type pair struct {
	change     *change
	base, head *body
	// moved is true where the two have not the same path and name.
	moved bool
	// counterpart gives for each atom of base its atom in head, -1 where it is gone; origin is the reverse.
	counterpart, origin []int
	// edited marks the atoms of base whose counterpart is not equal.
	edited []bool
	// kept is the share of the atoms of base that have a counterpart, noise left out.
	kept  float64
	calls callPairs
	// once are the loops of base of which only the attempt remains.
	once map[int]bool
}

// minSimilarity is what two atoms must have in common to be taken for one that was edited.
const minSimilarity = 0.5

// maxCandidates bounds the comparison of leftover atoms, which is quadratic. Beyond it the body is taken as rewritten.
const maxCandidates = 40000

func newPair(c *change, base, head *body) *pair {
	p := &pair{change: c, base: base, head: head, moved: base.Path != head.Path || base.key != head.key}
	p.align()
	if renamed := p.renamedLocals(); len(renamed) > 0 {
		base.relower(renamed)
		p.align()
	}
	p.calls = p.pairCalls()
	return p
}

// align finds what became of every atom: first the atoms that stay in order, then those that moved, then those that
// were edited.
func (p *pair) align() {
	base, head := p.base.lower(), p.head.lower()
	p.counterpart, p.origin = filled(len(base)), filled(len(head))
	p.edited = make([]bool, len(base))
	p.alignEqual(base, head)
	p.preferNormalPath(base, head)
	p.alignMoved(base, head)
	p.alignNames(base, head)
	p.alignEdited(base, head)
	p.alignHeaders(base, head)
	all, kept := 0, 0
	for i := range base {
		if base[i].kind.isNoise() {
			continue
		}
		all++
		if p.counterpart[i] >= 0 {
			kept++
		}
	}
	p.kept = 1
	if all > 0 {
		p.kept = float64(kept) / float64(all)
	}
}

// keptWithout is kept with the atom and its body left out: a check is no part of what it protected.
func (p *pair) keptWithout(i int) float64 {
	all, kept := 0, 0
	for k := range p.base.atoms {
		if p.base.atoms[k].kind.isNoise() || k >= i && k < p.base.atoms[i].end {
			continue
		}
		all++
		if p.counterpart[k] >= 0 {
			kept++
		}
	}
	if all == 0 {
		return 1
	}
	return float64(kept) / float64(all)
}

func filled(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

func (p *pair) join(i, j int) { p.counterpart[i], p.origin[j] = j, i }

// alignEqual joins the longest run of equal atoms, then those before and behind it in the same way.
func (p *pair) alignEqual(base, head []atom) {
	positions := map[string][]int{}
	for j := range head {
		positions[head[j].key] = append(positions[head[j].key], j)
	}
	type window struct{ b0, b1, h0, h1 int }
	open := []window{{0, len(base), 0, len(head)}}
	for len(open) > 0 {
		w := open[len(open)-1]
		open = open[:len(open)-1]
		bestB, bestH, length := 0, 0, 0
		runs := map[int]int{}
		for i := w.b0; i < w.b1; i++ {
			next := map[int]int{}
			for _, j := range positions[base[i].key] {
				if j < w.h0 || j >= w.h1 {
					continue
				}
				n := runs[j-1] + 1
				next[j] = n
				if n > length {
					bestB, bestH, length = i-n+1, j-n+1, n
				}
			}
			runs = next
		}
		if length == 0 {
			continue
		}
		for k := range length {
			p.join(bestB+k, bestH+k)
		}
		open = append(open,
			window{w.b0, bestB, w.h0, bestH},
			window{bestB + length, w.b1, bestH + length, w.h1})
	}
}

// preferNormalPath moves the counterpart of an atom in a handler to an equal atom outside of any where head has it
// outside: "except: close(); raise" beside "close()" of which one remains.
func (p *pair) preferNormalPath(base, head []atom) {
	for i := range base {
		j := p.counterpart[i]
		if j < 0 || !p.base.onErrorPath(i) || p.head.onErrorPath(j) {
			continue
		}
		for k := range base {
			if p.counterpart[k] < 0 && base[k].key == base[i].key && !p.base.onErrorPath(k) {
				p.counterpart[i] = -1
				p.join(k, j)
				break
			}
		}
	}
}

// onErrorPath says whether the atom stands in a handler or a finally.
func (b *body) onErrorPath(i int) bool { return b.around(i, exceptAtom) || b.around(i, finallyAtom) }

// alignHeaders joins the headers of compound statements of which at least half of the body is joined: a condition
// that was written anew is still the condition of its body.
func (p *pair) alignHeaders(base, head []atom) {
	for i := range base {
		switch base[i].kind {
		case ifAtom, withAtom, forAtom, whileAtom, exceptAtom:
		default:
			continue
		}
		if p.counterpart[i] >= 0 {
			continue
		}
		size := 0
		votes := map[int]int{}
		best := -1
		for k := i + 1; k < base[i].end; k++ {
			if base[k].outer != i {
				continue
			}
			size++
			j := p.counterpart[k]
			if j < 0 || head[j].outer < 0 {
				continue
			}
			if o := head[j].outer; head[o].kind == base[i].kind && p.origin[o] < 0 {
				votes[o]++
				if best < 0 || votes[o] > votes[best] || votes[o] == votes[best] && o < best {
					best = o
				}
			}
		}
		if best >= 0 && 2*votes[best] >= size {
			p.join(i, best)
			p.edited[i] = true
		}
	}
}

// alignMoved joins equal atoms that stand elsewhere. Keywords of control flow are left out, as any two are equal.
func (p *pair) alignMoved(base, head []atom) {
	free := map[string][]int{}
	for j := range head {
		if p.origin[j] < 0 {
			free[head[j].key] = append(free[head[j].key], j)
		}
	}
	for i := range base {
		if p.counterpart[i] >= 0 || base[i].kind.isNoise() && base[i].kind != logAtom {
			continue
		}
		if list := free[base[i].key]; len(list) > 0 {
			p.join(i, list[0])
			free[base[i].key] = list[1:]
		}
	}
}

// alignEdited joins what is left by similarity, the most alike first.
func (p *pair) alignEdited(base, head []atom) {
	var left, right []int
	for i := range base {
		if p.counterpart[i] < 0 {
			left = append(left, i)
		}
	}
	for j := range head {
		if p.origin[j] < 0 {
			right = append(right, j)
		}
	}
	if len(left)*len(right) > maxCandidates {
		return
	}
	type candidate struct {
		score float64
		i, j  int
	}
	var candidates []candidate
	for _, i := range left {
		for _, j := range right {
			if score := p.score(i, j); score >= minSimilarity {
				candidates = append(candidates, candidate{score, i, j})
			}
		}
	}
	sort.SliceStable(candidates, func(a, b int) bool { return candidates[a].score > candidates[b].score })
	for _, c := range candidates {
		if p.counterpart[c.i] >= 0 || p.origin[c.j] >= 0 {
			continue
		}
		p.join(c.i, c.j)
		p.edited[c.i] = true
	}
}

// alignNames joins the assignments to a name of a module or class that each side has only one of: whatever it is given,
// it is the same constant, setting or field.
func (p *pair) alignNames(base, head []atom) {
	if p.base.kind == fact.FunctionScope {
		return
	}
	was, is := p.base.assignedOnce(), p.head.assignedOnce()
	for i := range base {
		name := p.base.target(&base[i])
		if p.counterpart[i] >= 0 || name == "" || was[name] != i+1 {
			continue
		}
		if j := is[name] - 1; j >= 0 && p.origin[j] < 0 {
			p.join(i, j)
			p.edited[i] = true
		}
	}
}

// assignedOnce gives one more than the atom that assigns to each name that no other assigns to; less than one for others.
func (b *body) assignedOnce() map[string]int {
	found := map[string]int{}
	for i := range b.lower() {
		switch name := b.target(&b.atoms[i]); {
		case name == "":
		case found[name] != 0:
			found[name] = -1
		default:
			found[name] = i + 1
		}
	}
	return found
}

// score says how likely the atom j of head is an edited atom i of base.
func (p *pair) score(i, j int) float64 {
	a, h := &p.base.atoms[i], &p.head.atoms[j]
	if !compatible(a.kind, h.kind) {
		return 0
	}
	score := similarity(a.tokens, h.tokens)
	switch {
	case a.kind != h.kind:
		score -= 0.1
	case a.kind == assignAtom && p.base.target(a) == p.head.target(h):
		score += 0.25
	case a.kind == returnAtom:
		score += 0.1
	}
	if a.kind == h.kind && (a.kind == returnAtom || a.kind == exprAtom) && p.sameCallee(a, h) {
		score += 0.1
	}
	distance := float64(i)/float64(len(p.base.atoms)) - float64(j)/float64(len(p.head.atoms))
	if distance < 0 {
		distance = -distance
	}
	return score - distance*0.15
}

// sameCallee says whether both atoms are calls of the same function.
func (p *pair) sameCallee(a, h *atom) bool {
	was, is := p.base.value(a), p.head.value(h)
	return p.base.Exprs[was].Kind == fact.Call && p.head.Exprs[is].Kind == fact.Call && p.base.callee(was) == p.head.callee(is)
}

// compatible says whether an edit can turn an atom of one kind into one of the other.
func compatible(a, b atomKind) bool {
	if a == b {
		return !a.isNoise() && a != classAtom
	}
	if a == ifAtom && b == whileAtom || a == whileAtom && b == ifAtom {
		return true
	}
	return isSimple(a) && isSimple(b)
}

func isSimple(k atomKind) bool {
	switch k {
	case exprAtom, assignAtom, returnAtom, withAtom, otherAtom:
		return true
	}
	return false
}

// renamedLocals finds local names that the change only renames: wherever an edited atom has the old name head has
// the new one, the old name is gone from head and the new one was not in base.
func (p *pair) renamedLocals() map[string]string {
	votes := map[string]map[string]int{}
	for i := range p.base.atoms {
		if !p.edited[i] {
			continue
		}
		old, now := differing(p.base.atoms[i].key, p.head.atoms[p.counterpart[i]].key)
		for k := range old {
			if votes[old[k]] == nil {
				votes[old[k]] = map[string]int{}
			}
			votes[old[k]][now[k]]++
		}
	}
	renamed, taken := map[string]string{}, map[string]bool{}
	for _, old := range sortedKeys(votes) {
		if len(votes[old]) != 1 || !p.base.binds(old) || p.head.uses(old) {
			continue
		}
		now := sortedKeys(votes[old])[0]
		if p.base.uses(now) || !p.head.binds(now) || taken[now] {
			continue
		}
		renamed[old], taken[now] = now, true
	}
	return renamed
}

// differing gives the words in which two texts of the same shape differ; nothing where the shapes differ.
func differing(a, b string) (old, now []string) {
	var ta, tb []string
	eachToken(a, func(t string) { ta = append(ta, t) })
	eachToken(b, func(t string) { tb = append(tb, t) })
	if len(ta) != len(tb) {
		return nil, nil
	}
	for i := range ta {
		if ta[i] == tb[i] {
			continue
		}
		if !isWordByte(ta[i][0]) || !isWordByte(tb[i][0]) || isDigit(ta[i][0]) || isDigit(tb[i][0]) {
			return nil, nil
		}
		old, now = append(old, ta[i]), append(now, tb[i])
	}
	return old, now
}

// binds says whether the name is a local of the body.
func (b *body) binds(name string) bool { return b.Lookup(b.scope, name) != 0 }

// gone gives the atoms of base without a counterpart.
func (p *pair) gone() []int { return unjoined(p.counterpart) }

// added gives the atoms of head that base does not have.
func (p *pair) added() []int { return unjoined(p.origin) }

func unjoined(list []int) []int {
	var rest []int
	for i, j := range list {
		if j < 0 {
			rest = append(rest, i)
		}
	}
	return rest
}
