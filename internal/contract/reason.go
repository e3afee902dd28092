package contract

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
)

// notes are the comments of a file by their lines.
type notes struct {
	lines finding.Lines
	// beside and alone are comments behind code and on lines of their own, without the sign, by 1-based line.
	beside, alone map[int]string
	// source is the text by lines; source[0] is line 1.
	source []string
}

func readNotes(facts *fact.File, lines finding.Lines) *notes {
	n := &notes{lines: lines, beside: map[int]string{}, alone: map[int]string{}}
	n.source = strings.Split(lines.Slice(0, facts.Size), "\n")
	for i := range facts.Comments {
		c := &facts.Comments[i]
		line, _ := lines.Position(c.Start)
		text := strings.TrimSpace(strings.TrimLeft(facts.Text(c.Text), "#: "))
		if isDirective(text) {
			continue
		}
		if c.Alone {
			n.alone[line] = text
		} else {
			n.beside[line] = text
		}
	}
	return n
}

// directive begins a comment that speaks to a tool.
var directive = regexp.MustCompile(`^(?i:noqa|type:|pylint:|pragma|fmt:|nosec|mypy:|ruff:|pyright:|tiebeam:|isort:|yapf:)`)

func isDirective(comment string) bool { return directive.MatchString(comment) }

// about gives the comment that speaks of an expression: behind its lines or the first and last of its statement, above it,
// or above the lines without a gap in whose middle it stands.
func (n *notes) about(facts *fact.File, e fact.Expr) string {
	first, _ := n.lines.Position(facts.Exprs[e].Start)
	last, _ := n.lines.Position(facts.Exprs[e].End)
	var found []string
	add := func(s string) {
		if s != "" {
			found = append(found, s)
		}
	}
	for line := first; line <= last; line++ {
		add(n.beside[line])
	}
	if stmt := &facts.Stmts[facts.Exprs[e].Stmt]; len(found) == 0 && stmt.Kind < fact.If && stmt.Kind != fact.NoStmt {
		begin, _ := n.lines.Position(stmt.Start)
		end, _ := n.lines.Position(stmt.End)
		add(n.beside[begin])
		if end != begin {
			add(n.beside[end])
		}
	}
	if len(found) == 0 {
		add(n.above(first))
	}
	return strings.Join(found, " ")
}

// mostAbove is how many lines a comment above a block of code is looked for.
const mostAbove = 12

// above gives the comment on the lines above one, with no empty line and nothing less indented in between.
func (n *notes) above(line int) string {
	if line < 1 || line > len(n.source) {
		return ""
	}
	depth := indentation(n.source[line-1])
	at := line - 1
	for n.alone[at] == "" {
		if at < 1 || line-at > mostAbove || strings.TrimSpace(n.source[at-1]) == "" || indentation(n.source[at-1]) < depth && !strings.HasSuffix(strings.TrimSpace(n.source[at-1]), "(") {
			return ""
		}
		depth = min(depth, indentation(n.source[at-1]))
		at--
	}
	var block []string
	for ; n.alone[at] != ""; at-- {
		block = append([]string{n.alone[at]}, block...)
	}
	return strings.Join(block, " ")
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// evidence is what makes a reason by itself: a record, an issue, an address, a standard, or a word that introduces one.
var evidence = regexp.MustCompile(`(?i:\badr[-_ #]?[0-9]|https?://|\brfc ?[0-9]|(?:^|[\s(])#[0-9]+\b|\b(?:because|since|so that|so the|otherwise|due to|in order to|as the|needs? to|must|avoids?|prevents?|sla|slo|p9[0-9]|p50|percentile|budget|measured|agreed|recommend(?:s|ed)?|allows?|takes?|usually|typically|rarely|documented|enough|too)\b)|\b[A-Z]{2,}-[0-9]+\b`)

// plain are the words that say of a limit what everybody sees.
var plain = wordSet(`
the a an of in is are to for we on at by be it its this that and or with as if when not no do use used using set sets sec secs
value default defaults max maximum min minimum limit limits timeout timeouts time times wait waits waiting deadline seconds second
milliseconds millisecond minutes minute hours hour ms retry retries retrying retried attempt attempts tries try number count total
backoff delay delays sleep sleeps pause pauses interval factor multiplier coefficient exponential fixed jitter between each per until
after before request requests call calls http connection connect read todo fixme note xxx up from here will our my then only
server client api response service network
`)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// fewestWords is how many words that are neither plain nor the code's own make a reason.
const fewestWords = 2

// givesReason says whether a comment tells why, rather than what. Names are the words of the code beside it.
func givesReason(comment string, names map[string]bool) bool {
	if evidence.MatchString(comment) {
		return true
	}
	told := 0
	for _, w := range wordsOf(comment) {
		if len(w) > 2 && !plain[w] && !names[w] {
			told++
		}
	}
	return told >= fewestWords
}

// wordsOf takes a text, or a name in any of the usual spellings, apart into words in lower case.
func wordsOf(s string) []string {
	var words []string
	start := -1
	for i, c := range s {
		letter := unicode.IsLetter(c)
		if start >= 0 && (!letter || unicode.IsUpper(c) && i > 0 && s[i-1] >= 'a' && s[i-1] <= 'z') {
			words = append(words, strings.ToLower(s[start:i]))
			start = -1
		}
		if letter && start < 0 {
			start = i
		}
	}
	if start >= 0 {
		words = append(words, strings.ToLower(s[start:]))
	}
	return words
}

// leadingQuantity is a quantity at the beginning of a comment.
var leadingQuantity = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(ms|milliseconds?|s|secs?|seconds?|min|mins|minutes?|h|hours?|attempts?|tries|retries)\b`)

// leading gives the quantity with which a comment begins, nil where it does not.
func leading(comment string) *Quantity {
	at := leadingQuantity.FindStringSubmatch(comment)
	if at == nil {
		return nil
	}
	q, ok := quantityOf(at[1], at[2])
	if !ok {
		return nil
	}
	return &q
}

// Above says whether a comment at a span is the one that speaks of a line: it stands beside it, or above it without a gap.
func Above(facts *fact.File, lines finding.Lines, comment fact.Span, line int) bool {
	n := readNotes(facts, lines)
	row, _ := lines.Position(comment.Start)
	if n.beside[row] != "" {
		return row == line
	}
	if row >= line || n.beside[line] != "" {
		return false
	}
	last := row
	for n.alone[last+1] != "" {
		last++
	}
	return n.above(line) != "" && strings.HasSuffix(n.above(line), n.alone[last]) && line-last <= mostAbove
}
