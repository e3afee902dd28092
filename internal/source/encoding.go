package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
)

const bom = "\xef\xbb\xbf"

// decode follows CPython's tokenizer (Parser/tokenizer/helpers.c, check_coding_spec, and PEP 263): a byte order mark
// means UTF-8, a coding comment in the first or second line names the encoding, and without either it is UTF-8.
func decode(path string, raw []byte) (*File, error) {
	file := &File{Path: path, Encoding: "utf-8", raw: raw}
	body := raw
	if bytes.HasPrefix(raw, []byte(bom)) {
		file.BOM = true
		body = raw[len(bom):]
	} else if name := wideMark(raw); name != "" {
		return nil, &Error{Path: path, Offset: 0, Line: 1, Reason: "source is " + name + ", which Python does not accept: save it as UTF-8"}
	}
	declared, at := cookie(body)
	name := canonical(declared)
	// Beside a byte order mark CPython knows no other names of UTF-8: "utf8" is refused.
	if declared != "" && (name != "utf-8" || file.BOM && !isUTF8(lower(declared))) {
		at += len(raw) - len(body)
		if file.BOM {
			return nil, &Error{Path: path, Offset: at, Line: lineOf(raw, at), Reason: fmt.Sprintf("encoding problem: %s declared, but the file has a UTF-8 byte order mark", show(declared))}
		}
		converted, err := convert(path, raw, name, declared, at)
		if err != nil {
			return nil, err
		}
		file.Encoding, body = name, converted
	}
	if err := checkText(path, raw, body); err != nil {
		return nil, err
	}
	file.Text = text(body)
	return file, nil
}

// wideMark names the encoding of a byte order mark that no Python accepts, or gives "".
func wideMark(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(raw, []byte("\x00\x00\xfe\xff")):
		return "UTF-32"
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return "UTF-16"
	}
	return ""
}

// checkText makes sure of the invariant of Text. Offsets in the error refer to raw, of which body is the end wherever
// the bytes were not converted.
func checkText(path string, raw, body []byte) error {
	skipped := max(len(raw)-len(body), 0)
	if !utf8.Valid(body) {
		at := invalidAt(body) + skipped
		return &Error{Path: path, Offset: at, Line: lineOf(raw, at), Reason: fmt.Sprintf("invalid UTF-8 at byte %d (0x%02x): declare the encoding or save the file as UTF-8", at, raw[at])}
	}
	if !clean(text(body)) {
		at := bytes.IndexByte(raw, 0)
		return &Error{Path: path, Offset: at, Line: lineOf(raw, at), Reason: fmt.Sprintf("source code cannot contain null bytes (first at byte %d)", at)}
	}
	return nil
}

// invalidAt returns the offset of the first byte that starts no valid character.
func invalidAt(body []byte) int {
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(body)
}

// lineOf returns the 1-based line of a raw offset, by Python's line ends.
func lineOf(raw []byte, at int) int {
	line := 1
	for i := 0; i < min(at, len(raw)); i++ {
		if raw[i] == '\n' || raw[i] == '\r' && (i+1 == len(raw) || raw[i+1] != '\n') {
			line++
		}
	}
	return line
}

// cookie returns the encoding that a coding comment declares and where the name stands, or "". It is the regular
// expression ^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+) of PEP 263, tried on the first line and, where that holds nothing
// but blanks or a comment, on the second.
func cookie(body []byte) (name string, at int) {
	offset := 0
	for range 2 {
		line := body[offset:]
		next := bytes.IndexAny(line, "\r\n")
		if next >= 0 {
			line = line[:next]
		}
		comment := bytes.TrimLeft(line, " \t\f")
		if len(comment) > 0 && comment[0] != '#' {
			return "", 0
		}
		if start, end := declaration(comment); end > start {
			shift := offset + len(line) - len(comment)
			return string(comment[start:end]), shift + start
		}
		if next < 0 {
			return "", 0
		}
		offset += len(line) + 1
		if line := body[offset-1:]; len(line) > 1 && line[0] == '\r' && line[1] == '\n' {
			offset++
		}
	}
	return "", 0
}

