package settle

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/tiebeam/tiebeam/internal/finding"
)

// Baseline is what a project accepts: findings that were there on the day it was written. Entries are keyed on rule,
// path, symbol and the normalised text of the guard or site, so they survive moved lines; each accepts a number of
// findings. It is immutable after ParseBaseline.
type Baseline struct {
	entries []Entry
}

// Entries returns what the baseline accepts, nil of a nil baseline. The slice must not be changed.
func (b *Baseline) Entries() []Entry {
	if b == nil {
		return nil
	}
	return b.entries
}

// Entry accepts Count findings with the same key.
type Entry struct {
	Rule   string `json:"rule"`
	Guard  string `json:"guard,omitempty"`
	Path   string `json:"path"`
	Symbol string `json:"symbol"`
	Text   string `json:"text"`
	Count  int    `json:"count"`
}

// baselineVersion is the only version that there has been.
const baselineVersion = 1

// baselineFile is the shape of the file.
type baselineFile struct {
	Version int     `json:"version"`
	Tool    string  `json:"tool"`
	Entries []Entry `json:"entries"`
}

// Limits on what a baseline may hold. A file over them was not written by us.
const (
	maxBaselineBytes = 64 << 20
	maxCount         = 100_000
)

func (e *Entry) key() finding.Key {
	return finding.Key{Rule: e.Rule, Guard: e.Guard, Path: e.Path, Symbol: e.Symbol, Text: e.Text}
}

// ParseBaseline reads a baseline. A file with any fault is refused whole, as accepting the rest of a tampered or badly
// merged file would hide findings that nobody accepted.
func ParseBaseline(raw []byte) (*Baseline, error) {
	if len(raw) > maxBaselineBytes {
		return nil, fmt.Errorf("has %d bytes, more than the limit of %d", len(raw), maxBaselineBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var file baselineFile
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("is not a baseline%s: %w", mergeHint(raw), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has something after its end")
	}
	if file.Version != baselineVersion {
		return nil, fmt.Errorf("has version %d, expected %d", file.Version, baselineVersion)
	}
	seen := map[finding.Key]bool{}
	for i := range file.Entries {
		entry := &file.Entries[i]
		switch key := entry.key(); {
		case entry.Rule == "" || entry.Path == "":
			return nil, fmt.Errorf("entry %d lacks its rule or path", i+1)
		case entry.Count < 1 || entry.Count > maxCount:
			return nil, fmt.Errorf("entry %d has the count %d, expected 1 to %d", i+1, entry.Count, maxCount)
		case seen[key]:
			return nil, fmt.Errorf("entry %d is the same as an earlier one", i+1)
		default:
			seen[key] = true
		}
	}
	return &Baseline{entries: file.Entries}, nil
}

func mergeHint(raw []byte) string {
	if bytes.Contains(raw, []byte("<<<<<<<")) || bytes.Contains(raw, []byte(">>>>>>>")) {
		return " (it holds merge-conflict markers: write it again after the merge)"
	}
	return ""
}

// WriteBaseline writes the baseline that accepts the findings, in the order of their keys. Findings about suppressions
// and the baseline itself cannot be accepted and are left out.
func WriteBaseline(w io.Writer, all []finding.Finding) error {
	counts := map[finding.Key]int{}
	for i := range all {
		if !ownRules[all[i].Rule] {
			counts[finding.KeyOf(&all[i])]++
		}
	}
	file := baselineFile{Version: baselineVersion, Tool: "tiebeam", Entries: []Entry{}}
	for _, key := range slices.SortedFunc(maps.Keys(counts), compareKeys) {
		file.Entries = append(file.Entries, Entry{Rule: key.Rule, Guard: key.Guard, Path: key.Path, Symbol: key.Symbol, Text: key.Text, Count: counts[key]})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(file)
}

var ownRules = map[string]bool{
	UnexplainedSuppression: true, UnusedSuppression: true, UnknownSuppression: true, AddedSuppression: true,
	StaleBaseline: true, SwappedBaseline: true,
}

func compareKeys(a, b finding.Key) int {
	return cmp.Or(
		cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Guard, b.Guard),
		cmp.Compare(a.Symbol, b.Symbol), cmp.Compare(a.Text, b.Text),
	)
}

// accept takes away what the baseline holds and says which of its entries are stale or swapped.
func (in *Input) accept(all []finding.Finding, out *Output) (left, about []finding.Finding) {
	counts := map[finding.Key]int{}
	// moved holds the entries whose file is gone, as it was renamed or the function moved, by what else they say.
	moved := map[finding.Key][]finding.Key{}
	for i := range in.Baseline.entries {
		entry := &in.Baseline.entries[i]
		key := entry.key()
		counts[key] = entry.Count
		if in.Exists == nil || !in.Exists(entry.Path) {
			moved[placeless(key)] = append(moved[placeless(key)], key)
		}
	}
	take := func(f *finding.Finding) bool {
		key := finding.KeyOf(f)
		if ownRules[f.Rule] {
			return false
		}
		if counts[key] == 0 {
			from := moved[placeless(key)]
			for len(from) > 0 && counts[from[0]] == 0 {
				from = from[1:]
			}
			moved[placeless(key)] = from
			if len(from) == 0 {
				return false
			}
			key = from[0]
		}
		counts[key]--
		return true
	}
	for i := range all {
		if take(&all[i]) {
			out.Accepted++
			continue
		}
		left = append(left, all[i])
	}
	return left, in.stale(counts, left)
}

func placeless(key finding.Key) finding.Key {
	key.Path = ""
	return key
}

// stale reports what is left of the counts. Where the same function has a new finding of the same rule, the entry did
// not become unnecessary: one fault was exchanged for another, which the number of findings does not show.
func (in *Input) stale(counts map[finding.Key]int, left []finding.Finding) []finding.Finding {
	type site struct{ rule, path, symbol string }
	fresh := map[site]*finding.Finding{}
	for i := range left {
		f := &left[i]
		if at := (site{f.Rule, f.Path, f.Symbol}); fresh[at] == nil {
			fresh[at] = f
		}
	}
	var about []finding.Finding
	for i := range in.Baseline.entries {
		entry := &in.Baseline.entries[i]
		key := entry.key()
		if counts[key] == 0 || !in.Ran[entry.Rule] {
			continue
		}
		f := finding.Finding{
			Rule: StaleBaseline, Guard: entry.Guard, Path: in.BaselinePath, Severity: finding.Note, Line: 1, Column: 1, EndLine: 1, EndColumn: 1,
			Text:    entry.Rule + "|" + entry.Path + "|" + entry.Symbol + "|" + entry.Text,
			Message: fmt.Sprintf("baseline accepts %d more %s than there are in %s (%s)", counts[key], entry.Rule, where(entry), finding.OneLine(entry.Text)),
			Remedy:  "write the baseline again, so that the fault cannot come back unseen",
		}
		if next := fresh[site{entry.Rule, entry.Path, entry.Symbol}]; next != nil {
			f.Rule, f.Severity = SwappedBaseline, finding.Unset
			f.Message = fmt.Sprintf("baseline accepts %s in %s for another place than the one there is now (%s, now %s)", entry.Rule, where(entry), finding.OneLine(entry.Text), finding.OneLine(next.Text))
			f.Related = []finding.Related{{Place: finding.Place{Path: next.Path, Span: next.Span, Line: next.Line, Text: finding.OneLine(next.Text)}, Message: "not accepted"}}
		}
		about = append(about, f)
	}
	return about
}

func where(entry *Entry) string {
	if entry.Symbol == "" {
		return entry.Path
	}
	return entry.Path + ", " + entry.Symbol
}
