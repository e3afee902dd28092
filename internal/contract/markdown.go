package contract

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/tiebeam/tiebeam/internal/source"
)

// language is the name behind the fence of a block with contracts.
const language = "tiebeam"

// document is a record as Markdown sees it.
type document struct {
	file *source.File
	// front is the front matter; its text is empty where there is none.
	front block
	title string
	// status are the lines that speak of the status, in their order.
	status []line
	date   string
	blocks []block
	// nested is the line that kept the document from being read, 0 where it was.
	nested int
}

// block is a piece of the document in another language.
type block struct {
	text string
	// line is the 1-based line of the document on which it starts.
	line int
	// column is how far a fence is indented, in bytes: the block's text has lost as much from each line.
	column int
}

// line is one line of the document's prose, without its emphasis and the words before it.
type line struct {
	text string
	line int
}

// readMarkdown finds in a document what a record says of itself. Anything is a document; what it has not is empty.
func readMarkdown(file *source.File) *document {
	d := &document{file: file}
	raw := []byte(file.Text)
	d.front, raw = cutFrontMatter(raw)
	if d.nested = tooNested(raw); d.nested > 0 {
		return d
	}
	section := ""
	root := goldmark.DefaultParser().Parse(text.NewReader(raw))
	// Walk's error is the visitor's, which has none.
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Heading:
			section = d.heading(node, raw)
		case *ast.FencedCodeBlock:
			d.fence(node, raw)
		case *ast.Paragraph, *ast.TextBlock:
			d.prose(node, raw, section)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return d
}

// cutFrontMatter takes the YAML between two lines of "---" at the start, and blanks it in what is left, so that every
// offset stays where it is.
func cutFrontMatter(raw []byte) (block, []byte) {
	first, rest, ok := bytes.Cut(raw, []byte("\n"))
	if !ok || strings.TrimRight(string(first), " \t\r") != "---" {
		return block{}, raw
	}
	start := len(raw) - len(rest)
	at := start
	for l := range bytes.Lines(rest) {
		if mark := strings.TrimRight(string(l), " \t\r\n"); mark == "---" || mark == "..." {
			left := bytes.Clone(raw)
			for i := range at + len(l) {
				if left[i] != '\n' && left[i] != '\r' {
					left[i] = ' '
				}
			}
			return block{text: string(raw[start:at]), line: 2}, left
		}
		at += len(l)
	}
	return block{}, raw
}

// mostNested is how deep quotes and lists of a record may nest; the parser's cost grows with the square of it.
const mostNested = 100

// tooNested gives the 1-based line that opens more quotes and lists than any prose does, 0 where none does.
func tooNested(raw []byte) int {
	number := 0
	for l := range bytes.Lines(raw) {
		number++
		depth := 0
		for i, b := range l {
			switch {
			case b == '>', (b == '-' || b == '*' || b == '+') && i+1 < len(l) && l[i+1] == ' ':
				depth++
				continue
			case b == ' ' || b == '\t':
				continue
			}
			break
		}
		if depth > mostNested {
			return number
		}
	}
	return 0
}

// ownNumber is the number before a title: "1. Use", "ADR-0007: Use", "0007 - Use".
var ownNumber = regexp.MustCompile(`^(?i:adr[-_ ]?)?[0-9]{1,8}\s*[.:)–—-]\s+|^(?i:adr)[-_ ]?[0-9]{1,8}\s+`)

// heading notes the title and gives the name of the section that begins, in lower case.
func (d *document) heading(node *ast.Heading, raw []byte) string {
	words := plainText(node, raw)
	if d.title == "" && node.Level == 1 {
		d.title = ownNumber.ReplaceAllString(words, "")
		return ""
	}
	return strings.ToLower(strings.TrimRight(words, ": "))
}

// plainText gives the words of a block's source lines.
func plainText(node ast.Node, raw []byte) string {
	var words []string
	lines := node.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		words = append(words, strings.TrimSpace(string(at.Value(raw))))
	}
	return strings.Join(words, " ")
}

func (d *document) fence(node *ast.FencedCodeBlock, raw []byte) {
	if string(node.Language(raw)) != language {
		return
	}
	lines := node.Lines()
	if lines.Len() == 0 {
		return
	}
	first := lines.At(0)
	var b strings.Builder
	for i := range lines.Len() {
		at := lines.At(i)
		b.Write(at.Value(raw))
	}
	row, column := d.file.Position(uint32(first.Start))
	d.blocks = append(d.blocks, block{text: b.String(), line: row, column: column - 1})
}

// statement is a line that says one thing of the record: "Status: accepted", "* Date: 2024-01-31", "**Status**: accepted".
var statement = regexp.MustCompile(`(?i)^[*_\s]*(status|date)[*_\s]*:[*_\s]*(.*)$`)

// prose notes the lines that speak of the status and the date.
func (d *document) prose(node ast.Node, raw []byte, section string) {
	lines := node.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		words := strings.TrimSpace(string(at.Value(raw)))
		row, _ := d.file.Position(uint32(at.Start))
		if said := statement.FindStringSubmatch(words); said != nil {
			if strings.EqualFold(said[1], "date") {
				d.date = plainWords(said[2])
				continue
			}
			d.status = append(d.status, line{text: said[2], line: row})
		} else if section == "status" {
			d.status = append(d.status, line{text: words, line: row})
		}
	}
}

// plainWords drops quotes, emphasis and a comment of Markdown around a value.
func plainWords(s string) string { return strings.Trim(s, "\"'`*_ \t") }
