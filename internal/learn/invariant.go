package learn

import (
	"cmp"
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// Kind says what sort of habit an invariant is.
type Kind string

// The kinds of invariant.
const (
	// Guard is a guard at the sites of an effect.
	Guard Kind = "guard"
	// Lock is the lock that a class's or module's fields are written under.
	Lock Kind = "lock"
	// WriteOnce is a class whose attributes are set by its constructor alone.
	WriteOnce Kind = "write-once"
	// Layer is a package that does not import others which import it.
	Layer Kind = "layer"
	// Factory is the one module that makes objects of a class, or calls a function of a library.
	Factory Kind = "factory"
	// Range is the bound that the deadlines of a group keep.
	Range Kind = "range"
	// Argument is an optional argument that callers give.
	Argument Kind = "argument"
	// Handler is an exception that is handled around calls.
	Handler Kind = "handler"
	// Decorator is a decorator that the functions of a group have.
	Decorator Kind = "decorator"
	// Super is a method that calls the one it overrides.
	Super Kind = "super"
	// Call is a function of the program that the functions of a group call.
	Call Kind = "call"
)

// ScopeKind says what the places of an invariant have in common.
type ScopeKind string

// The kinds of scope, the narrowest first.
const (
	InClass   ScopeKind = "class"
	InModule  ScopeKind = "module"
	OfCallee  ScopeKind = "callee"
	InBase    ScopeKind = "base class"
	OfRoute   ScopeKind = "route"
	OfLibrary ScopeKind = "library"
	InPackage ScopeKind = "package"
	InProgram ScopeKind = "program"
)

// Scope is what the places of an invariant have in common.
type Scope struct {
	Kind ScopeKind
	// Name is the class, module ("shop/http.py"), callee, library or package ("shop/clients"); "" for the program.
	Name string
}

// Invariant is a habit of the program.
type Invariant struct {
	Kind Kind
	// Guard is the guard that the habit is, "" where it is none of the known ones.
	Guard program.GuardKind
	// Effect is what it guards, NoEffect where that is not known.
	Effect program.Effect
	// Subject narrows the effect ("network"), or is what the habit is about: a callee, a class, a package.
	Subject string
	// Habit is what the places do: a lock's name, an argument, a decorator, an exception, a bound.
	Habit string
	Scope Scope
	// Statement says the habit in a sentence without the counts.
	Statement string
	// Kept of Total places keep it.
	Kept, Total int
	// Base is how often the rest of the program keeps it, between 0 and 1; 0.5 where there is no rest.
	Base float64
	// Confidence is the lower end of the 95 % interval of the share that keeps it (Wilson), between 0 and 1.
	Confidence float64
	// Score orders invariants; larger is more telling.
	Score float64
	// Examples are places that keep it, at most maxExamples; Deviants all that do not.
	Examples []program.Place
	Deviants []Deviant
	// Seconds is the bound of a Range.
	Seconds float64
	// Modules are the packages that a Layer does not import, and the modules of a Factory.
	Modules []string
}

// Deviant is a place that does not keep an invariant which its likes keep.
type Deviant struct {
	At   program.Place
	Func program.Func
	// Text is what stands there, in one line.
	Text string
	// Known is true where a rule of check reports the place already.
	Known bool
}

// maxExamples is how many places that keep an invariant are kept with it.
const maxExamples = 3

// Strong reports whether a deviant of the invariant is worth a finding: many places keep it, hardly any do not, and the
// kind is one that is rarely a coincidence.
func (v *Invariant) Strong() bool {
	if len(v.Deviants) == 0 || v.Kept < minStrong || len(v.Deviants) > v.Kept/strongRatio {
		return false
	}
	switch v.Kind {
	case Guard, Lock, Layer, Factory, Decorator, Super:
		return true
	case Argument, Call:
		return v.Guard != ""
	}
	return false
}

// What a strong invariant is kept by, and how many times as often as it is not.
const (
	minStrong   = 9
	strongRatio = 9
)

// compareInvariants is the order of output: by score, then by all that can differ.
func compareInvariants(a, b *Invariant) int {
	return cmp.Or(
		cmp.Compare(b.Score, a.Score), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject),
		cmp.Compare(a.Scope.Kind, b.Scope.Kind), cmp.Compare(a.Scope.Name, b.Scope.Name), cmp.Compare(a.Habit, b.Habit),
	)
}

func comparePlaces(a, b program.Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

func sortDeviants(all []Deviant) {
	slices.SortStableFunc(all, func(a, b Deviant) int { return comparePlaces(a.At, b.At) })
}
