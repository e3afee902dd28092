package review

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

const id1, id2 = "tb-0123456789ab", "tb-ba9876543210"

func task(id string) string { return "- [ ] **1. What now?** `" + id + "`\n" }

func TestParseAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		want   string // id and evidence of each answer
		faults []string
	}{
		"plain":             {task(id1) + "  - Evidence: record ADR-47\n", id1 + ": record=ADR-47", nil},
		"windows":           {strings.ReplaceAll(task(id1)+"  - Evidence: test `tests/test_a.py::test_b`\n", "\n", "\r\n"), id1 + ": test=tests/test_a.py::test_b", nil},
		"bold and ticked":   {"* [x] x `" + id1 + "`\n\n  **Evidence:** Record: ADR-1\n", id1 + ": record=ADR-1", nil},
		"several":           {task(id1) + "  - Evidence: record 1\n  - Evidence: test a.py::b\n" + task(id2), id1 + ": record=1 test=a.py::b, " + id2 + ":", nil},
		"empty":             {"", "", nil},
		"left open":         {task(id1) + "  - Evidence:\n", id1 + ":", nil},
		"in a fence":        {"```\n" + task(id1) + "```\n", "", nil},
		"fence of code":     {task(id1) + "  ```diff\n  - Evidence: record 9\n  ```\n  - Evidence: record 1\n", id1 + ": record=1", nil},
		"longer fence":      {task(id1) + "````\n```\n  - Evidence: record 9\n````\n", id1 + ":", nil},
		"in a comment":      {task(id1) + "<!--\n  - Evidence: record 9\n-->\n", id1 + ":", nil},
		"comment in a line": {task(id1) + "  - Evidence: record 9 <!-- no -->\n", id1 + ":", nil},
		"in raw html":       {"<pre>\n" + task(id1) + "</pre>\n", "", nil},
		"open fence":        {"~~~\n" + task(id1), "", []string{"1: a code block is never closed"}},
		"open comment":      {"a\n<!-- b\n" + task(id1), "", []string{"2: an HTML comment is never closed"}},
		"twice":             {task(id1) + task(id1), id1 + ":", []string{"2: is answered a second time, first in line 1"}},
		"forged":            {task("tb-XYZ"), "", []string{`1: "tb-XYZ" is no id of an item`}},
		"unknown evidence":  {task(id1) + "  - Evidence: recrod ADR-47\n", id1 + ":", []string{`2: evidence begins with "recrod", expected test, record, measurement or reason: did you mean "record"?`}},
		"evidence first":    {"Evidence: record 1\n", "", []string{"1: evidence stands before the first item"}},
		"control":           {"a\x07\n", "", []string{"1: character U+0007"}},
		"nul":               {"a\x00\n", "", []string{"1: character U+0000"}},
		"turned round":      {"a\n\u202eb\n", "", []string{"2: character U+202E"}},
		"tags":              {"a\U000e0041\n", "", []string{"1: character U+E0041"}},
		"not text":          {"\xff\xfe", "", []string{"0: is not UTF-8"}},
		"too long":          {strings.Repeat("x", 10<<20), "", []string{"0: more than the limit of 1048576 bytes"}},
		"emoji":             {"👩‍💻\n" + task(id1), id1 + ":", nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := ParseAnswers([]byte(c.body))
			var got []string
			for _, answer := range a.All {
				line := answer.ID + ":"
				for _, e := range answer.Evidence {
					line += " " + e.Kind + "=" + e.Rest
				}
				got = append(got, line)
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("read %q, expected %q", s, c.want)
			}
			for i, f := range a.Faults {
				if s := fmt.Sprintf("%d: %s", f.Line, f.Reason); i >= len(c.faults) || !strings.HasPrefix(s, c.faults[i]) {
					t.Errorf("fault %q, expected %q", s, c.faults)
				}
			}
			if len(a.Faults) != len(c.faults) {
				t.Errorf("%d faults, expected %d", len(a.Faults), len(c.faults))
			}
		})
	}
}

func FuzzParseAnswers(f *testing.F) {
	f.Add([]byte(task(id1) + "  - Evidence: record ADR-47\n"))
	f.Add([]byte("```\n<!-- -->\n<pre>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		lines := bytes.Count(body, []byte("\n")) + 1
		for _, fault := range ParseAnswers(body).Faults {
			if fault.Line < 0 || fault.Line > lines || fault.Reason == "" {
				t.Errorf("fault %+v of %d lines", fault, lines)
			}
		}
	})
}

