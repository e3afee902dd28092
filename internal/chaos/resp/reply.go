package resp

import (
	"strconv"
	"strings"
)

// Limits of an answer.
const (
	maxDepth     = 32
	maxElements  = 1 << 30
	maxReplyLine = 64 << 10
)

// reply follows one answer through its nesting, without keeping it.
type reply struct {
	line   []byte
	bulk   int
	counts []int // elements still to come, at each level
	// kind is the type of the outermost value, and null whether it is none.
	kind byte
	null bool
	zero bool
	word string
	// failures are the elements of the outermost array that are errors or none, by index.
	failures []int
	index    int
	started  bool
	// attribute is true while an attribute is read, which stands before the answer proper.
	attribute bool
}

func (r *reply) reset() {
	r.line, r.counts, r.failures, r.word = r.line[:0], r.counts[:0], nil, ""
	r.bulk, r.index = -1, 0
	r.kind, r.null, r.zero, r.started, r.attribute = 0, false, false, false, false
}

// feed takes bytes and returns how many, and whether an answer is complete.
func (r *reply) feed(p []byte) (used int, complete bool, reason string) {
	for used < len(p) {
		if r.bulk > 0 {
			n := min(r.bulk, len(p)-used)
			r.bulk -= n
			used += n
			if r.bulk > 0 {
				return used, false, ""
			}
			if r.ended() {
				return used, true, ""
			}
			continue
		}
		c := p[used]
		used++
		r.line = append(r.line, c)
		if len(r.line) > maxReplyLine {
			return used, false, "a line over 64 KiB"
		}
		if c != '\n' {
			continue
		}
		line := strings.TrimRight(string(r.line), "\r\n")
		r.line = r.line[:0]
		if line == "" {
			return used, false, "an empty line where an answer was expected"
		}
		complete, reason := r.read(line)
		if complete || reason != "" {
			return used, complete, reason
		}
	}
	return used, false, ""
}

// read takes the line that begins a value.
func (r *reply) read(line string) (complete bool, reason string) {
	kind, rest := line[0], line[1:]
	null := kind == '_'
	switch kind {
	case '+', '-', ':', '_', '#', ',', '(':
		r.note(kind, rest, null)
		return r.ended(), ""
	case '$', '!', '=':
		n, err := strconv.Atoi(rest)
		if err != nil || n < -1 || n > maxBulk {
			return false, "a text of a length that no text has"
		}
		r.note(kind, rest, n < 0)
		if n < 0 {
			return r.ended(), ""
		}
		r.bulk = n + 2
		return false, ""
	case '*', '~', '>', '%', '|':
		n, err := strconv.Atoi(rest)
		if err != nil || n < -1 || n > maxElements || len(r.counts) >= maxDepth {
			return false, "an array of a size that no array has"
		}
		if kind == '%' || kind == '|' {
			n *= 2
		}
		if kind == '|' && len(r.counts) == 0 {
			r.attribute = true
		}
		r.note(kind, rest, n < 0)
		if n <= 0 {
			return r.ended(), ""
		}
		r.counts = append(r.counts, n)
		return false, ""
	}
	return false, "an answer of a kind that is not known"
}

// note keeps what is said of the outermost value, and of the elements of an outermost array.
func (r *reply) note(kind byte, rest string, null bool) {
	switch len(r.counts) {
	case 0:
		if !r.started {
			r.started = true
			r.kind, r.null, r.zero = kind, null, kind == ':' && rest == "0"
			r.word, _, _ = strings.Cut(rest, " ")
		}
	case 1:
		if (null || kind == '-') && len(r.failures) < maxArguments {
			r.failures = append(r.failures, r.index)
		}
		r.index++
	}
}

// ended counts a complete value and says whether the whole answer is complete. An attribute is not the answer.
func (r *reply) ended() bool {
	for len(r.counts) > 0 {
		last := len(r.counts) - 1
		r.counts[last]--
		if r.counts[last] > 0 {
			return false
		}
		r.counts = r.counts[:last]
	}
	if r.attribute {
		r.reset()
		return false
	}
	return true
}
