package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/regress"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Diff judges a change: what it removes or weakens, and what it adds without a guard. The request's tree is the head;
// its configuration and baseline should be those of base, so that a change cannot approve itself, and for the same
// reason only those suppressions count that base has as well.
func Diff(ctx context.Context, base tree.Tree, q *Request) (*Result, error) {
	defer q.Ahead.Stop()
	d := &difference{q: q, rules: q.selected(true)}
	return d.run(ctx, base)
}

func (d *difference) run(ctx context.Context, base tree.Tree) (*Result, error) {
	before, after, err := d.take(ctx, base)
	if err != nil {
		return nil, err
	}
	found, faults, err := d.compare(ctx, before, after)
	if err != nil {
		return nil, err
	}
	if d.runs(EditedPolicy) {
		found = append(append(found, d.policy(ctx, before, after)...), d.loosened()...)
	}
	files := sources(d.base, d.head)
	complete(found, files)
	in := d.q.settling(d.head, d.head.suppressions(), d.rules, found)
	in.Approved = d.approved()
	// What base has as well is not reported, so no suppression or entry of the baseline can be said to be unused here.
	in.Ran = nil
	result := d.head.result(settle.Run(in), files)
	result.Incomplete = finding.SortIncomplete(append(d.incomplete(), faults...))
	result.Repaired = d.repaired(files)
	return result, nil
}

// take lists both sides: a revision by what differs from base, and otherwise both at once, as most of that is waiting for
// git and for the disk.
func (d *difference) take(ctx context.Context, base tree.Tree) (before, after *inventory, err error) {
	q := d.q
	of := Request{
		Tree: base, Config: q.Config, Versions: q.Versions, Workers: q.Workers, Cache: q.Cache, Ahead: q.Ahead, Now: q.Now, Progress: q.Progress,
		Prepare: q.Prepare, Whole: q.Whole, anyPart: q.anyPart,
	}
	if _, ok := q.Tree.(*tree.Revision); ok {
		if before, err = take(ctx, &of, nil); err == nil {
			after, err = take(ctx, q, before)
		}
		return before, after, err
	}
	var failed error
	var group sync.WaitGroup
	group.Go(func() { before, failed = take(ctx, &of, nil) })
	after, err = take(ctx, q, nil)
	group.Wait()
	if failed != nil {
		return nil, nil, failed
	}
	return before, after, err
}

// compare judges the change: by what it can affect, where that is known and little, or else on the whole of both sides.
func (d *difference) compare(ctx context.Context, before, after *inventory) ([]finding.Finding, []finding.Incomplete, error) {
	p, reason := findPart(before, after, nil, before.outline)
	if reason == unknownBase {
		var err error
		if p, reason, err = d.learnBase(ctx, before, after); err != nil {
			return nil, nil, err
		}
	}
	if reason == "" {
		var found []finding.Finding
		var faults []finding.Incomplete
		var err error
		if found, faults, reason, err = d.inPart(ctx, p); err != nil || reason == "" {
			if err == nil {
				d.q.Ahead.keep(p.needed())
			}
			return found, faults, err
		}
	}
	d.q.begin("comparing all files, " + reason)
	if err := d.loadBase(ctx, before); err != nil {
		return nil, nil, err
	}
	var err error
	if p != nil {
		d.head, err = p.wide(ctx, d.whole)
	} else {
		d.head, err = after.load(ctx, d.whole)
	}
	if err != nil {
		return nil, nil, err
	}
	found, faults, err := d.judge(ctx)
	if err == nil && len(faults) == 0 {
		before.keepOutline(d.base)
		after.keepOutline(d.head)
	}
	return found, faults, err
}

// loadBase makes all of base the base of the comparison, once.
func (d *difference) loadBase(ctx context.Context, before *inventory) (err error) {
	if d.whole == nil {
		d.whole, err = before.load(ctx, nil)
	} else {
		d.whole.Program.Narrow(nil)
	}
	d.base = d.whole
	return err
}

// learnBase finds the part of two trees that a change can affect where nothing is known of base yet: all of that is
// loaded, and head by what differs. Where nothing is kept for later comparisons, sites are looked for only as far as needed.
func (d *difference) learnBase(ctx context.Context, before, after *inventory) (*part, string, error) {
	if err := d.loadBase(ctx, before); err != nil {
		return nil, "", err
	}
	if _, keeps := before.outlineKey(); !keeps {
		if p, reason := findPart(before, after, d.base, d.base.sketch); reason == "" {
			return p, "", nil
		}
	}
	d.base.Program.Collect()
	p, reason := findPart(before, after, d.base, func() *known { return before.learn(d.base) })
	return p, reason, nil
}

// difference is a change under judgement.
type difference struct {
	q          *Request
	base, head *Snapshot
	whole      *Snapshot // base, where all of it was loaded
	rules      []*rule.Rule
	match      *regress.Correspondence
}

