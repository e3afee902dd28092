//go:build !unix

package tree

import (
	"errors"
	"io"
	"os"

	"github.com/tiebeam/tiebeam/internal/source"
)

// readRegular reads a regular file. Without O_NOFOLLOW the check comes before the open.
func readRegular(disk, name string, maxBytes int, follow bool) ([]byte, error) {
	look := os.Lstat
	if follow {
		look = os.Stat
	}
	info, err := look(disk)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New(notRegular(info.Mode()))
	}
	file, err := os.Open(disk)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, int64(maxBytes)+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxBytes {
		return nil, source.TooLarge(name, max(info.Size(), int64(len(raw))), maxBytes)
	}
	return raw, nil
}
