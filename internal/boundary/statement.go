package boundary

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
)

// statementWord begins what a comparison in SQL can stand in; verb begins a statement.
var (
	statementWord = regexp.MustCompile(`(?i)\b(?:where|having|check|on)\b`)
	verb          = regexp.MustCompile(`(?i)^[\s(]*(?:select|update|delete|insert|with|create|alter|merge)\b`)
)

// sqlOperator mirrors the agent's pattern: texts, quoted names and comments first, so that what stands in them is
// passed over, then an operator. Go's patterns cannot look around, so neighbours are judged apart.
var sqlOperator = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|<=|>=|<|>`)

// statement takes the comparisons behind WHERE, HAVING, CHECK and ON.
func (c *chooser) statement(e fact.Expr, x *fact.ExprInfo) {
	text := c.facts.Text(x.Text)
	if !strings.ContainsAny(text, "<>") || !verb.MatchString(text) && !strings.Contains(text, "WHERE") {
		return
	}
	from := statementWord.FindStringIndex(text)
	if from == nil || c.alone(x) {
		return
	}
	for nth, at := range sqlComparisons(text) {
		if at.start < from[0] {
			continue
		}
		op := text[at.start:at.end]
		changed := text[:at.start] + flips[op] + text[at.end:]
		window := func(s string) string { return finding.OneLine(clip(s, at.start)) }
		c.add(Target{
			Kind: SQL, Span: x.Span, Text: window(text), Why: "chooses rows in SQL", op: op,
			Mutants: []Mutant{{fmt.Sprintf("%d:%s", nth, flips[op]), window(changed)}},
		}, x.Scope, x.Start)
	}
}

// alone reports whether a text is a statement of its own: a docstring or a comment.
func (c *chooser) alone(x *fact.ExprInfo) bool {
	return x.Parent == 0 && c.facts.Stmts[x.Stmt].Kind == fact.ExprStmt
}

type extent struct{ start, end int }

// sqlComparisons finds the ordering operators of a statement, in order.
func sqlComparisons(text string) []extent {
	var found []extent
	for rest := 0; rest < len(text); {
		at := sqlOperator.FindStringIndex(text[rest:])
		if at == nil {
			break
		}
		start, end := rest+at[0], rest+at[1]
		switch first := text[start]; {
		case first != '<' && first != '>':
			rest = end
		case start > 0 && strings.IndexByte("<>=!@~|&#?*^/%+-", text[start-1]) >= 0,
			end < len(text) && strings.IndexByte("<>=@~|&#?*^/%-", text[end]) >= 0:
			rest = start + 1
		default:
			found = append(found, extent{start, end})
			rest = end
		}
	}
	return found
}

// clip is the part of a statement around an operator.
func clip(text string, at int) string {
	const around = 30
	start, end := max(0, at-around), min(len(text), at+around)
	for start > 0 && text[start] != ' ' && text[start] != '\n' {
		start--
	}
	for end < len(text) && text[end] != ' ' && text[end] != '\n' {
		end++
	}
	return strings.TrimSpace(text[start:end])
}

// lookupFlips are the lookups of an ORM that differ at the limit alone.
var lookupFlips = map[string]string{"gt": "gte", "gte": "gt", "lt": "lte", "lte": "lt"}

// lookups takes filter(age__gt=18).
func (c *chooser) lookups(e fact.Expr, x *fact.ExprInfo) {
	for _, arg := range c.facts.OperandsOf(e) {
		keyword := &c.facts.Exprs[arg]
		if keyword.Kind != fact.Keyword || keyword.Text == 0 {
			continue
		}
		name := c.facts.Text(keyword.Text)
		field, lookup, ok := cutLast(name, "__")
		other := lookupFlips[lookup]
		if !ok || other == "" {
			continue
		}
		value := c.text(keyword.A)
		c.add(Target{
			Kind: Lookup, Span: keyword.Span, Text: name + "=" + value, Why: "chooses rows", op: lookup,
			Mutants: []Mutant{{other, field + "__" + other + "=" + value}},
		}, x.Scope, c.facts.Exprs[keyword.A].Start)
	}
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i > 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}
