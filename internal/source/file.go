package source

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"unsafe"
)

// DefaultMaxBytes is the size over which a file is refused unless the configuration says otherwise. Generated tables
// reach some megabytes; what is larger is data, and costs more to look at than it can tell.
const DefaultMaxBytes = 5 << 20

// Hash identifies the bytes of a file. It is a cryptographic one because the cache trusts it: a file made to collide
// with another would otherwise take over that file's facts.
type Hash [sha256.Size]byte

// File is one decoded file. It is immutable and may be used by several goroutines at once.
type File struct {
	// Path is relative to the root, with forward slashes, in the bytes of the file system.
	Path string
	// Text is the decoded text, without byte order mark; line ends are kept as they are.
	Text string
	// Encoding is the Python name of the encoding that was declared, "utf-8" where none was.
	Encoding string
	// BOM says that the file began with a UTF-8 byte order mark.
	BOM bool

	raw   []byte
	once  sync.Once
	lines []uint32
}

// Error says why a file cannot be analysed as Python source.
type Error struct {
	// Path is the file's path, as given to New.
	Path string
	// Offset is the byte offset in the file as it lies on disk, -1 where the reason has no place.
	Offset int
	// Line is the 1-based line of Offset, 0 where there is none.
	Line int
	// Reason is lower-case, without the path.
	Reason string
}

// Error gives the reason after the path.
func (e *Error) Error() string { return e.Path + ": " + e.Reason }

// New decodes a file by the rules of PEP 263. It keeps raw, which the caller must not change afterwards. A maxBytes of 0
// means DefaultMaxBytes. The error is an *Error.
func New(path string, raw []byte, maxBytes int) (*File, error) {
	if maxBytes == 0 {
		maxBytes = DefaultMaxBytes
	}
	if len(raw) > maxBytes {
		return nil, TooLarge(path, int64(len(raw)), maxBytes)
	}
	return decode(path, raw)
}

// FromText wraps text that is already decoded, such as what an editor sends. Invalid UTF-8 and NUL are errors as in New.
func FromText(path, text string) (*File, error) {
	raw := unsafe.Slice(unsafe.StringData(text), len(text))
	if err := checkText(path, raw, raw); err != nil {
		return nil, err
	}
	return &File{Path: path, Text: text, Encoding: "utf-8", raw: raw}, nil
}

// TooLarge is the error for a file over the limit; whoever reads files uses it before reading all of one.
func TooLarge(path string, size int64, maxBytes int) *Error {
	return &Error{Path: path, Offset: -1, Reason: fmt.Sprintf("file has %d bytes, more than the limit of %d (raise it with max-file-bytes)", size, maxBytes)}
}

// Raw returns the bytes as they lie on disk. The caller must not change them.
func (f *File) Raw() []byte { return f.raw }

// Hash returns the SHA-256 of the raw bytes. It costs one pass over them each time.
func (f *File) Hash() Hash { return sha256.Sum256(f.raw) }

// Slice returns the text between two byte offsets, both cut to the text's size.
func (f *File) Slice(start, end uint32) string {
	size := uint32(len(f.Text))
	start, end = min(start, size), min(end, size)
	if end < start {
		return ""
	}
	return f.Text[start:end]
}

// text makes a string of bytes that nobody changes any more, without a copy.
func text(raw []byte) string { return unsafe.String(unsafe.SliceData(raw), len(raw)) }

// clean reports whether the bytes contain no NUL.
func clean(text string) bool { return strings.IndexByte(text, 0) < 0 }
