package rule

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
)

const source = `// Package unboundedwait reports a wait for the network
// that nothing bounds.
//
// # What it guards
//
// A wait, by a deadline. See [requests].
//
// # Why it bears load
//
// A peer that says nothing holds the worker for ever.
//
// # When it is silent
//
//   - the client has a default
//   - a scope around it has a deadline
//
// # What to do instead
//
// Pass one:
//
//	requests.get(url, timeout=2)
//
// # References
//
//   - [requests]
//
// [requests]: https://requests.readthedocs.io/
package unboundedwait

import "embed"
`

const archive = `A wait that nothing bounds.
-- doc/bad.py --
requests.get(url)  # want unbounded-wait "for ever"
-- doc/good.py --
requests.get(url, timeout=2)
-- doc/good/settings.toml --
timeout = 2
`

// sample is a rule whose folder has the files given.
func sample(source, archive string) *Rule {
	return &Rule{
		Name: "unbounded-wait", Guard: program.Deadline, Severity: finding.Warning, Since: "0.1.0",
		Folder: fstest.MapFS{
			"unboundedwait.go":             {Data: []byte(source)},
			"testdata/unboundedwait.txtar": {Data: []byte(archive)},
		},
	}
}

const markdown = `# unbounded-wait

Reports a wait for the network that nothing bounds.

guard: deadline · severity: warning · runs: always · since: 0.1.0

## What it guards

A wait, by a deadline. See [requests](https://requests.readthedocs.io/).

## Why it bears load

A peer that says nothing holds the worker for ever.

## When it is silent

  - the client has a default
  - a scope around it has a deadline

## What to do instead

Pass one:

	requests.get(url, timeout=2)

## Example

Reported:

` + "```python\nrequests.get(url)  # unbounded-wait\n```" + `

Silent, app.py:

` + "```python\nrequests.get(url, timeout=2)\n```" + `

Silent, settings.toml:

` + "```toml\ntimeout = 2\n```" + `

## References

  - [requests](https://requests.readthedocs.io/)
`

func TestMarkdown(t *testing.T) {
	got, err := sample(source, archive).Markdown()
	if err != nil {
		t.Fatal(err)
	}
	if got != markdown {
		t.Errorf("the page is\n%s\nexpected\n%s", got, markdown)
	}
}

func TestText(t *testing.T) {
	got, err := sample(source, archive).Text(30)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"# unbounded-wait\n\nReports a wait for the network that nothing bounds.\n",
		"\nA peer that says nothing holds\nthe worker for ever.\n",
		"\n    requests.get(url)  # unbounded-wait\n",
		"[requests]: https://requests.readthedocs.io/\n",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("the text has no %q:\n%s", part, got)
		}
	}
}

func TestPage(t *testing.T) {
	page, err := sample(source, archive).Page()
	if err != nil {
		t.Fatal(err)
	}
	if page.Summary != "reports a wait for the network that nothing bounds" {
		t.Errorf("summary %q", page.Summary)
	}
	if got := page.Section("Why it bears load"); got != "A peer that says nothing holds the worker for ever.\n" {
		t.Errorf("section %q", got)
	}
	if got := page.Section("Elsewhere"); got != "" {
		t.Errorf("a section that is not there reads %q", got)
	}
}

func TestPageRefuses(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(source, old, new, 1) }
	for name, c := range map[string]struct{ source, archive, message string }{
		"no comment":      {"package unboundedwait\n", archive, "must start with the comment of its package"},
		"no package":      {"import x\n", archive, "must start with the comment of its package"},
		"other name":      {edit("Package unboundedwait", "Package waits"), archive, `must start with "Package unboundedwait"`},
		"two sentences":   {edit("bounds.", "bounds. It is bad."), archive, "must be one sentence"},
		"two paragraphs":  {edit("bounds.\n", "bounds.\n//\n// More.\n"), archive, "a second paragraph"},
		"missing heading": {edit("// # Why it bears load\n//\n", ""), archive, "the headings are"},
		"wrong order":     {edit("# Why it bears load", "# References"), archive, "the headings are"},
		"empty section":   {edit("// A peer that says nothing holds the worker for ever.\n", "//\n"), archive, "nothing stands under"},
		"no example":      {source, "A case.\n-- app.py --\n", "no doc/bad.py"},
		"broken fixture":  {source, "", "must start with a sentence"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sample(c.source, c.archive).Page()
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("error %v, expected one with %q", err, c.message)
			}
		})
	}
	folders := map[string]*Rule{
		"the rule embeds no folder": {Name: "unbounded-wait"},
		"has 0 files *.go":          {Name: "unbounded-wait", Folder: fstest.MapFS{}},
	}
	for message, r := range folders {
		if _, err := r.Page(); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("error %v, expected one with %q", err, message)
		}
	}
}

func TestDocuments(t *testing.T) {
	files, err := Documents([]*Rule{sample(source, archive)})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files["unbounded-wait.md"] != generated+markdown {
		t.Errorf("documents are %v", files)
	}
	row := "| [unbounded-wait](unbounded-wait.md) | reports a wait for the network that nothing bounds | deadline | warning | always |\n"
	if !strings.HasSuffix(files["README.md"], row) {
		t.Errorf("the index is\n%s\nexpected at its end\n%s", files["README.md"], row)
	}
}

func TestCheckName(t *testing.T) {
	good := []string{"unbounded-wait", "assert-as-validation", "nested-retry"}
	bad := []string{"", "wait", "Unbounded-wait", "no-timeout", "require-deadline", "banned-call", "a--b", "unbounded_wait", "tb-001"}
	if i := slices.IndexFunc(good, func(name string) bool { return CheckName(name) != nil }); i >= 0 {
		t.Errorf("%q is refused", good[i])
	}
	if i := slices.IndexFunc(bad, func(name string) bool { return CheckName(name) == nil }); i >= 0 {
		t.Errorf("%q is accepted", bad[i])
	}
	if got := FolderName("assert-as-validation"); got != "assertasvalidation" {
		t.Errorf("folder %q", got)
	}
}

func TestRuns(t *testing.T) {
	for want, r := range map[string]Rule{
		"always": {}, "in diff": {Diff: true}, "under --strict": {Strict: true}, "in diff, and under --strict": {Diff: true, Strict: true},
	} {
		if got := r.Runs(); got != want {
			t.Errorf("strict %v, diff %v runs %q, expected %q", r.Strict, r.Diff, got, want)
		}
	}
}