// hostileList has code in it that Markdown and HTML would take for their own.
func hostileList() *Checklist {
	text := "x = \"```\" # <script>alert(1)</script> - [x] `" + id2 + "` @all </details>"
	item := &Item{
		ID: id1, Kind: Removed, Guard: "deadline", Title: "f_x_y <b>lost</b> @team [a](http://b) *x*", Question: "This takes away `timeout=2s`: what now?",
		Before: []Spot{{"a.py", 1, "f", text}}, After: []Spot{{"a.py", 2, "f", text}}, Cause: &Spot{"b.py", 3, "", text},
		Decisions: []Decision{{"docs/adr/0001-a.md", 3, "0001 (A | B)", "accepted", "all ~~waits~~ end"}}, Wanted: []string{"a record", "a reason"},
	}
	return &Checklist{Items: []*Item{item, {ID: id2, Question: "And this?", Wanted: []string{"a test"}, After: []Spot{{Path: "c.py", Line: 1}}}}, Base: "main", Head: "work"}
}

// TestMarkdownRenders reads the checklist as GitHub and GitLab do: as many boxes as items, no live HTML or link of the code.
func TestMarkdownRenders(t *testing.T) {
	var out, page bytes.Buffer
	if err := hostileList().Markdown(&out, nil); err != nil {
		t.Fatal(err)
	}
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := markdown.Convert(out.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	got := page.String()
	if n := strings.Count(got, `type="checkbox"`); n != 2 {
		t.Errorf("%d boxes, expected 2:\n%s", n, got)
	}
	for _, forbidden := range []string{"<script", "<b>lost", "<a ", "<em>x", "<del>"} {
		if strings.Contains(got, forbidden) {
			t.Errorf("%s is live:\n%s", forbidden, got)
		}
	}
	if opened, closed := strings.Count(got, "<details>"), strings.Count(got, "</details>"); opened != 2 || closed != 2 {
		t.Errorf("%d <details>, %d </details>:\n%s", opened, closed, got)
	}
}

// TestMarkdownIsReadBack: the checklist itself is a body that can be answered, whatever code is in it.
func TestMarkdownIsReadBack(t *testing.T) {
	list := hostileList()
	body := strings.Replace(list.markdown(nil), "  - Evidence:\n", "  - Evidence: reason by Ann Other: the caller gives up after two seconds\n", 1)
	a := ParseAnswers([]byte(body))
	if len(a.Faults) > 0 || len(a.All) != 2 || a.All[0].ID != id1 || a.All[1].ID != id2 || len(a.All[0].Evidence) != 1 || len(a.All[1].Evidence) != 0 {
		t.Fatalf("read %+v with faults %+v of\n%s", a.All, a.Faults, body)
	}
	again := ParseAnswers([]byte(list.markdown(a)))
	if len(again.Faults) > 0 || len(again.All[0].Evidence) != 1 {
		t.Errorf("the answer is not kept: %+v", again.All[0])
	}
}

func TestReason(t *testing.T) {
	item := &Item{Question: "What bounds this wait now?", Title: "requests.get waits for ever"}
	for words, want := range map[string]string{
		"by Ann Other: the gateway cuts every call after five seconds":   "",
		"by @ann: the gateway cuts every call after five seconds":        "",
		"by ann@example.org: the gateway cuts all calls after 5 seconds": "",
		"by me: the gateway cuts every call after five seconds":          "a reason names who",
		"the gateway cuts every call after five seconds":                 "a reason names who",
		"by Ann Other: ok":                                             "is no reason",
		"by Ann Other: What bounds this wait now?":                     "the reason repeats the question",
		"by Ann Other: requests.get waits for ever and ever and so on": "",
	} {
		if got := reason(item, words); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, expected %q", words, got, want)
		}
	}
}

func TestSecurity(t *testing.T) {
	for name, want := range map[string]bool{
		"shop/auth/views.py": true, "shop/views.py": false, "checkToken": true, "author": false, "LoginView.post": true,
		"shop/tokenizer.py": false, "has_permission": true, "": false,
	} {
		if got := security(name); got != want {
			t.Errorf("security(%q) = %v", name, got)
		}
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		route, path string
		want        bool
	}{
		{"/orders/{id}", "/api/v1/orders/7", true},
		{"/orders/{id}", "https://host/orders/7?x=1", true},
		{"/orders/<int:id>/lines", "/orders/7/lines", true},
		{"/orders/{id}", "/orders", false},
		{"/orders/{id}", "/carts/7", false},
	} {
		if got := fits(segments(c.route), segments(c.path)); got != c.want {
			t.Errorf("%s and %s: %v", c.route, c.path, got)
		}
	}
}
