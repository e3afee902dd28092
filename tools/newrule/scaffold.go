package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"

	"github.com/tiebeam/tiebeam/internal/rule"
)

var (
	//go:embed rule.go.tmpl
	ruleTemplate string
	//go:embed fixture.txtar.tmpl
	fixtureTemplate string
)

// scaffold writes the two files of a new rule and names them on out.
func scaffold(root, name string, out io.Writer) error {
	if err := rule.CheckName(name); err != nil {
		return err
	}
	folder := filepath.Join(rulesFolder(root), rule.FolderName(name))
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the rule %s is there already", name)
	}
	if err := os.MkdirAll(filepath.Join(folder, "testdata"), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", name, err)
	}
	for file, text := range map[string]string{
		rule.FolderName(name) + ".go":                             ruleTemplate,
		filepath.Join("testdata", rule.FolderName(name)+".txtar"): fixtureTemplate,
	} {
		filled, err := fill(text, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, file), filled, 0o644); err != nil {
			return fmt.Errorf("write the files of %s: %w", name, err)
		}
		fmt.Fprintln(out, filepath.Join(folder, file))
	}
	return nil
}

// fill puts a rule's names into a template.
func fill(text, name string) ([]byte, error) {
	parsed, err := template.New("rule").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, map[string]string{"Name": name, "Package": rule.FolderName(name)}); err != nil {
		return nil, fmt.Errorf("fill the template: %w", err)
	}
	return out.Bytes(), nil
}
