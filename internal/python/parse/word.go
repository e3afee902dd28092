package parse

import (
	"fmt"
	"sort"
	"unicode"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// word makes a token of the ASCII word between start and i: a keyword, a name,
// or the prefix of a string.
func (p *parser) word(start, i int) {
	if uint(i) < uint(len(p.src)) {
		c := p.src[i]
		if wordByte[c] != 0 {
			p.unicodeWord(start)
			return
		}
		if (c == '"' || c == '\'') && i-start <= 2 && isPrefix(p.src[start:i]) {
			p.stringToken(start, i)
			return
		}
	}
	id := p.names.InternAt(p.src, start, i)
	p.set(token.Name, start, i)
	p.id = id
	if id <= ast.Ident(token.Yield) {
		p.tok = token.Kind(id)
	}
}

// unicodeWord makes a Name of a word that is not all ASCII.
func (p *parser) unicodeWord(start int) {
	i := start
	for i < len(p.src) && wordByte[p.src[i]] != 0 {
		i++
	}
	text := p.src[start:i]
	for at, r := range text {
		if at == 0 && startsIdentifier(r, p.version) || at > 0 && continuesIdentifier(r, p.version) {
			continue
		}
		if p.skipping {
			// As a whole: a long word would be looked at again for each of its characters.
			p.set(token.Invalid, start, i)
			return
		}
		p.invalidCharacter(start + at)
		return
	}
	// CPython looks up keywords before it normalises, so this is a Name even if it is spelt like a keyword afterwards.
	p.set(token.Name, start, i)
	p.id = p.names.InternUnicode(text)
}

// An identifierRange says that the characters from first to last may stand in
// identifiers since Python 3.since, whose Unicode version is the first to have
// them.
type identifierRange struct {
	first, last rune
	since       Version
}

//go:generate sh -c "python3 identifier.py $PYTHONS > identifier_table.go"

// startsIdentifier reports whether r may be the first character of an
// identifier: XID_Start of Unicode annex 31.
func startsIdentifier(r rune, v Version) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return inRanges(startRanges[:], r, v)
}

// continuesIdentifier reports whether r may be another character of one.
func continuesIdentifier(r rune, v Version) bool {
	if r < utf8.RuneSelf {
		return wordByte[r] == 1
	}
	return inRanges(startRanges[:], r, v) || inRanges(continueRanges[:], r, v)
}

func inRanges(ranges []identifierRange, r rune, v Version) bool {
	i := sort.Search(len(ranges), func(i int) bool { return ranges[i].last >= r })
	return i < len(ranges) && ranges[i].first <= r && ranges[i].since <= v
}

// invalidCharacter fails on the character at i.
func (p *parser) invalidCharacter(i int) {
	r, size := utf8.DecodeRuneInString(p.src[i:])
	p.set(token.Invalid, i, i+size)
	if p.skipping {
		return
	}
	switch {
	case r == utf8.RuneError && size == 1, r == 0:
		p.reported = true // by checkText
		p.failScan("invalid character")
	case unicode.IsPrint(r):
		p.failScan(fmt.Sprintf("invalid character '%c' (U+%04X)", r, r))
	default:
		p.failScan(fmt.Sprintf("invalid non-printable character U+%04X", r))
	}
}
