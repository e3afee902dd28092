package finding

import (
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestNormaliseIgnoresLayout(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"spaces", "f( a , b )", "f(a,b)"},
		{"keyword", "await  client.get(url)", "await client.get(url)"},
		{"lines", "f(\n    a,\n    b,\n)", "f(a,b)"},
		{"continuation", "x = a + \\\n    b", "x=a+b"},
		{"tuple comma", "(a,)", "(a)"},
		{"last comma", "a,", "a,"},
		{"words stay apart", "not in x", "not in x"},
		{"unicode", "größe  =  ключ", "größe=ключ"},
		{"empty", " \n\t", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Normalise(test.text); got != test.want {
				t.Errorf("Normalise(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestOneLineCutsBetweenCharacters(t *testing.T) {
	got := OneLine(strings.Repeat("é", 5000))
	if !strings.HasSuffix(got, "é…") || len(got) > maxOneLine+len("…") {
		t.Errorf("OneLine cut to %d bytes ending in %q", len(got), got[len(got)-6:])
	}
	if got := OneLine("a\n\t b\r\nc"); got != "a b c" {
		t.Errorf("OneLine = %q, want %q", got, "a b c")
	}
}

func TestSealCountsOccurrences(t *testing.T) {
	first := Finding{Rule: "unbounded-wait", Path: "a.py", Symbol: "f", Text: "get(url)", Line: 3}
	moved := first
	moved.Line, moved.Span = 90, Span{Start: 900, End: 910}
	run := []Finding{first, moved}
	Seal(run)
	if run[0].Fingerprint == run[1].Fingerprint {
		t.Error("two findings with the same key share a fingerprint")
	}
	alone := []Finding{moved}
	Seal(alone)
	if alone[0].Fingerprint != run[0].Fingerprint {
		t.Error("the fingerprint changes when only the line moves")
	}
	other := []Finding{{Rule: "unbounded-wait", Path: "a.py", Symbol: "fg", Text: "et(url)"}}
	Seal(other)
	if other[0].Fingerprint == alone[0].Fingerprint {
		t.Error("symbol and text run into each other")
	}
}

func TestCompareIsTotal(t *testing.T) {
	base := Finding{Rule: "r", Guard: "g", Path: "p", Message: "m", Related: []Related{{Message: "x"}}}
	variants := []func(*Finding){
		func(f *Finding) {},
		func(f *Finding) { f.Path = "q" },
		func(f *Finding) { f.Span.Start = 1 },
		func(f *Finding) { f.Span.End = 1 },
		func(f *Finding) { f.Rule = "s" },
		func(f *Finding) { f.Guard = "h" },
		func(f *Finding) { f.Symbol = "C.m" },
		func(f *Finding) { f.Severity = Error },
		func(f *Finding) { f.Message = "n" },
		func(f *Finding) { f.Remedy = "do" },
		func(f *Finding) { f.Base = &Place{Path: "b"} },
		func(f *Finding) { f.Base = &Place{Path: "b", Side: Base} },
		func(f *Finding) { f.Cause = &Place{Text: "c"} },
		func(f *Finding) { f.Related = nil },
		func(f *Finding) { f.Related = []Related{{Message: "y"}} },
	}
	var all []Finding
	for _, change := range variants {
		f := base
		change(&f)
		all = append(all, f)
	}
	for i := range all {
		for j := range all {
			got, back := Compare(&all[i], &all[j]), Compare(&all[j], &all[i])
			if got != -back || (got == 0) != (i == j) {
				t.Errorf("Compare(variant %d, variant %d) = %d, reversed %d", i, j, got, back)
			}
		}
	}
	want := slices.Clone(all)
	Sort(want)
	random := rand.New(rand.NewSource(1))
	for range 20 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		Sort(all)
		if !reflect.DeepEqual(all, want) {
			t.Fatal("the sorted order depends on the order before")
		}
	}
}

func TestParseSeverity(t *testing.T) {
	for _, name := range SeverityNames() {
		severity, err := ParseSeverity(name)
		if err != nil || severity.String() != name {
			t.Errorf("ParseSeverity(%q) = %v, %v", name, severity, err)
		}
	}
	if _, err := ParseSeverity(""); err == nil {
		t.Error("the empty name is accepted")
	}
	if Note >= Warning || Warning >= Error {
		t.Error("severities are not ordered from note to error")
	}
}

type fixedLines string

func (l fixedLines) Position(offset uint32) (int, int) {
	before := string(l)[:offset]
	return 1 + strings.Count(before, "\n"), 1 + len(before) - (1 + strings.LastIndex(before, "\n"))
}

func (l fixedLines) Slice(start, end uint32) string { return string(l)[start:end] }

func TestComplete(t *testing.T) {
	head, base := fixedLines("import x\nx.get( url )\n"), fixedLines("x.get(url,\n  timeout=2)\n")
	files := func(side Side, path string) Lines {
		switch {
		case path != "a.py":
			return nil
		case side == Base:
			return base
		}
		return head
	}
	f := Finding{
		Path: "a.py", Span: Span{9, 21},
		Base:    &Place{Side: Base, Path: "a.py", Span: Span{0, 23}},
		Cause:   &Place{Path: "gone.py", Text: "kept"},
		Related: []Related{{Place: Place{Path: "a.py", Span: Span{0, 8}}}},
	}
	Complete(&f, files)
	if f.Line != 2 || f.Column != 1 || f.EndLine != 2 || f.EndColumn != 13 || f.Text != "x.get(url)" {
		t.Errorf("completed to %d:%d-%d:%d %q", f.Line, f.Column, f.EndLine, f.EndColumn, f.Text)
	}
	if f.Base.Line != 1 || f.Base.Text != "x.get(url, timeout=2)" {
		t.Errorf("base = %+v", *f.Base)
	}
	if f.Cause.Line != 1 || f.Cause.Text != "kept" {
		t.Errorf("cause = %+v", *f.Cause)
	}
	if f.Related[0].Text != "import x" {
		t.Errorf("related = %+v", f.Related[0])
	}
}
