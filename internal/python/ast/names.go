package ast

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"

	"golang.org/x/text/unicode/norm"

	"github.com/tiebeam/tiebeam/internal/python/token"
)

// Ident is an interned identifier: equal identifiers of trees that share a
// [Names] have equal Idents. The zero Ident is no identifier. The numbers
// depend on the order of interning and must not reach any output.
type Ident uint32

// Soft keywords and other words that the parser asks for. They are interned in
// every table right after the hard keywords, whose numbers are those of their
// token.Kind.
const (
	IdentUnderscore Ident = Ident(token.Yield) + 1 + iota
	IdentMatch
	IdentCase
	IdentType
	IdentStar // the name "*" of a star import
	IdentPrint
	IdentExec
	IdentDebug // __debug__
)

// maxNames bounds what a table keeps across files: one that has grown beyond it
// is emptied by ResetIfLarge.
const maxNames = 1 << 20

// Names is a table of interned identifiers. It is not safe for concurrent use;
// a worker keeps one for all its trees.
type Names struct {
	text  []string
	hash  []uint32
	slots []Ident // open addressing, a power of two
	block []byte  // where the next texts are copied to; never rewritten
}

// NewNames returns a table that has the soft keywords only.
func NewNames() *Names {
	s := &Names{}
	s.clear()
	return s
}

func (s *Names) clear() {
	*s = Names{
		text:  make([]string, 1, 1024),
		hash:  make([]uint32, 1, 1024),
		slots: make([]Ident, 2048),
	}
	for k := token.False; k <= token.Yield; k++ {
		s.Intern(k.String())
	}
	for _, word := range [...]string{"_", "match", "case", "type", "*", "print", "exec", "__debug__"} {
		s.Intern(word)
	}
}

// ResetIfLarge empties the table if it has grown beyond about a million
// identifiers. It may be called between two files, when no tree in use refers
// to the table.
func (s *Names) ResetIfLarge() {
	if len(s.text) > maxNames {
		s.clear()
	}
}

// Text returns the text of id. It stays valid for ever.
func (s *Names) Text(id Ident) string { return s.text[id] }

// Intern returns the Ident of an ASCII or already normalised identifier.
func (s *Names) Intern(text string) Ident {
	h := hashOf(text)
	mask := uint32(len(s.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		id := s.slots[i]
		if id == 0 {
			return s.insert(i, h, text)
		}
		if s.hash[id] == h && s.text[id] == text {
			return id
		}
	}
}

// Lookup returns the Ident of an identifier if it was interned, otherwise 0.
func (s *Names) Lookup(text string) Ident {
	h := hashOf(text)
	mask := uint32(len(s.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		id := s.slots[i]
		if id == 0 || s.hash[id] == h && s.text[id] == text {
			return id
		}
	}
}

// InternUnicode interns the NFKC form of an identifier, as Python compares them
// (language reference, section 2.3).
func (s *Names) InternUnicode(text string) Ident { return s.Intern(norm.NFKC.String(text)) }

func (s *Names) insert(slot, h uint32, text string) Ident {
	id := Ident(len(s.text))
	s.text = append(s.text, s.keep(text))
	s.hash = append(s.hash, h)
	s.slots[slot] = id
	if len(s.text)*2 > len(s.slots) {
		s.grow()
	}
	return id
}

// keep copies text, so that the table does not hold whole files in memory.
func (s *Names) keep(text string) string {
	const blockSize = 16 << 10
	if len(text) > blockSize/4 {
		return strings.Clone(text)
	}
	if cap(s.block)-len(s.block) < len(text) {
		s.block = make([]byte, 0, blockSize)
	}
	start := len(s.block)
	s.block = append(s.block, text...)
	// The bytes are never written again: a block only grows, and a full one is
	// replaced, not reused.
	return unsafe.String(unsafe.SliceData(s.block[start:]), len(text))
}

func (s *Names) grow() {
	s.slots = make([]Ident, len(s.slots)*2)
	mask := uint32(len(s.slots) - 1)
	for id := 1; id < len(s.text); id++ {
		i := s.hash[id] & mask
		for s.slots[i] != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = Ident(id)
	}
}

// hashOf mixes eight bytes at a time. The tables are small and the input of one
// worker, so resistance to crafted collisions is left to the multiplication.
func hashOf(text string) uint32 {
	const k = 0x9E3779B97F4A7C15
	h := uint64(len(text)) * k
	for len(text) >= 8 {
		h = mix(h ^ le64(text))
		text = text[8:]
	}
	var tail uint64
	for i := 0; i < len(text); i++ {
		tail = tail<<8 | uint64(text[i])
	}
	h = mix(h ^ tail)
	return uint32(h ^ h>>32)
}

func mix(x uint64) uint64 {
	const k = 0xD6E8FEB86659FD93
	hi, lo := bits.Mul64(x, k)
	return hi ^ lo
}

func le64(text string) uint64 {
	return binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(text), 8))
}
