package contract_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// load reads records that must be without fault.
func load(t *testing.T, files tree.Memory) *contract.Records {
	t.Helper()
	records, err := contract.Load(context.Background(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range records.Faults {
		t.Errorf("fault: %s", records.Faults[i].Error())
	}
	return records
}

// fence wraps contracts as a record does.
func fence(contracts string) string { return "```tiebeam\n" + contracts + "\n```\n" }

func TestLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		path, text, title string
		number            int
		status            contract.Status
		by, supersedes    []int
	}{
		"nygard":            {"doc/adr/0003-use-x.md", "# 3. Use X\n\nDate: 2016-02-12\n\n## Status\n\nAccepted\n\n## Context\n\nSuperseded things.\n", "Use X", 3, contract.Accepted, nil, nil},
		"adr-tools":         {"doc/adr/0003-use-x.md", "# 3. Use X\n\n## Status\n\nAccepted\n\nSuperceded by [9. Use Y](0009-use-y.md)\n", "Use X", 3, contract.Superseded, []int{9}, nil},
		"adr-tools later":   {"doc/adr/0009-use-y.md", "# 9. Use Y\n\n## Status\n\nAccepted\n\nSupercedes [3. Use X](0003-use-x.md)\n", "Use Y", 9, contract.Accepted, nil, []int{3}},
		"madr 4":            {"docs/decisions/0001-a.md", "---\nstatus: \"superseded by ADR-0123\"\ndate: 2024-01-31\ndecision-makers: [a, b]\n---\n# Use A\n", "Use A", 1, contract.Superseded, []int{123}, nil},
		"madr 2":            {"docs/adr/0001-a.md", "# Use A\n\n* Status: proposed\n* Date: 2024-01-31\n", "Use A", 1, contract.Proposed, nil, nil},
		"bold":              {"docs/adr/ADR-007-a.md", "# ADR-007: Use A\n\n**Status**: Deprecated\n", "Use A", 7, contract.Deprecated, nil, nil},
		"plain":             {"docs/adr/0001-a.md", "# 0001: Use A\n\nStatus: rejected\n", "Use A", 1, contract.Rejected, nil, nil},
		"log4brains":        {"docs/adr/20200102-a.md", "# Use A\n\n- Status: draft\n", "Use A", 20200102, contract.Proposed, nil, nil},
		"front superseded":  {"docs/adr/0001-a.md", "---\nstatus: superseded\nsuperseded-by: 12\n---\n# A\n", "A", 1, contract.Superseded, []int{12}, nil},
		"says nothing":      {"docs/adr/0001-a.md", "# Use A\n\nWe use A.\n", "Use A", 1, contract.NoStatus, nil, nil},
		"windows line ends": {"docs/adr/0001-a.md", "# 1. Use A\r\n\r\n## Status\r\n\r\nAccepted\r\n", "Use A", 1, contract.Accepted, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			records := load(t, tree.Memory{c.path: c.text})
			if len(records.All) != 1 {
				t.Fatalf("%d records, expected one", len(records.All))
			}
			got := records.All[0]
			if got.Title != c.title || got.Number != c.number || got.Status != c.status {
				t.Errorf("title %q, number %d, status %q", got.Title, got.Number, got.Status)
			}
			if !slices.Equal(got.SupersededBy, c.by) || !slices.Equal(got.Supersedes, c.supersedes) {
				t.Errorf("superseded by %v, supersedes %v", got.SupersededBy, got.Supersedes)
			}
		})
	}
}

func TestFinding(t *testing.T) {
	const text = "# 1. A\n\n## Status\n\nAccepted\n"
	for name, c := range map[string]struct {
		files   tree.Memory
		folders []string
		want    string
	}{
		"by convention": {tree.Memory{"docs/adr/0001-a.md": text, "docs/adr/README.md": "# Index\n", "docs/adr/template.md": "# Title\n", "docs/other/0002-b.md": text}, nil, "docs/adr/0001-a.md"},
		"two folders":   {tree.Memory{"docs/adr/0001-a.md": text, "docs/decisions/0001-b.md": text}, nil, "docs/adr/0001-a.md docs/decisions/0001-b.md"},
		"adr-tools":     {tree.Memory{".adr-dir": "notes/adr\n", "notes/adr/0001-a.md": text, "docs/adr/0002-b.md": text}, nil, "notes/adr/0001-a.md"},
		"configured":    {tree.Memory{"design/0004-a.md": text, "docs/adr/0001-b.md": text}, []string{"./design/"}, "design/0004-a.md"},
		"nowhere":       {tree.Memory{"README.md": "# A\n"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			records, err := contract.Load(context.Background(), c.files, c.folders)
			if err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, r := range records.All {
				paths = append(paths, r.Path)
			}
			if got := strings.Join(paths, " "); got != c.want {
				t.Errorf("found %q, expected %q", got, c.want)
			}
		})
	}
}

func TestGoverning(t *testing.T) {
	records := load(t, tree.Memory{
		"docs/adr/0007-clients.md": "# 7. Clients\n\nStatus: accepted\n\n" + fence(`- effect: outbound call
  scope: {package: shop.clients}
  needs: deadline
  at-most: 5 s
- governs: shop.clients.http.LIMIT
  value: 2 s`),
		"docs/adr/0008-web.md":  "# 8. Web\n\nStatus: proposed\n\n" + fence("imports: forbidden\nfrom: shop.domain\nto: shop.web"),
		"docs/adr/0009-late.md": "# 9. Late\n\nStatus: rejected\n\n" + fence("effect: wait\nneeds: deadline"),
	})
	for _, c := range []struct {
		at     contract.Place
		effect program.Effect
		guard  program.GuardKind
		want   string
	}{
		{contract.Place{Path: "src/shop/clients/http.py", Symbol: "get"}, program.Wait, program.Deadline, "7"},
		{contract.Place{Path: "src/shop/clients/__init__.py"}, program.Wait, "", "7"},
		{contract.Place{Path: "src/shop/clients/http.py", Symbol: "get"}, program.Repeat, "", ""},
		{contract.Place{Path: "src/shop/clients_old.py"}, program.NoEffect, "", ""},
		{contract.Place{Path: "shop/clients/http.py", Symbol: "LIMIT"}, program.NoEffect, program.Decision, "7"},
		{contract.Place{Path: "shop/clients/http.py", Symbol: "LIMIT"}, program.NoEffect, "", "7 7"},
		{contract.Place{Path: "shop/domain/a.py"}, program.Import, program.Dependency, "8"},
		{contract.Place{Path: "shop/clients/http.py", Home: "shop/clients"}, program.Wait, "", "7"},
	} {
		var got []string
		for _, clause := range records.Governing(c.at, c.effect, c.guard) {
			got = append(got, strings.TrimLeft(clause.Record.Label, "0"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v, %s, %s: governed by %v, expected %q", c.at, c.effect, c.guard, got, c.want)
		}
	}
}
