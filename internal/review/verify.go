package review

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Verdict says whether a checklist is answered.
type Verdict struct {
	// Name is what the user calls the answers.
	Name string
	// Asked and Answered count items.
	Asked, Answered int
	// Faults are in the order of their lines; those about what is not there come last.
	Faults []Fault
}

// Verifier checks answers against head.
type Verifier struct {
	// Head is the whole tree, tests included.
	Head Side
	// Read gives the content of any file of head.
	Read func(path string) ([]byte, error)
}

// Verify checks the answers to every item. The items must be those of the change that the answers are for.
func (v *Verifier) Verify(c *Checklist, a *Answers, name string) *Verdict {
	verdict := &Verdict{Name: name, Asked: len(c.Items), Faults: slices.Clone(a.Faults)}
	asked := map[string]*Item{}
	for _, item := range c.Items {
		asked[item.ID] = item
	}
	for _, answer := range a.All {
		if asked[answer.ID] == nil {
			verdict.Faults = append(verdict.Faults, Fault{answer.Line, answer.ID,
				"this change asks no such question: the answer was given for other code (`tiebeam review --keep FILE` asks again and keeps what still holds)"})
		}
	}
	for number, item := range c.Items {
		faults := v.item(item, a, number+1)
		if len(faults) == 0 {
			verdict.Answered++
		}
		verdict.Faults = append(verdict.Faults, faults...)
	}
	slices.SortStableFunc(verdict.Faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(absent(a.Line), absent(b.Line)), cmp.Compare(a.Line, b.Line))
	})
	return verdict
}

func absent(line int) int {
	if line == 0 {
		return 1
	}
	return 0
}

// item gives what is missing of the answer to an item; nothing where one piece of evidence holds.
func (v *Verifier) item(item *Item, a *Answers, number int) []Fault {
	answer := a.of(item.ID)
	if answer == nil {
		reason := fmt.Sprintf("question %d is not there: %s", number, item.Question)
		if why := a.hidden[item.ID]; why != "" {
			reason = fmt.Sprintf("question %d is not answered: %s, where it is not read", number, why)
		}
		return []Fault{{0, item.ID, reason}}
	}
	if len(answer.Evidence) == 0 {
		reason := "not answered: " + item.Question
		if answer.Ticked {
			reason = "ticked, but without evidence: " + item.Question
		}
		return []Fault{{answer.Line, item.ID, reason}}
	}
	var faults []Fault
	reached := map[program.Func]bool{}
	for i := range answer.Evidence {
		e := &answer.Evidence[i]
		why := v.evidence(item, e, reached)
		if why == "" && (e.Kind != "test" || !item.each || len(reached) == len(item.functions)) {
			return nil
		}
		if why != "" {
			faults = append(faults, Fault{e.Line, item.ID, why})
		}
	}
	if len(reached) > 0 && len(reached) < len(item.functions) {
		faults = append(faults, Fault{answer.Line, item.ID, "the tests do not reach " + v.unreached(item, reached)})
	}
	return faults
}

// unreached names the functions of an item that no test reaches.
func (v *Verifier) unreached(item *Item, reached map[program.Func]bool) string {
	var names []string
	for _, fn := range item.functions {
		if !reached[fn] {
			names = append(names, v.Head.Program.QualifiedName(fn))
		}
	}
	return strings.Join(names, ", ")
}

// evidence says why a piece of evidence does not answer an item, "" where it does. What a test reaches is noted.
func (v *Verifier) evidence(item *Item, e *Evidence, reached map[program.Func]bool) string {
	switch e.Kind {
	case "test":
		return v.test(item, e.Rest, reached)
	case "record":
		return v.record(e.Rest)
	case "measurement":
		return v.measurement(item, e.Rest)
	}
	return reason(item, e.Rest)
}

// recordName is how people cite a record: ADR-47, ADR 0047, #47, 0047.
var recordName = regexp.MustCompile(`^(?i:adr)?[-_ #]*([0-9]{1,8})$`)

func (v *Verifier) record(name string) string {
	found := v.Head.Records.At(strings.TrimPrefix(name, "./"))
	if at := recordName.FindStringSubmatch(name); found == nil && at != nil {
		number, err := strconv.Atoi(at[1])
		if err == nil {
			found = v.Head.Records.Find(number)
		}
	}
	switch {
	case found == nil:
		return fmt.Sprintf("there is no decision record %q in head", name)
	case found.Status != contract.Accepted:
		return fmt.Sprintf("the record %s is %s, only an accepted one answers", found.Name(), statusWord(found.Status))
	}
	return ""
}

