package program

import (
	"math"
	"sync"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// retry is a place where code is run again when it fails: a loop around a try, a decorator, a loop over an iterator
// of attempts, or a call that is given the function.
type retry struct {
	// form is "loop", "decorator", "iterator", "call", "recursion" or "redelivery"; it is what the guards say they come
	// from.
	form string
	// fn is the function that contains the loop, or the one that is decorated or handed over.
	fn Func
	// at is where a finding stands: the head of the loop, the decorator, the call. expr is 0 for a while loop.
	at   Place
	expr fact.Expr
	stmt fact.Stmt
	// first and end are the statements of fn that are repeated.
	first, end fact.Stmt
	// parameter is the function that is repeated, where that is handed in: a parameter of the function around the loop.
	parameter fact.Sym
	// derived is true where a loop elsewhere in the program repeats the function: the loop is what is judged.
	derived bool
	// what names the effect that is repeated: "httpx.get".
	what   string
	policy policy
}

// policy is what is known of how often and how fast a retry repeats. The zero policy repeats not at all; see
// unknownPolicy.
type policy struct {
	// attempts is how often the code is run at most: +Inf for ever, NaN where the bound cannot be shown.
	attempts float64
	// attemptsAt is where the number is written.
	attemptsAt Place
	// total is the time after which no further attempt is made, in seconds: +Inf for none, NaN for an unknown one.
	total   float64
	totalAt Place
	// pause is the growth of the pauses: "none", "fixed", "linear", "exponential", "random", "schedule", "?".
	pause   string
	pauseAt Place
	// pauses is the least sum of the pauses of all attempts in seconds, NaN where it cannot be shown.
	pauses float64
	jitter bool
	// exceptions are what is repeated on, in order; nil where it cannot be shown.
	exceptions   []string
	exceptionsAt Place
	// selective is true where what is caught is looked at before the code is run again.
	selective bool
	// undoes is true where a handler rolls back what the failed attempt wrote before the code is run again.
	undoes bool
}

func unknownPolicy() policy {
	return policy{attempts: math.NaN(), total: math.Inf(1), pause: "?", pauses: math.NaN()}
}

// endless says whether nothing bounds the retry.
func (q *policy) endless() bool { return math.IsInf(q.attempts, 1) && math.IsInf(q.total, 1) }

// hot says whether the retry repeats at once, more than one time.
func (q *policy) hot() bool { return q.pause == "none" && q.attempts > 2 }

// retries are all retries of the program, found once.
type retries struct {
	once   sync.Once
	byFile [][]retry
	// around gives for each function the first retry that repeats all of it.
	around map[Func]*retry

	inside struct {
		once sync.Once
		by   map[Func]retriedBy
	}
	below struct {
		once sync.Once
		by   map[Func]retriesBelow
	}
}

// retriesOf gives the retries that stand in a file, in the order of their places.
func (p *Program) retriesOf(file FileID) []retry { return p.allRetries().byFile[file] }

func (p *Program) allRetries() *retries {
	p.retry.once.Do(func() {
		r := &p.retry
		r.byFile = make([][]retry, len(p.Files))
		// Loops first: decorators and helpers of the program are retries because of the loop in them.
		p.remote()
		p.retrying(func(file FileID) { r.byFile[file] = p.Eval(file).retryLoops(file) })
		loops := map[Func][]*retry{}
		for file := range r.byFile {
			for i := range r.byFile[file] {
				if one := &r.byFile[file][i]; one.parameter != 0 {
					owner := Func{FileID(file), p.Files[file].Symbols[one.parameter].Scope}
					loops[owner] = append(loops[owner], one)
				}
			}
		}
		handed := make([][]int32, len(p.Files)) // the calls that may hand a function to such a loop
		for fn := range loops {
			for _, site := range p.Callers(fn) {
				handed[site.File] = append(handed[site.File], site.Index)
			}
		}
		more := make([][]retry, len(p.Files))
		p.retrying(func(file FileID) { more[file] = p.Eval(file).retryWrappers(file, loops, handed[file]) })
		r.around = map[Func]*retry{}
		for file := range more {
			r.byFile[file] = append(r.byFile[file], more[file]...)
			sortRetries(r.byFile[file])
		}
		for file := range r.byFile {
			for i := range r.byFile[file] {
				if one := &r.byFile[file][i]; one.whole() {
					if r.around[one.fn] == nil {
						r.around[one.fn] = one
					}
				}
			}
		}
	})
	return &p.retry
}

// Retrying gives the files that hold a retry, in order. The first call costs what finding all retries costs.
func (p *Program) Retrying() (files []FileID) {
	for file, retries := range p.allRetries().byFile {
		if len(retries) > 0 {
			files = append(files, FileID(file))
		}
	}
	return files
}

// retrying is parallel for the files that may hold a retry.
func (p *Program) retrying(work func(FileID)) {
	p.parallel(func(file FileID) {
		if p.options.Retries == nil || p.options.Retries(file) {
			work(file)
		}
	})
}

// callsWithin gives the calls of the statements [first, end) of a file, those of nested functions among them.
func (p *Program) callsWithin(file FileID, first, end fact.Stmt) []CallInfo {
	facts, calls := p.Files[file], p.calls[file]
	from := searchCalls(facts, calls, first)
	return calls[from : from+searchCalls(facts, calls[from:], end)]
}

// searchCalls gives the number of calls that belong to statements before s. Expressions stand in the order of their
// statements.
func searchCalls(facts *fact.File, calls []CallInfo, s fact.Stmt) int {
	low, high := 0, len(calls)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if facts.Exprs[calls[middle].Expr].Stmt < s {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
