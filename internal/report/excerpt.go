package report

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// maxExcerpt is the number of lines of a span that an excerpt shows; of a longer one the middle is left out.
const maxExcerpt = 6

// row is one line of an excerpt, ready to print: visible characters only.
type row struct {
	// number is the line number, empty for the row below a line and for what is left out.
	number string
	text   string
	// from and to are the cells that are underlined; from == to underlines nothing.
	from, to int
}

// excerpt cuts the lines of a span out of a file, no wider than size cells.
func excerpt(file Text, span finding.Span, size int) []row {
	if file == nil {
		return nil
	}
	first, _ := file.Position(span.Start)
	last, _ := file.Position(max(span.End, span.Start))
	var rows []row
	for number := first; number <= last; number++ {
		if last-first >= maxExcerpt && number == first+maxExcerpt-2 {
			rows = append(rows, row{text: "…"})
			number = last
		}
		rows = append(rows, cutRow(file, span, number, first, last, size))
	}
	return rows
}

// edit shows the place of a cause: the source, or the words that say it where the file is none that is read as source.
func (r *Report) edit(cause *finding.Place, size int) []row {
	if file := r.source(cause.Side, cause.Path); file != nil {
		return excerpt(file, cause.Span, size)
	}
	return []row{{number: strconv.Itoa(cause.Line), text: text.Visible(cause.Text)}}
}

// cutRow shows one line: from its first character where that fits, else a window around what is underlined.
func cutRow(file Text, span finding.Span, number, first, last, size int) row {
	line := file.Line(number)
	start, end := 0, len(line)
	if number == first {
		start = min(lineOffset(file, span.Start, number), len(line))
	} else {
		start = len(line) - len(strings.TrimLeft(line, " \t\f"))
	}
	if number == last {
		end = min(lineOffset(file, span.End, number), len(line))
	}
	end = max(end, start)
	window := 4 * size
	lead := ""
	if start > window/2 && len(line) > size {
		from := start - size/4
		for from > 0 && !utf8.RuneStart(line[from]) {
			from--
		}
		line, start, end, lead = line[from:], start-from, end-from, "…"
	}
	if len(line) > window {
		to := window
		for to > 0 && !utf8.RuneStart(line[to]) {
			to--
		}
		line = line[:to]
		start, end = min(start, to), min(end, to)
	}
	before, middle := lead+expand(line[:start]), expand(line[start:end])
	r := row{number: strconv.Itoa(number), text: before + middle + expand(line[end:])}
	r.from = columns(before)
	r.to = r.from + columns(middle)
	if columns(r.text) > size {
		r.text = strings.TrimRight(fit(r.text, size), " ")
	}
	r.from = min(r.from, size)
	r.to = max(min(r.to, size), r.from)
	return r
}

// lineOffset is the byte column of an offset in its line; Position counts characters.
func lineOffset(file Text, offset uint32, number int) int {
	_, column := file.Position(offset)
	for i := range file.Line(number) {
		if column--; column == 0 {
			return i
		}
	}
	return len(file.Line(number))
}

// expand makes tabs four blanks and hostile characters visible.
func expand(line string) string {
	return text.Visible(strings.ReplaceAll(line, "\t", "    "))
}
