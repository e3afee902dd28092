package program

import (
	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// FileID is the index of a file in Program.Files.
type FileID int32

// Place is a span in one file. The zero Place is no place (its Span is empty).
type Place struct {
	File FileID
	fact.Span
}

// Func names a function, method, lambda, class body or module of the program: a scope of one file.
type Func struct {
	File  FileID
	Scope fact.Scope
}

// ExprRef names one expression of the program. The zero ExprRef is none (expression 0).
type ExprRef struct {
	File FileID
	Expr fact.Expr
}

// Effect is a way in which code can hurt; the names are those of the design's table.
type Effect uint8

// The effects.
const (
	NoEffect Effect = iota
	Wait
	Repeat
	Write
	Block
	Acquire
	Share
	Decide
	Admit
	Spawn
	Remote
	Import

	effects // how many there are
)

// GuardKind is what keeps an effect safe. The names are those of the JSON field "guard".
type GuardKind string

// The kinds of guard.
const (
	Deadline      GuardKind = "deadline"
	Release       GuardKind = "release"
	RetryBound    GuardKind = "retry-bound"
	Idempotency   GuardKind = "idempotency"
	Transaction   GuardKind = "transaction"
	Offload       GuardKind = "offload"
	Lock          GuardKind = "lock"
	Immutability  GuardKind = "immutability"
	Boundary      GuardKind = "boundary"
	Validation    GuardKind = "validation"
	Authorization GuardKind = "authorization"
	Bound         GuardKind = "bound"
	Cancellation  GuardKind = "cancellation"
	Fallback      GuardKind = "fallback"
	Dependency    GuardKind = "dependency"
	Decision      GuardKind = "decision"
)

// Guard is one thing that protects a site.
type Guard struct {
	Kind GuardKind
	// Where the guard is written; the zero Place for one that is written nowhere (a library default).
	Where Place
	// From says how it reaches the site: "argument", "client", "default", "scope", "decorator", "caller", "adapter",
	// "process", "schema", "with", "finally", "owner"...
	From string
	// Text is the guard in normalised form, the same for equivalent spellings ("timeout=2s", "with self._lock",
	// "if not user: raise"). Two guards with the same Kind and Text are the same guard.
	Text string
	// Seconds is the bound of a deadline in seconds, +Inf for none, NaN where it is bounded by an unknown value.
	Seconds float64
	// Number is another measurable strength (attempts, size); 0 where there is none. Larger lets more through.
	Number float64
	// Weak says why the guard does not hold on every path or for the whole effect; empty for a full guard.
	Weak string
}

// Site is one effect at one place with the guards that reach it.
type Site struct {
	Effect Effect
	// Func is the function that contains the site; At the place a finding stands on; Expr the expression (0 for a statement).
	Func Func
	At   Place
	Expr fact.Expr
	Stmt fact.Stmt
	// Given is the argument that is called, where the expression is a call that runs what it is given; 0 otherwise.
	Given fact.Expr
	// What is the canonical path of what is done ("requests.get", "shop.Registry._endpoints"), stable between snapshots.
	What string
	// Entry is the catalog row behind it, nil where the project itself defines the effect.
	Entry *catalog.Entry
	// Text is the effect in normalised form, for matching across snapshots.
	Text   string
	Guards []Guard
	// Chain leads from the site to the effect proper where it is carried by calls, nearest first.
	Chain []Step
	// Detail is a short phrase for messages, specific to the effect ("waits for ever for the network").
	Detail string
	// Seen says what running code has shown of the site, where it was run.
	Seen string
	// Strict is true where the site is judged under --strict only.
	Strict bool
	// Fault is the name of the rule that this site breaks as it stands, "" where it breaks none or is guarded.
	Fault string
}

// Step is one link of a chain: at this place, this happens.
type Step struct {
	At   Place
	Text string
}

// Guarded gives the first guard of the kind, or nil.
func (s *Site) Guarded(kind GuardKind) *Guard {
	for i := range s.Guards {
		if s.Guards[i].Kind == kind {
			return &s.Guards[i]
		}
	}
	return nil
}
