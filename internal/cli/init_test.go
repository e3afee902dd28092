package cli

import (
	"io"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tiebeam/tiebeam/internal/review"
)

// command is a call of tiebeam in a template.
var command = regexp.MustCompile(`(?:^|[|\s])tiebeam ([^|>\n]*)`)

// TestTemplates reads every YAML template and holds the commands in it to those that there are, with their flags.
func TestTemplates(t *testing.T) {
	entries, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		raw, err := templates.ReadFile(path.Join("templates", entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(entry.Name(), ".yml") {
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			var document map[string]any
			if err := yaml.Unmarshal(raw, &document); err != nil {
				t.Fatal(err)
			}
			var found int
			for _, line := range texts(document) {
				for _, at := range command.FindAllStringSubmatch(line, -1) {
					found++
					accepted(t, strings.Fields(strings.ReplaceAll(at[1], `"`, "")))
				}
			}
			if found == 0 {
				t.Error("runs no command of tiebeam")
			}
		})
	}
}

// texts gives all strings of a document.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case map[string]any:
		var all []string
		for _, key := range []string{"run", "entry", "script", "jobs", "steps", "guards", "tiebeam", "repos", "hooks"} {
			all = append(all, texts(v[key])...)
		}
		return all
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, texts(one)...)
		}
		return all
	}
	return nil
}

// accepted holds that there is such a command, which takes these flags and arguments.
func accepted(t *testing.T, args []string) {
	t.Helper()
	p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, env: map[string]string{}}
	root := p.root()
	c, rest, err := root.Find(args)
	if err != nil || c == root {
		t.Errorf("tiebeam %s: no such command", strings.Join(args, " "))
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("tiebeam %s: %v", strings.Join(args, " "), err)
		return
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("tiebeam %s: %v", strings.Join(args, " "), err)
	}
}

// TestPullRequestTemplate holds that the template that init writes is one for review.
func TestPullRequestTemplate(t *testing.T) {
	raw, err := templates.ReadFile("templates/pullrequest.md")
	if err != nil {
		t.Fatal(err)
	}
	whole, fault := (&review.Checklist{Base: "main", Head: "work"}).Template(raw, nil)
	if fault != nil {
		t.Fatal(fault.Reason)
	}
	if !strings.Contains(whole, "## Review of guards: 0 questions") {
		t.Errorf("the checklist is not in it:\n%s", whole)
	}
}
