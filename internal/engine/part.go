package engine

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// part is a comparison that looks only at what the change can affect. It rests on what a run on all of base has left in
// the cache:
//
//	changed ─ Dependents → judged ─ Closure → loaded          the other files are paths without facts
//
// On both sides sites are found in the judged files only, which is all that can differ. Where that cannot be shown the
// comparison is made anew, on the whole.
type part struct {
	before, after *inventory
	known         *known
	// base are the files of base that can be read. sameIn gives for each the place in head of the file that is the same,
	// -1 where it changed.
	base   []*file
	sameIn []int
	// head are the files of head in order. sameAs gives for each the file of base that is the same, -1 for one that
	// changed or came.
	head   []*file
	sameAs []int
	// judged and loaded are by file of base.
	judged, loaded []bool
	// retries are the files of base in which a retry has to be looked for.
	retries []bool
	// facts are by file of base, as far as they were loaded.
	facts   []*fact.File
	indexes []*program.Index
	// whole is base, where all of it was loaded to find out what the change can affect.
	whole *Snapshot
	// aligned is true where files have the same numbers on both sides.
	aligned bool
}

// unknownBase is why there is no part where nothing is known of base.
const unknownBase = "as nothing is known of base yet"

// Limits of a part. Over them the whole is looked at, which then costs little more.
const (
	maxJudgedShare = 8 // one of so many files is judged
	maxLoadedShare = 3 // one of so many files is loaded
	maxAttempts    = 4 // to find out what has to be loaded
)

// findPart finds the part of two trees that a change can affect, and why that is not enough, "" where it is: p is nil where
// it is not known, and too much to be judged as a part where it is not nil.
// whole is base, where all of it was loaded, or else nil; known gives what is known of base.
func findPart(before, after *inventory, whole *Snapshot, known func() *known) (p *part, reason string) {
	if before.q.Whole {
		return nil, "as was asked for"
	}
	if len(before.files) < before.q.leastFiles() {
		return nil, "as they are few"
	}
	if !sameWorld(before, after) {
		return nil, "as installed versions or SQL scripts changed"
	}
	if bound(before, after) {
		return nil, "as decisions bind them"
	}
	k := known()
	if k == nil {
		return nil, unknownBase
	}
	p = &part{before: before, after: after, known: k, whole: whole}
	if !p.align() {
		return nil, "as what is known of base does not fit"
	}
	changed, modules, ok := p.changes()
	if !ok {
		return nil, "as modules came or went"
	}
	judged := k.Outline.Dependents(changed, modules)
	p.judged = make([]bool, len(p.base))
	for _, file := range judged {
		p.judged[file] = true
	}
	p.retries = slices.Clone(p.judged)
	retrying := k.Outline.Retries
	if k.Outline.IsSketch() {
		retrying = whole.Program.Retrying()
	}
	for _, file := range retrying {
		p.retries[file] = true
	}
	p.aligned = p.isAligned()
	if (whole == nil || k.Outline.IsSketch()) && len(judged)*maxJudgedShare > len(p.base)*before.q.shareFactor() {
		return p, "as " + text.Count(len(judged), "file") + " may depend on the change"
	}
	p.loaded = k.Outline.Closure(slices.Concat(judged, k.Outline.Declares))
	return p, ""
}

// align joins the files of base and head that are the same. It is false where the listing of base is not that of the
// outline, which the key rules out.
func (p *part) align() bool {
	readable := 0
	byPath := make(map[string]int, len(p.known.Paths))
	unread := map[string]string{} // of base
	for _, f := range p.before.files {
		if readable < len(p.known.Paths) && p.known.Paths[readable] == f.entry.Path {
			byPath[f.entry.Path] = readable
			p.base = append(p.base, f)
			readable++
			continue
		}
		unread[f.entry.Path] = f.id
	}
	p.sameIn = make([]int, len(p.base))
	for i := range p.sameIn {
		p.sameIn[i] = -1
	}
	for _, f := range p.after.files {
		at, there := byPath[f.entry.Path]
		same := there && f.id != "" && f.id == p.base[at].id
		if id, unreadable := unread[f.entry.Path]; unreadable && id != "" && id == f.id {
			continue
		}
		if !same {
			at = -1
		} else {
			p.sameIn[at] = len(p.head)
		}
		p.head = append(p.head, f)
		p.sameAs = append(p.sameAs, at)
	}
	return readable == len(p.known.Paths)
}

