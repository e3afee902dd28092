package engine

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/source"
)

// remembered is a result without what can be had again.
type remembered struct {
	Findings             []finding.Finding
	Incomplete           []finding.Incomplete
	Suppressed, Accepted int
	Files                int
	Notes                []string // those that do not come from the inventory
}

// resultKey names a result by all that it depends on besides the build of the program; ok is false where something of
// that is not known. What was listed and skipped is part of it through the files and is listed anew each time.
func (v *inventory) resultKey(rules []*rule.Rule) (key cache.Key, ok bool) {
	q := v.q
	if q.Cache == nil {
		return key, false
	}
	parts, ok := v.parts()
	if !ok {
		return key, false
	}
	options, err := json.Marshal(q.Config)
	if err != nil {
		return key, false
	}
	settled, err := json.Marshal([]any{q.Baseline.Entries(), q.BaselinePath, v.listing.Problems})
	if err != nil {
		return key, false
	}
	parts = append(parts, "options", string(options), string(settled), fmt.Sprint(q.Strict), "rules")
	for _, r := range rules {
		parts = append(parts, r.Name)
	}
	return cache.KeyOf(append([]string{"check"}, parts...)...), true
}

// recall finds a result that was remembered.
func (v *inventory) recall(key cache.Key) *Result {
	encoded, ok := v.q.Cache.Get(key)
	if !ok {
		return nil
	}
	var found remembered
	if err := gob.NewDecoder(bytes.NewReader(encoded)).Decode(&found); err != nil {
		return nil
	}
	byPath := make(map[string]*file, len(v.files))
	for _, f := range v.files {
		byPath[f.entry.Path] = f
	}
	return &Result{
		Findings: found.Findings, Incomplete: found.Incomplete, Suppressed: found.Suppressed, Accepted: found.Accepted,
		Files: found.Files, Skipped: v.listing.Skipped, Notes: append(slices.Clip(v.notes), found.Notes...),
		Source: func(_ finding.Side, path string) *source.File {
			if f := byPath[path]; f != nil {
				if text, err := f.text(context.Background()); err == nil {
					return text
				}
			}
			return v.records.Source(path)
		},
	}
}

// remember stores a result.
func (v *inventory) remember(key cache.Key, r *Result) {
	var encoded bytes.Buffer
	err := gob.NewEncoder(&encoded).Encode(remembered{r.Findings, r.Incomplete, r.Suppressed, r.Accepted, r.Files, r.Notes[min(len(v.notes), len(r.Notes)):]})
	if err == nil {
		v.q.Cache.Put(key, encoded.Bytes())
	}
}
