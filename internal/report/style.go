package report

import (
	"strings"

	"golang.org/x/text/width"

	"github.com/tiebeam/tiebeam/internal/finding"
)

// style is what a terminal shows text with; all of it is empty without colour.
type style struct {
	bold, dim, red, yellow, blue, green, reset string
}

func newStyle(color bool) style {
	if !color {
		return style{}
	}
	return style{bold: "\x1b[1m", dim: "\x1b[2m", red: "\x1b[31m", yellow: "\x1b[33m", blue: "\x1b[34m", green: "\x1b[32m", reset: "\x1b[0m"}
}

// of returns the colour of a severity.
func (s style) of(severity finding.Severity) string {
	switch severity {
	case finding.Error:
		return s.red
	case finding.Note:
		return s.blue
	}
	return s.yellow
}

// columns is the number of terminal cells that text takes.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	if r < 0x300 {
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if r <= 0x36f || r >= 0x20d0 && r <= 0x20ff || r >= 0xfe00 && r <= 0xfe0f {
		return 0
	}
	return 1
}

// fit cuts text to a number of cells and fills it up with blanks.
func fit(text string, size int) string {
	var out strings.Builder
	used, all := 0, columns(text)
	for _, r := range text {
		n := cells(r)
		if used+n > size-1 && all > size {
			out.WriteString("…")
			used++
			break
		}
		out.WriteRune(r)
		used += n
	}
	return out.String() + strings.Repeat(" ", max(size-used, 0))
}

// wrap breaks words into lines of at most size cells, which later lines begin with the indent.
func wrap(words string, size int, indent string) string {
	var out strings.Builder
	used := 0
	for i, word := range strings.Fields(words) {
		n := columns(word)
		switch {
		case i == 0:
		case used+1+n > size:
			out.WriteString("\n" + indent)
			used = 0
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += n
	}
	return out.String()
}