// isAligned says whether the readable files of both sides are at the same paths.
func (p *part) isAligned() bool {
	return slices.EqualFunc(p.base, p.head, func(a, b *file) bool { return a.entry.Path == b.entry.Path })
}

// changes gives the files of base that changed and the modules of all files that did, with those that came. It is false
// where files came or went in a way that may change what the imports of others mean.
func (p *part) changes() (changed []program.FileID, modules []string, ok bool) {
	dirs := map[string]int{}  // how many files of base lie directly in a folder
	names := map[string]int{} // how many files of both sides are one module
	for _, f := range p.base {
		dirs[path.Dir(f.entry.Path)]++
		names[program.ModuleOf(f.entry.Path)]++
	}
	inHead := map[string]bool{}
	var came, went []string
	for i, f := range p.head {
		if p.sameAs[i] < 0 {
			inHead[f.entry.Path] = true
			modules = append(modules, program.ModuleOf(f.entry.Path))
			if _, there := slices.BinarySearch(p.known.Paths, f.entry.Path); !there {
				came = append(came, f.entry.Path)
			}
		}
	}
	for i, f := range p.base {
		if p.sameIn[i] < 0 {
			changed = append(changed, program.FileID(i))
			modules = append(modules, program.ModuleOf(f.entry.Path))
			if !inHead[f.entry.Path] {
				went = append(went, f.entry.Path)
			}
		}
	}
	for _, name := range went {
		if dirs[path.Dir(name)]--; dirs[path.Dir(name)] == 0 || isPackageFile(name) || names[program.ModuleOf(name)] > 1 {
			return nil, nil, false
		}
	}
	for _, name := range came {
		module := program.ModuleOf(name)
		if dirs[path.Dir(name)] == 0 || isPackageFile(name) || names[module] > 0 || p.known.Outline.Names(module) {
			return nil, nil, false
		}
	}
	return changed, modules, true
}

// isPackageFile says whether a file makes its folder a package.
func isPackageFile(name string) bool { return strings.HasPrefix(path.Base(name), "__init__.") }

// snapshots loads both sides and joins them. ok is false where more is needed than may be loaded.
func (p *part) snapshots(ctx context.Context) (base, head *Snapshot, ok bool, err error) {
	for range maxAttempts {
		if p.isLarge() {
			break
		}
		if base, head, err = p.build(ctx); err != nil {
			return nil, nil, false, err
		}
		if len(base.files) != len(p.base) { // what the cache held of a file is gone
			break
		}
		more, whole := p.missing(base, head)
		if !more && !whole {
			return base, head, true, nil
		}
		if whole {
			break
		}
	}
	return nil, nil, false, nil
}

func (p *part) isLarge() bool {
	return p.whole == nil && p.count()*maxLoadedShare > len(p.base)*p.before.q.shareFactor()
}

// count is how many files are loaded.
func (p *part) count() (loaded int) {
	for _, is := range p.loaded {
		if is {
			loaded++
		}
	}
	return loaded
}

// missing adds to what is loaded what the sides lack.
func (p *part) missing(base, head *Snapshot) (more, whole bool) {
	var lacking []program.FileID
	ofBase, all := base.Program.Missing()
	ofHead, allHead := head.Program.Missing()
	lacking = append(lacking, ofBase...)
	for _, file := range ofHead {
		at := p.baseOf(head, file)
		if at < 0 {
			return false, true
		}
		lacking = append(lacking, program.FileID(at))
	}
	for file, is := range p.known.Outline.Closure(lacking) {
		p.loaded[file] = p.loaded[file] || is
	}
	return len(lacking) > 0, all || allHead
}

// baseOf is the file of base that is the same as one of head's program, -1 where there is none.
func (p *part) baseOf(head *Snapshot, file program.FileID) int {
	at, ok := slices.BinarySearch(p.known.Paths, head.Program.Files[file].Path)
	if !ok || p.sameIn[at] < 0 {
		return -1
	}
	return at
}

