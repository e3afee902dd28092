package engine

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// inventory is a tree before anything of it is understood: what there is, and the content of each file as far as it was
// needed to tell it from others.
type inventory struct {
	q       *Request
	listing *tree.Listing
	// files are the Python files, in the order of their paths.
	files []*file
	// scripts are the files of SQL statements, in the order of their paths.
	scripts []*file
	// records are the decision records.
	records *contract.Records
	// versions are the installed versions, notes what was assumed about them.
	versions map[string]string
	// written are the same with the places that say so; nil where the request gave the versions.
	written map[string]catalog.Version
	notes   []string
	// evidence is what runs of mutated comparisons have shown, as it lies in the tree; nil where there is none.
	evidence []byte
}

// file is one Python file of an inventory. Its text is read when somebody asks for it, and kept.
type file struct {
	entry tree.Entry
	// id tells its content from every other; empty where that is not known.
	id string

	once   sync.Once
	tree   tree.Tree
	max    int
	source *source.File
	err    error
}

// take lists a request's tree. Where contents have to be told apart, for the cache, files without an ID are read. base is
// the other side of a comparison, where that was taken already.
func take(ctx context.Context, q *Request, base *inventory) (*inventory, error) {
	policy := q.policyFiles()
	listing, err := q.list(ctx, base)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Tree.Name(), err)
	}
	v := &inventory{q: q, listing: listing, versions: q.Versions, evidence: readEvidence(ctx, q.Tree)}
	if v.records, err = v.readRecords(ctx); err != nil {
		return nil, err
	}
	for _, entry := range listing.Entries {
		switch f := (&file{entry: entry, id: entry.ID, tree: q.Tree, max: q.Config.MaxFileBytes}); {
		case isScript(entry.Path):
			f.max = maxScriptBytes
			v.scripts = append(v.scripts, f)
		case tree.Python(entry.Path) || !catalog.IsVersionFile(entry.Path) && !contract.Relevant(entry.Path, q.Config.Decisions) && !slices.Contains(policy, entry.Path):
			v.files = append(v.files, f)
		}
	}
	if v.versions == nil {
		v.findVersions(ctx)
	}
	if q.Cache == nil {
		return v, ctx.Err()
	}
	all := slices.Concat(v.files, v.scripts)
	stamps := q.stampsOf(len(all))
	err = each(ctx, len(all), q.Workers, func() struct{} { return struct{}{} }, func(_ struct{}, i int) { stamps.identify(ctx, all[i], i) })
	if err == nil {
		stamps.keep(q, all)
	}
	return v, err
}

// readRecords reads the decision records, from the tree or where the request has them.
func (v *inventory) readRecords(ctx context.Context) (*contract.Records, error) {
	if v.q.Records != nil {
		records, err := contract.Load(ctx, v.q.Records, v.q.Config.Decisions)
		if err != nil {
			return nil, err
		}
		records.Rebase(v.q.RecordsAt)
		return records, nil
	}
	return contract.Collect(ctx, v.q.Tree, v.listing, v.q.Config.Decisions)
}

// isRelevant reports whether a file says something about the program: source, SQL, installed versions.
func isRelevant(name string) bool {
	return tree.Python(name) || isScript(name) || catalog.IsVersionFile(name)
}

func isScript(name string) bool { return strings.HasSuffix(name, ".sql") }

// The limits of what is read of SQL: a file over the first is data rather than a schema.
const (
	maxScriptBytes  = 1 << 20
	maxScriptsBytes = 16 << 20
)

// statements reads the files of SQL statements. One that cannot be read declares nothing, which makes the judgement of
// writes more careful and not less.
func (v *inventory) statements(ctx context.Context) []program.Script {
	var all []program.Script
	left := maxScriptsBytes
	for _, f := range v.scripts {
		text, err := f.text(ctx)
		if err != nil {
			continue
		}
		if left -= len(text.Text); left < 0 {
			break
		}
		all = append(all, program.Script{Path: f.entry.Path, Text: text.Text})
	}
	return all
}

// identify finds out what tells the content from others.
func (f *file) identify(ctx context.Context) {
	if f.id != "" {
		return
	}
	if text, err := f.text(ctx); err == nil {
		sum := text.Hash()
		f.id = "sha256:" + hex.EncodeToString(sum[:])
	}
}

// text reads and decodes the file at the first call.
func (f *file) text(ctx context.Context) (*source.File, error) {
	f.once.Do(func() {
		raw, err := f.tree.Read(ctx, f.entry, f.max)
		if err == nil {
			f.source, err = source.New(f.entry.Path, raw, f.max)
		}
		f.err = err
	})
	return f.source, f.err
}

// known returns the text for those who show it: an empty one where it cannot be had any more.
func (f *file) known() *source.File {
	if text, err := f.text(context.Background()); err == nil {
		return text
	}
	return &source.File{Path: f.entry.Path}
}

// incomplete is the reason why the file cannot be read.
func (f *file) incomplete(err error) *finding.Incomplete {
	p := tree.ProblemOf(f.entry.Path, err)
	return &finding.Incomplete{Path: p.Path, Line: p.Line, Reason: p.Reason}
}

// maxVersionBytes bounds what is read of a lock file; the largest of public projects have some megabytes.
const maxVersionBytes = 64 << 20

// findVersions reads the lock files of the tree.
func (v *inventory) findVersions(ctx context.Context) {
	files := map[string][]byte{}
	for _, entry := range v.listing.Entries {
		if !catalog.IsVersionFile(entry.Path) {
			continue
		}
		raw, err := v.q.Tree.Read(ctx, entry, maxVersionBytes)
		if err != nil {
			v.notes = append(v.notes, "installed versions: "+entry.Path+": "+tree.ProblemOf(entry.Path, err).Reason)
			continue
		}
		files[entry.Path] = raw
	}
	found, faults := catalog.Versions(files)
	for _, fault := range faults {
		v.notes = append(v.notes, "installed versions: "+fault.Error())
	}
	if len(found) == 0 {
		v.notes = append(v.notes, "installed versions: none found, the newest of each library is assumed (--requirements FILE names them)")
	}
	v.written = found
	v.versions = catalog.Numbers(found)
}

// resolve gives the catalogue at the installed versions, with the rows of the configuration.
func (v *inventory) resolve() (*catalog.Resolved, error) {
	known := catalog.Builtin()
	if rows := v.q.Config.Catalog; len(rows) > 0 {
		extended, err := known.Extend(v.q.Config.File, rows)
		if err != nil {
			return nil, err
		}
		known = extended
	}
	return known.With(v.versions), nil
}

// parts are all that tells the inventory from another one, for a key; ok is false where a content is not known.
func (v *inventory) parts() (parts []string, ok bool) {
	if parts, ok = v.contents(); !ok {
		return nil, false
	}
	parts = append(parts, v.records.Identity(v.q.Today)...)
	return append(append(parts, "notes"), v.notes...), true
}

// contents are those parts that say what the program is.
func (v *inventory) contents() (parts []string, ok bool) {
	for _, f := range slices.Concat(v.files, v.scripts) {
		id := f.id
		if id == "" {
			if _, err := f.text(context.Background()); err == nil {
				return nil, false
			}
			id = "refused: " + f.incomplete(f.err).String()
		}
		parts = append(parts, f.entry.Path, id)
	}
	parts = append(parts, "versions")
	for _, name := range slices.Sorted(maps.Keys(v.versions)) {
		parts = append(parts, name, v.versions[name])
	}
	return append(parts, "evidence", string(v.evidence)), true
}
