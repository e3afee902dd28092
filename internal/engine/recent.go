package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// recent is what a check of all files leaves for the next one of the same tree, when some files have changed: that one
// judges what the change can affect, and takes the rest from here.
type recent struct {
	// Files and IDs are all Python files and what tells their contents from others.
	Files, IDs []string
	// Known is what is known of the tree, flat.
	Known []byte
	// Findings are as the rules reported them, before they are settled.
	Findings     []finding.Finding
	Suppressions []settle.Suppression
	// Incomplete are the files that could not be read, or not wholly.
	Incomplete []finding.Incomplete
}

// recentKey names what the last check of a tree left, by the tree and all that it depends on but the contents of Python files.
// ok is false where that is not known, contracts bind the files, or there are so few that all are judged in less time.
func (v *inventory) recentKey(rules []*rule.Rule) (key cache.Key, ok bool) {
	world, known := v.world()
	if v.q.Cache == nil || v.q.Whole || !known || len(v.records.Clauses()) > 0 || len(v.files) < v.q.leastFiles() {
		return key, false
	}
	options, err := json.Marshal(v.q.Config)
	if err != nil {
		return key, false
	}
	parts := []string{"recent", v.q.Tree.Name(), v.q.RecordsAt, world, string(options), fmt.Sprint(v.q.Strict), "rules"}
	for _, r := range rules {
		parts = append(parts, r.Name)
	}
	parts = append(append(parts, "records"), v.records.Identity(time.Time{})...)
	return cache.KeyOf(parts...), true
}

// leave stores what the next check of the tree can begin with.
func (v *inventory) leave(s *Snapshot, rules []*rule.Rule, found []finding.Finding) {
	key, ok := v.recentKey(rules)
	if !ok {
		return
	}
	known := s.know()
	if known == nil {
		return
	}
	r := recent{Known: known.flat(), Findings: found, Suppressions: s.suppressions()}
	own := make(map[string]bool, len(v.files))
	for _, f := range v.files {
		r.Files, r.IDs = append(r.Files, f.entry.Path), append(r.IDs, f.id)
		own[f.entry.Path] = true
	}
	for _, i := range s.Incomplete {
		if own[i.Path] {
			r.Incomplete = append(r.Incomplete, i)
		}
	}
	var encoded bytes.Buffer
	if gob.NewEncoder(&encoded).Encode(&r) == nil {
		v.q.Cache.Put(key, encoded.Bytes())
	}
}

// recent finds what the last check of the tree left, nil where that is nothing or no longer of use.
func (v *inventory) recent(rules []*rule.Rule) (*recent, *known) {
	key, ok := v.recentKey(rules)
	if !ok {
		return nil, nil
	}
	encoded, ok := v.q.Cache.Get(key)
	if !ok {
		return nil, nil
	}
	r := &recent{}
	if gob.NewDecoder(bytes.NewReader(encoded)).Decode(r) != nil || len(r.Files) != len(r.IDs) {
		return nil, nil
	}
	return r, unflatKnown(string(r.Known))
}

// before is the tree that the check saw: its files by what the cache keeps of them.
func (r *recent) before(now *inventory) *inventory {
	old := &inventory{
		q: now.q, listing: now.listing, records: now.records, versions: now.versions, written: now.written,
		evidence: now.evidence, scripts: now.scripts,
	}
	for i, path := range r.Files {
		old.files = append(old.files, &file{
			entry: tree.Entry{Path: path, ID: r.IDs[i]}, id: r.IDs[i], tree: tree.Memory(nil), max: now.q.Config.MaxFileBytes,
		})
	}
	return old
}

// checkPart judges what a change since the last check can affect. It is nil where that is unknown or too much.
func (v *inventory) checkPart(ctx context.Context, rules []*rule.Rule) (*Result, error) {
	r, k := v.recent(rules)
	if k == nil {
		return nil, nil
	}
	p, reason := findPart(r.before(v), v, nil, func() *known { return k })
	if reason != "" {
		return nil, nil
	}
	base, head, ok, err := p.snapshots(ctx)
	if !ok || err != nil {
		return nil, err
	}
	found, faults, err := judge(ctx, v.q, head, rules)
	if err != nil || len(faults) > 0 {
		return nil, err
	}
	then, faults, err := judge(ctx, v.q, base, rules)
	if err != nil || len(faults) > 0 {
		return nil, err
	}
	if p.spills(base, head) != "" || !p.sameOutside(then, found) {
		return nil, nil
	}
	if more, whole := p.missing(base, head); more || whole { // only now all questions were asked
		return nil, nil
	}
	return v.settlePart(r, p, head, rules, found), nil
}

// sameOutside says whether the findings that stand in files which are not judged are the same on both sides. A finding may
// stand where a guard is written that a site of another file has, and be told once for several sites.
func (p *part) sameOutside(then, now []finding.Finding) bool {
	outside := func(all []finding.Finding) (texts []string) {
		for i := range all {
			if !p.judges(all[i].Path) {
				texts = append(texts, fmt.Sprintf("%+v", all[i]))
			}
		}
		slices.Sort(texts)
		return texts
	}
	return slices.Equal(outside(then), outside(now))
}

// judges says whether a path is that of a judged file.
func (p *part) judges(path string) bool {
	at, ok := slices.BinarySearch(p.known.Paths, path)
	return !ok || p.judged[at]
}

// settlePart puts together what was found anew and what holds still.
func (v *inventory) settlePart(r *recent, p *part, head *Snapshot, rules []*rule.Rule, found []finding.Finding) *Result {
	found = slices.DeleteFunc(found, func(f finding.Finding) bool { return !p.judges(f.Path) })
	for i := range r.Findings {
		// What stands in a decision record is told of no file.
		if _, known := slices.BinarySearch(p.known.Paths, r.Findings[i].Path); !known || !p.judges(r.Findings[i].Path) {
			found = append(found, r.Findings[i])
		}
	}
	unchanged := p.unchanged()
	suppressions := slices.DeleteFunc(head.suppressions(), func(s settle.Suppression) bool { return unchanged[s.Path] })
	for _, s := range r.Suppressions {
		if unchanged[s.Path] {
			suppressions = append(suppressions, s)
		}
	}
	slices.SortStableFunc(suppressions, func(a, b settle.Suppression) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Span.Start, b.Span.Start))
	})
	for _, i := range r.Incomplete {
		if unchanged[i.Path] {
			head.Incomplete = append(head.Incomplete, i)
		}
	}
	head.Incomplete = finding.SortIncomplete(head.Incomplete)
	files := sources(nil, head)
	complete(found, files)
	return head.result(settle.Run(v.q.settling(head, suppressions, rules, found)), files)
}

// unchanged gives the paths whose files are the same on both sides, also those that cannot be read.
func (p *part) unchanged() map[string]bool {
	old := make(map[string]string, len(p.before.files))
	for _, f := range p.before.files {
		old[f.entry.Path] = f.id
	}
	same := make(map[string]bool, len(p.after.files))
	for _, f := range p.after.files {
		if f.id != "" && old[f.entry.Path] == f.id {
			same[f.entry.Path] = true
		}
	}
	return same
}
