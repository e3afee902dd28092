package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// comparison is one comparison of a function.
type comparison struct {
	text string
	at   program.Place
	// limit is the number that it compares with, where one is known.
	limit float64
	known bool
	// named is set where an operand speaks of a limit, secure where the comparison is on the way of a permission.
	named, secure bool
}

// comparisons makes items of the comparisons on a limit, or on the way of a permission, that differ.
func (b *builder) comparisons() {
	was, now := map[program.Func][]comparison{}, map[program.Func][]comparison{}
	for file, facts := range b.Base.Program.Files {
		if b.Unchanged(facts.Path) || b.Base.Program.IsTest(program.FileID(file)) {
			continue
		}
		for scope, list := range b.Base.compared(program.FileID(file)) {
			if fn, ok := b.Match.Function(program.Func{File: program.FileID(file), Scope: scope}); ok {
				was[fn] = append(was[fn], list...)
			}
		}
	}
	for file, facts := range b.Head.Program.Files {
		if b.Unchanged(facts.Path) || b.Head.Program.IsTest(program.FileID(file)) {
			continue
		}
		for scope, list := range b.Head.compared(program.FileID(file)) {
			now[program.Func{File: program.FileID(file), Scope: scope}] = list
		}
	}
	functions := slices.Collect(maps.Keys(now))
	for fn := range was {
		if now[fn] == nil {
			functions = append(functions, fn)
		}
	}
	slices.SortFunc(functions, func(a, b program.Func) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Scope, b.Scope)) })
	for _, fn := range functions {
		b.comparedIn(fn, without(was[fn], now[fn]), without(now[fn], was[fn]))
	}
}

// without gives the comparisons of a list that the other one does not have as often.
func without(list, other []comparison) []comparison {
	left := map[string]int{}
	for i := range other {
		left[other[i].text]++
	}
	var found []comparison
	for _, c := range list {
		if left[c.text] > 0 {
			left[c.text]--
			continue
		}
		found = append(found, c)
	}
	return found
}

// compared lists the comparisons of a file that could be worth asking about, by function.
func (s *Side) compared(file program.FileID) map[fact.Scope][]comparison {
	facts := s.Program.Files[file]
	eval := s.Program.Eval(file)
	found := map[fact.Scope][]comparison{}
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Compare || x.Op == fact.OpIs || x.Op == fact.OpIsNot {
			continue
		}
		fn := s.named(program.Func{File: file, Scope: x.Scope})
		secure := security(s.Program.Symbol(fn)) || security(facts.Path)
		ordering := x.Op == fact.OpLt || x.Op == fact.OpLtE || x.Op == fact.OpGt || x.Op == fact.OpGtE
		if !ordering && !secure {
			continue
		}
		ref := program.ExprRef{File: file, Expr: fact.Expr(i)}
		c := comparison{text: s.Program.Text(ref), at: s.Program.PlaceOf(ref), secure: secure, named: ordering && speaksOf(facts, x, program.LimitWord)}
		for _, side := range []fact.Expr{x.B, x.A} {
			if n := eval.Number(program.ExprRef{File: file, Expr: side}); ordering && n.Known && !c.known {
				c.limit, c.known = n.Value, true
			}
		}
		found[fn.Scope] = append(found[fn.Scope], c)
	}
	return found
}

// speaksOf reports whether a name in one of the operands has a word.
func speaksOf(facts *fact.File, x *fact.ExprInfo, word func(string) bool) bool {
	found := false
	for _, side := range []fact.Expr{x.A, x.B} {
		facts.Walk(side, func(e fact.Expr) bool {
			switch y := &facts.Exprs[e]; y.Kind {
			case fact.Name, fact.Attr:
				found = found || word(facts.Text(y.Text))
			}
			return !found
		})
	}
	return found
}

// securityWords are the words of paths and names on the way of a permission.
var securityWords = []string{
	"auth", "authn", "authz", "authenticate", "authentication", "authorize", "authorization", "authorized", "permission", "permissions", "permitted", "token", "tokens",
	"password", "passwd", "secret", "secrets", "signature", "signing", "csrf", "login", "logout", "session", "access", "acl", "grant", "grants", "credential",
	"credentials", "verify", "oauth", "oidc", "jwt", "role", "roles", "security", "privilege", "privileges", "forbidden", "allowed", "crypto", "hmac",
}

