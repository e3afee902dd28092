package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Snapshot is one tree, read and linked. It is immutable and may be used by several goroutines at once.
type Snapshot struct {
	// Program joins the files that could be read.
	Program *program.Program
	// Incomplete are the files that could not be read, or not wholly.
	Incomplete []finding.Incomplete
	// Skipped says what discovery left out.
	Skipped []tree.Skip
	// Notes tell what was assumed.
	Notes []string
	// Records are the decision records.
	Records *contract.Records

	decisions decisions
	listing   *tree.Listing
	written   map[string]catalog.Version // where the installed versions are said
	files     []*file                    // of Program.Files, in the same order
	indexes   []*program.Index           // of the files, made where their facts were
	byPath    map[string]int
}

// Load reads and links the request's tree.
func Load(ctx context.Context, q *Request) (*Snapshot, error) {
	inventory, err := take(ctx, q, nil)
	if err != nil {
		return nil, err
	}
	return inventory.load(ctx, nil)
}

// load understands what was listed. It may take over facts of the other side of a comparison, where a file has the same
// content.
func (v *inventory) load(ctx context.Context, other *Snapshot) (*Snapshot, error) {
	s := v.snapshot()
	v.q.begin("reading " + text.Count(len(v.files), "file"))
	v.q.prepare(len(v.files))
	v.readAhead(other)
	read := make([]reading, len(v.files))
	err := each(ctx, len(v.files), v.q.Workers, extract.New, func(x *extract.Extractor, i int) {
		read[i] = v.read(ctx, x, v.files[i], other)
	})
	if err != nil {
		return nil, err
	}
	return s, s.link(ctx, v, s.gather(read), program.Options{})
}

// readAhead tells a tree that can make use of it which files will be read.
func (v *inventory) readAhead(other *Snapshot) {
	from, ok := v.q.Tree.(interface {
		Ahead(entries []tree.Entry, maxBytes int)
	})
	if !ok {
		return
	}
	var entries []tree.Entry
	for _, f := range v.files {
		if other.sameAs(f) == nil && !v.q.Cache.Has(factsKey(f)) {
			entries = append(entries, f.entry)
		}
	}
	from.Ahead(entries, v.q.Config.MaxFileBytes)
}

// snapshot begins a snapshot with what the listing says.
func (v *inventory) snapshot() *Snapshot {
	s := &Snapshot{Records: v.records, Skipped: v.listing.Skipped, Notes: v.notes, listing: v.listing, written: v.written}
	for _, p := range v.listing.Problems {
		s.Incomplete = append(s.Incomplete, finding.Incomplete{Path: p.Path, Line: p.Line, Reason: p.Reason})
	}
	return s
}

// link joins facts to the program. how says in which files sites are looked for, and what is known already.
func (s *Snapshot) link(ctx context.Context, v *inventory, facts []*fact.File, how program.Options) error {
	known, err := v.resolve()
	if err != nil {
		return err
	}
	if how.Like != nil {
		known = how.Like.Catalog
	}
	v.q.begin("linking " + text.Count(len(facts), "file"))
	how.Workers, how.Indexes, how.Scripts = v.q.Workers, s.indexes, v.statements(ctx)
	how.Tested, how.Unnoticed = s.believe(v.evidence)
	how.IsTest = tree.ParsePatterns("", strings.Join(v.q.Config.Tests, "\n")).Covers
	s.Program = program.Build(facts, known, how)
	s.prepare(v.q)
	return nil
}

// reading is what became of one file.
type reading struct {
	file       *file
	facts      *fact.File
	index      *program.Index
	incomplete *finding.Incomplete
}

