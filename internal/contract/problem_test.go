package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// record is a record with a status and perhaps contracts.
func record(title, status, contracts string) string {
	text := "# " + title + "\n\nStatus: " + status + "\n"
	if contracts != "" {
		text += "\n" + fence(contracts)
	}
	return text
}

func TestProblems(t *testing.T) {
	const a, b = "docs/adr/0001-a.md", "docs/adr/0002-b.md"
	accepted := func(one, other string) tree.Memory {
		return tree.Memory{a: record("A", "accepted", one), b: record("B", "accepted", other)}
	}
	for name, c := range map[string]struct {
		files tree.Memory
		want  string
	}{
		"nothing":           {accepted("effect: wait\nneeds: deadline\nat-most: 5 s", "effect: wait\nneeds: deadline\nat-most: 3 s"), ""},
		"same number":       {tree.Memory{a: record("A", "accepted", ""), "docs/adr/0001-c.md": record("C", "accepted", "")}, "docs/adr/0001-c.md:1 record has the number of 0001-a.md"},
		"circle":            {tree.Memory{a: record("A", "superseded by ADR-0002", ""), b: record("B", "superseded by ADR-0001", "")}, a + ":3 decisions supersede each other in a circle: 0001 by 0002 by 0001"},
		"own successor":     {tree.Memory{a: record("A", "superseded by ADR-0001", "")}, a + ":3 decisions supersede each other in a circle: 0001 by 0001"},
		"no successor":      {tree.Memory{a: record("A", "superseded by ADR-0009", "")}, a + ":3 record is superseded by 9, and there is no such record"},
		"still accepted":    {tree.Memory{a: record("A", "accepted", ""), b: record("B", "accepted", "") + "\n## Status\n\nAccepted\n\nSupercedes [1. A](0001-a.md)\n"}, a + ":3 record is superseded by 0002, and says that it is accepted"},
		"bounds":            {accepted("effect: wait\nneeds: deadline\nat-most: 5 s\nscope: {package: shop}", "effect: outbound call\nneeds: deadline\nat-least: 10 s\nscope: {package: shop.web}"), b + ":6 contract contradicts that of decision 0001 (A) on line 6: a deadline of at most 5 s cannot be at least 10 s"},
		"bounds elsewhere":  {accepted("effect: wait\nneeds: deadline\nat-most: 5 s\nscope: {package: shop.a}", "effect: wait\nneeds: deadline\nat-least: 10 s\nscope: {package: shop.b}"), ""},
		"makers":            {accepted("effect: make\nof: http client\nonly-in: shop.http", "effect: make\nof: http client\nonly-in: shop.net"), b + ":6 contract contradicts that of decision 0001 (A) on line 6: http client may be made only in shop.net here and only in shop.http there"},
		"values":            {accepted("governs: shop.LIMIT\nvalue: 2 s", "governs: shop.LIMIT\nvalue: 3000 ms"), b + ":6 contract contradicts that of decision 0001 (A) on line 6: shop.LIMIT is 3000 ms here and 2 s there"},
		"same value":        {accepted("governs: shop.LIMIT\nvalue: 2 s", "governs: shop.LIMIT\nvalue: 2000 ms"), ""},
		"layers":            {accepted("imports: layers\nlayers: [shop.web, shop.domain]", "imports: layers\nlayers: [shop.domain, shop.web]"), b + ":6 contract contradicts that of decision 0001 (A) on line 6: one permits the import of shop.web by shop.domain and the other forbids it"},
		"allowed":           {accepted("imports: allowed\nfrom: shop.a\nto: [shop.b, shop.c]", "imports: forbidden\nfrom: shop.a\nto: shop.c"), "one permits the import of shop.c by shop.a and the other forbids it"},
		"layer and pair":    {accepted("imports: layers\nlayers: [shop.a, shop.b]", "imports: forbidden\nfrom: shop.a\nto: shop.b"), ""},
		"one is a proposal": {tree.Memory{a: record("A", "accepted", "governs: shop.LIMIT\nvalue: 2 s"), b: record("B", "proposed", "governs: shop.LIMIT\nvalue: 3 s")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range load(t, c.files).Problems(false) {
				got = append(got, fmt.Sprintf("%s:%d %s", r.Path, r.Line, r.Message))
			}
			if all := strings.Join(got, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) || len(got) > 1 {
				t.Errorf("problems are\n%s\nexpected\n%s", all, c.want)
			}
		})
	}
}

// TestUntold: what matters to people only is a note, and only where it is asked for.
func TestUntold(t *testing.T) {
	records := load(t, tree.Memory{"docs/adr/0001-a.md": "# A\n\nWe use A.\n", "docs/adr/0002-b.md": "Status: accepted\n"})
	if got := records.Problems(false); len(got) > 0 {
		t.Errorf("problems are %+v", got)
	}
	got := records.Problems(true)
	if len(got) != 2 || got[0].Severity != finding.Note || !strings.Contains(got[0].Message, "does not say whether") || !strings.Contains(got[1].Message, "has no title") {
		t.Errorf("problems are %+v", got)
	}
}