// security reports whether a path or qualified name has such a word.
func security(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		start := 0
		for i, r := range word {
			if i > 0 && unicode.IsUpper(r) && slices.Contains(securityWords, strings.ToLower(word[start:i])) {
				return true
			}
			if i > 0 && unicode.IsUpper(r) {
				start = i
			}
		}
		if slices.Contains(securityWords, strings.ToLower(word[start:])) || slices.Contains(securityWords, strings.ToLower(word)) {
			return true
		}
	}
	return false
}

// comparedIn makes the item of a function whose comparisons differ.
func (b *builder) comparedIn(fn program.Func, was, now []comparison) {
	was, now = b.untold(was, false), b.untold(now, true)
	if !slices.ContainsFunc(slices.Concat(was, now), func(c comparison) bool { return c.named || c.secure }) {
		return
	}
	path, symbol := b.Head.Program.Files[fn.File].Path, b.Head.Program.Symbol(fn)
	for _, guard := range []program.GuardKind{program.Boundary, program.Authorization, program.Validation} {
		if b.taken[taken{path, symbol, string(guard)}] {
			return
		}
	}
	item := &Item{Kind: Compared, Guard: string(program.Boundary)}
	if len(was) == 0 {
		item.Kind = Added
	}
	for _, c := range was {
		spot := b.Base.spot(c.at, fn)
		spot.Symbol, spot.Text = symbol, b.Base.lineOf(spot.Path, spot.Line)
		item.Before = addSpot(item.Before, spot)
		item.code = append(item.code, c.text)
	}
	secure, noticed, seen := false, len(now) > 0, ""
	for _, c := range now {
		test, unnoticed := b.Head.Program.Ran(c.at)
		noticed, seen = noticed && test != "", cmp.Or(seen, unnoticed)
		spot := b.Head.spot(c.at, fn)
		spot.Text = b.Head.lineOf(spot.Path, spot.Line)
		item.After = addSpot(item.After, spot)
		item.code = append(item.code, c.text)
		if c.known && item.Limits == nil {
			item.Limits = around(c.limit)
		}
		secure = secure || c.secure
	}
	if len(now) == 0 {
		info := &b.Head.Program.Files[fn.File].Scopes[fn.Scope]
		item.After = []Spot{b.Head.spot(program.Place{File: fn.File, Span: info.NameSpan}, fn)}
		secure = was[0].secure
	}
	if noticed && !secure {
		return // a test was seen to notice each change of them, for the very code that is asked about
	}
	item.Title, item.Question = comparisonWords(symbolWords(symbol), was, now, secure)
	if seen != "" {
		item.Question += " As it was run, " + visible(seen) + "."
	}
	item.Wanted = wanted(program.Boundary, item.Limits)
	item.Weight = kindWeights[item.Kind] + guardWeights[program.Boundary]
	if secure {
		item.Weight += securityWeight
	}
	b.about(item, fn)
	b.govern(item, path, symbol, program.Decide, program.Boundary)
	b.items = append(b.items, item)
}

// untold leaves out comparisons on lines that a finding speaks of.
func (b *builder) untold(list []comparison, head bool) []comparison {
	side := &b.Base
	if head {
		side = &b.Head
	}
	return slices.DeleteFunc(list, func(c comparison) bool {
		line, _ := side.Source(c.at.File).Position(c.at.Start)
		return b.told[spotKey{head, side.Program.Files[c.at.File].Path, line}]
	})
}

// around gives the values next to a limit and the limit itself; whole numbers one below and above it.
func around(limit float64) []float64 {
	if limit != float64(int64(limit)) || limit == 0 || limit == 1 {
		return nil // a fraction has no next value, and 0 and 1 ask for emptiness
	}
	return []float64{limit - 1, limit, limit + 1}
}

// comparisonWords gives title and question of comparisons that differ.
func comparisonWords(symbol string, was, now []comparison, secure bool) (title, question string) {
	switch {
	case len(was) == 0:
		title = fmt.Sprintf("%s compares anew: %s", symbol, code(now[0].text))
		question = "What happens exactly at the limit, one below it and one above it?"
	case len(now) == 0:
		title = fmt.Sprintf("%s compares no more: base had %s", symbol, code(was[0].text))
		question = fmt.Sprintf("Base had %s: what decides this now?", code(was[0].text))
	default:
		title = fmt.Sprintf("%s compares %s, base had %s", symbol, code(now[0].text), code(was[0].text))
		question = fmt.Sprintf("For which value do %s and %s differ, and which of the two is right there?", code(was[0].text), code(now[0].text))
	}
	if secure && len(was) > 0 {
		question += " Who can do what now that could not before?"
	}
	return title, question
}
