package ast

// Match is a Match statement; Cases are MatchCase nodes.
type Match struct {
	Subject Node
	Cases   Nodes
}

// Match returns the parts of a Match.
func (t *Tree) Match(n Node) Match {
	t.must(n, KindMatch)
	return Match{Node(t.nodes[n].a), t.list(Node(t.nodes[n].b))}
}

// NewMatch makes a Match.
func (t *Tree) NewMatch(pos, end uint32, subject Node, cases Chain) Node {
	return t.add(KindMatch, 0, 0, pos, end, uint32(subject), uint32(cases.First))
}

// MatchCase is a match_case; Guard is 0 if absent.
type MatchCase struct {
	Pattern, Guard Node
	Body           Nodes
}

// MatchCase returns the parts of a MatchCase.
func (t *Tree) MatchCase(n Node) MatchCase {
	t.must(n, KindMatchCase)
	pattern := Node(t.nodes[n].a)
	return MatchCase{pattern, t.nodes[pattern].next, t.list(Node(t.nodes[n].b))}
}

// NewMatchCase makes a MatchCase.
func (t *Tree) NewMatchCase(pos, end uint32, pattern, guard Node, body Chain) Node {
	return t.add(KindMatchCase, 0, 0, pos, end, t.link(pattern, guard, 0), uint32(body.First))
}

// Patterns returns the elements of a MatchSequence or MatchOr.
func (t *Tree) Patterns(n Node) Nodes {
	t.must2(n, KindMatchSequence, KindMatchOr)
	return t.list(Node(t.nodes[n].a))
}

// NewPatterns makes a MatchSequence or MatchOr.
func (t *Tree) NewPatterns(kind Kind, pos, end uint32, patterns Chain) Node {
	return t.add(kind, 0, 0, pos, end, uint32(patterns.First), 0)
}

// NewMatchSingleton makes a MatchSingleton; [Tree.ConstKind] tells which.
func (t *Tree) NewMatchSingleton(pos, end uint32, kind ConstKind) Node {
	return t.add(KindMatchSingleton, uint8(kind), 0, pos, end, 0, 0)
}

// MatchMapping is a MatchMapping; Rest is 0 without "**rest", and RestPos the
// offset of its name.
type MatchMapping struct {
	Items   Items
	Rest    Ident
	RestPos uint32
}

// MatchMapping returns the parts of a MatchMapping; Items are keys and patterns.
func (t *Tree) MatchMapping(n Node) MatchMapping {
	t.must(n, KindMatchMapping)
	m := MatchMapping{Items: Items{t, Node(t.nodes[n].a)}}
	if i := t.nodes[n].b; i != 0 {
		m.Rest, m.RestPos = Ident(t.extra[i]), t.extra[i+1]
	}
	return m
}

// NewMatchMapping makes a MatchMapping of items collected with AppendItem.
func (t *Tree) NewMatchMapping(pos, end uint32, items Chain, rest Ident, restPos uint32) Node {
	x := uint32(0)
	if rest != 0 {
		x = t.more(uint32(rest), restPos)
	}
	return t.add(KindMatchMapping, 0, 0, pos, end, uint32(items.First), x)
}

// MatchClass is a MatchClass; Keywords are MatchKeyword nodes.
type MatchClass struct {
	Class              Node
	Patterns, Keywords Nodes
}

// MatchClass returns the parts of a MatchClass.
func (t *Tree) MatchClass(n Node) MatchClass {
	t.must(n, KindMatchClass)
	class := Node(t.nodes[n].a)
	return MatchClass{class, t.list(t.nodes[class].next), t.list(Node(t.nodes[n].b))}
}

// NewMatchClass makes a MatchClass.
func (t *Tree) NewMatchClass(pos, end uint32, class Node, patterns, keywords Chain) Node {
	return t.add(KindMatchClass, 0, 0, pos, end, t.link(class, patterns.First, 0), uint32(keywords.First))
}

// MatchKeyword is "attr=pattern" in a class pattern.
type MatchKeyword struct {
	Attr    Ident
	Pattern Node
}

// MatchKeyword returns the parts of a MatchKeyword.
func (t *Tree) MatchKeyword(n Node) MatchKeyword {
	t.must(n, KindMatchKeyword)
	return MatchKeyword{Ident(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewMatchKeyword makes a MatchKeyword.
func (t *Tree) NewMatchKeyword(pos, end uint32, attr Ident, pattern Node) Node {
	return t.add(KindMatchKeyword, 0, 0, pos, end, uint32(attr), uint32(pattern))
}

// MatchStar returns the name of a MatchStar, 0 for "*_". The name ends where
// the node ends.
func (t *Tree) MatchStar(n Node) Ident {
	t.must(n, KindMatchStar)
	return Ident(t.nodes[n].a)
}

// NewMatchStar makes a MatchStar.
func (t *Tree) NewMatchStar(pos, end uint32, name Ident) Node {
	return t.add(KindMatchStar, 0, 0, pos, end, uint32(name), 0)
}

// MatchAs is a MatchAs: a capture has no Pattern, the wildcard "_" has neither.
// The name ends where the node ends.
type MatchAs struct {
	Pattern Node
	Name    Ident
}

// MatchAs returns the parts of a MatchAs.
func (t *Tree) MatchAs(n Node) MatchAs {
	t.must(n, KindMatchAs)
	return MatchAs{Node(t.nodes[n].a), Ident(t.nodes[n].b)}
}

// NewMatchAs makes a MatchAs.
func (t *Tree) NewMatchAs(pos, end uint32, pattern Node, name Ident) Node {
	return t.add(KindMatchAs, 0, 0, pos, end, uint32(pattern), uint32(name))
}
