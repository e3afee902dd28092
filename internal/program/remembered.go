package program

import (
	"math"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// remembered takes the cache that a decorator puts in front of the function. One that keeps answers for ever counts where
// there is one answer only: of more, a new one is always asked for some time.
func (l *local) remembered() {
	for _, context := range l.e.decoratorContexts(nil, l.fn) {
		if !context.Entry.Has(catalog.RoleCache) || context.Entry.Remember == nil || context.From != "decorator" {
			continue
		}
		at := l.e.p.PlaceOf(context.Item)
		cache := Remembering{Answers: Measure{math.NaN(), at}, Lifetime: Measure{math.NaN(), at}}
		if len(l.e.p.Files[l.fn.File].ParamsOf(l.fn.Scope)) == 0 {
			cache.Answers.Value = 1
		}
		l.lifetime(&cache, context.Item, context.Entry.Remember)
		if !math.IsInf(cache.Lifetime.Value, 1) || cache.Answers.Value == 1 {
			l.out.Remembers = cache
			return
		}
	}
}

// lifetime reads how long a cache keeps its answers, from the decorator or the cache that it is given.
func (l *local) lifetime(cache *Remembering, made ExprRef, r *catalog.Remember) {
	facts := l.e.p.Files[made.File]
	if facts.Exprs[made.Expr].Kind != fact.Call {
		cache.last(r)
		return
	}
	if r.Coalesces || l.argument(made, &r.CoalescesWith).Expr != 0 {
		cache.Coalesces = true
	}
	if r.In.Name != "" {
		in := l.e.Origin(l.argument(made, &r.In))
		call := l.e.p.CallAt(in.File, in.Expr)
		if call == nil || call.Entry == nil || call.Entry.Remember == nil {
			if call != nil && call.Entry != nil && call.Entry.Class { // a cache that knows no time
				cache.Lifetime = Measure{math.Inf(1), l.e.p.PlaceOf(in)}
			}
			return
		}
		made, r = in, call.Entry.Remember
	}
	seconds, where, given := l.e.countArgument(made, &r.Lifetime)
	if !given {
		cache.last(r)
		return
	}
	cache.Lifetime = Measure{seconds, where}
	if more, _, given := l.e.countArgument(made, &r.Jitter); given && seconds > 0 {
		// Lives between the time and that with all of the random part are told by the longer one.
		cache.Lifetime.Value, cache.Jitter = seconds+more, more/(seconds+more)
	}
}

// last takes what holds when nothing is said.
func (c *Remembering) last(r *catalog.Remember) {
	c.Coalesces = c.Coalesces || r.Coalesces
	if c.Lifetime.Value = r.DefaultSeconds; r.DefaultSeconds < 0 {
		c.Lifetime.Value = math.Inf(1)
	}
}

// argument finds the argument of a call for a parameter, the zero ExprRef where it is not given.
func (l *local) argument(call ExprRef, param *catalog.Parameter) ExprRef {
	if call.Expr == 0 || param.Name == "" {
		return ExprRef{}
	}
	position := -1
	if param.Position != nil {
		position = *param.Position
	}
	value, _ := l.e.p.Files[call.File].Argument(call.Expr, param.Name, position)
	if value == 0 {
		return ExprRef{}
	}
	return ExprRef{call.File, value}
}
