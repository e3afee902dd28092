package law_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// link is the target of a link in Markdown that stays in the repository.
var link = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)\s]*)?\)`)

// TestLinks: what the documents point to is there.
func TestLinks(t *testing.T) {
	tree := os.DirFS(root)
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md", "docs/rules/*.md"} {
		documents, err := fs.Glob(tree, pattern)
		if err != nil || len(documents) == 0 {
			t.Fatalf("no document matches %s: %v", pattern, err)
		}
		for _, document := range documents {
			text, err := fs.ReadFile(tree, document)
			if err != nil {
				t.Fatal(err)
			}
			for _, target := range link.FindAllStringSubmatch(string(text), -1) {
				if _, err := fs.Stat(tree, path.Join(path.Dir(document), target[1])); err != nil {
					t.Errorf("%s points to %s, which is not there: a reader who follows it learns that the documents are not kept", document, target[1])
				}
			}
		}
	}
}

// TestArchitecture: the description of the house names every room, and the index of decisions every record.
func TestArchitecture(t *testing.T) {
	tree := os.DirFS(root)
	house, err := fs.ReadFile(tree, "docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := fs.Glob(tree, "internal/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range rooms {
		if !strings.Contains(string(house), "`"+room) {
			t.Errorf("docs/architecture.md does not name %s: whoever comes new finds a room that nobody has shown", room)
		}
	}
	index, err := fs.ReadFile(tree, "docs/adr/README.md")
	if err != nil {
		t.Fatal(err)
	}
	records, err := fs.Glob(tree, "docs/adr/[0-9]*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		if !strings.Contains(string(index), "("+path.Base(record)+")") {
			t.Errorf("docs/adr/README.md does not list %s", record)
		}
	}
}
