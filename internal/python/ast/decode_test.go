package ast

import "testing"

func TestRuneByName(t *testing.T) {
	for name, want := range map[string]rune{
		"LATIN SMALL LETTER A":        'a',
		"latin small letter a":        'a',
		"LINE FEED":                   '\n',
		"NBSP":                        0xA0,
		"EM DASH":                     0x2014,
		"HANGUL SYLLABLE GAG":         0xAC01,
		"HANGUL SYLLABLE HIH":         0xD7A3,
		"CJK UNIFIED IDEOGRAPH-4E2D":  '中',
		"HANGUL JUNGSEONG O-YEO":      0xD7B0,
		"CJK UNIFIED IDEOGRAPH-2EBF0": 0x2EBF0,
		"IDEOGRAPHIC DESCRIPTION CHARACTER ROTATION": 0x2FFF,
		"SNAKE": 0x1F40D,
	} {
		if got, ok := runeByName(name); !ok || got != want {
			t.Errorf("%s: got %U, %v; want %U", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "NO SUCH NAME", "CJK UNIFIED IDEOGRAPH-41", "HANGUL SYLLABLE ", "<control>"} {
		if got, ok := runeByName(name); ok {
			t.Errorf("%q: got %U, want nothing", name, got)
		}
	}
}

func TestLiteralValue(t *testing.T) {
	for source, want := range map[string]string{
		`'plain'`:                       "plain",
		`"a\tb\\"`:                      "a\tb\\",
		`'\x41\101\u0041\U00000041'`:    "AAAA",
		`'\N{BULLET}'`:                  "•",
		`r'\n'`:                         `\n`,
		`b'\xff\u0041'`:                 "\xff\\u0041",
		`'\ud800'`:                      "\xed\xa0\x80",
		`'\q'`:                          `\q`,
		"'a\\\nb'":                      "ab",
		"'a\\\r\nb'":                    "ab",
		"'''a\r\nb\rc'''":               "a\nb\nc",
		`'''it's "quoted" \''''`:        `it's "quoted" '`,
		`'\400'`:                        "Ā",
		`b'\400'`:                       "\x00",
		"'a' \"b\" # note 'x'\n r'\\c'": `ab\c`,
	} {
		tree := NewTree(nil)
		tree.Reset(source)
		kind := ConstStr
		if source[0] == 'b' {
			kind = ConstBytes
		}
		n := tree.NewConstant(0, uint32(len(source)), kind)
		if got := tree.Str(n); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
