package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// An Outcome is how one source fared with one interpreter. The zero value is no outcome.
type Outcome int

// Outcomes. The last three fail the run.
const (
	// Identical: both accept, and the dumps are the same text.
	Identical Outcome = iota + 1
	// BothRefuse: neither accepts.
	BothRefuse
	// NotJudged: CPython failed with an exception that is no syntax error, mostly for want of stack or memory, which
	// says nothing of its grammar. We accept.
	NotJudged
	// Differs: both accept, and the dumps differ.
	Differs
	// OnlyTheyRefuse: CPython refuses what we accept.
	OnlyTheyRefuse
	// OnlyWeRefuse: we refuse what CPython accepts.
	OnlyWeRefuse
	outcomes
)

// Failed reports whether the outcome fails the run.
func (o Outcome) Failed() bool { return o >= Differs }

func (o Outcome) String() string {
	return [outcomes]string{"", "identical", "refused by both", "not judged by CPython", "differing",
		"refused by CPython only", "refused by tiebeam only"}[o]
}

// A Result is one source compared with one interpreter.
type Result struct {
	// Source is an index into the sources compared.
	Source  int
	Outcome Outcome
	// Theirs is why CPython refuses, nil when it accepts.
	Theirs *Refusal
	// Ours is why we refuse, empty when we accept.
	Ours string
}

// A comparer compares sources with one interpreter. The verdicts that the cache lacks are asked for.
type comparer struct {
	interpreter Interpreter
	sources     []Source
	cache       *Cache
	jobs        int
}

// run returns one result for each source, in their order, whatever the number of jobs.
func (c *comparer) run() ([]Result, error) {
	results := make([]Result, len(c.sources))
	next := make(chan int)
	errs := make(chan error, c.jobs)
	var wait sync.WaitGroup
	for range c.jobs {
		wait.Go(func() {
			if err := c.work(next, results); err != nil {
				errs <- err
			}
			// A worker that failed still takes its share, so that the loop below ends.
			for range next {
			}
		})
	}
	for i := range c.sources {
		next <- i
	}
	close(next)
	wait.Wait()
	close(errs)
	return results, <-errs
}

func (c *comparer) work(next <-chan int, results []Result) (err error) {
	front := newFront(c.interpreter)
	var oracle *Oracle
	defer func() {
		if oracle != nil {
			if closing := oracle.Close(); err == nil && closing != nil {
				err = fmt.Errorf("end %s: %w", c.interpreter.Full, closing)
			}
		}
	}()
	for i := range next {
		s := c.sources[i]
		content, err := os.ReadFile(s.Files[0].Path)
		if err != nil {
			return fmt.Errorf("read the corpus: %w", err)
		}
		theirs, ok := c.cache.Get(s.Digest)
		if !ok {
			if oracle == nil {
				if oracle, err = startOracle(c.interpreter); err != nil {
					return err
				}
			}
			if theirs, err = oracle.Judge(content); err != nil {
				return fmt.Errorf("%s: %w", s.Files[0], err)
			}
			if err := c.cache.Put(s.Digest, theirs); err != nil {
				return err
			}
		}
		ours, refusal := front.digest(content)
		results[i] = judge(i, theirs, ours, refusal)
	}
	return nil
}

// judge compares the two verdicts on source i; refusal is empty when we accept.
func judge(i int, theirs Verdict, ours, refusal string) Result {
	r := Result{Source: i, Theirs: theirs.Refusal, Ours: refusal}
	switch {
	case theirs.Refusal != nil && refusal != "":
		r.Outcome = BothRefuse
	case theirs.Refusal != nil && !theirs.Refusal.syntax():
		r.Outcome = NotJudged
	case theirs.Refusal != nil:
		r.Outcome = OnlyTheyRefuse
	case refusal != "":
		r.Outcome = OnlyWeRefuse
	case ours == theirs.Digest:
		r.Outcome = Identical
	default:
		r.Outcome = Differs
	}
	return r
}

// syntax reports whether the exception is a syntax error.
func (r *Refusal) syntax() bool {
	return r.Class == "SyntaxError" || r.Class == "IndentationError" || r.Class == "TabError"
}

// beyondGrammar reports whether the refusal is about something else than the grammar: the bytes, their encoding, or
// what a literal means.
func (r *Refusal) beyondGrammar() bool {
	if !r.syntax() {
		return true
	}
	for _, part := range []string{"null bytes", "encoding problem", "unknown encoding", "Non-UTF-8", "(unicode error)",
		"(value error)", "codec can't decode", "invalid or missing encoding", "non-ASCII", "Non-ASCII"} {
		if strings.Contains(r.Message, part) {
			return true
		}
	}
	return false
}

// firstDifference returns the offset of the first byte in which a and b differ, and a window of each around it.
func firstDifference(a, b string) (offset int, inA, inB string) {
	for offset < len(a) && offset < len(b) && a[offset] == b[offset] {
		offset++
	}
	return offset, window(a, offset), window(b, offset)
}

func window(s string, at int) string {
	const before, after = 160, 80
	start, end := max(0, at-before), min(len(s), at+after)
	return s[start:min(at, end)] + "⇒" + s[min(at, end):end]
}
