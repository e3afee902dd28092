package main

import (
	_ "embed"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:embed testdata/package.txtar
var packageArchive []byte

//go:embed testdata/cases.txtar
var caseArchive []byte

// testCase is a contract in both forms, and the verdict that both must give.
type testCase struct {
	name, verdict  string
	linter, record string
}

// cases reads the archive, in its order.
func cases() ([]testCase, error) {
	var all []testCase
	for _, file := range txtar.Parse(caseArchive).Files {
		parts := strings.Split(file.Name, "/")
		if len(parts) != 3 {
			return nil, fmt.Errorf("case %s: expected NAME/VERDICT/TOOL", file.Name)
		}
		if len(all) == 0 || all[len(all)-1].name != parts[0] {
			all = append(all, testCase{name: parts[0], verdict: parts[1]})
		}
		last := &all[len(all)-1]
		switch parts[2] {
		case "importlinter":
			last.linter = string(file.Data)
		case "tiebeam":
			last.record = string(file.Data)
		default:
			return nil, fmt.Errorf("case %s: expected importlinter or tiebeam", file.Name)
		}
	}
	return all, nil
}

// The verdicts.
const (
	kept   = "kept"
	broken = "broken"
	wrong  = "wrong" // the contract speaks of what is not there
)
