package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// stringTable builds File.Strings. Identifiers are those of the worker's table of names, so that equal ones of all its
// files are one string. Texts are parts of the source where they stand there as they are: whoever has the facts of a
// file has its source in memory as well, and a copy of all strings costs more than it could ever give back.
type stringTable struct {
	names  *ast.Names
	list   []string
	local  []localStr // by identifier
	number uint32     // of the file; marks the entries of local that are valid
	recent [256]fact.Str
}

// localStr is the entry of the list that an identifier has in one file.
type localStr struct {
	file uint32
	str  fact.Str
}

func (s *stringTable) reset(names *ast.Names) {
	s.names = names
	s.list = append(s.list[:0], "")
	clear(s.recent[:])
	if s.number++; s.number == 0 {
		clear(s.local)
		s.number = 1
	}
}

// ident gives the entry of an identifier. Its text is shared by all files of the worker.
func (s *stringTable) ident(id ast.Ident) fact.Str {
	if id == 0 {
		return 0
	}
	if int(id) >= len(s.local) {
		s.local = append(s.local, make([]localStr, int(id)+1-len(s.local)+len(s.local)/4)...)
	}
	l := &s.local[id]
	if l.file != s.number {
		*l = localStr{s.number, s.add(s.names.Text(id))}
	}
	return l.str
}

// text gives an entry for any text. One that was asked for a short time ago keeps its entry, so that what is repeated
// in one file, as the keys of its dictionaries, mostly has one.
func (s *stringTable) text(text string) fact.Str {
	if text == "" {
		return 0
	}
	// The length and three letters tell most texts apart, and looking at more would cost more than a further entry.
	size := len(text)
	place := &s.recent[(uint(size)*31+uint(text[0])*7+uint(text[size/2])*13+uint(text[size-1])*61)%uint(len(s.recent))]
	if s.list[*place] != text {
		*place = s.add(text)
	}
	return *place
}

// add gives a new entry to a text.
func (s *stringTable) add(text string) fact.Str {
	s.list = append(s.list, text)
	return fact.Str(len(s.list) - 1)
}
