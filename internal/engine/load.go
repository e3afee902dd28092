package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Snapshot is one tree, read and linked. It is immutable.
type Snapshot struct {
	// Program joins the files that could be read.
	Program *program.Program
	// Sources are the texts of Program.Files, in the same order.
	Sources []*source.File
	// Incomplete are the files that could not be read, or not wholly.
	Incomplete []finding.Incomplete
	// Skipped says what discovery left out.
	Skipped []tree.Skip
	// Notes tell what was assumed.
	Notes []string

	listing *tree.Listing
	byPath  map[string]int
}

// Load reads and links the request's tree.
func Load(ctx context.Context, q *Request) (*Snapshot, error) {
	return load(ctx, q, nil)
}

// load may take over facts of the other side of a comparison, where a file has the same content.
func load(ctx context.Context, q *Request, other *Snapshot) (*Snapshot, error) {
	listing, err := q.Tree.List(ctx, func(name string) bool { return tree.Python(name) || catalog.IsVersionFile(name) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Tree.Name(), err)
	}
	s := &Snapshot{Skipped: listing.Skipped, listing: listing}
	for _, p := range listing.Problems {
		s.Incomplete = append(s.Incomplete, finding.Incomplete{Path: p.Path, Line: p.Line, Reason: p.Reason})
	}
	known, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	entries := slices.DeleteFunc(slices.Clone(listing.Entries), func(e tree.Entry) bool { return !tree.Python(e.Path) })
	read := make([]reading, len(entries))
	err = each(ctx, len(entries), q.Workers, extract.New, func(x *extract.Extractor, i int) {
		read[i] = readFile(ctx, q, x, entries[i], other)
	})
	if err != nil {
		return nil, err
	}
	s.gather(read)
	s.Program = program.Build(facts(read), known, program.Options{Workers: q.Workers, IsTest: tree.ParsePatterns("", strings.Join(q.Config.Tests, "\n")).Covers})
	return s, nil
}

// reading is what became of one file.
type reading struct {
	path       string
	source     *source.File
	facts      *fact.File
	incomplete *finding.Incomplete
}

// readFile takes one file from bytes to facts. A panic is a fault of ours; it costs this file and is told.
func readFile(ctx context.Context, q *Request, x *extract.Extractor, entry tree.Entry, other *Snapshot) (r reading) {
	r.path = entry.Path
	defer func() {
		if fault := recover(); fault != nil {
			r = reading{path: entry.Path, incomplete: &finding.Incomplete{Path: entry.Path, Reason: fmt.Sprintf("internal error, please report it: %v", fault)}}
		}
	}()
	if same, ok := other.sameAs(entry); ok {
		return same
	}
	raw, err := q.Tree.Read(ctx, entry, q.Config.MaxFileBytes)
	if err == nil {
		r.source, err = source.New(entry.Path, raw, q.Config.MaxFileBytes)
	}
	if err != nil {
		p := tree.ProblemOf(entry.Path, err)
		r.incomplete = &finding.Incomplete{Path: p.Path, Line: p.Line, Reason: p.Reason}
		return r
	}
	if same, ok := other.sameText(r.source); ok {
		return same
	}
	r.facts = x.Extract(entry.Path, r.source.Text)
	r.incomplete = syntaxProblem(r.source, r.facts)
	return r
}

// syntaxProblem reports the first place of a file that could not be read; the functions around it are judged all the
// same.
func syntaxProblem(file *source.File, facts *fact.File) *finding.Incomplete {
	if len(facts.Problems) == 0 {
		return nil
	}
	first := slices.MinFunc(facts.Problems, func(a, b fact.Problem) int { return cmp.Compare(a.Start, b.Start) })
	line, column := file.Position(first.Start)
	return &finding.Incomplete{Path: file.Path, Line: line, Column: column, Reason: facts.Text(first.Message)}
}

// gather keeps what could be read.
func (s *Snapshot) gather(read []reading) {
	s.byPath = make(map[string]int, len(read))
	for i := range read {
		if read[i].incomplete != nil {
			s.Incomplete = append(s.Incomplete, *read[i].incomplete)
		}
		if read[i].facts != nil {
			s.byPath[read[i].path] = len(s.Sources)
			s.Sources = append(s.Sources, read[i].source)
		}
	}
	s.Incomplete = finding.SortIncomplete(s.Incomplete)
}

func facts(read []reading) []*fact.File {
	files := make([]*fact.File, 0, len(read))
	for i := range read {
		if read[i].facts != nil {
			files = append(files, read[i].facts)
		}
	}
	return files
}

// sameAs finds what is known of an entry that the tree says has the same bytes as on this side.
func (s *Snapshot) sameAs(entry tree.Entry) (reading, bool) {
	if s == nil || entry.ID == "" {
		return reading{}, false
	}
	mine, ok := s.listing.Find(entry.Path)
	if !ok || mine.ID != entry.ID {
		return reading{}, false
	}
	return s.reading(entry.Path)
}

// sameText finds what is known of a file that turned out to have the same bytes as on this side.
func (s *Snapshot) sameText(file *source.File) (reading, bool) {
	if s == nil {
		return reading{}, false
	}
	at, ok := s.byPath[file.Path]
	if !ok || string(s.Sources[at].Raw()) != string(file.Raw()) {
		return reading{}, false
	}
	return s.reading(file.Path)
}

// reading gives the file as this side has read it.
func (s *Snapshot) reading(name string) (reading, bool) {
	at, ok := s.byPath[name]
	if !ok {
		return reading{}, false
	}
	r := reading{path: name, source: s.Sources[at], facts: s.Program.Files[at]}
	r.incomplete = syntaxProblem(r.source, r.facts)
	return r, true
}

// Find returns the file with a path, nil where it was not read.
func (s *Snapshot) Find(name string) *source.File {
	if at, ok := s.byPath[name]; ok {
		return s.Sources[at]
	}
	return nil
}

// resolve finds the installed versions and the catalogue at them.
func (s *Snapshot) resolve(ctx context.Context, q *Request) (*catalog.Resolved, error) {
	known := catalog.Builtin()
	if len(q.Config.Catalog) > 0 {
		extended, err := known.Extend(q.Config.File, q.Config.Catalog)
		if err != nil {
			return nil, err
		}
		known = extended
	}
	if q.Versions != nil {
		return known.With(q.Versions), nil
	}
	files := map[string][]byte{}
	for _, entry := range s.listing.Entries {
		if !catalog.IsVersionFile(entry.Path) {
			continue
		}
		raw, err := q.Tree.Read(ctx, entry, maxVersionBytes)
		if err != nil {
			s.Notes = append(s.Notes, "installed versions: "+entry.Path+": "+err.Error())
			continue
		}
		files[entry.Path] = raw
	}
	versions, faults := catalog.Versions(files)
	for _, fault := range faults {
		s.Notes = append(s.Notes, "installed versions: "+fault.Error())
	}
	if len(versions) == 0 {
		s.Notes = append(s.Notes, "installed versions: none found, the newest of each library is assumed (--requirements FILE names them)")
	}
	return known.With(catalog.Numbers(versions)), nil
}

// maxVersionBytes bounds what is read of a lock file; the largest of public projects have some megabytes.
const maxVersionBytes = 64 << 20
