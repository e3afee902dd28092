package engine

import (
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/source"
)

// suppressions collects the comments that speak to us, in the order of files and positions.
func (s *Snapshot) suppressions() []settle.Suppression {
	var all []settle.Suppression
	for id, file := range s.Program.Files {
		if slices.ContainsFunc(file.Comments, func(c fact.Comment) bool { return speaks(file, &c) }) {
			all = append(all, suppressionsOf(file, s.files[id].known())...)
		}
	}
	return all
}

func speaks(file *fact.File, comment *fact.Comment) bool {
	return strings.Contains(file.Text(comment.Text), "tiebeam:")
}

// suppressionsOf reads the comments of a file from the last to the first: comments that stand alone on neighbouring
// lines are a block, which speaks of the line below it.
func suppressionsOf(file *fact.File, text *source.File) []settle.Suppression {
	var all []settle.Suppression
	nextLine, nextTarget := 0, 0
	for i := len(file.Comments) - 1; i >= 0; i-- {
		comment := &file.Comments[i]
		line, _ := text.Position(comment.Start)
		target := line
		if comment.Alone {
			if target = line + 1; nextLine == target {
				target = nextTarget
			}
			nextLine, nextTarget = line, target
		}
		if !speaks(file, comment) {
			continue
		}
		rules, reason, ok := settle.ReadComment(file.Text(comment.Text))
		if !ok {
			continue
		}
		_, column := text.Position(comment.Start)
		_, end := text.Position(comment.End)
		all = append(all, settle.Suppression{
			Path: file.Path, Span: finding.Span{Start: comment.Start, End: comment.End},
			Line: line, Column: column, EndColumn: end, Above: comment.Alone, Target: target,
			Symbol: file.Symbol(scopeAt(file, spokenOf(text, comment, line))), Rules: rules, Reason: reason,
		})
	}
	slices.Reverse(all)
	return all
}

// spokenOf is the offset of the code on the line of a comment, as a comment behind the last statement of a function lies
// outside of it; of a comment that stands alone it is its own.
func spokenOf(text *source.File, comment *fact.Comment, line int) uint32 {
	if comment.Alone {
		return comment.Start
	}
	start, end := text.LineSpan(line)
	code := text.Slice(start, end)
	return start + uint32(len(code)-len(strings.TrimLeft(code, " \t\f")))
}

// scopeAt finds the innermost function or class around an offset. Scopes are in the order of their definition, so it is
// the last that begins before the offset, or one around that.
func scopeAt(file *fact.File, offset uint32) fact.Scope {
	found := fact.Scope(sort.Search(len(file.Scopes), func(i int) bool { return file.Scopes[i].Start > offset }) - 1)
	for found != 0 && found != fact.NoScope && offset >= file.Scopes[found].End {
		found = file.Scopes[found].Parent
	}
	if found == fact.NoScope {
		return 0
	}
	return found
}
