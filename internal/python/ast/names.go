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
	slots []slot // open addressing, a power of two
	block []byte // where the next texts are copied to; never rewritten
}

// slot is one place in the table, free if id is 0. The key of an ASCII word of up
// to eight letters is the word itself, so that one comparison finds it. The key
// of any other word is a hash with the top bit set, and the text decides.
type slot struct {
	key uint64
	id  Ident
}

const longKey = 1 << 63

// NewNames returns a table that has the keywords only.
func NewNames() *Names {
	s := &Names{}
	s.clear()
	return s
}

func (s *Names) clear() {
	*s = Names{
		text:  make([]string, 1, 1024),
		slots: make([]slot, 2048),
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

// InternAt returns the Ident of the ASCII word src[start:end].
func (s *Names) InternAt(src string, start, end int) Ident {
	n := uint(end - start)
	if n > 8 || uint(start)+8 > uint(len(src)) {
		return s.Intern(src[start:end])
	}
	key := le64(src[start:]) & (^uint64(0) >> (64 - 8*n))
	mask := uint64(len(s.slots) - 1)
	for i := mix(key); ; i++ {
		slot := &s.slots[i&mask]
		if slot.key == key && slot.id != 0 {
			return slot.id
		}
		if slot.id == 0 {
			return s.insert(i&mask, key, src[start:end])
		}
	}
}

// Intern returns the Ident of an ASCII or already normalised identifier.
func (s *Names) Intern(text string) Ident {
	slot, key := s.find(text)
	if id := s.slots[slot].id; id != 0 {
		return id
	}
	return s.insert(slot, key, text)
}

// Lookup returns the Ident of an identifier if it was interned, otherwise 0.
func (s *Names) Lookup(text string) Ident {
	slot, _ := s.find(text)
	return s.slots[slot].id
}

// InternUnicode interns the NFKC form of an identifier, as Python compares them
// (language reference, section 2.3).
func (s *Names) InternUnicode(text string) Ident { return s.Intern(norm.NFKC.String(text)) }

// find returns the slot that text is in, or the free one where it belongs.
func (s *Names) find(text string) (at, key uint64) {
	key = keyOf(text)
	mask := uint64(len(s.slots) - 1)
	for i := mix(key) & mask; ; i = (i + 1) & mask {
		slot := &s.slots[i]
		if slot.id == 0 || slot.key == key && (key < longKey || s.text[slot.id] == text) {
			return i, key
		}
	}
}

func (s *Names) insert(at, key uint64, text string) Ident {
	id := Ident(len(s.text))
	s.text = append(s.text, s.keep(text))
	s.slots[at] = slot{key, id}
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
	old := s.slots
	s.slots = make([]slot, len(old)*2)
	mask := uint64(len(s.slots) - 1)
	for _, filled := range old {
		if filled.id == 0 {
			continue
		}
		i := mix(filled.key) & mask
		for s.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = filled
	}
}

// keyOf returns the key of a word: see slot.
func keyOf(text string) uint64 {
	if len(text) > 8 {
		return hashOf(text) | longKey
	}
	var key uint64
	for i := len(text) - 1; i >= 0; i-- {
		key = key<<8 | uint64(text[i])
	}
	if key&0x8080808080808080 != 0 {
		return hashOf(text) | longKey
	}
	return key
}

// hashOf mixes eight bytes at a time. The tables are small and the input of one
// worker, so resistance to crafted collisions is left to the multiplication.
func hashOf(text string) uint64 {
	h := uint64(len(text))
	for len(text) >= 8 {
		h = mix(h ^ le64(text))
		text = text[8:]
	}
	var tail uint64
	for i := range len(text) {
		tail = tail<<8 | uint64(text[i])
	}
	return mix(h ^ tail ^ 0x9E3779B97F4A7C15)
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0xE7037ED1A0B428DB, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

func le64(text string) uint64 {
	return binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(text), 8))
}