// inHead says whether a file of head is among some of base, or has changed.
func (p *part) inHead(head *Snapshot, among []bool) func(program.FileID) bool {
	return func(file program.FileID) bool {
		at := p.baseOf(head, file)
		return at < 0 || among[at]
	}
}

// build loads what is to be loaded and not yet is, and joins each side.
func (p *part) build(ctx context.Context) (base, head *Snapshot, err error) {
	if base, err = p.buildBase(ctx); err != nil {
		return nil, nil, err
	}
	head, err = p.buildHead(ctx, base, true)
	return base, head, err
}

// buildHead is build for head. Sites are found in what the change can affect only, or in all files.
func (p *part) buildHead(ctx context.Context, base *Snapshot, narrow bool) (*Snapshot, error) {
	head := p.after.snapshot()
	read := make([]reading, len(p.head))
	err := each(ctx, len(p.head), p.after.q.Workers, extract.New, func(x *extract.Extractor, i int) {
		if at := p.sameAs[i]; at >= 0 {
			read[i] = reading{file: p.head[i], facts: p.facts[at], index: base.indexes[at]}
			if narrow {
				return
			}
			read[i].incomplete = syntaxProblem(p.head[i], p.facts[at])
			return
		}
		read[i] = p.after.read(ctx, x, p.head[i], base)
	})
	if err != nil {
		return nil, err
	}
	facts := head.gather(read)
	how := program.Options{}
	if narrow {
		how.Judged = p.inHead(head, p.judged)
		how.Retries = p.inHead(head, p.retries)
	}
	if p.aligned && len(facts) == len(p.base) {
		// No other file looks into one that is judged, let alone changed.
		how.Like, how.Same = base.Program, func(file program.FileID) bool { return p.sameIn[file] >= 0 && !p.judged[file] }
	}
	return head, head.link(ctx, p.after, facts, how)
}

// wide gives all of head, where all of base is loaded.
func (p *part) wide(ctx context.Context, base *Snapshot) (*Snapshot, error) {
	p.facts = base.Program.Files
	return p.buildHead(ctx, base, false)
}

