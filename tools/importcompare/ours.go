package main

import (
	"context"
	"fmt"

	"golang.org/x/tools/txtar"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// ours judges a case with tiebeam. Said is what it reports.
func ours(c testCase) (verdict, said string, err error) {
	files := tree.Memory{"docs/adr/0001-imports.md": "# 1. Imports\n\nStatus: accepted\n\n```tiebeam\n" + c.record + "```\n"}
	for _, file := range txtar.Parse(packageArchive).Files {
		files[file.Name] = string(file.Data)
	}
	result, err := engine.Check(context.Background(), &engine.Request{Tree: files, Config: config.Default(), All: all.Rules()})
	if err != nil {
		return "", "", err
	}
	verdict = kept
	for _, i := range result.Incomplete {
		return "", "", fmt.Errorf("%s: %s", i.Path, i.String())
	}
	for i := range result.Findings {
		f := &result.Findings[i]
		switch {
		case f.Rule == contract.Stale:
			verdict = wrong
		case f.Rule == contract.Dependency && verdict == kept:
			verdict = broken
		case f.Rule != contract.Dependency:
			continue
		}
		said += fmt.Sprintf("    %s:%d %s\n", f.Path, f.Line, f.Message)
	}
	return verdict, said, nil
}
