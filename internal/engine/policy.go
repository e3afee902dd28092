package engine

import (
	"context"
	"path"
	"reflect"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/finding"
)

// EditedPolicy is the rule that reports a change of what judges changes.
const EditedPolicy = "edited-policy"

// maxPolicyBytes bounds what is read of a configuration or baseline.
const maxPolicyBytes = 64 << 20

// policyFiles are the files that may hold the options, and the baseline where there is one.
func (q *Request) policyFiles() []string {
	names := []string{config.OwnFile, config.ProjectFile}
	if q.Config.Baseline != "" {
		names = append(names, path.Clean(q.Config.Baseline))
	}
	return names
}

// policy reports where the change edits the options or the baseline. They hold from the next change on, as this one is
// judged by those of base; whoever reviews it should know.
func (d *difference) policy(ctx context.Context, before, after *inventory) []finding.Finding {
	var found []finding.Finding
	report := func(name, message string) {
		found = append(found, finding.Finding{Rule: EditedPolicy, Path: name, Message: message, Text: message})
	}
	for i, name := range d.q.policyFiles() {
		old, edited := before.readPolicy(ctx, name), after.readPolicy(ctx, name)
		switch isBaseline := i > 1; {
		case string(old) == string(edited):
		case isBaseline:
			report(name, "change edits the baseline "+name+", which holds from the next change on")
		case !reflect.DeepEqual(options(name, old), options(name, edited)):
			report(name, "change edits the options of tiebeam in "+name+", which hold from the next change on")
		}
	}
	return found
}

// readPolicy reads one file of the tree, nil where there is none.
func (v *inventory) readPolicy(ctx context.Context, name string) []byte {
	entry, ok := v.listing.Find(name)
	if !ok {
		return nil
	}
	raw, err := v.q.Tree.Read(ctx, entry, maxPolicyBytes)
	if err != nil {
		return nil
	}
	return raw
}

// options are those that a file gives: nil where it has none, and its fault where it cannot be read.
func options(name string, raw []byte) any {
	if raw == nil {
		return nil
	}
	found, err := config.Parse(name, raw, nil)
	switch {
	case err != nil:
		return err.Error()
	case found == nil:
		return nil
	}
	return *found
}
