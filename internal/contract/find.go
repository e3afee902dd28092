package contract

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Conventional are the folders in which records are looked for where neither the configuration nor a file .adr-dir names
// one: those of MADR, adr-tools, log4brains and their neighbours.
var Conventional = []string{
	"docs/adr", "doc/adr", "docs/adrs", "docs/decisions", "doc/decisions", "docs/architecture/decisions", "doc/architecture/decisions", "adr",
}

// pointer is the file in which adr-tools keeps the folder of its records.
const pointer = ".adr-dir"

// Limits of what is read: a record is prose for people.
const (
	maxRecordBytes  = 1 << 20
	maxPointerBytes = 4 << 10
)

// Relevant reports whether Collect may want a path of the tree. Folders are those of the configuration, nil for convention.
func Relevant(name string, folders []string) bool {
	if len(folders) == 0 {
		if name == pointer {
			return true
		}
		folders = Conventional
	}
	return path.Ext(name) == ".md" && below(name, folders)
}

// Folders are where records may be: those of the configuration, else .adr-dir and the Conventional ones.
func Folders(configured []string) []string {
	if len(configured) > 0 {
		return slices.Clone(configured)
	}
	return append([]string{pointer}, Conventional...)
}

func below(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		folder = clean(folder)
		return folder == "" || strings.HasPrefix(name, folder+"/")
	})
}

func clean(folder string) string {
	if folder = path.Clean(strings.TrimSpace(folder)); folder == "." {
		return ""
	}
	return strings.TrimPrefix(folder, "./")
}

// Load reads the decision records of a tree. Folders are those of the configuration; nil means to look where the file
// .adr-dir says, else in the Conventional folders. What is wrong with a record is a Fault; the error is about the tree.
func Load(ctx context.Context, from tree.Tree, folders []string) (*Records, error) {
	listing, err := from.List(ctx, func(name string) bool { return Relevant(name, folders) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from.Name(), err)
	}
	return Collect(ctx, from, listing, folders)
}

// Collect is Load for who has listed the tree already, with everything that is Relevant.
func Collect(ctx context.Context, from tree.Tree, listing *tree.Listing, folders []string) (*Records, error) {
	r := &Records{sources: map[string]*source.File{}}
	if len(folders) == 0 {
		folders = Conventional
		if named := pointed(ctx, from, listing); named != "" {
			folders = []string{named}
			if !below(named+"/", Conventional) {
				again, err := from.List(ctx, func(name string) bool { return Relevant(name, folders) })
				if err != nil {
					return nil, fmt.Errorf("%s: %w", from.Name(), err)
				}
				listing = again
			}
		}
	}
	for _, entry := range listing.Entries {
		if path.Ext(entry.Path) != ".md" || !below(entry.Path, folders) {
			continue
		}
		raw, err := from.Read(ctx, entry, maxRecordBytes)
		if err != nil {
			problem := tree.ProblemOf(entry.Path, err)
			r.Faults = append(r.Faults, Fault{Path: entry.Path, Line: max(problem.Line, 1), Reason: problem.Reason})
			continue
		}
		r.add(entry.Path, raw)
	}
	r.findFolders()
	r.sort()
	return r, ctx.Err()
}

// pointed reads the folder that .adr-dir names, "" where there is no such file.
func pointed(ctx context.Context, from tree.Tree, listing *tree.Listing) string {
	entry, ok := listing.Find(pointer)
	if !ok {
		return ""
	}
	raw, err := from.Read(ctx, entry, maxPointerBytes)
	if err != nil {
		return ""
	}
	return clean(string(raw))
}

// fileName is what adr-tools, MADR and log4brains call a record: 0001-title.md, adr-001-title.md, 20200102-title.md.
var fileName = regexp.MustCompile(`^(?i:adr[-_ ]?)?([0-9]{1,8})(?:[-_. ].*)?\.md$`)

// add reads one file. A file without a number is no record: an index, a template. One that has contracts all the same is a
// mistake that would go unseen.
func (r *Records) add(name string, raw []byte) {
	file, err := source.New(name, raw, maxRecordBytes)
	if err != nil {
		problem := tree.ProblemOf(name, err)
		r.Faults = append(r.Faults, Fault{Path: name, Line: max(problem.Line, 1), Reason: problem.Reason})
		return
	}
	r.sources[name] = file
	document := readMarkdown(file)
	at := fileName.FindStringSubmatch(path.Base(name))
	if at == nil {
		if len(document.blocks) > 0 {
			r.Faults = append(r.Faults, Fault{
				Path: name, Line: document.blocks[0].line,
				Reason: "contracts stand in a file without a number, which is no decision record: name it such as 0001-title.md",
			})
		}
		return
	}
	number, err := strconv.Atoi(at[1])
	if err != nil { // eight digits fit
		return
	}
	record := &Record{Number: number, Label: at[1], Path: name, source: file}
	r.Faults = append(r.Faults, record.read(document)...)
	r.All = append(r.All, record)
}

// findFolders lists where records lie.
func (r *Records) findFolders() {
	for _, one := range r.All {
		if folder := path.Dir(one.Path); !slices.Contains(r.Folders, folder) {
			r.Folders = append(r.Folders, folder)
		}
	}
	slices.Sort(r.Folders)
}

// Identity is all that a judgement by the records depends on, for the key of a cache: their texts, and the day where an
// exemption ends by it.
func (r *Records) Identity(today time.Time) []string {
	parts := []string{"decisions"}
	for _, name := range slices.Sorted(maps.Keys(r.sources)) {
		sum := r.sources[name].Hash()
		parts = append(parts, name, hex.EncodeToString(sum[:]))
	}
	for i := range r.Faults {
		parts = append(parts, r.Faults[i].Error())
	}
	if slices.ContainsFunc(r.Clauses(), func(c *Clause) bool { return len(c.Except) > 0 }) {
		parts = append(parts, today.Format(day))
	}
	return parts
}

// Rebase puts a path before those of the records, for a tree that lies elsewhere than the code: "../".
func (r *Records) Rebase(before string) {
	sources := make(map[string]*source.File, len(r.sources))
	for name, file := range r.sources {
		sources[before+name] = file
	}
	r.sources = sources
	for _, one := range r.All {
		one.Path = before + one.Path
	}
	for i := range r.Faults {
		r.Faults[i].Path = before + r.Faults[i].Path
	}
	for i := range r.Folders {
		r.Folders[i] = before + r.Folders[i]
	}
}
