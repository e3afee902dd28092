package tree

import (
	"fmt"
	"path/filepath"
)

// Above lists a directory and those above it up to the top of its repository: where a project may keep its
// configuration. Outside of any repository it is the directory alone, as what lies above is not the project's.
func Above(dir string) ([]string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	dirs := []string{absolute}
	top := gitTop(absolute)
	if top == "" {
		return dirs, nil
	}
	for absolute != top {
		absolute = filepath.Dir(absolute)
		dirs = append(dirs, absolute)
	}
	return dirs, nil
}

// ReadFile reads a regular file that was not listed, such as a configuration: at most maxBytes, links followed. The
// error names the path and may wrap fs.ErrNotExist.
func ReadFile(name string, maxBytes int) ([]byte, error) {
	raw, err := readRegular(name, name, maxBytes, true)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}