func statusWord(s contract.Status) string {
	if s == contract.NoStatus {
		return "without a status"
	}
	return s.String()
}

func (v *Verifier) measurement(item *Item, path string) string {
	content, err := v.Read(path)
	if err != nil {
		return fmt.Sprintf("there is no file %q in head that holds a measurement", path)
	}
	if !strings.ContainsFunc(string(content), unicode.IsDigit) {
		return fmt.Sprintf("%s holds no number", path)
	}
	for _, name := range append([]string{item.ID}, item.names...) {
		if strings.Contains(string(content), name) {
			return ""
		}
	}
	return fmt.Sprintf("%s does not say that it is about this: it names neither %s", path, strings.Join(item.names, " nor "))
}

// What a reason has at least.
const (
	minReasonWords = 5
	minReasonBytes = 25
)

// reason checks "by First Last: why it holds".
func reason(item *Item, words string) string {
	who, why, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(words, "by ")), ":")
	who, why = strings.TrimSpace(who), strings.TrimSpace(why)
	switch {
	case !ok || !isPerson(who):
		return "a reason names who gives it: `reason by First Last: why it holds`, or with an @account or address"
	case len(strings.Fields(why)) < minReasonWords || len(why) < minReasonBytes:
		return fmt.Sprintf("%q is no reason that somebody else could check: say what bounds, guards or allows it", why)
	case strings.Contains(item.Question, why) || strings.Contains(item.Title, why):
		return "the reason repeats the question"
	}
	return ""
}

// isPerson reports whether words name somebody: two words or more with a letter each, an @account, or an address.
func isPerson(who string) bool {
	if strings.ContainsRune(who, '@') {
		return len(who) > 2 && !strings.ContainsAny(who, " \t")
	}
	words := strings.Fields(who)
	named := 0
	for _, w := range words {
		if first := []rune(w)[0]; unicode.IsUpper(first) || unicode.Is(unicode.Lo, first) {
			named++
		}
	}
	return named >= 2 && len(words) <= 5
}

// test checks that a test exists, reaches the code and holds the values.
func (v *Verifier) test(item *Item, name string, reached map[program.Func]bool) string {
	path, symbol, ok := strings.Cut(name, "::")
	if !ok {
		return fmt.Sprintf("%q names no test: expected path::test or path::Class::test", name)
	}
	symbol, _, _ = strings.Cut(strings.ReplaceAll(symbol, "::", "."), "[")
	file := v.Head.fileAt(strings.TrimPrefix(path, "./"))
	if file < 0 {
		return fmt.Sprintf("there is no file %q in head", path)
	}
	if !v.Head.Program.IsTest(file) {
		return fmt.Sprintf("%s is no file of tests", path)
	}
	fn, ok := v.Head.function(v.Head.Program.Files[file].Path, symbol)
	if !ok || v.Head.Program.Files[file].Scopes[fn.Scope].Kind != fact.FunctionScope {
		return fmt.Sprintf("%s has no test %q", path, symbol)
	}
	found := v.reaches(fn, item.functions)
	for _, target := range found {
		reached[target] = true
	}
	if len(found) == 0 {
		return fmt.Sprintf("no chain of calls leads from %s to %s", symbol, v.targets(item))
	}
	if missing := v.missing(fn, item.Limits); missing != nil {
		return fmt.Sprintf("%s does not use %s: the limit and its neighbours are %s", symbol, numbers(missing), numbers(item.Limits))
	}
	return ""
}

func (v *Verifier) targets(item *Item) string {
	var names []string
	for _, fn := range item.functions {
		names = append(names, v.Head.Program.QualifiedName(fn))
	}
	if len(names) == 0 {
		return "the code of this question, which is in no function"
	}
	return strings.Join(names, " or ")
}

// missing gives the values that a test does not hold, in its code or in its parameters.
func (v *Verifier) missing(test program.Func, values []float64) []float64 {
	facts := v.Head.Program.Files[test.File]
	span := facts.Scopes[test.Scope].Span
	eval := v.Head.Program.Eval(test.File)
	var found []float64
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if i == 0 || x.Start < span.Start || x.End > span.End {
			continue
		}
		switch x.Kind {
		case fact.IntConst, fact.FloatConst, fact.Unary, fact.Binary, fact.Name, fact.Attr:
			if n := eval.Number(program.ExprRef{File: test.File, Expr: fact.Expr(i)}); n.Known && !math.IsNaN(n.Value) {
				found = append(found, n.Value)
			}
		}
	}
	var missing []float64
	for _, value := range values {
		if !slices.Contains(found, value) {
			missing = append(missing, value)
		}
	}
	return missing
}
