package program

import (
	"iter"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Enclosing yields the statements around s inside the same function, innermost first, s itself not included.
func Enclosing(file *fact.File, s fact.Stmt) iter.Seq[fact.Stmt] {
	return func(yield func(fact.Stmt) bool) {
		for s = file.Stmts[s].Parent; s != 0; s = file.Stmts[s].Parent {
			if !yield(s) {
				return
			}
		}
	}
}

// WithItems yields the context expressions entered around s in the same function, innermost first. For an
// expression inside a with item itself the items before it count as well.
func WithItems(file *fact.File, s fact.Stmt) iter.Seq[fact.Stmt] {
	return func(yield func(fact.Stmt) bool) {
		child := s
		for outer := file.Stmts[s].Parent; outer != 0; child, outer = outer, file.Stmts[outer].Parent {
			if file.Stmts[outer].Kind != fact.With {
				continue
			}
			var items []fact.Stmt
			for item := range file.Block(outer) {
				if item == child || file.Stmts[item].Kind != fact.Item {
					break
				}
				items = append(items, item)
			}
			for i := len(items) - 1; i >= 0; i-- {
				if !yield(items[i]) {
					return
				}
			}
		}
	}
}

// Loop gives the innermost loop around s inside the same function; 0 where there is none.
func Loop(file *fact.File, s fact.Stmt) fact.Stmt {
	for outer := range Enclosing(file, s) {
		if k := file.Stmts[outer].Kind; k == fact.For || k == fact.While {
			return outer
		}
	}
	return 0
}

// InBlock says whether s lies in a block of the kind (fact.Body, fact.Else, fact.Finally, fact.Handler) of the
// compound statement outer.
func InBlock(file *fact.File, s, outer fact.Stmt, kind fact.StmtKind) bool {
	child := s
	for p := range Enclosing(file, s) {
		if p == outer {
			return file.Stmts[child].Kind == kind
		}
		child = p
	}
	return false
}

// Handlers yields the handlers to which errors of s come in the same function: those of each try statement in whose body it
// stands, innermost first.
func Handlers(file *fact.File, s fact.Stmt) iter.Seq[fact.Stmt] {
	return func(yield func(fact.Stmt) bool) {
		for outer := range Enclosing(file, s) {
			if file.Stmts[outer].Kind != fact.Try || !InBlock(file, s, outer, fact.Body) {
				continue
			}
			for clause := range file.Block(outer) {
				if file.Stmts[clause].Kind == fact.Handler && !yield(clause) {
					return
				}
			}
		}
	}
}

// Decorators gives the decorator expressions of a function or class.
func (p *Program) Decorators(fn Func) []fact.Expr {
	file := p.Files[fn.File]
	return file.List(file.Scopes[fn.Scope].Decorators)
}

// IsAsync says whether fn is a coroutine function or asynchronous generator.
func (p *Program) IsAsync(fn Func) bool {
	scope := &p.Files[fn.File].Scopes[fn.Scope]
	return scope.Kind == fact.FunctionScope && scope.Flags&fact.Async != 0
}
