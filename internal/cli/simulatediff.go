package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/simulate"
	guards "github.com/tiebeam/tiebeam/internal/simulate/code"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// weighed are the guards whose loss a simulation can tell, with the keys of a topology in which it shows.
var weighed = map[string][]string{
	"deadline":    {"deadline", "total"},
	"retry-bound": {"attempts", "total", "backoff", "factor", "jitter"},
	"fallback":    {"breaker.failures", "breaker.open", "fallback"},
	"bound":       {"connections", "fan", "at-once"},
}

// weigh adds to each guard that a change takes from a service what that costs: the topology played with the code of base
// and with that of head.
func (s *comparison) weigh(ctx context.Context, q *request, result *engine.Result) error {
	lost := func(f *finding.Finding) bool { return f.Base != nil && weighed[f.Guard] != nil }
	if s.topology == "" || !slices.ContainsFunc(result.Findings, func(f finding.Finding) bool { return lost(&f) }) {
		return nil
	}
	before, after, err := s.played(ctx, q)
	if err != nil {
		return err
	}
	was, is := outcomeOf(before), outcomeOf(after)
	for i := range result.Findings {
		f := &result.Findings[i]
		if !lost(f) {
			continue
		}
		for _, call := range changed(before, after, f) {
			f.Related = append(slices.Clone(f.Related), finding.Related{
				Place:   finding.Place{Path: s.topologyPath(), Line: max(call.Line, 1), Text: call.Path},
				Message: fmt.Sprintf("simulated before: %s; after: %s", was.Brief(before), is.Brief(after)),
			})
		}
	}
	return nil
}

// outcomeOf plays a topology with as many seeds as tell guards apart.
func outcomeOf(t *simulate.Topology) *simulate.Outcome {
	short := *t
	short.Runs = min(t.Runs, 5)
	short.Unknown = nil
	return simulate.Examine(&short, simulate.Options{}).Outcome
}

// topologyPath is the file as the report names paths: relative to the root.
func (s *comparison) topologyPath() string {
	if full, err := filepath.Abs(s.topology); err == nil && within(s.place.root, full) {
		if relative, err := filepath.Rel(s.place.root, full); err == nil {
			return filepath.ToSlash(relative)
		}
	}
	return filepath.ToSlash(s.topology)
}

// played reads the topology with the code of each side.
func (s *comparison) played(ctx context.Context, q *request) (before, after *simulate.Topology, err error) {
	if before, err = s.topologyOf(ctx, q, s.base); err == nil {
		after, err = s.topologyOf(ctx, q, s.head)
	}
	return before, after, err
}

func (s *comparison) topologyOf(ctx context.Context, q *request, side tree.Tree) (*simulate.Topology, error) {
	var code *guards.Reader
	return topology(s.topology, func(root string) (service, error) {
		full, err := filepath.Abs(root)
		if err != nil {
			return service{}, err
		}
		if !within(s.place.root, full) {
			return service{}, fmt.Errorf("the code in %s lies outside of what is compared (%s)", root, s.place.root)
		}
		relative, err := filepath.Rel(s.place.root, full)
		if err != nil {
			return service{}, err
		}
		if code == nil {
			of := *q.Request
			of.Tree = side
			snapshot, err := engine.Load(ctx, &of)
			if err != nil {
				return service{}, err
			}
			code = reader(snapshot)
		}
		return service{code, strings.TrimPrefix(filepath.ToSlash(relative), ".")}, nil
	})
}

// changed are the calls of the topology for which the code of the two sides says different things of the guard of a
// finding, in its file.
func changed(before, after *simulate.Topology, f *finding.Finding) []simulate.Reading {
	var calls []simulate.Reading
	for _, one := range slices.Concat(before.Read, after.Read) {
		if !slices.Contains(weighed[f.Guard], one.Key) || slices.ContainsFunc(calls, func(c simulate.Reading) bool { return c.Path == one.Path }) {
			continue
		}
		file, _, _ := strings.Cut(one.Where, ":")
		if (file == f.Path || file == f.Base.Path) && said(before, one.Path, one.Key) != said(after, one.Path, one.Key) {
			calls = append(calls, one)
		}
	}
	return calls
}

// said is what a topology has from the code of a call, under one key.
func said(t *simulate.Topology, path, key string) string {
	for _, one := range t.Read {
		if one.Path == path && one.Key == key {
			return cmp.Or(one.What, key)
		}
	}
	return ""
}
