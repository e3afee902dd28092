package rule

import (
	"errors"
	"fmt"
	"go/doc"
	"go/doc/comment"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fixture"
)

// Headings are the sections of every rule's page, in their order.
var Headings = []string{
	"What it guards",
	"Why it bears load",
	"When it is silent",
	"What to do instead",
	"References",
}

// Page is what a rule says of itself: the comment of its package and the examples of its first fixture.
type Page struct {
	// Summary is the first sentence, without "Package name" and without full stop: "reports a wait that nothing bounds".
	Summary string
	// Examples are the files of the fixture's doc/ sections.
	Examples []fixture.Example

	sections []section
	links    []*comment.LinkDef
}

// section is one heading of a page with what follows it.
type section struct {
	heading string
	body    []comment.Block
}

// Page reads the rule's page. The error names what is missing, which a test keeps from happening in a release.
func (r *Rule) Page() (*Page, error) {
	page, err := r.readPage()
	if err != nil {
		return nil, fmt.Errorf("page of %s: %w", r.Name, err)
	}
	return page, nil
}

func (r *Rule) readPage() (*Page, error) {
	if r.Folder == nil {
		return nil, errors.New("the rule embeds no folder")
	}
	source, err := readOne(r.Folder, "*.go")
	if err != nil {
		return nil, err
	}
	page, err := parsePage(string(source))
	if err != nil {
		return nil, err
	}
	archive, err := readOne(r.Folder, "testdata/*.txtar")
	if err != nil {
		return nil, err
	}
	first, err := fixture.Parse(r.Name, archive)
	if err != nil {
		return nil, err
	}
	if len(first.Examples) == 0 {
		return nil, errors.New("the fixture has no doc/bad.py and doc/good.py")
	}
	page.Examples = first.Examples
	return page, nil
}

// readOne reads the one file of folder that pattern matches.
func readOne(folder fs.FS, pattern string) ([]byte, error) {
	names, err := fs.Glob(folder, pattern)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", pattern, err)
	}
	if len(names) != 1 {
		return nil, fmt.Errorf("the embedded folder has %d files %s, expected one", len(names), pattern)
	}
	data, err := fs.ReadFile(folder, names[0])
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path.Base(names[0]), err)
	}
	return data, nil
}

// parsePage reads the package comment at the head of a rule's source file.
func parsePage(source string) (*Page, error) {
	text, name, err := packageComment(source)
	if err != nil {
		return nil, err
	}
	parsed := new(comment.Parser).Parse(text)
	page := &Page{links: parsed.Links}
	for i, block := range parsed.Content {
		heading, isHeading := block.(*comment.Heading)
		switch {
		case i == 0:
			page.Summary, err = summary(block, text, name)
			if err != nil {
				return nil, err
			}
		case isHeading:
			page.sections = append(page.sections, section{heading: plain(heading.Text)})
		case len(page.sections) == 0:
			return nil, fmt.Errorf("a second paragraph stands before %q", Headings[0])
		default:
			last := &page.sections[len(page.sections)-1]
			last.body = append(last.body, block)
		}
	}
	return page, page.validate()
}

// summary reads the first paragraph of a page: one sentence, "Package name reports something."
func summary(first comment.Block, text, name string) (string, error) {
	paragraph, ok := first.(*comment.Paragraph)
	if !ok {
		return "", errors.New("the comment must start with a sentence")
	}
	sentence := new(doc.Package).Synopsis(text)
	if whole := strings.Join(strings.Fields(plain(paragraph.Text)), " "); whole != sentence {
		return "", fmt.Errorf("the first paragraph must be one sentence and no more than %q", sentence)
	}
	rest, ok := strings.CutPrefix(sentence, "Package "+name+" ")
	if !ok {
		return "", fmt.Errorf("the comment must start with \"Package %s\" and a verb", name)
	}
	return strings.TrimSuffix(rest, "."), nil
}

// validate says what keeps a page from being complete.
func (p *Page) validate() error {
	headings := make([]string, 0, len(p.sections))
	for _, s := range p.sections {
		headings = append(headings, s.heading)
		if len(s.body) == 0 {
			return fmt.Errorf("nothing stands under %q", s.heading)
		}
	}
	if !slices.Equal(headings, Headings) {
		return fmt.Errorf("the headings are %q, expected %q", headings, Headings)
	}
	return nil
}

// packageComment gives the text of the line comment that stands before the package clause, and the package's name.
func packageComment(source string) (text, name string, err error) {
	var out strings.Builder
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, "\r\n")
		if rest, ok := strings.CutPrefix(line, "//"); ok {
			out.WriteString(strings.TrimPrefix(rest, " ") + "\n")
			continue
		}
		if name, ok := strings.CutPrefix(line, "package "); ok && out.Len() > 0 {
			return out.String(), strings.TrimSpace(name), nil
		}
		break
	}
	return "", "", errors.New("the source file must start with the comment of its package")
}

// plain gives the words of a line of documentation.
func plain(texts []comment.Text) string {
	var out strings.Builder
	for _, text := range texts {
		switch text := text.(type) {
		case comment.Plain:
			out.WriteString(string(text))
		case comment.Italic:
			out.WriteString(string(text))
		case *comment.Link:
			out.WriteString(plain(text.Text))
		case *comment.DocLink:
			out.WriteString(plain(text.Text))
		}
	}
	return out.String()
}
