package regress

import "github.com/tiebeam/tiebeam/internal/fact"

// minVocabulary is the share of the words of a function that has to turn up again for it to count as rewritten under
// another name or inlined.
const minVocabulary = 0.75

// vocabulary counts the words of a body that renaming locals does not change: attributes, keywords, constants and
// names from outside.
func (b *body) vocabulary() map[string]int {
	words := map[string]int{}
	span := b.info().Span
	for i := range b.Exprs {
		x := &b.Exprs[i]
		if x.Start < span.Start || x.End > span.End {
			continue
		}
		switch x.Kind {
		case fact.Attr:
			words["."+b.Text(x.Text)]++
		case fact.Keyword:
			words[b.Text(x.Text)+"="]++
		case fact.StrConst, fact.IntConst, fact.FloatConst:
			words["'"+b.Text(x.Text)]++
		case fact.Name:
			if x.Sym == 0 || b.Symbols[x.Sym].Scope == 0 {
				words[b.Text(x.Text)]++
			}
		}
	}
	return words
}

// covered is the share of the words of a that b has, beyond those that without has already.
func covered(a, b, without map[string]int) float64 {
	all, found := 0, 0
	for word, n := range a {
		all += n
		found += min(n, max(0, b[word]-without[word]))
	}
	if all < 2 {
		return 0
	}
	return float64(found) / float64(all)
}

// rewritten says whether what a deleted function did is done by a new function, or in place by one that called it.
func (c *change) rewritten(b *body) bool {
	words := b.vocabulary()
	for _, a := range c.added {
		if a.kind == fact.FunctionScope && covered(words, a.vocabulary(), nil) >= minVocabulary {
			return true
		}
	}
	for _, p := range c.pairs {
		if p.base.kind == fact.FunctionScope && p.base.namesFunction(b.name) && covered(words, p.head.vocabulary(), p.base.vocabulary()) >= minVocabulary {
			return true
		}
	}
	return false
}

// namesFunction says whether some atom of the body names the function.
func (b *body) namesFunction(name string) bool {
	for i := range b.lower() {
		if b.mentionsName(i, name) {
			return true
		}
	}
	return false
}