// read takes one file from bytes to facts. A panic is a fault of ours; it costs this file and is told.
func (v *inventory) read(ctx context.Context, x *extract.Extractor, f *file, other *Snapshot) (r reading) {
	defer func() {
		if fault := recover(); fault != nil {
			r = reading{file: f, incomplete: &finding.Incomplete{Path: f.entry.Path, Reason: fmt.Sprintf("internal error, please report it: %v", fault)}}
		}
	}()
	r.file = f
	if r.facts = other.sameAs(f); r.facts == nil {
		r.facts, r.index = v.cached(f)
	}
	if r.facts == nil {
		decoded, err := f.text(ctx)
		if err != nil {
			r.incomplete = f.incomplete(err)
			return r
		}
		if r.facts = other.sameText(decoded); r.facts == nil {
			r.facts = x.Extract(f.entry.Path, decoded.Text)
			v.keep(f, r.facts)
		}
	}
	if r.index == nil {
		r.index = program.NewIndex(r.facts)
	}
	r.incomplete = syntaxProblem(f, r.facts)
	return r
}

// cached finds the facts of a content in the cache, and their index.
func (v *inventory) cached(f *file) (*fact.File, *program.Index) {
	if v.q.Cache == nil || f.id == "" {
		return nil, nil
	}
	key := factsKey(f)
	facts, index := v.q.Ahead.facts(key)
	if facts == nil {
		facts, index = decoded(v.q.Cache, key)
	}
	if facts != nil {
		facts.Path = f.entry.Path
	}
	return facts, index
}

// keep stores the facts of a content.
func (v *inventory) keep(f *file, facts *fact.File) {
	if v.q.Cache == nil || f.id == "" {
		return
	}
	var encoded bytes.Buffer
	if err := fact.Encode(&encoded, facts); err == nil {
		v.q.Cache.Put(factsKey(f), encoded.Bytes())
	}
}

// factsKey is all that the facts of a file depend on, besides the build of the program: its content, and the limit over
// which it would not have been read.
func factsKey(f *file) cache.Key {
	return cache.KeyOf("facts", fmt.Sprint(fact.Version), fmt.Sprint(f.max), f.id)
}

// syntaxProblem reports the first place of a file that could not be read; the functions around it are judged all the
// same.
func syntaxProblem(f *file, facts *fact.File) *finding.Incomplete {
	if len(facts.Problems) == 0 {
		return nil
	}
	first := slices.MinFunc(facts.Problems, func(a, b fact.Problem) int { return cmp.Compare(a.Start, b.Start) })
	line, column := f.known().Position(first.Start)
	return &finding.Incomplete{Path: facts.Path, Line: line, Column: column, Reason: facts.Text(first.Message)}
}

// gather keeps what could be read and gives its facts.
func (s *Snapshot) gather(read []reading) []*fact.File {
	s.byPath = make(map[string]int, len(read))
	all := make([]*fact.File, 0, len(read))
	for i := range read {
		if read[i].incomplete != nil {
			s.Incomplete = append(s.Incomplete, *read[i].incomplete)
		}
		if read[i].facts != nil {
			s.byPath[read[i].file.entry.Path] = len(all)
			s.files = append(s.files, read[i].file)
			s.indexes = append(s.indexes, read[i].index)
			all = append(all, read[i].facts)
		}
	}
	s.Incomplete = finding.SortIncomplete(s.Incomplete)
	return all
}

// sameAs gives the facts of a file that the tree says has the same bytes on this side, nil where there is none.
func (s *Snapshot) sameAs(f *file) *fact.File {
	if s == nil || f.id == "" {
		return nil
	}
	if at, ok := s.byPath[f.entry.Path]; ok && s.files[at].id == f.id {
		return s.Program.Files[at]
	}
	return nil
}

// sameText gives the facts of a file that turned out to have the same bytes on this side, nil where there is none.
func (s *Snapshot) sameText(decoded *source.File) *fact.File {
	if s == nil {
		return nil
	}
	if at, ok := s.byPath[decoded.Path]; ok && string(s.files[at].known().Raw()) == string(decoded.Raw()) {
		return s.Program.Files[at]
	}
	return nil
}

// Source returns the text of a file of the program.
func (s *Snapshot) Source(id program.FileID) *source.File { return s.files[id].known() }

// Find returns the text of the file with a path, also of a decision record; nil where it was not read.
func (s *Snapshot) Find(name string) *source.File {
	if at, ok := s.byPath[name]; ok {
		return s.files[at].known()
	}
	return s.record(name)
}
