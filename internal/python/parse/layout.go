package parse

import "github.com/tiebeam/tiebeam/internal/python/token"

const tabWidth = 8

// margin is the white space before a line: column counts tabs as reaching the
// next multiple of eight, alternate as one. Two lines whose columns compare
// differently from their alternates mix tabs and spaces inconsistently.
type margin struct{ column, alternate int }

// layout compares the indentation of the next logical line with the open blocks.
// It returns true if that makes a token, Indent or Dedent; false if the line's
// first token is next.
func (p *parser) layout() bool {
	if p.dedents > 0 {
		return p.dedent()
	}
	m := p.margin()
	top := p.indents[p.level]
	switch {
	case m.column == top.column:
		if m.alternate != top.alternate {
			p.inconsistentTabs()
		}
		p.lineStart = false
		return false
	case m.column > top.column:
		if m.alternate <= top.alternate {
			p.inconsistentTabs()
		}
		p.level++
		p.indents[p.level] = m
		p.set(token.Indent, p.off, p.off)
		p.lineStart = false
		return true
	}
	for m.column < p.indents[p.level].column {
		p.level--
		p.dedents++
	}
	if top = p.indents[p.level]; m.column != top.column {
		p.reportLayout("unindent does not match any outer indentation level")
	} else if m.alternate != top.alternate {
		p.inconsistentTabs()
	}
	return p.dedent()
}

func (p *parser) dedent() bool {
	p.dedents--
	p.set(token.Dedent, p.off, p.off)
	p.lineStart = p.dedents > 0
	return true
}

// margin skips blank lines and comments, measures the white space before the
// next line's first token, and leaves off at that token.
func (p *parser) margin() margin {
	for {
		i, m := p.measure(p.off)
		p.off = i
		if i >= len(p.src) {
			return margin{}
		}
		switch p.src[i] {
		case '#':
			p.off = p.comment(i)
		case '\n', '\r':
			p.off++
		default:
			last := len(p.indents) - 1
			if p.level < last || m.column <= p.indents[last].column {
				return m
			}
			if !p.tooDeep {
				p.reportLayout("too many levels of indentation")
				p.tooDeep = true
			}
			p.off = lineEnd(p.src, i)
		}
	}
}

// measure returns the first offset from i on that is not white space, and the
// margin up to it. A line that ends in a backslash within the margin fixes the
// margin of the line that it is joined to; in Python 3.9 it made the line
// belong to the present block, and in 3.8 it ended the margin.
func (p *parser) measure(i int) (int, margin) {
	var m, joined margin
	fixed := false
	src := p.src
	for ; i < len(src); i++ {
		switch src[i] {
		case ' ':
			n := spaces(src, i)
			m.column += n
			m.alternate += n
			i += n - 1
		case '\t':
			m.column = (m.column/tabWidth + 1) * tabWidth
			m.alternate++
		case '\f':
			m = margin{}
		case '\\':
			next := joinedLine(src, i)
			if next < 0 || next == len(src) || p.version < 9 {
				return i, m
			}
			if p.version == 9 {
				joined, fixed = p.indents[p.level], true
			} else if !fixed {
				joined, fixed = m, m.column > 0
			}
			i = next - 1
		default:
			if fixed {
				m = joined
			}
			return i, m
		}
	}
	return i, m
}

// spaces counts the spaces from i on.
func spaces(src string, i int) int {
	start := i
	const four = "    "
	for i+len(four) <= len(src) && src[i:i+len(four)] == four {
		i += len(four)
	}
	for i < len(src) && src[i] == ' ' {
		i++
	}
	return i - start
}

// joinedLine returns the start of the line that the backslash at i joins to its
// own, or a negative number if it is not the last character of its line.
func joinedLine(src string, i int) int {
	i++
	switch {
	case i < len(src) && src[i] == '\n':
		return i + 1
	case i < len(src) && src[i] == '\r':
		if i+1 < len(src) && src[i+1] == '\n' {
			return i + 2
		}
		return i + 1
	}
	return -1
}

func (p *parser) inconsistentTabs() {
	p.reportLayout("inconsistent use of tabs and spaces in indentation")
}

// reportLayout records a diagnostic at the line about to start. It does not
// belong to the statement that ends here.
func (p *parser) reportLayout(message string) {
	if !p.skipping {
		p.t.AddDiagnostic(uint32(p.off), uint32(lineEnd(p.src, p.off)), message)
	}
}
