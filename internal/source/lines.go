package source

import (
	"sort"
	"unicode/utf8"
)

// lineStarts returns the offset of the first byte of every line. Lines end as Python ends them: with CR, LF or CR LF.
// A form feed and the Unicode separators are characters like others. The table is made at the first call, as most
// files have no finding and never need it.
func (f *File) lineStarts() []uint32 {
	f.once.Do(func() {
		starts := make([]uint32, 1, 1+len(f.Text)/32)
		for i := 0; i < len(f.Text); i++ {
			switch f.Text[i] {
			case '\r':
				if i+1 < len(f.Text) && f.Text[i+1] == '\n' {
					i++
				}
				starts = append(starts, uint32(i+1))
			case '\n':
				starts = append(starts, uint32(i+1))
			}
		}
		f.lines = starts
	})
	return f.lines
}

// Lines returns the number of lines; text that ends with a line end has an empty last one, as editors count.
func (f *File) Lines() int { return len(f.lineStarts()) }

// locate returns the 0-based line of an offset, which is cut to the text's size, and where that line starts.
func (f *File) locate(offset uint32) (line int, start, at uint32) {
	offset = min(offset, uint32(len(f.Text)))
	starts := f.lineStarts()
	line = sort.Search(len(starts), func(i int) bool { return starts[i] > offset }) - 1
	return line, starts[line], offset
}

// Position returns the 1-based line and the 1-based column in characters (code points, as Python's str counts them).
func (f *File) Position(offset uint32) (line, column int) {
	row, start, at := f.locate(offset)
	return row + 1, utf8.RuneCountInString(f.Text[start:at]) + 1
}

// PositionUTF16 returns the 0-based line and the 0-based column in UTF-16 code units, as the language server protocol
// counts unless agreed otherwise.
func (f *File) PositionUTF16(offset uint32) (line, column int) {
	row, start, at := f.locate(offset)
	for _, r := range f.Text[start:at] {
		column++
		if r > 0xffff {
			column++
		}
	}
	return row, column
}

// PositionUTF8 returns the 1-based line and the 0-based column in bytes, as Python's ast counts.
func (f *File) PositionUTF8(offset uint32) (line, column int) {
	row, start, at := f.locate(offset)
	return row + 1, int(at - start)
}

// OffsetUTF16 is the way back from PositionUTF16. A line or column beyond the text is cut to the end of what there is,
// and a column inside a surrogate pair is put before the character.
func (f *File) OffsetUTF16(line, column int) uint32 {
	start, end := f.LineSpan(line + 1)
	units := 0
	for i, r := range f.Text[start:end] {
		width := 1
		if r > 0xffff {
			width = 2
		}
		if units+width > column {
			return start + uint32(i)
		}
		units += width
	}
	return end
}

// LineSpan returns where a 1-based line starts and where it ends before its line end. A line that does not exist is
// empty: before the text for numbers below 1, after it for numbers over Lines.
func (f *File) LineSpan(line int) (start, end uint32) {
	starts := f.lineStarts()
	if line < 1 {
		return 0, 0
	}
	if line > len(starts) {
		return uint32(len(f.Text)), uint32(len(f.Text))
	}
	start = starts[line-1]
	end = uint32(len(f.Text))
	if line < len(starts) {
		end = starts[line]
	}
	if end > start && f.Text[end-1] == '\n' {
		end--
	}
	if end > start && f.Text[end-1] == '\r' {
		end--
	}
	return start, end
}

// Line returns the text of a 1-based line without its line end, empty where there is no such line.
func (f *File) Line(line int) string {
	start, end := f.LineSpan(line)
	return f.Text[start:end]
}
