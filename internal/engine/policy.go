package engine

import (
	"context"
	"path"
	"reflect"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// EditedPolicy is the rule that reports a change of what judges changes.
const EditedPolicy = "edited-policy"

// maxPolicyBytes bounds what is read of a configuration or baseline.
const maxPolicyBytes = 64 << 20

// policy reports where the change edits the options or the baseline. They hold from the next change on, as this one is
// judged by those of base; whoever reviews it should know.
func (d *difference) policy(ctx context.Context, base tree.Tree) []finding.Finding {
	var found []finding.Finding
	report := func(name, message string) {
		found = append(found, finding.Finding{Rule: EditedPolicy, Path: name, Message: message, Text: message})
	}
	for _, name := range []string{config.OwnFile, config.ProjectFile} {
		before, after := readPolicy(ctx, base, name), readPolicy(ctx, d.q.Tree, name)
		if string(before) == string(after) || reflect.DeepEqual(options(name, before), options(name, after)) {
			continue
		}
		report(name, "change edits the options of tiebeam in "+name+", which hold from the next change on")
	}
	if name := d.q.Config.Baseline; name != "" {
		name = path.Clean(name)
		if string(readPolicy(ctx, base, name)) != string(readPolicy(ctx, d.q.Tree, name)) {
			report(name, "change edits the baseline "+name+", which holds from the next change on")
		}
	}
	return found
}

// readPolicy reads one file of a tree, nil where there is none.
func readPolicy(ctx context.Context, from tree.Tree, name string) []byte {
	listing, err := from.List(ctx, func(path string) bool { return path == name })
	if err != nil {
		return nil
	}
	entry, ok := listing.Find(name)
	if !ok {
		return nil
	}
	raw, err := from.Read(ctx, entry, maxPolicyBytes)
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
