package regress

import "github.com/tiebeam/tiebeam/internal/program"

// Options steer a comparison; the zero value compares everything.
type Options struct {
	// Unchanged says that a path has the same content on both sides. It is asked only for paths that both sides have.
	// Nil means that the facts are compared.
	Unchanged func(path string) bool
}

// Compare gives the guards that head has lost or weakened against base, in the order of their places in head. Cost:
// linear in the files for finding those that differ, then proportional to the functions that differ.
func Compare(base, head *program.Program, options Options) []Loss {
	return Match(base, head, options).Losses()
}

// Losses judges what was matched; it is Compare for those who need the correspondence as well. Every call judges anew.
func (m *Correspondence) Losses() []Loss {
	c := m.change
	c.losses, c.claimed, c.decided = nil, map[claim]bool{}, map[program.GuardKind][]program.Place{}
	c.locked, c.unlocked = nil, map[program.Place]bool{}
	c.compareSites(m)
	c.schemas()
	c.writeOnce()
	c.directions()
	for _, p := range c.pairs {
		if !p.base.isTest() {
			p.judge()
		}
	}
	c.deletedFunctions()
	c.containedFailures()
	c.offloadedElsewhere()
	losses := sortLosses(withoutEchoes(withoutRepeats(c.losses)))
	for i := range losses {
		if p := m.moved[losses[i].Was]; p != nil && losses[i].Shape == "site" {
			losses[i].Confidence, losses[i].Moved = p.confidence(), p.moved
		}
	}
	return losses
}

// judge asks every judge about one pair of bodies.
func (p *pair) judge() {
	for _, judge := range judges {
		judge(p)
	}
}

// judges look at one kind of token each. Earlier ones have precedence where two would claim one place.
var judges = []func(*pair){
	(*pair).deadlines,
	(*pair).textDeadlines,
	(*pair).scopes,
	(*pair).attempts, // what the handlers of their loops did is said with them
	(*pair).handlers,
	(*pair).releases,
	(*pair).checks,
	(*pair).trials,
	(*pair).conditions,
	(*pair).shortened,
	(*pair).caps,
	(*pair).skips,
	(*pair).reordered,
	(*pair).comparisons,
	(*pair).thresholds,
	(*pair).amounts,
	(*pair).swallowsCancellation,
	(*pair).unawaited,
	(*pair).thawed,
	(*pair).limits,
	(*pair).uniqueness,
	(*pair).decorators,
	(*pair).access,
	(*pair).queries,
	(*pair).settings,
	(*pair).offloads,
	(*pair).copies,
	(*pair).arguments,
	(*pair).defaults,
	(*pair).wrappers,
	(*pair).unescapedPattern,
	(*pair).carelessTwins,
	(*pair).lazyChecks,
	(*pair).replacedFiles,
	(*pair).containers,
	(*pair).checkCalls,
	// must be after all others: they tell more than a name that vanished.
	(*pair).retries,
	(*pair).vanishedDeadline,
}
