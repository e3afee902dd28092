package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/dump"
	"github.com/tiebeam/tiebeam/internal/python/parse"
	"github.com/tiebeam/tiebeam/internal/source"
)

// A front is our side: what becomes of the bytes of a file for one version. It must not be shared between goroutines.
type front struct {
	version parse.Version
	tree    *ast.Tree
	buffer  bytes.Buffer
}

func newFront(i Interpreter) *front {
	return &front{version: parse.Version(i.Minor), tree: ast.NewTree(nil)}
}

// digest returns the SHA-256 of the dump of content in hexadecimal, or why content is refused.
func (f *front) digest(content []byte) (digest, refusal string) {
	if refusal := f.dump(content); refusal != "" {
		return "", refusal
	}
	sum := sha256.Sum256(f.buffer.Bytes())
	return hex.EncodeToString(sum[:]), ""
}

// text returns the dump of content, or why it is refused.
func (f *front) text(content []byte) (text, refusal string) {
	refusal = f.dump(content)
	return f.buffer.String(), refusal
}

func (f *front) dump(content []byte) (refusal string) {
	f.buffer.Reset()
	file, err := source.New("", content, len(content)+1)
	if err != nil {
		return err.Error()
	}
	parse.File(f.tree, file.Text, parse.Options{Version: f.version})
	if diagnostics := f.tree.Diagnostics(); len(diagnostics) > 0 {
		line, column := f.tree.Position(diagnostics[0].Pos)
		return fmt.Sprintf("%s (line %d, column %d)", diagnostics[0].Message, line, column+1)
	}
	if err := dump.Write(&f.buffer, f.tree, f.version); err != nil {
		return err.Error()
	}
	return ""
}
