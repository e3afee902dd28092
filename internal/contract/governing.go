package contract

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// Governing gives the contracts that bind a place, in the order of the records: those of accepted and of proposed records
// (see Clause.Record.Status). Effect and guard narrow the answer; NoEffect and "" do not. A contract on imports governs the
// modules that it names, for the effect Import or none.
func (r *Records) Governing(at Place, effect program.Effect, guard program.GuardKind) []*Clause {
	if at.names == nil && at.Home != "" {
		module, _ := program.ModulePath(at.Path)
		at.names = moduleNames(module, at.Home)
	}
	var found []*Clause
	for _, c := range r.Clauses() {
		if c.concerns(effect, guard) && c.covers(&at) {
			found = append(found, c)
		}
	}
	return found
}

// concerns says whether the contract speaks of an effect and a guard.
func (c *Clause) concerns(effect program.Effect, guard program.GuardKind) bool {
	switch c.Kind {
	case Guarded:
		return (effect == program.NoEffect || effect == c.Effect) && (guard == "" || guard == c.Needs)
	case Importing:
		return (effect == program.NoEffect || effect == program.Import) && (guard == "" || guard == program.Dependency)
	case Making:
		return effect == program.NoEffect && (guard == "" || guard == program.Dependency)
	}
	return guard == "" || guard == program.Decision
}

// covers says whether the contract holds at a place.
func (c *Clause) covers(at *Place) bool {
	switch c.Kind {
	case Guarded, Making:
		if c.Scope.Libraries != nil && at.Library == "" || c.Scope.Routes != nil && at.Route == "" {
			s := c.Scope
			s.Libraries, s.Routes = nil, nil
			return s.covers(at)
		}
		return c.Scope.covers(at)
	case Governing:
		return covers(c.Symbols, at.symbols())
	}
	i := c.Imports
	if i.Containers != nil || i.Kind == Acyclic {
		return covers(slices.Concat(i.Containers, i.Ancestors), at.modules())
	}
	return covers(slices.Concat(i.named(), i.From), at.modules())
}
