package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNearest(t *testing.T) {
	rules := []string{"unbounded-wait", "unbounded-retry", "leaked-resource"}
	for _, test := range []struct{ word, want string }{
		{"unbounded-wiat", "unbounded-wait"}, {"unbound-wait", "unbounded-wait"}, {"LEAKED-RESOURCE", "leaked-resource"},
		{"leak", ""}, {"xyz", ""}, {"", ""}, {strings.Repeat("x", 1_000_000), ""},
	} {
		if got := Nearest(test.word, rules); got != test.want {
			t.Errorf("Nearest(%.20q) = %q, want %q", test.word, got, test.want)
		}
	}
	if got := Suggest("unbounded-wat", rules); got != `: did you mean "unbounded-wait"?` {
		t.Errorf("Suggest = %q", got)
	}
	if got := Suggest("zzz", rules); got != "" {
		t.Errorf("Suggest = %q", got)
	}
}

func TestVisible(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"plain größe 日本 😀", "plain größe 日本 😀"},
		{"a\tb", "a b"},
		{"\x1b]0;pwn\x07", `\x1b]0;pwn\x07`},
		{"new\nline\r", `new\x0aline\x0d`},
		{"\u0085\u009b", `\u0085\u009b`},
		{"a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"a\u2028b\ufeff\u200d", `a\u2028b\ufeff\u200d`},
		{"bad\xff", `bad\xff`},
		{"\U000e0041", `\U000e0041`},
		{"\ufffd", `\ufffd`},
	} {
		if got := Visible(test.in); got != test.want {
			t.Errorf("Visible(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		out := Visible(s)
		if !utf8.ValidString(out) || strings.ContainsFunc(out, Hidden) {
			t.Errorf("Visible(%q) = %q", s, out)
		}
		if Visible(out) != out {
			t.Errorf("Visible(%q) is not stable", s)
		}
	})
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 999: "999 files", 1000: "1,000 files", 1234567: "1,234,567 files"} {
		if got := Count(n, "file"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	if got := Count(2, "directory"); got != "2 directories" {
		t.Errorf("Count = %q", got)
	}
	if got := Grouped(-1234); got != "-1,234" {
		t.Errorf("Grouped = %q", got)
	}
}
