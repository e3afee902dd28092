package contract_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// faultsOf reads one record with the block given and returns its faults, without the path.
func faultsOf(t *testing.T, block string) []string {
	t.Helper()
	const path = "docs/adr/0001-a.md"
	records, err := contract.Load(context.Background(), tree.Memory{path: "# 1. A\n\nStatus: accepted\n\n" + fence(block)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range records.Faults {
		all = append(all, strings.TrimPrefix(records.Faults[i].Error(), path+":"))
	}
	return all
}

// TestFaults: the block begins on line 6 of the record.
func TestFaults(t *testing.T) {
	const exemption = "effect: block\nneeds: offload\nexcept:\n"
	for name, c := range map[string]struct{ block, want string }{
		"effect":              {"effect: wiat\nneeds: deadline", `6: field "effect": unknown word "wiat": did you mean "wait"? (expected wait, outbound call,`},
		"guard":               {"effect: wait\nneeds: deadlin", `7: field "needs": unknown word "deadlin": did you mean "deadline"? (expected deadline)`},
		"guard of another":    {"effect: wait\nneeds: offload", `7: field "needs": unknown word "offload"`},
		"no guard":            {"effect: wait", `6: field "needs": is missing: the guard that wait needs is deadline`},
		"field":               {"effect: wait\nneeds: deadline\nat-mots: 5 s", `8: field "at-mots": a contract has no such field: did you mean "at-most"?`},
		"scope":               {"effect: wait\nneeds: deadline\nscope:\n  packages: shop", `9: field "packages": scope has no such field: did you mean "package"?`},
		"scope is a word":     {"effect: wait\nneeds: deadline\nscope: shop", `8: scope must be fields`},
		"unit":                {"effect: wait\nneeds: deadline\nat-most: 5 secnds", `8: field "at-most": unknown unit "secnds"`},
		"no number":           {"effect: wait\nneeds: deadline\nat-most: five", `8: field "at-most": "five" is no number with a unit, such as`},
		"measure":             {"effect: wait\nneeds: deadline\nat-most: 5 attempts", `8: field "at-most": a deadline is measured in time`},
		"no measure":          {"effect: block\nneeds: offload\nat-most: 5 s", `8: field "at-most": the guard offload has no measure`},
		"contradicts itself":  {"effect: wait\nneeds: deadline\nat-most: 5 s\nat-least: 10 s", `9: field "at-least": is more than at-most`},
		"kind":                {"effect: wait\nof: netwrok\nneeds: deadline", `7: field "of": unknown word "netwrok": did you mean "network"?`},
		"immutable module":    {"effect: share\nneeds: immutability\nscope: {package: shop}", `7: field "needs": immutability is of classes`},
		"no form":             {"efect: wait\nneeds: deadline", `6: field "efect": a contract has no such field: did you mean "effect"?`},
		"two forms":           {"effect: wait\nimports: layers", `6: a contract says one of effect, imports or governs, not several`},
		"imports":             {"imports: layer\nlayers: [a, b]", `6: field "imports": unknown word "layer": did you mean "layers"?`},
		"field of other kind": {"imports: layers\nlayers: [a, b]\nfrom: a", `8: field "from": a contract has no such field`},
		"missing end":         {"imports: forbidden\nfrom: a", `6: field "to": is missing: a contract of forbidden names its from and to`},
		"mixed layer":         {"imports: layers\nlayers: ['a | b : c', d]", `7: field "layers": "a | b : c" mixes`},
		"layer as a mapping":  {"imports: layers\nlayers:\n  - a\n  - b : c", `9: field "layers": modules that may import each other are written as a list: [a, b]`},
		"one layer":           {"imports: layers\nlayers: a", `7: field "layers": must be a list of two layers or more`},
		"layer twice":         {"imports: layers\nlayers: [a, a]", `7: field "layers": "a" is in the layers twice`},
		"exhaustive":          {"imports: layers\nlayers: [a, b]\nexhaustive: true", `8: field "exhaustive": only layers with containers`},
		"flag":                {"imports: forbidden\nfrom: a\nto: b\nindirect: nope", `9: field "indirect": must be true or false, not "nope"`},
		"wildcard":            {"imports: forbidden\nfrom: a.b*\nto: c", `7: field "from": "a.b*" has a wildcard for a part of a name`},
		"wildcards":           {"imports: forbidden\nfrom: a.**.*\nto: c", `7: field "from": "a.**.*" has a wildcard behind a recursive one`},
		"make of a word":      {"effect: make\nof: client\nonly-in: a", `7: field "of": "client" is neither`},
		"no reason":           {exemption + "  - in: a\n    owner: x\n    until: 2027-01-31", `9: field "reason": is missing: an exemption names what it covers (in), a reason, an owner and the day`},
		"no date":             {exemption + "  - {in: a, owner: x, reason: y, until: soon}", `9: field "until": "soon" is no date such as 2027-01-31`},
		"import exempt":       {"imports: independence\nmodules: [a, b]\nexcept:\n  - {import: a to b, owner: x, reason: y, until: 2027-01-31}", `9: field "import": must have the form`},
		"given twice":         {"effect: wait\neffect: wait\nneeds: deadline", `7: block is not YAML that can be read: mapping key "effect" already defined`},
		"no yaml":             {"effect: [wait\nneeds: deadline", `block is not YAML that can be read`},
		"empty":               {"# nothing yet", `6: block holds no contract`},
		"a sentence":          {"be careful", `6: a contract must be fields`},
		"anchor":              {"effect: &x wait\nneeds: deadline", `6: field "effect": must be a word or a sentence`},
		"bomb":                {strings.Repeat("[", 5000), `6: block is nested deeper than 12 levels`},
		"deep list":           {strings.Repeat("- ", 50) + "a", `6: block is nested deeper than 12 levels`},
	} {
		t.Run(name, func(t *testing.T) {
			got := faultsOf(t, c.block)
			if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("faults are\n%s\nexpected\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestFaultsOfRecords(t *testing.T) {
	const block = "effect: block\nneeds: offload"
	for name, c := range map[string]struct{ path, text, want string }{
		"no status":      {"docs/adr/0001-a.md", "# 1. A\n\n" + fence(block), `docs/adr/0001-a.md:1: field "status": a record with contracts says whether`},
		"unknown status": {"docs/adr/0001-a.md", "# 1. A\n\nStatus: acepted\n\n" + fence(block), `docs/adr/0001-a.md:3: field "status": unknown status "acepted": did you mean "accepted"?`},
		"no number":      {"docs/adr/clients.md", "# A\n\n" + fence(block), `docs/adr/clients.md:4: contracts stand in a file without a number`},
		"front matter":   {"docs/adr/0001-a.md", "---\nstatus: [accepted\n---\n# A\n" + fence(block), `docs/adr/0001-a.md:2: block is not YAML`},
		"nested quotes":  {"docs/adr/0001-a.md", "# A\n\n" + strings.Repeat(">", 100_000) + "\n", `docs/adr/0001-a.md:3: record nests quotes and lists deeper than 100 levels`},
		"not text":       {"docs/adr/0001-a.md", "# \x00\n", `docs/adr/0001-a.md:1:`},
	} {
		t.Run(name, func(t *testing.T) {
			records, err := contract.Load(context.Background(), tree.Memory{c.path: c.text}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(records.Faults) == 0 || !strings.HasPrefix(records.Faults[0].Error(), c.want) {
				t.Errorf("faults are %v, expected %s", records.Faults, c.want)
			}
		})
	}
}

// FuzzRecord: no record makes the reader panic.
func FuzzRecord(f *testing.F) {
	f.Add("---\nstatus: accepted\n---\n# 1. A\n\n## Status\n\nAccepted\n\n" + fence("- effect: wait\n  needs: deadline\n  at-most: 5 s"))
	f.Add("> - ```tiebeam\n>   imports: layers\n>   layers: [a | b, (c)]\n>   ```\n")
	f.Add("---\n: [\n---\n" + fence("effect: &a [*a]"))
	f.Fuzz(func(t *testing.T, text string) {
		records, err := contract.Load(context.Background(), tree.Memory{"docs/adr/0001-a.md": text}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records.All {
			records.Governing(contract.Place{Path: "a/b.py", Symbol: "c"}, 0, "")
			_ = r.Name()
		}
	})
}
