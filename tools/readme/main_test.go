package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/rules/all"
)

// read gives the text of README.md.
func read(t *testing.T) string {
	t.Helper()
	if err := enterRoot(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeIsCurrent: README.md shows what the program prints.
func TestReadmeIsCurrent(t *testing.T) {
	text := read(t)
	if !shown.MatchString(text) {
		t.Fatal("README.md shows no output")
	}
	current, err := fill(text, tiebeam)
	if err != nil {
		t.Fatal(err)
	}
	if current != text {
		t.Error("README.md shows what the program does not print any more: make gen")
	}
}

// TestKeep: what is left out is said, what is asked for must be there.
func TestKeep(t *testing.T) {
	const out = "a.py:1:1: one\n  more\n\nb.py:2:1: two\n\nc.py:3:1: three\n\n3 findings\n"
	kept, err := keep(out, []string{"a.py:1"})
	if want := "a.py:1:1: one\n  more\n\n…\n\n3 findings\n"; err != nil || kept != want {
		t.Errorf("got %q, %v, want %q", kept, err, want)
	}
	if kept, err := keep(out, nil); err != nil || strings.Contains(kept, "…") {
		t.Errorf("got %q, %v, want everything", kept, err)
	}
	if _, err := keep(out, []string{"d.py:1"}); err == nil {
		t.Error("no error for a place without a finding")
	}
}

// TestReadmeConfiguration: the options that README.md shows are valid.
func TestReadmeConfiguration(t *testing.T) {
	var names []string
	for _, r := range all.Rules() {
		names = append(names, r.Name)
	}
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(read(t), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md shows no options")
	}
	for _, block := range blocks {
		options, err := config.Parse(config.ProjectFile, []byte(block[1]), names)
		if err != nil || options == nil {
			t.Errorf("%v in:\n%s", err, block[1])
			continue
		}
		if _, err := catalog.Builtin().Extend(document, options.Catalog); err != nil {
			t.Error(err)
		}
	}
}

// TestReadmeFlags: the commands and flags that README.md names exist.
func TestReadmeFlags(t *testing.T) {
	text := read(t)
	help, err := tiebeam([]string{"--help"})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range regexp.MustCompile(`(?m)^\s*tiebeam ([a-z]+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(help, "\n  "+command[1]+" ") {
			t.Errorf("there is no command %q", command[1])
		}
	}
	for _, command := range regexp.MustCompile(`(?m)^  ([a-z]+) `).FindAllStringSubmatch(help, -1) {
		flags, err := tiebeam([]string{command[1], "--help"})
		if err != nil {
			t.Fatal(err)
		}
		help += flags
	}
	for _, flag := range regexp.MustCompile(`--[a-z]+(-[a-z]+)*`).FindAllString(text, -1) {
		if !strings.Contains(help, flag) {
			t.Errorf("there is no flag %s", flag)
		}
	}
}