// declaration finds the name after the first "coding:" or "coding=" that has one.
func declaration(comment []byte) (start, end int) {
	const word = "coding"
	for i := 0; ; {
		found := bytes.Index(comment[i:], []byte(word))
		if found < 0 {
			return 0, 0
		}
		i += found + len(word)
		if i >= len(comment) || comment[i] != ':' && comment[i] != '=' {
			continue
		}
		start = i + 1
		for start < len(comment) && (comment[start] == ' ' || comment[start] == '\t') {
			start++
		}
		end = start
		for end < len(comment) && isNameByte(comment[end]) {
			end++
		}
		if end > start {
			return start, end
		}
	}
}

func isNameByte(b byte) bool {
	return b == '-' || b == '_' || b == '.' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// canonical follows get_normal_name of CPython's tokenizer and then the lower-casing of codec look-up.
func canonical(declared string) string {
	name := lower(declared)
	switch {
	case isUTF8(name), name == "utf8", name == "u8", name == "utf", name == "cp65001", name == "utf8-ucs2", name == "utf8-ucs4":
		return "utf-8"
	case name == "latin-1" || name == "iso-8859-1" || name == "iso-latin-1",
		strings.HasPrefix(name, "latin-1-"), strings.HasPrefix(name, "iso-8859-1-"), strings.HasPrefix(name, "iso-latin-1-"):
		return "iso-8859-1"
	}
	return name
}

// convert decodes the whole file from a declared encoding, refusing what Python refuses.
func convert(path string, raw []byte, name, declared string, at int) ([]byte, error) {
	fail := func(at int, reason string) error {
		return &Error{Path: path, Offset: at, Line: lineOf(raw, at), Reason: reason}
	}
	if name == "ascii" || aliases[name] == "us-ascii" {
		for i, b := range raw {
			if b >= utf8.RuneSelf {
				return nil, fail(i, fmt.Sprintf("byte 0x%02x at %d is not ASCII, which the file declares", b, i))
			}
		}
		return raw, nil
	}
	codec := find(name)
	if codec == nil {
		return nil, fail(at, fmt.Sprintf("unsupported encoding %s: save the file as UTF-8", show(declared)))
	}
	if table, ok := codec.(*charmap.Charmap); ok {
		for i, b := range raw {
			r := table.DecodeByte(b)
			if r == utf8.RuneError || b >= 0x80 && r < 0xa0 && strings.HasPrefix(table.String(), "Windows") {
				return nil, fail(i, fmt.Sprintf("byte 0x%02x at %d has no meaning in %s, which the file declares", b, i, show(declared)))
			}
		}
	}
	converted, err := codec.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, fail(0, fmt.Sprintf("cannot be decoded as %s, which the file declares: %v", show(declared), err))
	}
	if i := bytes.Index(converted, []byte(string(utf8.RuneError))); i >= 0 {
		line := lineOf(converted, i)
		return nil, &Error{Path: path, Offset: -1, Line: line, Reason: fmt.Sprintf("line %d cannot be decoded as %s, which the file declares", line, show(declared))}
	}
	return converted, nil
}

// find returns the codec of a canonical name, nil where there is none that Python and we both know.
func find(name string) encoding.Encoding {
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	if codec, ok := codecs[name]; ok {
		return codec
	}
	codec, err := ianaindex.IANA.Encoding(name)
	if err != nil || codec == nil || strings.HasPrefix(name, "utf-") {
		return nil
	}
	return codec
}

// show quotes a name that came from a hostile file, shortened.
func show(name string) string {
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	return fmt.Sprintf("%q", name)
}

// lower gives the name of an encoding in the spelling that CPython's tokenizer compares.
func lower(declared string) string { return strings.ToLower(strings.ReplaceAll(declared, "_", "-")) }

// isUTF8 reports whether CPython's tokenizer itself, without the codecs of Python, takes the name for UTF-8.
func isUTF8(name string) bool { return name == "utf-8" || strings.HasPrefix(name, "utf-8-") }
