package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/rule"
)

// TestRegistryIsCurrent says when the list of the rules does not name the folders that are there.
func TestRegistryIsCurrent(t *testing.T) {
	root := filepath.Join("..", "..")
	want, err := registry(rulesFolder(root))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(rulesFolder(root), listFolder, "all.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("internal/rules/all/all.go is stale: run make gen")
	}
}

// TestScaffold writes a rule, lays it over the module and compiles it; its page must be complete.
func TestScaffold(t *testing.T) {
	scratch := t.TempDir()
	var out strings.Builder
	if err := scaffold(scratch, "slow-tide", &out); err != nil {
		t.Fatal(err)
	}
	written := strings.Fields(out.String())
	if len(written) != 2 {
		t.Fatalf("wrote %q, expected the rule and its fixture", written)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for _, file := range written {
		inside, err := filepath.Rel(scratch, file)
		if err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][filepath.Join(root, inside)] = file
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	replace := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(replace, text, 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-overlay", replace, "./internal/rules/slowtide")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		t.Errorf("the new rule does not compile: %v\n%s", err, said)
	}
	folder := os.DirFS(filepath.Join(rulesFolder(scratch), "slowtide"))
	if _, err := (&rule.Rule{Name: "slow-tide", Folder: folder}).Page(); err != nil {
		t.Errorf("the new rule's page: %v", err)
	}
}

func TestScaffoldRefuses(t *testing.T) {
	scratch := t.TempDir()
	if err := scaffold(scratch, "slow-tide", io.Discard); err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string]string{
		"slow-tide": "is there already",
		"no-tide":   "says the fault",
		"Tide":      "expected lower-case words",
	} {
		if err := scaffold(scratch, name, io.Discard); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%s: error %v, expected one with %q", name, err, message)
		}
	}
}

// TestRegistry lists two folders and leaves the list's own out.
func TestRegistry(t *testing.T) {
	scratch := t.TempDir()
	for _, folder := range []string{"unboundedwait", "all", "orphantask"} {
		if err := os.Mkdir(filepath.Join(scratch, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	text, err := registry(scratch)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(text), "var rules = []*rule.Rule{\n\torphantask.Rule,\n\tunboundedwait.Rule,\n}\n") {
		t.Errorf("the list is\n%s", text)
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{nil, {"a-b", "c-d"}} {
		if code := run(args, io.Discard, io.Discard); code != 2 {
			t.Errorf("newrule %q exits %d, expected 2", args, code)
		}
	}
}
