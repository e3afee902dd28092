package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// trials looks for checks that are made by trying: a conversion or parse in a try whose handler refuses what fails.
func (p *pair) trials() {
	for i := range p.base.atoms {
		if p.base.atoms[i].kind == tryAtom && p.counterpart[i] < 0 {
			p.lostTrial(i)
		}
	}
}

func (p *pair) lostTrial(try int) {
	tried := p.base.tried(try)
	if tried < 0 || p.counterpart[tried] >= 0 || p.wentTo(p.base.atoms[tried].key) {
		return
	}
	for _, h := range p.base.handlersOf(try) {
		how, by := p.base.refuses(h)
		refused := how == raises || how == answers || how == returns && p.base.complains(h)
		if !refused || p.counterpart[h] >= 0 || by >= 0 && p.counterpart[by] >= 0 && how == raises || how != raises && !p.base.isInputError(h) {
			continue
		}
		call := p.base.value(&p.base.atoms[tried])
		if p.base.Exprs[call].Kind != fact.Call {
			call = p.base.atomCalls(tried)[0]
		}
		if p.change.fresh.calls[p.base.method(call)] > 0 || !p.protects(h) || p.keptBeside(h) < 0.5 || p.usesStill(tried) {
			return
		}
		text := p.base.text(call)
		p.lose(Removed, program.Validation, "trial", h, fmt.Sprintf("what fails in %s is not refused any more", text), text)
		return
	}
}

// tried gives the only statement of a try, a call; -1 where it is another or there are several.
func (b *body) tried(try int) int {
	only := -1
	for k := try + 1; k < b.atoms[try].end; k++ {
		a := &b.atoms[k]
		if a.kind.isNoise() {
			continue
		}
		if only >= 0 || a.kind != exprAtom && a.kind != assignAtom || len(b.atomCalls(k)) == 0 {
			return -1
		}
		only = k
	}
	return only
}

// usesStill says whether head uses the name that the atom assigned, so that its value comes from elsewhere.
func (p *pair) usesStill(i int) bool {
	target := p.base.target(&p.base.atoms[i])
	return target != "" && (strings.ContainsAny(target, ".[") || p.head.uses(target))
}

// isInputError says whether the handler takes what says that a value is wrong.
func (b *body) isInputError(handler int) bool {
	return slices.ContainsFunc(b.exceptions(handler), func(c class) bool {
		switch name := c.name(); name {
		case "ValueError", "TypeError":
			return true
		default:
			return slices.Contains(c.names, "ValueError") || strings.Contains(name, "Invalid") || strings.Contains(name, "Validation") || strings.Contains(name, "Decode")
		}
	})
}

// keptBeside is kept without the check at the atom i, the blocks around it that are gone as a whole, and what was
// computed for them alone.
func (p *pair) keptBeside(i int) float64 {
	first := i
	for o := p.base.atoms[i].outer; o >= 0 && p.goneWhole(o); o = p.base.atoms[o].outer {
		first = o
	}
	end := p.base.atoms[first].end
	all, kept := 0, 0
	for k := range p.base.atoms {
		a := &p.base.atoms[k]
		if a.kind.isNoise() || k >= first && k < end {
			continue
		}
		if p.counterpart[k] >= 0 {
			kept++
		} else if a.kind == assignAtom && !p.usesStill(k) {
			continue
		}
		all++
	}
	if all == 0 {
		return 1
	}
	return float64(kept) / float64(all)
}

// goneWhole says whether nothing of the block at the atom remains.
func (p *pair) goneWhole(i int) bool {
	for k := i; k < p.base.atoms[i].end; k++ {
		if p.counterpart[k] >= 0 && !p.base.atoms[k].kind.isNoise() {
			return false
		}
	}
	return true
}
