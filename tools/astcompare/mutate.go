package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// insertions are what a mutation puts in: tokens, halves of tokens, blanks of every kind, and the beginnings of what
// only some versions have.
var insertions = []string{
	" ", "\t", "\n", "\n\n", "\f", "\\", "\\\n", "#", ":", ";", ",", ".", "=", "==", "->", ":=", "!", "$", "?", "`", "@",
	"(", ")", "[", "]", "{", "}", "\"", "'", "\"\"\"", "'''", "f\"", "f\"{x!r:>{w}}\"", "f'{x=}'", "{{", "}}", "rb\"", "u'a' ",
	"*", "**", "*a, ", "**k", "/", "//=", "<>", "<<", "not ", "in ", "is not ", "lambda x, /, *y: ", "lambda: ", "await ",
	"async ", "yield ", "yield from ", "(yield)", "(x := 1)", "x := 1", "x for x in y", "if ", "else ", "elif x:", "for ",
	"while ", "with ", "with (a as b, c): pass\n", "as ", "try:", "except:", "except* E:", "finally:", "match x:\n    case ",
	"case _:", "case [*_, {\"a\": b}]: pass\n", "type X[T] = ", "class ", "def f(", "[T: int]", "[*Ts = *x]", "print ", "exec ",
	"nonlocal x", "global ", "return ", "raise ", "del ", "import ", "from . import ", "from x import *", "pass", "break",
	"continue", "None", "True", "__debug__", "...", "0", "00", "01", "1_", "1__0", "0x_f", "0b2", "1.e5", "1e", "1jif ", "é",
	"ª", "\u00a0", "\ufeff", "€", "٣", "𝐱", "\x00", "\r", "\r\n", "    ", "\n    ", "\n        ", "\n\t", "\n  ", "\\N{DIGIT ONE}",
	"\\x", "\\u12", "\\777", "# coding: latin-1\n", ": int", ": int = 1", "=1", "@x\n",
}

// A mutator makes sources that are nearly Python: pieces of the corpus with a few changes.
type mutator struct {
	random  *rand.Rand
	sources []Source
}

// writeMutants writes count mutants below folder. The same seed and corpus give the same files.
func writeMutants(folder string, sources []Source, count int, seed uint64) error {
	m := mutator{random: rand.New(rand.NewPCG(seed, 0)), sources: sources}
	for i := 0; i < count; {
		mutant, err := m.next()
		if err != nil {
			return err
		}
		if mutant == "" {
			continue
		}
		path := filepath.Join(folder, fmt.Sprintf("%03d", i/1000), fmt.Sprintf("%06d.py", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make a folder for mutants: %w", err)
		}
		if err := os.WriteFile(path, []byte(mutant), 0o644); err != nil {
			return fmt.Errorf("write a mutant: %w", err)
		}
		i++
	}
	return nil
}

// next returns one mutant, or "" if the piece that was drawn is of no use.
func (m *mutator) next() (string, error) {
	file := m.sources[m.random.IntN(len(m.sources))].Files[0]
	content, err := os.ReadFile(file.Path)
	if err != nil {
		return "", fmt.Errorf("read the corpus: %w", err)
	}
	text := m.piece(strings.Split(string(content), "\n"))
	if len(text) < 3 || len(text) > 2000 {
		return "", nil
	}
	for range m.random.IntN(4) {
		text = m.change(text)
	}
	if !utf8.ValidString(text) {
		return "", nil // what is wrong with the bytes is not the grammar's
	}
	switch m.random.IntN(20) {
	case 0:
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case 1:
		text = strings.ReplaceAll(text, "\n", "\r")
	}
	return text, nil
}

// piece cuts out some whole statements: from a line that is not blank to the last line before one that stands further
// left, and takes their common indentation away.
func (m *mutator) piece(lines []string) string {
	start := m.random.IntN(len(lines))
	margin := indentation(lines[start])
	if strings.TrimSpace(lines[start]) == "" {
		return ""
	}
	end := start + 1
	for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || indentation(lines[end]) > margin || m.random.IntN(2) == 0) {
		if strings.TrimSpace(lines[end]) != "" && indentation(lines[end]) < margin {
			break
		}
		end++
	}
	var out strings.Builder
	for _, line := range lines[start:end] {
		out.WriteString(line[min(indentation(line), margin):])
		out.WriteByte('\n')
	}
	return out.String()
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// change inserts, deletes, copies or replaces something somewhere, at the start of a line more often than elsewhere.
func (m *mutator) change(text string) string {
	at := m.random.IntN(len(text) + 1)
	if m.random.IntN(3) == 0 {
		at = strings.LastIndexByte(text[:at], '\n') + 1
	}
	length := min(1+m.random.IntN(4), len(text)-at)
	switch m.random.IntN(8) {
	case 0, 1:
		return text[:at] + text[at+length:]
	case 2:
		from := m.random.IntN(len(text) + 1)
		return text[:at] + text[from:min(len(text), from+1+m.random.IntN(12))] + text[at:]
	case 3:
		return text[:at] + m.insertion() + text[at+length:]
	}
	return text[:at] + m.insertion() + text[at:]
}

func (m *mutator) insertion() string { return insertions[m.random.IntN(len(insertions))] }
