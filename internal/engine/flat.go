package engine

import (
	"encoding/binary"
)

// flat writes values one after the other for the cache, and unflat reads them back: lists of thousands of texts and
// numbers, for which a general encoding takes longer than what they save. Texts share the memory of what is read.
type flat struct{ out []byte }

func (w *flat) number(n int) { w.out = binary.AppendUvarint(w.out, uint64(n)) }

func (w *flat) text(s string) {
	w.number(len(s))
	w.out = append(w.out, s...)
}

func (w *flat) texts(list []string) {
	w.number(len(list))
	for _, s := range list {
		w.text(s)
	}
}

// integers writes numbers that may be negative.
func integers[N ~int32](w *flat, list []N) {
	w.number(len(list))
	for _, n := range list {
		w.out = binary.LittleEndian.AppendUint32(w.out, uint32(n))
	}
}

// unflat reads what flat wrote. What does not fit makes it bad, and everything from there on empty.
type unflat struct {
	in  string
	bad bool
}

func (r *unflat) fail() {
	r.in, r.bad = "", true
}

// number reads a number of things of which each takes at least size bytes of what is left.
func (r *unflat) number(size int) int {
	var n uint64
	for shift, i := 0, 0; i < len(r.in) && shift < 63; shift, i = shift+7, i+1 {
		n |= uint64(r.in[i]&0x7f) << shift
		if r.in[i] < 0x80 {
			if r.in = r.in[i+1:]; size > 0 && n > uint64(len(r.in)/size) {
				break
			}
			return int(n)
		}
	}
	r.fail()
	return 0
}

func (r *unflat) text() string {
	n := r.number(1)
	s := r.in[:n]
	r.in = r.in[n:]
	return s
}

func (r *unflat) texts() []string {
	list := make([]string, r.number(1))
	for i := range list {
		list[i] = r.text()
	}
	return list
}

func unintegers[N ~int32](r *unflat) []N {
	list := make([]N, r.number(4))
	for i := range list {
		at := r.in[4*i:]
		list[i] = N(uint32(at[0]) | uint32(at[1])<<8 | uint32(at[2])<<16 | uint32(at[3])<<24)
	}
	r.in = r.in[4*len(list):]
	return list
}
