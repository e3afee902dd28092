package ast

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/unicode/runenames"
)

// runeByName finds the character that \N{name} stands for. Names are compared
// without regard to case. The table is built on first use, some milliseconds.
func runeByName(name string) (rune, bool) {
	name = strings.ToUpper(name)
	if hex, ok := strings.CutPrefix(name, "CJK UNIFIED IDEOGRAPH-"); ok {
		v, err := strconv.ParseUint(hex, 16, 32)
		ok = err == nil && len(hex) >= 4 && isIdeograph(rune(v))
		return rune(v), ok
	}
	if syllable, ok := strings.CutPrefix(name, "HANGUL SYLLABLE "); ok {
		return hangulByName(syllable)
	}
	r, ok := runeTable()[name]
	return r, ok
}

// isIdeograph reports whether r is named after its number. Extension I is of
// Unicode 15.1, which runenames does not have.
func isIdeograph(r rune) bool {
	return strings.HasPrefix(runenames.Name(r), "<CJK Ideograph") || r >= 0x2EBF0 && r <= 0x2EE5D
}

var runeTable = sync.OnceValue(func() map[string]rune {
	table := make(map[string]rune, 40_000)
	for r := rune(0); r <= 0x10FFFF; r++ {
		if r == 0x3400 || r == 0x4E00 || r == 0xAC00 || r == 0xD800 || r == 0x17000 || r == 0xE0200 {
			r = endOfRange[r] // ranges without names of their own
		}
		if name := runenames.Name(r); name != "" && name[0] != '<' {
			table[name] = r
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(runeAliases), "\n") {
		hex, name, _ := strings.Cut(line, " ")
		if v, err := strconv.ParseUint(hex, 16, 32); err == nil {
			table[name] = rune(v)
		}
	}
	return table
})

// endOfRange skips the large ranges whose names are computed, and the private
// use planes, which have none.
var endOfRange = map[rune]rune{
	0x3400: 0x4DC0, 0x4E00: 0xA000, 0xAC00: 0xD7A4, 0xD800: 0xF900, 0x17000: 0x18800, 0xE0200: 0x10FFFF,
}

// hangulByName composes a syllable. Follows the Unicode standard, section 3.12.
func hangulByName(name string) (rune, bool) {
	for l, lead := range hangulLeads {
		rest, ok := strings.CutPrefix(name, lead)
		if !ok {
			continue
		}
		for v, vowel := range hangulVowels {
			tail, ok := strings.CutPrefix(rest, vowel)
			if !ok {
				continue
			}
			for t, trail := range hangulTrails {
				if tail == trail {
					return rune(0xAC00 + (l*len(hangulVowels)+v)*len(hangulTrails) + t), true
				}
			}
		}
	}
	return 0, false
}

var (
	hangulLeads  = [...]string{"G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"}
	hangulVowels = [...]string{"A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I"}
	hangulTrails = [...]string{"", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"}
)
