package pg

import "encoding/binary"

// Limits.
const (
	// MaxFrame is the largest frame that is passed on, in bytes with its length field.
	MaxFrame = 64 << 20
	// maxKept is how much of a frame is kept for reading.
	maxKept = 256 << 10
)

// frames cuts one direction of a connection into frames.
type frames struct {
	// typed is false for the first message of a client, which has no type byte.
	typed bool
	head  [5]byte
	have  int // bytes of head
	rest  int // bytes of the body still to come
	body  []byte
	size  int // bytes of the whole body
	keep  func(kind byte) bool
}

// frame is one message. The body is cut at maxKept, and empty for kinds that are not kept.
type frame struct {
	kind byte
	body []byte
	size int
}

func (f *frames) headSize() int {
	if f.typed {
		return 5
	}
	return 4
}

// next takes bytes for the current frame and returns how many, and the frame where it is complete. begun is true where
// the type of a frame was among the bytes. A length that no frame has makes bad true.
func (f *frames) next(p []byte) (used int, out frame, complete, begun, bad bool) {
	size := f.headSize()
	if f.have < size {
		begun = f.typed && f.have == 0 && len(p) > 0
		n := copy(f.head[f.have:size], p)
		f.have += n
		used = n
		if f.have < size {
			return used, out, false, begun, false
		}
		length := binary.BigEndian.Uint32(f.head[size-4 : size])
		if length < 4 || length > MaxFrame {
			return used, out, false, begun, true
		}
		f.rest = int(length) - 4
		f.size = f.rest
		f.body = f.body[:0]
	}
	n := min(f.rest, len(p)-used)
	if f.keep(f.kind()) {
		f.body = append(f.body, p[used:used+min(n, maxKept-len(f.body))]...)
	}
	f.rest -= n
	used += n
	if f.rest > 0 {
		return used, out, false, begun, false
	}
	f.have = 0
	return used, frame{f.kind(), f.body, f.size}, true, begun, false
}

func (f *frames) kind() byte {
	if f.typed {
		return f.head[0]
	}
	return 0
}

// text reads a C string at the start of a body; without its end, all of it is the text.
func text(body []byte) (s string, rest []byte) {
	for i, c := range body {
		if c == 0 {
			return string(body[:i]), body[i+1:]
		}
	}
	return string(body), nil
}
