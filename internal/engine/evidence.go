package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/text"
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

// believe gives the comparisons of which the evidence says for the files as they are that a test notices a change of them,
// or that none does. What is said of files as they were is not used, and told. Evidence that cannot be read says nothing.
func (s *Snapshot) believe(raw []byte) (tested, unnoticed map[program.Place]string) {
	if raw == nil {
		return nil, nil
	}
	file, err := evidence.Parse(raw)
	if err != nil {
		s.Notes = append(slices.Clip(s.Notes), err.Error()+": it is not used")
		return nil, nil
	}
	place := func(c *evidence.Comparison) program.Place {
		return program.Place{File: program.FileID(s.byPath[c.Path]), Span: fact.Span{Start: c.Start, End: c.End}}
	}
	tested, unnoticed = map[program.Place]string{}, map[program.Place]string{}
	for _, c := range file.Proven(s.Content) {
		tested[place(&c)] = c.Test()
	}
	suite := s.Suite()
	for _, c := range file.Unnoticed(s.Content, suite) {
		unnoticed[place(&c)] = c.Survivors()
	}
	if stale := file.Stale(s.Content, suite); stale > 0 {
		s.Notes = append(slices.Clip(s.Notes), fmt.Sprintf("%s: what it shows of %s is not used, as the code has changed since: run `tiebeam boundary` again",
			evidence.Path, text.Count(stale, "comparison")))
	}
	return tested, unnoticed
}

// Suite names the content of all files of the snapshot.
func (s *Snapshot) Suite() string {
	sum := sha256.New()
	for _, file := range s.files {
		fmt.Fprintln(sum, file.entry.Path, s.Content(file.entry.Path))
	}
	return hex.EncodeToString(sum.Sum(nil))[:24]
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