// buildBase is build for base, which is there already where all of it was loaded.
func (p *part) buildBase(ctx context.Context) (*Snapshot, error) {
	judged := func(file program.FileID) bool { return p.judged[file] }
	if p.whole != nil {
		p.whole.Program.Narrow(judged)
		p.facts = p.whole.Program.Files
		return p.whole, nil
	}
	if p.facts == nil {
		p.facts, p.indexes = make([]*fact.File, len(p.base)), make([]*program.Index, len(p.base))
		for i, f := range p.base {
			p.facts[i] = program.Absent(f.entry.Path)
		}
	}
	p.after.q.prepare(p.count())
	base := p.before.snapshot()
	read := make([]reading, len(p.base))
	err := each(ctx, len(p.base), p.before.q.Workers, extract.New, func(x *extract.Extractor, i int) {
		if read[i] = (reading{file: p.base[i], facts: p.facts[i], index: p.indexes[i]}); p.loaded[i] && !program.IsLoaded(p.facts[i]) {
			read[i] = p.before.read(ctx, x, p.base[i], nil)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range read {
		if read[i].facts != nil {
			p.facts[i], p.indexes[i] = read[i].facts, read[i].index
		}
	}
	retries := func(file program.FileID) bool { return p.retries[file] }
	return base, base.link(ctx, p.before, base.gather(read), program.Options{Judged: judged, Retries: retries})
}

// needed gives what of the cache a comparison like this one needs.
func (p *part) needed() needed {
	now := needed{Outline: p.known.key}
	for i, f := range p.base {
		if p.loaded[i] && f.id != "" {
			now.Facts = append(now.Facts, factsKey(f))
		}
	}
	return now
}

// spills says why the change may decide about sites that were not judged, "" where it does not.
func (p *part) spills(base, head *Snapshot) string {
	inBase := func(file program.FileID) bool { return p.judged[file] }
	inHead := p.inHead(head, p.judged)
	for _, reason := range []string{base.Program.Spills(inBase), head.Program.Spills(inHead)} {
		if reason != "" {
			return reason
		}
	}
	said := said{base: base.Program, head: head.Program, inBase: inBase, inHead: inHead}
	if p.known.Outline.IsSketch() {
		if !said.differs() {
			return "" // whatever was asked
		}
		if !p.ask() {
			return "as a fault hides what was asked"
		}
	}
	ofBase, ofHead := p.known.Outline.Asked, p.asksInHead(head)
	if !base.Program.AsksAbout(inBase, ofBase, nil) && !head.Program.AsksAbout(inHead, ofHead, nil) {
		return ""
	}
	if base.Program.AsksAbout(inBase, ofBase, said.altered(base.Program)) || head.Program.AsksAbout(inHead, ofHead, said.altered(head.Program)) {
		return "as a function that the change calls is judged by its callers"
	}
	return ""
}

// said is what the calls that judged files make of others say on both sides. Calls that say what they said leave every
// answer about callers as it was.
type said struct {
	base, head     *program.Program
	inBase, inHead func(program.FileID) bool
	before, after  map[program.Callee][]uint64
}

func (s *said) hear() {
	if s.before == nil {
		s.before, s.after = s.base.Influence(s.inBase), s.head.Influence(s.inHead)
	}
}

// altered gives which functions of a side are called in another way than on the other.
func (s *said) altered(of *program.Program) func(program.Func) bool {
	s.hear()
	return func(fn program.Func) bool {
		callee := of.CalleeOf(fn)
		return !slices.Equal(s.before[callee], s.after[callee])
	}
}

// differs says whether the calls may change an answer, whatever the question. Those of tests count as a whole.
func (s *said) differs() bool {
	if s.base.CallsFromTests(s.inBase) || s.head.CallsFromTests(s.inHead) {
		return true
	}
	s.hear()
	return !maps.EqualFunc(s.before, s.after, slices.Equal)
}

// ask finds out what was asked about callers by all sites of base, where only a sketch of that was known; ok is false where a
// fault of ours hides some.
func (p *part) ask() (ok bool) {
	p.whole.Program.Narrow(nil)
	p.whole.Program.Collect()
	known := p.whole.know()
	p.whole.Program.Narrow(func(file program.FileID) bool { return p.judged[file] })
	if known == nil {
		return false
	}
	p.known = known
	return true
}

// asksInHead gives the questions about callers with the numbers that files have in head. What concerns files that changed
// is left out: those are judged.
func (p *part) asksInHead(head *Snapshot) []program.Ask {
	ids := make([]program.FileID, len(p.base))
	for i, at := range p.sameIn {
		ids[i] = -1
		if at < 0 {
			continue
		}
		if id, ok := head.byPath[p.head[at].entry.Path]; ok {
			ids[i] = program.FileID(id)
		}
	}
	var asked []program.Ask
	for _, ask := range p.known.Outline.Asked {
		if ask.Root.File = ids[ask.Root.File]; ask.Root.File < 0 {
			continue
		}
		ask.End.File = ids[ask.End.File]
		for i, file := range ask.Through {
			if file >= 0 {
				ask.Through[i] = ids[file]
			}
		}
		asked = append(asked, ask)
	}
	return asked
}

// inPart judges a change by what it can affect; reason is why that is not enough, "" where it is.
func (d *difference) inPart(ctx context.Context, p *part) (found []finding.Finding, faults []finding.Incomplete, reason string, err error) {
	const tooMuch = "as too much has to be known of other files"
	var ok bool
	if d.base, d.head, ok, err = p.snapshots(ctx); !ok || err != nil {
		return nil, nil, tooMuch, err
	}
	if found, faults, err = d.judge(ctx); err != nil {
		return nil, nil, "", err
	}
	reason = p.spills(d.base, d.head)
	// Only now all questions were asked.
	if more, whole := p.missing(d.base, d.head); more || whole || len(faults) > 0 {
		return nil, nil, tooMuch, nil
	}
	return found, faults, reason, nil
}
