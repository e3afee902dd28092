package main

import (
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

//go:embed corpus.txt
var corpusList string

// A Package is one pinned line of corpus.txt.
type Package struct {
	// Name and Version are those of the package index.
	Name, Version string
	// Files is the number of .py files in the wheel.
	Files int
}

// A Source is one distinct content of the corpus and the files that have it.
type Source struct {
	// Digest is the SHA-256 of the content in hexadecimal.
	Digest string
	// Size is the length of the content in bytes.
	Size int
	// Files are the files with this content, in the order in which they were found; never empty.
	Files []File
}

// A File is one file of the corpus.
type File struct {
	// Set names what the file belongs to: a package with its version, "Lib 3.11.7", or "" for a path that was given.
	Set string
	// Name is the path inside the set, with forward slashes.
	Name string
	// Path is where the file is on disk.
	Path string
}

func (f File) String() string {
	if f.Set == "" {
		return f.Name
	}
	return f.Set + ": " + f.Name
}

// parsePackages reads the list of packages: one "name version files" a line, "#" starts a comment.
func parsePackages(list string) ([]Package, error) {
	var out []Package
	for number, line := range strings.Split(list, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		var p Package
		if _, err := fmt.Sscan(line, &p.Name, &p.Version, &p.Files); err != nil {
			return nil, fmt.Errorf("corpus.txt, line %d: %w", number+1, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// A set is a folder of the corpus.
type set struct {
	name string
	root string
}

// listFiles returns the .py files of the sets. What is installed beside a standard library, and the caches, are left
// out: the one is not pinned, the others hold no sources.
func listFiles(sets []set) ([]File, error) {
	var out []File
	for _, s := range sets {
		err := filepath.WalkDir(s.root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if name := entry.Name(); path != s.root && (name == "site-packages" || name == "__pycache__") {
					return filepath.SkipDir
				}
				return nil
			}
			if !entry.Type().IsRegular() || (path != s.root && filepath.Ext(path) != ".py") {
				return nil
			}
			name, err := filepath.Rel(s.root, path)
			if err != nil || name == "." {
				name = path
			}
			out = append(out, File{Set: s.name, Name: filepath.ToSlash(name), Path: path})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list the files of %s: %w", s.root, err)
		}
	}
	return out, nil
}

// distinct reads the files and groups those with the same content, in the order of the files.
func distinct(files []File) ([]Source, error) {
	var out []Source
	index := map[string]int{}
	for _, f := range files {
		content, err := os.ReadFile(f.Path)
		if err != nil {
			return nil, fmt.Errorf("read the corpus: %w", err)
		}
		d := digest(content)
		at, ok := index[d]
		if !ok {
			at = len(out)
			index[d] = at
			out = append(out, Source{Digest: d, Size: len(content)})
		}
		out[at].Files = append(out[at].Files, f)
	}
	return out, nil
}

// The part of the corpus for CI: one source in partOneIn, chosen by partSeed and the content, so that it is the same
// on every machine; everything of partWhole; and the files of the standard library's tests that hold most of the
// grammar in small.
const (
	partSeed  = 3
	partOneIn = 10
	partWhole = "SQLAlchemy"
)

var partTests = []string{
	"test_fstring.py", "test_grammar.py", "test_named_expressions.py", "test_patma.py", "test_positional_only_arg.py",
	"test_string_literals.py", "test_syntax.py", "test_tokenize.py", "test_type_params.py", "test_unparse.py",
}

// part returns the sources of the part.
func part(sources []Source) []Source {
	var out []Source
	for _, s := range sources {
		if inPart(s) {
			out = append(out, s)
		}
	}
	return out
}

func inPart(s Source) bool {
	sum, err := hex.DecodeString(s.Digest)
	if err == nil && binary.BigEndian.Uint32(sum)%partOneIn == partSeed {
		return true
	}
	for _, f := range s.Files {
		if strings.HasPrefix(f.Set, partWhole+" ") {
			return true
		}
		if i := sort.SearchStrings(partTests, filepath.Base(f.Name)); i < len(partTests) && partTests[i] == filepath.Base(f.Name) {
			return true
		}
	}
	return false
}