// judge compares the two programs and asks the rules what is new.
func (d *difference) judge(ctx context.Context) ([]finding.Finding, []finding.Incomplete, error) {
	var found []finding.Finding
	d.q.begin("comparing")
	var group sync.WaitGroup // in parts, few files have sites
	group.Go(d.base.Program.Collect)
	d.head.Program.Collect()
	group.Wait()
	d.bind()
	d.match = regress.Match(d.base.Program, d.head.Program, regress.Options{Unchanged: d.unchanged})
	losses := d.match.Losses()
	for i := range losses {
		if d.runs(losses[i].Rule) {
			found = append(found, d.loss(&losses[i]))
		}
	}
	added, faults, err := d.added(ctx, losses)
	if err != nil {
		return nil, nil, err
	}
	found = append(append(found, added...), d.head.remarks(d.base)...)
	return d.decisions(found), faults, nil
}

// runs reports whether a rule of the comparison was chosen.
func (d *difference) runs(name string) bool {
	return slices.ContainsFunc(d.rules, func(r *rule.Rule) bool { return r.Name == name })
}

// unchanged reports whether a path has the same content on both sides. The sides share the facts of such files.
func (d *difference) unchanged(path string) bool {
	before, ok := d.base.byPath[path]
	after, has := d.head.byPath[path]
	return ok && has && d.base.Program.Files[before] == d.head.Program.Files[after]
}

// loss turns a lost guard into a finding.
func (d *difference) loss(l *regress.Loss) finding.Finding {
	f := finding.Finding{
		Rule: l.Rule, Guard: string(l.Guard), Path: d.head.path(l.At), Span: span(l.At.Span), Symbol: l.Symbol,
		Message: l.Message, Text: l.Key,
	}
	f.Match = &finding.Match{Confidence: math.Round(100*l.Confidence) / 100}
	if l.Moved {
		f.Match.Path, f.Match.Symbol = d.base.Program.Files[l.Was.File].Path, d.base.Program.Symbol(l.Was)
	}
	if l.Base.Span != (fact.Span{}) {
		f.Base = d.base.place(finding.Base, l.Base)
	}
	if l.Cause.Span != (fact.Span{}) && l.Cause != l.At {
		f.Cause = d.head.place(finding.Head, l.Cause)
	}
	if l.Library != "" {
		f.Cause = d.installed(l.Library)
	}
	for _, step := range l.Related {
		f.Related = append(f.Related, finding.Related{Place: *d.head.place(finding.Head, step.At), Message: step.Text})
	}
	return f
}

// installed is the place in head's lock file that changes the version of a library; nil where no file says it.
func (d *difference) installed(library string) *finding.Place {
	before, after := d.base.written[library], d.head.written[library]
	if after.File == "" {
		return nil
	}
	written := func(v catalog.Version) string { return cmp.Or(strings.TrimPrefix(v.Written, "=="), "no version") }
	return &finding.Place{
		Side: finding.Head, Path: after.File, Line: after.Line,
		Text: fmt.Sprintf("%s %s, base had %s", library, written(after), written(before)),
	}
}

// approved reports whether base has the same suppression, in the same file or where that was renamed from. Each of base
// approves of one in head.
func (d *difference) approved() func(s *settle.Suppression) bool {
	type key struct{ path, rules, reason string }
	keyOf := func(s *settle.Suppression, path string) key { return key{path, strings.Join(s.Rules, ","), s.Reason} }
	have := map[key]int{}
	old := d.base.suppressions()
	for i := range old {
		have[keyOf(&old[i], d.match.Path(old[i].Path))]++
	}
	return func(s *settle.Suppression) bool {
		k := keyOf(s, s.Path)
		have[k]--
		return have[k] >= 0
	}
}

// incomplete lists what of the change could not be judged. What base could not read either, and the change does not
// touch, is no news; a changed file that base has broken hides what it may have lost.
func (d *difference) incomplete() []finding.Incomplete {
	old := map[finding.Incomplete]bool{}
	for _, i := range d.base.Incomplete {
		old[i] = true
	}
	var all []finding.Incomplete
	broken := map[string]bool{}
	for _, i := range d.head.Incomplete {
		broken[i.Path] = true
		if !old[i] || !d.same(i.Path) {
			all = append(all, i)
		}
	}
	for _, i := range d.base.Incomplete {
		if _, there := d.head.listing.Find(i.Path); there && !broken[i.Path] && !d.same(i.Path) {
			i.Reason = "in base: " + i.Reason
			all = append(all, i)
		}
	}
	return all
}

// same reports whether a file that one side could not read is the same on both.
func (d *difference) same(path string) bool {
	if d.unchanged(path) {
		return true
	}
	before, ok := d.base.listing.Find(path)
	after, has := d.head.listing.Find(path)
	_, readBefore := d.base.byPath[path]
	_, readAfter := d.head.byPath[path]
	return ok == has && readBefore == readAfter && !readBefore && before.ID == after.ID
}
