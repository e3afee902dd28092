package parse

import "github.com/tiebeam/tiebeam/internal/python/token"

// number scans the number at i, which starts with a digit or with "." and a
// digit. Follows the Python 3.14 language reference, section 2.7.5.
func (p *parser) number(i int) {
	src := p.src
	start := i
	if src[i] == '0' && i+1 < len(src) {
		switch src[i+1] | 0x20 {
		case 'x':
			p.radix(start, hexDigits, "hexadecimal")
			return
		case 'o':
			p.radix(start, octalDigits, "octal")
			return
		case 'b':
			p.radix(start, binaryDigits, "binary")
			return
		}
	}
	kind := token.Int
	i, ok := digits(src, i)
	if !ok {
		p.badNumber(start, i, "invalid decimal literal")
		return
	}
	whole := i
	if i < len(src) && src[i] == '.' {
		kind = token.Float
		i++
		if i < len(src) && isDigit(src[i]) {
			if i, ok = digits(src, i); !ok {
				p.badNumber(start, i, "invalid decimal literal")
				return
			}
		}
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		if e := exponent(src, i); e < 0 {
			p.badNumber(start, i, "invalid decimal literal")
			return
		} else if e > i {
			kind, i = token.Float, e
		}
	}
	if i < len(src) && src[i]|0x20 == 'j' {
		kind = token.Imag
		i++
	}
	p.set(kind, start, i)
	if kind == token.Int && src[start] == '0' && hasNonZero(src[start:whole]) {
		p.failScan("leading zeros in decimal integer literals are not permitted; use 0o for octal")
		return
	}
	p.checkNumberEnd("decimal")
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digits passes decimal digits with single underscores between them. At a
// "." it passes nothing.
func digits(src string, i int) (end int, ok bool) {
	for {
		for i < len(src) && isDigit(src[i]) {
			i++
		}
		if i >= len(src) || src[i] != '_' {
			return i, true
		}
		i++
		if i >= len(src) || !isDigit(src[i]) {
			return i, false
		}
	}
}

// exponent returns the end of the exponent at i, i itself if the "e" belongs to
// the next word (1else), or a negative number if the exponent is malformed.
func exponent(src string, i int) int {
	e := i + 1
	signed := e < len(src) && (src[e] == '+' || src[e] == '-')
	if signed {
		e++
	}
	if e < len(src) && isDigit(src[e]) {
		end, ok := digits(src, e)
		if !ok {
			return -1
		}
		return end
	}
	if signed {
		return -1
	}
	return i
}

func hasNonZero(text string) bool {
	for i := range len(text) {
		if text[i] != '0' && text[i] != '_' {
			return true
		}
	}
	return false
}

const (
	binaryDigits = 2
	octalDigits  = 8
	hexDigits    = 16
)

// radix scans a number with the prefix 0x, 0o or 0b.
func (p *parser) radix(start int, base byte, name string) {
	src := p.src
	i := start + 2
	for {
		if i < len(src) && src[i] == '_' {
			i++
		}
		from := i
		for i < len(src) && digitValue(src[i]) < base {
			i++
		}
		if i == from {
			if i < len(src) && isDigit(src[i]) {
				p.badNumber(start, i, "invalid digit '"+src[i:i+1]+"' in "+name+" literal")
				return
			}
			p.badNumber(start, i, "invalid "+name+" literal")
			return
		}
		if i >= len(src) || src[i] != '_' {
			break
		}
	}
	p.set(token.Int, start, i)
	if i < len(src) && isDigit(src[i]) {
		p.badNumber(start, i, "invalid digit '"+src[i:i+1]+"' in "+name+" literal")
		return
	}
	p.checkNumberEnd(name)
}

func digitValue(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xFF
}

// checkNumberEnd refuses a number that runs into a word other than the keywords
// that may follow an expression, as in "1if x else 2".
func (p *parser) checkNumberEnd(name string) {
	i := p.off
	if i >= len(p.src) || wordByte[p.src[i]] == 0 {
		return
	}
	n := i
	for n < len(p.src) && wordByte[p.src[n]] == 1 {
		n++
	}
	switch p.src[i:n] {
	case "and", "else", "for", "if", "in", "is", "or", "not":
		return
	}
	p.badNumber(int(p.pos), i, "invalid "+name+" literal")
}

func (p *parser) badNumber(start, end int, message string) {
	for end < len(p.src) && wordByte[p.src[end]] != 0 {
		end++
	}
	p.set(token.Int, start, end)
	p.failScan(message)
}
