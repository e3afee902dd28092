package tree

import (
	"encoding/binary"
	"time"
)

// Stamp tells a file from every other state of it without reading it: device, inode, size, and the times at which its content and
// its inode changed. The last of them cannot be set by a program. changed is the later of the times: where it lies
// hardly before the moment of asking, the file may change again without its stamp
// (https://git-scm.com/docs/racy-git). ok is false where the system does not tell, or for what is no regular file.
func (f *Folder) Stamp(entry Entry) (stamp string, changed time.Time, ok bool) {
	state, ok := stateOf(f.disk(entry.Path))
	if !ok {
		return "", time.Time{}, false
	}
	var raw []byte
	for _, n := range state {
		raw = binary.AppendVarint(raw, n)
	}
	return string(raw), time.Unix(0, max(state[modified], state[altered])), true
}

// The parts of a stamp; times are in nanoseconds since 1970.
const (
	device = iota
	inode
	size
	modified // the content
	altered  // the inode
	parts
)
