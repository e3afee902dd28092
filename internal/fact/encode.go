package fact

import (
	"errors"
	"fmt"
	"io"
)

// magic starts every encoded file; the last byte is raised with the layout of this encoding, Version with the meaning
// of the fields.
const magic = "tbf\x01"

// maxBytes is the most that one statement or expression takes: two single bytes and 15 numbers.
const maxBytes = 2 + 15*5

// padding ends every encoded file: see readExprs.
var padding [maxBytes]byte

// ErrDamaged is wrapped by the errors of Decode for bytes that no Encode has written.
var ErrDamaged = errors.New("damaged facts")

// Encode writes f in a compact form that is the same for the same facts. The file must be one that Validate accepts.
func Encode(w io.Writer, f *File) error {
	if _, err := w.Write(Append(nil, f)); err != nil {
		return fmt.Errorf("facts of %s: %w", f.Path, err)
	}
	return nil
}

// Append appends the encoded form of f to b and returns the longer slice.
func Append(b []byte, f *File) []byte {
	c := codec{b: append(append(b, magic...), Version), writing: true}
	c.file(f)
	return append(c.b, padding[:]...)
}

// Decode reads what Encode wrote. The file owns its memory and is valid in the sense of Validate, whatever the bytes
// were; errors wrap ErrDamaged. Its cost is linear in the length of data.
func Decode(data []byte) (*File, error) {
	if len(data) <= len(magic) || string(data[:len(magic)]) != magic || data[len(magic)] != Version {
		return nil, fmt.Errorf("%w: not of this version", ErrDamaged)
	}
	c := codec{b: data, at: len(magic) + 1}
	f := new(File)
	c.file(f)
	if c.bad || string(data[c.at:]) != string(padding[:]) {
		return nil, fmt.Errorf("%w: wrong length", ErrDamaged)
	}
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return f, nil
}

// codec writes or reads fields one after another. One description of every type serves both directions, so that they
// cannot disagree; when writing it never stores to a field, because others may be reading the file. Numbers are variable-length, seven bits a byte, low bits first.
type codec struct {
	b       []byte
	at      int // where reading goes on
	writing bool
	bad     bool // reading has met the end or a number too large
}

// put writes a number.
func (c *codec) put(v uint32) {
	for v >= 0x80 {
		c.b = append(c.b, byte(v)|0x80)
		v >>= 7
	}
	c.b = append(c.b, byte(v))
}

// get reads a number. Most are of one byte, and this much is inlined.
func (c *codec) get() uint32 {
	if c.at < len(c.b) && c.b[c.at] < 0x80 {
		c.at++
		return uint32(c.b[c.at-1])
	}
	return c.getLong()
}

//go:noinline
func (c *codec) getLong() uint32 {
	v := uint64(0)
	for shift := 0; shift < 35 && c.at < len(c.b); shift += 7 {
		x := c.b[c.at]
		c.at++
		v |= uint64(x&0x7F) << shift
		if x < 0x80 {
			c.bad = c.bad || v > 1<<32-1
			return uint32(v)
		}
	}
	c.bad = true
	return 0
}

// num codes an index or count.
func num[T ~uint32](c *codec, v *T) {
	if c.writing {
		c.put(uint32(*v))
		return
	}
	*v = T(c.get())
}

// near codes a number that is close to base, in either direction.
func near[T ~uint32](c *codec, v *T, base uint32) {
	if c.writing {
		c.put(zigzag(base, uint32(*v)))
		return
	}
	*v = T(unzigzag(base, c.get()))
}

// small codes a number of one byte.
func small[T ~uint8](c *codec, v *T) {
	switch {
	case c.writing:
		c.b = append(c.b, byte(*v))
	case c.at < len(c.b):
		*v = T(c.b[c.at])
		c.at++
	default:
		c.bad = true
	}
}

// flags codes up to 16 bits.
func flags[T ~uint16](c *codec, v *T) {
	n := uint32(*v)
	num(c, &n)
	c.bad = c.bad || n > 1<<16-1
	if !c.writing {
		*v = T(n)
	}
}

// bits codes up to eight truth values as one byte.
func (c *codec) bits(values ...*bool) {
	var x uint8
	for i, v := range values {
		if *v {
			x |= 1 << i
		}
	}
	small(c, &x)
	if c.writing {
		return
	}
	for i, v := range values {
		*v = x>>i&1 != 0
	}
}

// text codes a string by itself.
func (c *codec) text(s *string) {
	if c.writing {
		c.put(uint32(len(*s)))
		c.b = append(c.b, *s...)
		return
	}
	n := c.get()
	if uint64(n) > uint64(len(c.b)-c.at) {
		c.bad = true
		return
	}
	*s = string(c.b[c.at : c.at+int(n)])
	c.at += int(n)
}

// length codes the length of a slice and makes it when reading. Every element takes at least one byte, so a length
// beyond what is left is an error and cannot allocate more than a multiple of the input.
func length[T any](c *codec, list *[]T) []T {
	if c.writing {
		c.put(uint32(len(*list)))
		return *list
	}
	n := c.get()
	if uint64(n) > uint64(len(c.b)-c.at) {
		c.bad = true
		return nil
	}
	if n > 0 {
		*list = make([]T, n)
	}
	return *list
}

// strings codes all lengths and then all bytes, so that reading copies the bytes once.
func (c *codec) strings(list *[]string) {
	all := length(c, list)
	ends := make([]uint32, 0, len(all))
	total := uint64(0)
	for _, s := range all {
		n := uint32(len(s))
		num(c, &n)
		total += uint64(n)
		ends = append(ends, uint32(total))
	}
	if c.writing {
		for _, s := range all {
			c.b = append(c.b, s...)
		}
		return
	}
	if total > uint64(len(c.b)-c.at) {
		c.bad = true
		return
	}
	blob := string(c.b[c.at : c.at+int(total)])
	c.at += int(total)
	start := uint32(0)
	for i, end := range ends {
		all[i] = blob[start:end]
		start = end
	}
}
