package scope

import (
	"math/bits"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// table maps keys to small numbers by open addressing. Emptying it costs nothing: every slot carries the generation
// in which it was written.
type table struct {
	slots []slot // a power of two
	used  int
	gen   uint32
}

type slot struct {
	key   uint64
	value uint32
	gen   uint32
}

// key makes one key of a scope and a name.
func key(s ID, ident ast.Ident) uint64 { return uint64(s)<<32 | uint64(ident) }

// reset empties the table and makes room for about want entries.
func (t *table) reset(want int) {
	t.used = 0
	t.gen++
	if size := 1 << bits.Len(uint(max(want*2, 32))); t.gen == 0 || size > len(t.slots) {
		t.slots = make([]slot, max(size, len(t.slots)))
		t.gen = 1
	}
}

func (t *table) home(key uint64) uint64 {
	return key * 0x9E3779B97F4A7C15 >> 32 & uint64(len(t.slots)-1)
}

func (t *table) get(key uint64) (uint32, bool) {
	mask := uint64(len(t.slots) - 1)
	for i := t.home(key); ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.gen != t.gen {
			return 0, false
		}
		if s.key == key {
			return s.value, true
		}
	}
}

// put gives the value of key, after setting it to value if key is new.
func (t *table) put(key uint64, value uint32) uint32 {
	mask := uint64(len(t.slots) - 1)
	for i := t.home(key); ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.gen != t.gen {
			*s = slot{key, value, t.gen}
			if t.used++; t.used*2 > len(t.slots) {
				t.grow()
			}
			return value
		}
		if s.key == key {
			return s.value
		}
	}
}

func (t *table) grow() {
	old, gen := t.slots, t.gen
	t.slots = make([]slot, len(old)*2)
	t.gen, t.used = 1, 0
	for _, s := range old {
		if s.gen == gen {
			t.put(s.key, s.value)
		}
	}
}
