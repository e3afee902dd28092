package wire

import (
	"strings"
	"unicode/utf8"
)

// Hash is an FNV-1a hash that starts from a salt. The zero value hashes without one.
type Hash uint64

// NewHash starts a hash.
func NewHash(salt uint64) Hash { return Hash(14695981039346656037 ^ salt) }

// Add returns the hash with the bytes added.
func (h Hash) Add(p []byte) Hash {
	for _, c := range p {
		h = (h ^ Hash(c)) * 1099511628211
	}
	return h
}

// AddString returns the hash with the text and an end mark added.
func (h Hash) AddString(s string) Hash {
	for i := range len(s) {
		h = (h ^ Hash(s[i])) * 1099511628211
	}
	return (h ^ 0xff) * 1099511628211
}

// Sum is the hash, never 0.
func (h Hash) Sum() uint64 { return max(uint64(h), 1) }

// MaxName bounds a name in a shape, in bytes.
const MaxName = 200

// General takes out of a name what differs from one run to the next: numbers, UUIDs and long hexadecimal words become
// an asterisk. Parts are what lies between separators.
func General(name string) string {
	name = Cut(name, MaxName)
	var out strings.Builder
	for len(name) > 0 {
		end := strings.IndexAny(name, "/:.,{}|&=@~ ")
		part := name
		if end >= 0 {
			part = name[:end]
		}
		if varies(part) {
			out.WriteByte('*')
		} else {
			out.WriteString(strings.ToValidUTF8(part, "?"))
		}
		if end < 0 {
			break
		}
		out.WriteByte(name[end])
		name = name[end+1:]
	}
	return out.String()
}

// varies says whether a part of a name looks like a value: it has digits and nothing else, or is hexadecimal and long,
// or is a word with a long number in it.
func varies(part string) bool {
	digits, hex, run, longest := 0, 0, 0, 0
	for i := range len(part) {
		c := part[i]
		run++
		switch {
		case c >= '0' && c <= '9':
			digits++
			hex++
			longest = max(longest, run)
			continue
		case c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == '-' || c == '_':
			hex++
		}
		run = 0
	}
	switch {
	case part == "":
		return false
	case digits == len(part):
		return true
	case hex == len(part) && len(part) >= 8 && digits > 0:
		return true
	}
	return longest >= 5 || len(part) >= 16 && digits >= 4
}

// Cut shortens text to at most size bytes, between two characters. What is cut off is not kept in memory either.
func Cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return strings.Clone(s[:size])
}
