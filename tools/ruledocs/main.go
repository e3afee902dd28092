// Command ruledocs writes docs/rules from the pages and examples of the rules.
//
// usage: ruledocs
//
// It is run in internal/rules/all, by go generate. Files of docs/rules that no rule stands behind are removed.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/rules/all"
)

// folder is docs/rules as seen from internal/rules/all.
const folder = "../../../docs/rules"

func main() {
	if err := write(folder); err != nil {
		fmt.Fprintln(os.Stderr, "ruledocs:", err)
		os.Exit(1)
	}
}

// write brings folder up to date.
func write(folder string) error {
	files, err := rule.Documents(all.Rules())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make docs/rules: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(folder, "*.md"))
	if err != nil {
		return fmt.Errorf("list docs/rules: %w", err)
	}
	for _, path := range old {
		if _, ok := files[filepath.Base(path)]; ok {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove a page without rule: %w", err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write a page: %w", err)
		}
	}
	return nil
}
