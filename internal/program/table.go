package program

import (
	"encoding/binary"
	"math/bits"
	"sync"
	"sync/atomic"
)

// table is a map that many goroutines read without waiting for each other while it grows. What is put in stays. The zero
// table is empty.
type table[K comparable, V any] struct {
	slots atomic.Pointer[[]atomic.Pointer[row[K, V]]]
	mutex sync.Mutex
	rows  int
}

type row[K comparable, V any] struct {
	hash  uint32
	key   K
	value V
}

// get finds the value of a key, nil where it has none. The value must not be changed.
func (t *table[K, V]) get(hash uint32, key K) *V {
	slots := t.slots.Load()
	if slots == nil {
		return nil
	}
	mask := uint32(len(*slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch r := (*slots)[i].Load(); {
		case r == nil:
			return nil
		case r.hash == hash && r.key == key:
			return &r.value
		}
	}
}

// put gives a key a value, unless it has one, and gives the value that it then has.
func (t *table[K, V]) put(hash uint32, key K, value V) *V {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if old := t.get(hash, key); old != nil {
		return old
	}
	slots := t.slots.Load()
	if slots == nil || 2*(t.rows+1) > len(*slots) {
		slots = t.grow(slots)
	}
	r := &row[K, V]{hash, key, value}
	insert(*slots, r)
	t.rows++
	return &r.value
}

// grow doubles the slots. Who reads the old ones meanwhile misses at worst what came after.
func (t *table[K, V]) grow(old *[]atomic.Pointer[row[K, V]]) *[]atomic.Pointer[row[K, V]] {
	size := 8
	if old != nil {
		size = 2 * len(*old)
	}
	slots := make([]atomic.Pointer[row[K, V]], size)
	if old != nil {
		for i := range *old {
			if r := (*old)[i].Load(); r != nil {
				insert(slots, r)
			}
		}
	}
	t.slots.Store(&slots)
	return &slots
}

func insert[K comparable, V any](slots []atomic.Pointer[row[K, V]], r *row[K, V]) {
	mask := uint32(len(slots) - 1)
	i := r.hash & mask
	for slots[i].Load() != nil {
		i = (i + 1) & mask
	}
	slots[i].Store(r)
}

// hashName mixes a name into a number, eight bytes at a time: names are short and looked up by the million.
func hashName(seed uint64, name string) uint32 {
	const k = 0x9E3779B97F4A7C15
	h := seed*k + uint64(len(name))
	for len(name) >= 8 {
		h = mix(h^uint64(name[0])|uint64(name[1])<<8|uint64(name[2])<<16|uint64(name[3])<<24|
			uint64(name[4])<<32|uint64(name[5])<<40|uint64(name[6])<<48|uint64(name[7])<<56, k)
		name = name[8:]
	}
	var rest [8]byte
	copy(rest[:], name)
	h = mix(h^binary.LittleEndian.Uint64(rest[:]), k)
	return uint32(h ^ h>>32)
}

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
