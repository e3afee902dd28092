package parse

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

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
		if at == 0 && isXIDStart(r) || at > 0 && isXIDContinue(r) ||
			p.version >= 13 && isNewIdentifier(r, at == 0) {
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

// isNewIdentifier reports whether r may stand in an identifier, or begin one,
// since Unicode 15.1, the version of Python 3.13; Go has the tables of 15.0.
// The characters that Unicode 16 added, for Python 3.14, are not known here.
func isNewIdentifier(r rune, first bool) bool {
	switch {
	case r >= 0x2EBF0 && r <= 0x2EE5D: // CJK unified ideographs extension I
		return true
	case r == 0x200C, r == 0x200D, r == 0x30FB, r == 0xFF65:
		return !first
	}
	return false
}

// isXIDStart and isXIDContinue follow Unicode annex 31: the identifier
// properties, closed under NFKC.
func isXIDStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	if !isIDStart(r) {
		return false
	}
	for i, n := range norm.NFKC.String(string(r)) {
		if i == 0 && !isIDStart(n) && n != '_' || i > 0 && !isIDContinue(n) {
			return false
		}
	}
	return true
}

func isXIDContinue(r rune) bool {
	if r < utf8.RuneSelf {
		return wordByte[r] == 1
	}
	if !isIDContinue(r) {
		return false
	}
	for _, n := range norm.NFKC.String(string(r)) {
		if !isIDContinue(n) {
			return false
		}
	}
	return true
}

func isIDStart(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) &&
		!unicode.In(r, unicode.Pattern_Syntax, unicode.Pattern_White_Space)
}

func isIDContinue(r rune) bool {
	return r == '_' || isIDStart(r) ||
		unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) &&
			!unicode.In(r, unicode.Pattern_Syntax, unicode.Pattern_White_Space)
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
