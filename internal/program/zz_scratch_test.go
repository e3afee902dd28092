package program_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

func TestScratch(t *testing.T) {
	root := os.Getenv("ZZ")
	if root == "" {
		t.Skip()
	}
	x := extract.New()
	var files []*fact.File
	texts := map[string]string{}
	filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".py") {
			return nil
		}
		b, _ := os.ReadFile(p)
		rel, _ := filepath.Rel(root, p)
		texts[rel] = string(b)
		files = append(files, x.Extract(rel, string(b)))
		return nil
	})
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	p := program.Build(files, catalog.Builtin().With(nil), program.Options{})
	for _, effect := range []program.Effect{program.Wait, program.Repeat, program.Write} {
		start := time.Now()
		p.Sites(effect)
		fmt.Println("TIME", effect, time.Since(start))
	}
	only := os.Getenv("ONLY")
	for _, effect := range []program.Effect{program.Repeat, program.Write} {
		for _, s := range p.Sites(effect) {
			if only != "" && (s.Fault != only && only != "fault" || s.Fault == "" || s.Strict) {
				continue
			}
			f := files[s.At.File]
			line := 1 + strings.Count(texts[f.Path][:s.At.Start], "\n")
			fmt.Printf("%s:%d %s fault=%s what=%s detail=%q\n", f.Path, line, p.Symbol(s.Func), s.Fault, s.What, s.Detail)
			for _, g := range s.Guards {
				fmt.Printf("      %s %s %s weak=%s\n", g.Kind, g.From, g.Text, g.Weak)
			}
			for _, c := range s.Chain {
				fmt.Printf("      -> %s:%d %s\n", files[c.At.File].Path, 1+strings.Count(texts[files[c.At.File].Path][:c.At.Start], "\n"), c.Text)
			}
		}
	}
}
