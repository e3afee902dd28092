package source

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNewDecodesByPEP263(t *testing.T) {
	for _, test := range []struct{ name, raw, text, encoding string }{
		{"default", "x = 'é'\n", "x = 'é'\n", "utf-8"},
		{"empty", "", "", "utf-8"},
		{"byte order mark", "\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8"},
		{"mark and cookie", "\xef\xbb\xbf# coding: utf-8\n", "# coding: utf-8\n", "utf-8"},
		{"latin-1", "# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n", "iso-8859-1"},
		{"latin-1 keeps C1", "# coding: iso-8859-1\n'\x85'\n", "# coding: iso-8859-1\n'\u0085'\n", "iso-8859-1"},
		{"cp1252", "# coding=cp1252\n'\x80'\n", "# coding=cp1252\n'€'\n", "cp1252"},
		{"second line", "#!/usr/bin/python\n# vim: set fileencoding=latin1 :\n'\xe9'\n", "#!/usr/bin/python\n# vim: set fileencoding=latin1 :\n'é'\n", "latin1"},
		{"second line after blank", "\f \r\n# coding: l1\r\n'\xe9'", "\f \r\n# coding: l1\r\n'é'", "l1"},
		{"not on a line of code", "x = 1 # coding: nonsense\n", "x = 1 # coding: nonsense\n", "utf-8"},
		{"not after code", "x = 1\n# coding: nonsense\n", "x = 1\n# coding: nonsense\n", "utf-8"},
		{"not on the third line", "#\n#\n# coding: nonsense\n", "#\n#\n# coding: nonsense\n", "utf-8"},
		{"first with a name wins", "# coding coding: utf-8\n", "# coding coding: utf-8\n", "utf-8"},
		{"underscores", "# coding: UTF_8\n'é'\n", "# coding: UTF_8\n'é'\n", "utf-8"},
		{"signature codec", "# coding: utf-8-sig\n'é'\n", "# coding: utf-8-sig\n'é'\n", "utf-8"},
		{"koi8-r", "# coding: koi8-r\n'\xcb'\n", "# coding: koi8-r\n'к'\n", "koi8-r"},
		{"shift jis", "# coding: shift_jis\n'\x93\xfa'\n", "# coding: shift_jis\n'日'\n", "shift-jis"},
		{"euc-jp", "# coding: euc_jp\n'\xc6\xfc'\n", "# coding: euc_jp\n'日'\n", "euc-jp"},
		{"gbk", "# coding: gbk\n'\xc8\xd5'\n", "# coding: gbk\n'日'\n", "gbk"},
		{"ascii", "# coding: us-ascii\nx\n", "# coding: us-ascii\nx\n", "us-ascii"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, err := New("a.py", []byte(test.raw), 0)
			if err != nil {
				t.Fatal(err)
			}
			if file.Text != test.text || file.Encoding != test.encoding {
				t.Errorf("got %q in %s, want %q in %s", file.Text, file.Encoding, test.text, test.encoding)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		name, raw, reason string
		offset, line      int
	}{
		{"invalid UTF-8", "x = 1\ny = '\xff'\n", "invalid UTF-8 at byte 11 (0xff)", 11, 2},
		{"invalid after mark", "\xef\xbb\xbf'\xff'", "invalid UTF-8 at byte 4", 4, 1},
		{"truncated character", "'\xc3", "invalid UTF-8 at byte 1", 1, 1},
		{"null byte", "x = 1\r\n\x00", "null bytes (first at byte 7)", 7, 2},
		{"UTF-16", "\xff\xfex\x00", "source is UTF-16", 0, 1},
		{"UTF-16 big endian", "\xfe\xff\x00x", "source is UTF-16", 0, 1},
		{"UTF-32", "\xff\xfe\x00\x00", "source is UTF-32", 0, 1},
		{"mark against cookie", "\xef\xbb\xbf# coding: latin-1\n", "byte order mark", 13, 1},
		{"unknown encoding", "#\n# coding: klingon\n", `unsupported encoding "klingon"`, 12, 2},
		{"codec that is no encoding", "# coding: rot13\n", `unsupported encoding "rot13"`, 10, 1},
		{"wide encoding declared", "# coding: utf-16\n", `unsupported encoding "utf-16"`, 10, 1},
		{"ascii with more", "# coding: ascii\n'\xe9'\n", "byte 0xe9 at 17 is not ASCII", 17, 2},
		{"hole in cp1252", "# coding: cp1252\r'\x81'", `byte 0x81 at 18 has no meaning in "cp1252"`, 18, 2},
		{"broken multibyte", "# coding: shift_jis\n'\x93'\n", "line 2 cannot be decoded", -1, 2},
		{"long name is cut", "# coding: " + strings.Repeat("x", 500) + "\n", "…\"", 10, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New("a.py", []byte(test.raw), 0)
			failure, ok := err.(*Error)
			if !ok {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(failure.Reason, test.reason) || failure.Offset != test.offset || failure.Line != test.line {
				t.Errorf("got %q at %d, line %d; want %q at %d, line %d", failure.Reason, failure.Offset, failure.Line, test.reason, test.offset, test.line)
			}
		})
	}
}

func TestNewRefusesLargeFiles(t *testing.T) {
	if _, err := New("a.py", make([]byte, 11), 10); err == nil || !strings.Contains(err.Error(), "a.py: file has 11 bytes, more than the limit of 10") {
		t.Errorf("got %v", err)
	}
	if _, err := New("a.py", []byte("x = 1    \n"), 10); err != nil {
		t.Errorf("a file of exactly the limit is refused: %v", err)
	}
}

func TestPositions(t *testing.T) {
	// One line for each kind of line end; "é" has two bytes, "😀" four bytes and two UTF-16 units. A form feed and a
	// line separator end no line.
	text := "ab\r\né😀x\rc\fd\u2028e\n\nlast"
	file, err := FromText("a.py", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		at                         string
		line, column, utf16, bytes int
	}{
		{"ab", 1, 1, 0, 0},
		{"\r\n", 1, 3, 2, 2},
		{"é", 2, 1, 0, 0},
		{"😀", 2, 2, 1, 2},
		{"x", 2, 3, 3, 6},
		{"c\f", 3, 1, 0, 0},
		{"e\n", 3, 5, 4, 6},
		{"last", 5, 1, 0, 0},
	} {
		offset := uint32(strings.Index(text, test.at))
		line, column := file.Position(offset)
		row, units := file.PositionUTF16(offset)
		_, bytes := file.PositionUTF8(offset)
		if line != test.line || column != test.column || row != test.line-1 || units != test.utf16 || bytes != test.bytes {
			t.Errorf("%q: got %d:%d, UTF-16 %d:%d, bytes %d; want %+v", test.at, line, column, row, units, bytes, test)
		}
		if back := file.OffsetUTF16(row, units); back != offset {
			t.Errorf("%q: offset %d comes back as %d", test.at, offset, back)
		}
	}
	if file.Lines() != 5 || file.Line(2) != "é😀x" || file.Line(4) != "" || file.Line(0) != "" || file.Line(6) != "" {
		t.Errorf("lines are %d, %q, %q", file.Lines(), file.Line(2), file.Line(4))
	}
}

func TestPositionsOutsideTheText(t *testing.T) {
	file, err := FromText("a.py", "a😀\n")
	if err != nil {
		t.Fatal(err)
	}
	if line, column := file.Position(99); line != 2 || column != 1 {
		t.Errorf("an offset after the text is at %d:%d", line, column)
	}
	if got := file.OffsetUTF16(0, 2); got != 1 {
		t.Errorf("a column inside a surrogate pair is at %d, want 1", got)
	}
	if got := file.OffsetUTF16(0, 99); got != 5 {
		t.Errorf("a column after the line is at %d, want 5", got)
	}
	if got := file.OffsetUTF16(99, 99); got != 6 {
		t.Errorf("a line after the text is at %d, want 6", got)
	}
	if file.Slice(3, 1) != "" || file.Slice(5, 99) != "\n" {
		t.Error("Slice does not cut its ends")
	}
}

func TestHashIsOfTheRawBytes(t *testing.T) {
	plain, _ := New("a.py", []byte("x"), 0)
	marked, _ := New("a.py", []byte("\xef\xbb\xbfx"), 0)
	if plain.Text != marked.Text || plain.Hash() == marked.Hash() {
		t.Error("the byte order mark is part of the text or not of the hash")
	}
}

func FuzzNew(f *testing.F) {
	f.Add([]byte("# coding: latin-1\nx = '\xe9'\n"))
	f.Add([]byte("\xef\xbb\xbf# coding: cp932\n\x93\xfa"))
	f.Add([]byte("#\r\n# coding=hz\r\n~{"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := New("a.py", raw, 1<<16)
		if err != nil {
			if failure := err.(*Error); failure.Offset > len(raw) {
				t.Fatalf("offset %d of %d", failure.Offset, len(raw))
			}
			return
		}
		if !utf8.ValidString(file.Text) || strings.Contains(file.Text, "\x00") {
			t.Fatalf("text is not clean: %q", file.Text)
		}
		for offset := range uint32(len(file.Text)) + 2 {
			line, _ := file.Position(offset)
			if start, _ := file.LineSpan(line); start > offset {
				t.Fatalf("offset %d is before its line %d", offset, line)
			}
		}
	})
}
