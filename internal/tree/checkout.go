package tree

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"path/filepath"
)

// A revision that is checked out, or nearly, is read from the working tree: git takes three times as long to unpack its
// blobs as the file system to hand them over. What lies there is believed by its hash and by nothing else, so that filters, line
// endings and changes do no harm: such a file is read from the object store.

// Of so many files, spread over the revision, so many have to be there before all are looked for.
const (
	probes     = 16
	leastFound = 12
)

// isCheckedOut says whether the working tree holds most of the files.
func (v *Revision) isCheckedOut(entries []Entry, maxBytes int) bool {
	if v.repository.top == "" || len(entries) < probes {
		return false
	}
	found := 0
	for i := range probes {
		entry := &entries[i*len(entries)/probes]
		if _, ok := v.repository.checkedOut(entry, maxBytes); ok {
			found++
		}
	}
	return found >= leastFound
}

// checkedOut reads the file of the working tree at the path of an entry, if it has the content that the entry names.
func (r *Repository) checkedOut(entry *Entry, maxBytes int) ([]byte, bool) {
	raw, err := readRegular(filepath.Join(r.top, filepath.FromSlash(entry.Path)), entry.Path, maxBytes, false)
	if err != nil {
		return nil, false
	}
	return raw, "git:"+blobName(raw, len(entry.ID)-len("git:")) == entry.ID
}

// blobName is the name that git gives to a blob, by the length of its names
// (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects, https://git-scm.com/docs/hash-function-transition).
func blobName(raw []byte, length int) string {
	var sum hash.Hash
	switch length {
	case hex.EncodedLen(sha1.Size):
		sum = sha1.New()
	case hex.EncodedLen(sha256.Size):
		sum = sha256.New()
	default:
		return ""
	}
	fmt.Fprintf(sum, "blob %d\x00", len(raw))
	sum.Write(raw)
	return hex.EncodeToString(sum.Sum(nil))
}
