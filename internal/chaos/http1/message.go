package http1

import (
	"bytes"
	"strconv"
	"strings"
)

// Limits of one message.
const (
	maxHead  = 64 << 10
	maxLine  = 4 << 10
	maxTrail = 16 << 10
)

// phase is where in a message a reader stands.
type phase uint8

const (
	inHead phase = iota
	inBody
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
	untilClose
)

// message follows one direction.
type message struct {
	phase phase
	line  []byte // the head, or a line of the chunked form, so far
	left  uint64 // bytes of the body or the chunk still to come
	trail int
}

// head is the first lines of a message.
type head struct {
	first   string
	fields  []field
	length  uint64
	sized   bool
	chunked bool
}

type field struct{ name, value string }

// get returns the first value of a field, whose name is in lower case.
func (h *head) get(name string) string {
	for _, f := range h.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// fill takes bytes into the head and returns how many, and whether the head is complete. tooLong is true where it is
// larger than any head that we read.
func (m *message) fill(p []byte) (used int, complete, tooLong bool) {
	for i, c := range p {
		m.line = append(m.line, c)
		if len(m.line) > maxHead {
			return i + 1, false, true
		}
		if c == '\n' && (bytes.HasSuffix(m.line, []byte("\r\n\r\n")) || bytes.HasSuffix(m.line, []byte("\n\n"))) {
			return i + 1, true, false
		}
		if c == '\n' && len(bytes.TrimRight(m.line, "\r\n")) == 0 {
			m.line = m.line[:0] // an empty line before a request is ignored (RFC 9112, 2.2)
		}
	}
	return len(p), false, false
}

// parse reads a complete head. reason says why it must not be passed on.
func parse(raw []byte) (h head, reason string) {
	lines := strings.Split(strings.TrimRight(string(raw), "\r\n"), "\n")
	h.first = strings.TrimRight(lines[0], "\r")
	for _, line := range lines[1:] {
		line = strings.TrimRight(line, "\r")
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			return h, "a folded header line"
		}
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || strings.ContainsAny(name, " \t\x00") {
			return h, "a header line without a name"
		}
		h.fields = append(h.fields, field{strings.ToLower(name), strings.TrimSpace(value)})
	}
	return h, h.frame()
}

// frame finds out how the body is delimited.
func (h *head) frame() (reason string) {
	for _, f := range h.fields {
		switch f.name {
		case "content-length":
			n, err := strconv.ParseUint(f.value, 10, 63)
			if err != nil || f.value[0] == '+' {
				return "a Content-Length that is no number"
			}
			if h.sized && n != h.length {
				return "two lengths"
			}
			h.length, h.sized = n, true
		case "transfer-encoding":
			if h.chunked || !strings.EqualFold(f.value, "chunked") {
				return "a transfer coding other than chunked"
			}
			h.chunked = true
		}
	}
	if h.chunked && h.sized {
		return "Content-Length beside Transfer-Encoding"
	}
	return ""
}

// body takes bytes of a body and returns how many and whether the message is complete. eat is given what the body
// holds, without the frame of chunks.
func (m *message) body(p []byte, eat func([]byte)) (used int, complete bool, reason string) {
	for used < len(p) {
		switch m.phase {
		case inBody, inChunk:
			n := len(p) - used
			if uint64(n) > m.left {
				n = int(m.left)
			}
			eat(p[used : used+n])
			used += n
			m.left -= uint64(n)
			if m.left > 0 {
				return used, false, ""
			}
			if m.phase == inBody {
				return used, true, ""
			}
			m.phase = inChunkEnd
		case untilClose:
			eat(p[used:])
			return len(p), false, ""
		default:
			n, done, reason := m.framing(p[used:])
			used += n
			if done || reason != "" {
				return used, done, reason
			}
		}
	}
	return used, false, ""
}

// framing reads the lines between chunks, one at most.
func (m *message) framing(p []byte) (used int, complete bool, reason string) {
	end := bytes.IndexByte(p, '\n')
	if end < 0 {
		m.line = append(m.line, p...)
		used = len(p)
	} else {
		m.line = append(m.line, p[:end+1]...)
		used = end + 1
	}
	if len(m.line) > maxLine {
		return used, false, "a line of a chunked body that is too long"
	}
	if end < 0 {
		return used, false, ""
	}
	line := strings.TrimRight(string(m.line), "\r\n")
	m.line = m.line[:0]
	switch m.phase {
	case inChunkEnd:
		if line != "" {
			return used, false, "a chunk longer than it says"
		}
		m.phase = inChunkSize
	case inChunkSize:
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
		if err != nil {
			return used, false, "a chunk without a size"
		}
		m.left, m.phase = n, inChunk
		if n == 0 {
			m.phase, m.trail = inTrailer, 0
		}
	case inTrailer:
		if m.trail += len(line); m.trail > maxTrail {
			return used, false, "trailers that are too long"
		}
		return used, line == "", ""
	}
	return used, false, ""
}
