package review

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
)

// fileAt finds the file of a path, -1 where there is none.
func (s *Side) fileAt(path string) program.FileID {
	files := s.Program.Files
	at, ok := slices.BinarySearchFunc(files, path, func(f *fact.File, path string) int { return strings.Compare(f.Path, path) })
	if !ok {
		return -1
	}
	return program.FileID(at)
}

// function finds a function, class or module by its qualified name; ok is false where there is none.
func (s *Side) function(path, symbol string) (fn program.Func, ok bool) {
	file := s.fileAt(path)
	if file < 0 {
		return fn, false
	}
	if symbol == "" {
		return program.Func{File: file}, true
	}
	facts := s.Program.Files[file]
	for scope := range facts.Scopes {
		if info := &facts.Scopes[scope]; info.Kind <= fact.FunctionScope && facts.Text(info.Qualified) == symbol {
			return program.Func{File: file, Scope: fact.Scope(scope)}, true
		}
	}
	return fn, false
}

// named is the function, class or module that a scope belongs to.
func (s *Side) named(fn program.Func) program.Func {
	scopes := s.Program.Files[fn.File].Scopes
	for fn.Scope != 0 && scopes[fn.Scope].Kind != fact.FunctionScope && scopes[fn.Scope].Kind != fact.ClassScope {
		fn.Scope = scopes[fn.Scope].Parent
	}
	return fn
}

// code is the text of a function without its layout. Of a class or module it is nothing, as the statement that is asked
// about says enough and the rest is about other things.
func (s *Side) code(fn program.Func) string {
	info := &s.Program.Files[fn.File].Scopes[fn.Scope]
	if info.Kind != fact.FunctionScope {
		return ""
	}
	return finding.Normalise(s.Source(fn.File).Slice(info.Start, info.End))
}

// spot is a place as a checklist shows it.
func (s *Side) spot(at program.Place, fn program.Func) Spot {
	file := s.Source(at.File)
	line, _ := file.Position(at.Start)
	return Spot{
		Path: s.Program.Files[at.File].Path, Line: line, Symbol: s.Program.Symbol(fn),
		Text: finding.OneLine(file.Slice(at.Start, at.End)),
	}
}

// lineOf is the text of a whole line, without what stands around it.
func (s *Side) lineOf(path string, line int) string {
	file := s.fileAt(path)
	if file < 0 || line < 1 {
		return ""
	}
	source := s.Source(file)
	start, end := source.LineSpan(line)
	return strings.TrimSpace(source.Slice(start, end))
}

// shown is the code of a finding on one line: its line, or the whole of what it underlines where that is longer.
func (s *Side) shown(path string, line int, span finding.Span) string {
	text := s.lineOf(path, line)
	file := s.fileAt(path)
	if file < 0 {
		return text
	}
	source := s.Source(file)
	if last, _ := source.Position(max(span.Start, span.End-min(span.End, 1))); last > line && s.isSimple(file, span) {
		return finding.OneLine(source.Slice(span.Start, span.End))
	}
	return text
}

// isSimple reports whether a span is one statement or a part of one, rather than a block with others in it.
func (s *Side) isSimple(file program.FileID, span finding.Span) bool {
	facts := s.Program.Files[file]
	for i := range facts.Stmts {
		if st := &facts.Stmts[i]; i > 0 && st.Start <= span.Start && span.End <= st.End && st.Kind < fact.If {
			return true
		}
	}
	return false
}

// govern adds the decisions that bind a place to an item.
func (b *builder) govern(item *Item, path, symbol string, effect program.Effect, guard program.GuardKind) {
	at := contract.Place{Path: path, Symbol: symbol}
	if file := b.Head.fileAt(path); file >= 0 {
		at.Home = b.Head.Program.Home(file)
	}
	for _, clause := range b.Head.Records.Governing(at, effect, guard) {
		d := Decision{Path: clause.Record.Path, Line: clause.Line, Name: clause.Record.Name(), Status: clause.Record.Status.String(), Says: clause.Name}
		if !slices.Contains(item.Decisions, d) {
			item.Decisions = append(item.Decisions, d)
		}
	}
}

// about notes which function of head an item asks about.
func (b *builder) about(item *Item, fn program.Func) {
	fn = b.Head.named(fn)
	if slices.Contains(item.functions, fn) {
		return
	}
	item.functions = append(item.functions, fn)
	item.code = append(item.code, b.Head.code(fn))
	symbol := b.Head.Program.Symbol(fn)
	item.names = append(item.names, b.Head.Program.Files[fn.File].Path)
	if last := symbol[strings.LastIndexByte(symbol, '.')+1:]; last != "" {
		item.names = append(item.names, last)
	}
}
