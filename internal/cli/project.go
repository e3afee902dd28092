package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// defaultBaseline is where --write-baseline writes unless told otherwise.
const defaultBaseline = "tiebeam-baseline.json"

// Limits of files that the user or the project names.
const (
	maxConfigBytes   = 1 << 20
	maxLockBytes     = 64 << 20
	maxBaselineBytes = 64 << 20
)

// place is the root of a run and the part of it that was asked for.
type place struct {
	root  string
	paths []string
	// prefix leads from the working directory to the root, with a closing slash; empty where they are the same.
	prefix string
}

// locate finds the root of the paths on the command line: one directory is the root itself; of several paths, or files,
// it is the working directory, or what they have in common where they lie outside of it.
func locate(args []string) (place, error) {
	here, err := os.Getwd()
	if err != nil {
		return place{}, err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	var absolute []string
	for _, arg := range args {
		full, err := filepath.Abs(arg)
		if err != nil {
			return place{}, err
		}
		if _, err := os.Lstat(full); err != nil {
			return place{}, usage("%s: %s", arg, words(err))
		}
		absolute = append(absolute, full)
	}
	if info, err := os.Stat(absolute[0]); len(args) == 1 && err == nil && info.IsDir() {
		return place{root: absolute[0], prefix: prefixOf(here, absolute[0])}, nil
	}
	root := here
	for _, full := range absolute {
		for !within(root, full) || root == full {
			root = filepath.Dir(root)
		}
	}
	p := place{root: root, prefix: prefixOf(here, root)}
	for _, full := range absolute {
		relative, err := filepath.Rel(root, full)
		if err != nil {
			return place{}, err
		}
		p.paths = append(p.paths, filepath.ToSlash(relative))
	}
	return p, nil
}

func within(root, name string) bool {
	relative, err := filepath.Rel(root, name)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

func prefixOf(here, root string) string {
	relative, err := filepath.Rel(here, root)
	switch {
	case err != nil || !within(here, root):
		return filepath.ToSlash(root) + "/"
	case relative == ".":
		return ""
	}
	return filepath.ToSlash(relative) + "/"
}

// words is a file system's refusal without the path, which stands beside it.
func words(err error) string {
	var failure *fs.PathError
	if errors.As(err, &failure) {
		return failure.Err.Error()
	}
	return err.Error()
}

// configuration reads the options of a project: the file given, or the nearest that has some, from the root up to the
// top of the repository. dir is where it was found.
func configuration(root, given string) (found *config.Config, dir string, err error) {
	if given != "" {
		raw, err := tree.ReadFile(given, maxConfigBytes)
		if err != nil {
			return nil, "", err
		}
		found, err := config.Parse(filepath.ToSlash(given), raw, ruleNames())
		if err == nil && found == nil {
			err = fmt.Errorf("%s: has no [tool.tiebeam] table", given)
		}
		return found, filepath.Dir(given), err
	}
	dirs, err := tree.Above(root)
	if err != nil {
		return nil, "", err
	}
	for _, dir := range dirs {
		found, err := configurationIn(dir)
		if found != nil || err != nil {
			return found, dir, err
		}
	}
	return config.Default(), root, nil
}

// configurationIn reads the options in one directory, nil where there are none. Options in both files are an error, as
// one of them would be ignored without a word.
func configurationIn(dir string) (*config.Config, error) {
	var found *config.Config
	for _, name := range []string{config.OwnFile, config.ProjectFile} {
		file := filepath.Join(dir, name)
		raw, err := tree.ReadFile(file, maxConfigBytes)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		options, err := config.Parse(filepath.ToSlash(file), raw, ruleNames())
		if err != nil {
			return nil, err
		}
		if found != nil && options != nil {
			return nil, fmt.Errorf("%s and %s both hold options: keep one", found.File, options.File)
		}
		if options != nil {
			found = options
		}
	}
	return found, nil
}

// versions reads the file that names the installed versions, nil where none is named.
func versions(file string) (map[string]string, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := readNamed(file, maxLockBytes)
	if err != nil {
		return nil, err
	}
	found, faults := catalog.Versions(map[string][]byte{filepath.ToSlash(file): raw})
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return catalog.Numbers(found), nil
}

// baseline reads a baseline.
func baseline(file string) (*settle.Baseline, error) {
	raw, err := readNamed(file, maxBaselineBytes)
	if err != nil {
		return nil, err
	}
	parsed, err := settle.ParseBaseline(raw)
	if err != nil {
		return nil, fmt.Errorf("baseline %s: %w", file, err)
	}
	return parsed, nil
}

// readNamed reads what the user named on the command line; that may be a pipe.
func readNamed(file string, maxBytes int) ([]byte, error) {
	stream, err := os.Open(file)
	if err != nil {
		return nil, usage("%s: %s", file, words(err))
	}
	defer stream.Close()
	raw, err := io.ReadAll(io.LimitReader(stream, int64(maxBytes)+1))
	if err != nil {
		return nil, usage("%s: %s", file, words(err))
	}
	if len(raw) > maxBytes {
		return nil, usage("%s: more than the limit of %d bytes", file, maxBytes)
	}
	return raw, nil
}
