package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// maxInterned is the length up to which a text is kept in the worker's table of names, so that equal texts of all
// its files are one string. Longer ones hardly ever repeat and are copied once for each file.
const maxInterned = 32

// stringTable builds File.Strings.
type stringTable struct {
	names  *ast.Names
	list   []string
	blob   []byte     // the long texts one after another
	long   []longText // which entries of list they are
	local  []localStr // by identifier
	number uint32     // of the file; marks the entries of local that are valid
}

// longText says that an entry of the list is a part of the blob.
type longText struct {
	entry      fact.Str
	start, end int
}

// localStr is the entry of the list that an identifier has in one file.
type localStr struct {
	file uint32
	str  fact.Str
}

func (s *stringTable) reset(names *ast.Names) {
	s.names = names
	s.list = append(s.list[:0], "")
	s.blob = s.blob[:0]
	s.long = s.long[:0]
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
		*l = localStr{s.number, fact.Str(len(s.list))}
		s.list = append(s.list, s.names.Text(id))
	}
	return l.str
}

// text gives the entry of any text, which is copied.
func (s *stringTable) text(text string) fact.Str {
	switch {
	case text == "":
		return 0
	case len(text) <= maxInterned:
		return s.ident(s.names.Intern(text))
	}
	return s.unshared(text)
}

// unshared gives a new entry for a text that is not expected to repeat; it is copied.
func (s *stringTable) unshared(text string) fact.Str {
	if text == "" {
		return 0
	}
	entry := fact.Str(len(s.list))
	s.list = append(s.list, "")
	start := len(s.blob)
	s.blob = append(s.blob, text...)
	s.long = append(s.long, longText{entry, start, len(s.blob)})
	return entry
}

// finish gives the list in memory of its own.
func (s *stringTable) finish() []string {
	list := make([]string, len(s.list))
	copy(list, s.list)
	blob := string(s.blob)
	for _, l := range s.long {
		list[l.entry] = blob[l.start:l.end]
	}
	return list
}
