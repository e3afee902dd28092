package rule

import (
	"fmt"
	"go/doc/comment"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/fixture"
)

// Markdown renders the page as a document: title, summary, what kind of rule it is, the sections, the examples.
func (r *Rule) Markdown() (string, error) {
	page, err := r.Page()
	if err != nil {
		return "", err
	}
	printer := &comment.Printer{HeadingLevel: 2, HeadingID: func(*comment.Heading) string { return "" }}
	return page.render(r, func(blocks []comment.Block) string {
		return string(printer.Markdown(&comment.Doc{Content: blocks, Links: page.links}))
	}, fenced), nil
}

// Text renders the page for a terminal, lines no wider than width characters (0 for the default of 80 less a margin);
// the lines of examples are left as they are.
func (r *Rule) Text(width int) (string, error) {
	page, err := r.Page()
	if err != nil {
		return "", err
	}
	printer := &comment.Printer{TextWidth: width}
	text := page.render(r, func(blocks []comment.Block) string {
		return string(printer.Text(&comment.Doc{Content: blocks}))
	}, indented)
	// The addresses stand once, below the references that name them, and not below every section.
	return text + string(printer.Text(&comment.Doc{Links: page.links})), nil
}

// Section gives the text under one of Headings as Markdown, for formats that carry a rule's help; empty for a heading
// that the page does not have.
func (p *Page) Section(heading string) string {
	for _, s := range p.sections {
		if s.heading == heading {
			return string(new(comment.Printer).Markdown(&comment.Doc{Content: s.body, Links: p.links}))
		}
	}
	return ""
}

// render puts the page together; the examples stand before the references.
func (p *Page) render(r *Rule, prose func([]comment.Block) string, code func(fixture.Example) string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n%s.\n\n%s\n", r.Name, capital(p.Summary), r.standing())
	for i, s := range p.sections {
		if i == len(p.sections)-1 {
			out.WriteString("\n## Example\n" + p.examples(code))
		}
		out.WriteString("\n## " + s.heading + "\n\n" + strings.TrimRight(prose(s.body), "\n") + "\n")
	}
	return out.String()
}

// standing says in one line what guard the rule looks for, how serious it is, when it speaks and since when.
func (r *Rule) standing() string {
	parts := []string{}
	if r.Guard != "" {
		parts = append(parts, "guard: "+string(r.Guard))
	}
	parts = append(parts, "severity: "+r.Severity.String(), "runs: "+r.Runs(), "since: "+r.Since)
	return strings.Join(parts, " · ")
}

// Runs says when the rule speaks.
func (r *Rule) Runs() string {
	switch {
	case r.Diff && r.Strict:
		return "in diff, and under --strict"
	case r.Diff:
		return "in diff"
	case r.Strict:
		return "under --strict"
	}
	return "always"
}

// exampleRoles says how the page introduces the files of each role, in the order in which it shows them.
var exampleRoles = []struct{ role, words string }{
	{"base", "Before"},
	{"bad", "Reported"},
	{"good", "Silent"},
}

func (p *Page) examples(code func(fixture.Example) string) string {
	var out strings.Builder
	for _, r := range exampleRoles {
		files := p.exampleFiles(r.role)
		for _, file := range files {
			name := ""
			if len(files) > 1 {
				name = ", " + file.Path
			}
			out.WriteString("\n" + r.words + name + ":\n\n" + code(file))
		}
	}
	return out.String()
}

func (p *Page) exampleFiles(role string) []fixture.Example {
	var files []fixture.Example
	for _, file := range p.Examples {
		if file.Role == role {
			files = append(files, file)
		}
	}
	return files
}

// languages are the names that a fence has for the files of examples.
var languages = map[string]string{".md": "markdown", ".py": "python", ".sql": "sql", ".toml": "toml"}

func fenced(file fixture.Example) string {
	return "```" + languages[path.Ext(file.Path)] + "\n" + strings.TrimSpace(file.Text) + "\n```\n"
}

func indented(file fixture.Example) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimSpace(file.Text) + "\n") {
		if strings.TrimSpace(line) != "" {
			out.WriteString("    ")
		}
		out.WriteString(line)
	}
	return out.String()
}

func capital(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}
