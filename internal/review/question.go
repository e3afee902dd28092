package review

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// lostQuestions ask what does the work of a guard that is gone or weaker. %s is where: nothing for one place, else ", at the 14 places below".
var lostQuestions = map[program.GuardKind]string{
	program.Deadline:      "what bounds this wait now%s, and what does whoever waits for it do meanwhile?",
	program.Release:       "on which line is it given back%s, when an exception leaves between there and the end?",
	program.RetryBound:    "what ends the attempts%s, when the other side stays down, and what do all clients together do to it meanwhile?",
	program.Idempotency:   "what happens%s, when this runs a second time with the same input?",
	program.Transaction:   "what remains%s, when it fails between the first write and the last, and who reads it meanwhile?",
	program.Offload:       "how long does the event loop stand still%s, and what else runs on it?",
	program.Lock:          "which two threads or tasks can be in here at once%s, and what does one see of the other's half of the work?",
	program.Immutability:  "who holds this object while it is changed%s?",
	program.Boundary:      "what happens exactly at the limit%s, one below it and one above it?",
	program.Validation:    "where is wrong input (absent, empty, huge, of another type) refused now%s?",
	program.Authorization: "who can do this now that could not before%s?",
	program.Bound:         "how many, or how much, can arrive%s, and what happens with that?",
	program.Cancellation:  "who awaits this or stops it%s, when the service ends?",
	program.Fallback:      "what does the caller get%s, while the other side is down?",
	program.Dependency:    "why must it know the other side%s, and what keeps the next change from knowing more?",
	program.Decision:      "which decision allows this%s, and where is that written?",
}

// touchedQuestions ask whether a guard that is another one now does what the old one did.
var touchedQuestions = map[program.GuardKind]string{
	program.Deadline:      "is the new bound above the time that this takes on a bad day, and below what the caller grants?",
	program.Release:       "is it still released on every path, also on the one that raises?",
	program.RetryBound:    "how long do all attempts with their pauses take together, and does the caller wait that long?",
	program.Idempotency:   "is the key the same for two attempts at the same thing, and another for two things?",
	program.Transaction:   "which writes are inside now that were outside, and the other way round?",
	program.Offload:       "is the pool that runs it large enough, and bounded?",
	program.Lock:          "which fields are guarded by which lock now, and is there an order in which several are taken?",
	program.Immutability:  "is there still no writer after the construction?",
	program.Boundary:      "what happens exactly at the limit, one below it and one above it?",
	program.Validation:    "which input was accepted before and is refused now, and the other way round?",
	program.Authorization: "who could do this before and cannot now, and the other way round?",
	program.Bound:         "what happens to what exceeds the new bound?",
	program.Cancellation:  "who awaits this or stops it when the service ends?",
	program.Fallback:      "does the caller get what it got before, and can it tell that from the real answer?",
}

// ask puts together the question about what a change did to a guard. before is base's code, "" where there was none.
func ask(kind Kind, guard program.GuardKind, before string, places int) string {
	question := lostQuestions[guard]
	if kind == Touched || kind == Added {
		if q, ok := touchedQuestions[guard]; ok {
			return sentence(q)
		}
	}
	if question == "" {
		question = "what makes this safe%s?"
	}
	question = fmt.Sprintf(question, where(places))
	switch {
	case kind == Removed && before != "":
		return fmt.Sprintf("This takes away %s: %s", code(before), question)
	case kind == Weakened && before != "":
		return fmt.Sprintf("This weakens %s: %s", code(before), question)
	}
	return sentence(question)
}

func where(places int) string {
	if places == 1 {
		return ""
	}
	return fmt.Sprintf(", at the %d places below", places)
}

// sentence begins with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// code quotes source text for Markdown, whatever it holds.
func code(s string) string {
	s = visible(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// wanted says in words what evidence answers a question, the best first.
func wanted(guard program.GuardKind, limits []float64) []string {
	switch guard {
	case program.Boundary:
		if len(limits) > 0 {
			return []string{fmt.Sprintf("a test that reaches it with %s", numbers(limits)), "a record", "a reason"}
		}
		return []string{"a test that reaches it with values on both sides of the limit", "a record", "a reason"}
	case program.Authorization, program.Validation, program.Idempotency, program.Transaction, program.Lock, program.Release, program.Fallback:
		return []string{"a test that reaches it", "a record", "a reason"}
	case program.Deadline, program.RetryBound, program.Offload, program.Bound:
		return []string{"a measurement", "a record", "a test that reaches it", "a reason"}
	}
	return []string{"a record", "a test that reaches it", "a reason"}
}

// numbers lists values with commas.
func numbers(values []float64) string {
	var words []string
	for _, v := range values {
		words = append(words, fmt.Sprint(v))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
