package parse

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// report records a diagnostic that does not stop the statement, unless the
// statement has one already.
func (p *parser) report(pos, end uint32, message string) {
	if p.reported || p.skipping {
		return
	}
	p.reported = true
	p.t.AddDiagnostic(pos, max(pos, end), message)
}

// gate reports syntax that Python has only since the given minor version.
func (p *parser) gate(since Version, pos, end uint32, what string) {
	if p.version < since {
		p.report(pos, end, fmt.Sprintf("%s needs Python 3.%d", what, since))
	}
}

// fail reports a syntax error and moves to the end of the logical line. It does
// nothing if the statement has failed already.
func (p *parser) fail(pos, end uint32, message string) {
	if p.failed || p.skipping {
		return
	}
	p.report(pos, end, message)
	p.failed = true
	p.recover(false)
}

// failToken reports a token that cannot stand where it stands. If that is so
// because a bracket before it was never closed, it reports the bracket.
func (p *parser) failToken(message string) {
	if p.failed || p.skipping {
		return
	}
	first := !p.reported
	p.report(p.pos, p.end, message)
	p.failed = true
	p.recover(first)
}

// recover makes the end of the logical line the current token. If an open
// bracket is never closed, the logical line ends with the line of the present
// token, or before it if the token starts a line no deeper than the statement;
// in the header of a function or class, with the bracket's line if that has the
// colon.
func (p *parser) recover(blameBracket bool) {
	if p.depth == 0 || p.fstring != nil || p.at(token.EndOfFile) {
		p.skipLine()
		return
	}
	at, depth := int(p.pos), min(p.depth, len(p.brackets))
	if at >= p.openUntil {
		m := p.t.Mark()
		p.unclosed = 0
		p.skipLine()
		if p.unclosed == 0 {
			return
		}
		p.openUntil = int(p.pos)
		depth = min(depth, p.unclosed)
		p.t.Rewind(m)
	}
	pos := p.brackets[depth-1]
	if blameBracket && int(pos) < at {
		p.t.ReplaceDiagnostic(pos, pos+1, p.neverClosed(pos))
	}
	end := p.ownLine(at)
	if end < 0 {
		end = lineEnd(p.src, at)
	}
	if first := lineEnd(p.src, int(pos)); p.inHeader && first < at && endsInColon(p.src[pos:first]) {
		end = first
		p.wentBack = true
	}
	p.set(token.Newline, end, end)
	p.prevEnd = p.end
	p.lineStart = true
	p.depth = 0
}

// endsInColon reports whether the last token of a line looks like the end of a
// header.
func endsInColon(line string) bool {
	return strings.HasSuffix(strings.TrimRight(line, " \t"), ":")
}

// ownLine returns the start of the line that the token at pos starts, if it is
// no deeper than the present block, otherwise a negative number.
func (p *parser) ownLine(pos int) int {
	start := pos
	for start > 0 && (p.src[start-1] == ' ' || p.src[start-1] == '\t') {
		start--
	}
	if start > 0 && p.src[start-1] != '\n' && p.src[start-1] != '\r' {
		return -1
	}
	if pos-start > p.indents[p.level].alternate {
		return -1
	}
	return start
}

// failScan reports that the current token is malformed.
func (p *parser) failScan(message string) { p.fail(p.pos, p.end, message) }

// failHere reports that the current token cannot stand where it stands.
func (p *parser) failHere() {
	if p.failed {
		return
	}
	p.failToken(p.unexpected())
}

func (p *parser) unexpected() string {
	switch {
	case p.at(token.Newline), p.at(token.EndOfFile):
		return "unexpected end of line"
	case p.at(token.Indent):
		return "unexpected indent"
	case p.at(token.Name), p.at(token.Int), p.at(token.Float), p.at(token.Imag),
		p.at(token.String), p.at(token.FString):
		return "unexpected " + p.tok.String()
	}
	return "unexpected '" + p.tok.String() + "'"
}

// failExpected reports that a token is missing.
func (p *parser) failExpected(k token.Kind, where string) {
	if p.failed {
		return
	}
	what := "'" + k.String() + "'"
	if k == token.Newline || k == token.Name {
		what = "a " + k.String()
	}
	if k == token.Newline {
		what = "the end of the line"
	}
	p.failToken("expected " + what + " " + where)
}

// failUnclosed reports the innermost open bracket.
func (p *parser) failUnclosed() {
	at := min(p.depth, len(p.brackets)) - 1
	pos := p.brackets[at]
	p.fail(pos, pos+1, p.neverClosed(pos))
}

func (p *parser) neverClosed(pos uint32) string {
	return "'" + p.src[pos:pos+1] + "' was never closed"
}

// failUnterminated reports that the current String is not closed.
func (p *parser) failUnterminated() {
	if p.literal.is(literalTriple) {
		p.fail(p.pos, p.pos+1, "triple-quoted string literal is not closed")
		return
	}
	if p.fstring != nil {
		p.fail(p.pos, p.end, "expected '}' at the end of the replacement field")
		return
	}
	p.fail(p.pos, p.end, "string literal is not closed")
}

// skipLine makes the end of the logical line the current token. Brackets opened
// on the way are passed as a whole, but see lineInBrackets.
func (p *parser) skipLine() {
	p.skipping = true
	if p.fstring != nil {
		p.leaveFStrings()
	} else if p.at(token.FString) {
		end, _, _ := stringEnd(p.src, p.off, p.literal)
		p.off = end
	}
	for !p.at(token.Newline) && !p.at(token.EndOfFile) {
		p.next()
	}
	p.depth = 0
	p.fieldDepth = -1
	p.skipping = false
	// What is still made from here on is empty and lies inside its parents.
	p.prevEnd = p.pos
}

// leaveFStrings goes to the end of the outermost f-string under way, ignoring
// its fields.
func (p *parser) leaveFStrings() {
	f := p.fstring
	for f.outer != nil {
		f = f.outer
	}
	end, _, ok := stringEnd(p.src, f.body, f.literal)
	if !ok && !f.literal.is(literalTriple) {
		// A field may have gone on to other lines.
		end = max(end, p.off)
	}
	p.set(token.FString, int(f.pos), end)
	p.depth = f.depth
	p.fieldDepth = -1
	p.fstring = nil
}

// checkDepth reports a tree that is too deep to be walked recursively. Children
// come before their parents in the arena, so one pass finds every depth.
func (p *parser) checkDepth() {
	depth := make([]uint32, p.t.Len())
	for n := ast.Node(1); int(n) < p.t.Len(); n++ {
		deepest := uint32(0)
		c := p.t.Children(n)
		for child := c.Next(); child != 0; child = c.Next() {
			deepest = max(deepest, depth[child])
		}
		depth[n] = deepest + 1
		if deepest >= MaxDepth {
			p.t.AddDiagnostic(p.t.Pos(n), p.t.End(n), "nested too deeply")
			p.t.SetRoot(p.t.NewModule(uint32(len(p.src)), ast.Chain{}))
			return
		}
	}
}
