package engine

import (
	"context"
	"encoding/hex"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// readEvidence reads what `tiebeam boundary` left in a tree, nil where there is nothing. Its folder is no source and is
// not listed; a revision holds it only where it was committed, and then cannot be asked for it.
func readEvidence(ctx context.Context, from tree.Tree) []byte {
	raw, err := from.Read(ctx, tree.Entry{Path: evidence.Path}, evidence.MaxBytes)
	if err != nil {
		return nil
	}
	return raw
}

// tested gives the comparisons that the evidence proves for the files as they are. Evidence that cannot be read proves
// nothing.
func (s *Snapshot) tested(raw []byte) map[program.Place]string {
	if raw == nil {
		return nil
	}
	file, err := evidence.Parse(raw)
	if err != nil {
		return nil
	}
	found := map[program.Place]string{}
	for _, c := range file.Proven(s.Content) {
		at := program.Place{File: program.FileID(s.byPath[c.Path]), Span: fact.Span{Start: c.Start, End: c.End}}
		found[at] = c.Test()
	}
	return found
}

// Content gives the SHA-256 of a file of the snapshot in hexadecimal, empty where it was not read.
func (s *Snapshot) Content(path string) string {
	file := s.Find(path)
	if file == nil {
		return ""
	}
	sum := file.Hash()
	return hex.EncodeToString(sum[:])
}

// Settle makes a result of findings that were made elsewhere, from running code, for this snapshot: completed with lines,
// without what comments and the baseline accept, in order. What is wrong
// with a comment is told by `check`.
func (s *Snapshot) Settle(q *Request, found []finding.Finding, incomplete []finding.Incomplete) *Result {
	files := sources(nil, s)
	complete(found, files)
	in := q.settling(s, s.suppressions(), nil, found)
	in.Approved = func(*settle.Suppression) bool { return true }
	result := s.result(settle.Run(in), files)
	result.Incomplete = finding.SortIncomplete(append(result.Incomplete, incomplete...))
	return result
}
