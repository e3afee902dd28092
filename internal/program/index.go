package program

import (
	"cmp"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// fileIndex is what is looked up often in the facts of one file. It depends on that file alone, but for imports and
// bases, which are filled in once modules are known.
type fileIndex struct {
	test    bool
	imports []target
	calls   []fact.Expr
	returns scopeExprs
	yields  scopeExprs
	stores  []AttributeStore
	byClass []int32 // the stores to self, by class and then in their order
	classes *classes
	spots   spots
}

// spots are the places of a file at which collectors look, in the order of the source, so that each does not have to
// go through all the file for its few.
type spots struct {
	orderings []fact.Expr // comparisons by <, <=, > and >=
	locks     []fact.Expr // attributes of self that are named for a lock
	elements  []fact.Expr // attributes of which an element may be taken
	attempts  []fact.Stmt // try and with statements
	loops     []fact.Stmt // for loops
	items     []fact.Stmt // what with statements enter
	handlers  []fact.Stmt
	asserts   []fact.Stmt
	claims    []fact.Stmt // name: type = element[...]
}

func (s *spots) add(file *fact.File, at fact.Stmt) {
	switch st := &file.Stmts[at]; st.Kind {
	case fact.Try, fact.With:
		s.attempts = append(s.attempts, at)
	case fact.For:
		s.loops = append(s.loops, at)
	case fact.Item:
		s.items = append(s.items, at)
	case fact.Handler:
		s.handlers = append(s.handlers, at)
	case fact.Assert:
		s.asserts = append(s.asserts, at)
	case fact.AnnAssign:
		if file.Exprs[st.A].Kind == fact.Subscript {
			s.claims = append(s.claims, at)
		}
	}
}

// AttributeStore is one statement that binds an attribute: obj.name = value.
type AttributeStore struct {
	// Class is the class whose instance is stored to, where the object is the self of one of its methods; else
	// fact.NoScope.
	Class fact.Scope
	// Func is the function (or module, or class) whose code stores.
	Func   fact.Scope
	Name   fact.Str
	Target fact.Expr
	// Value is 0 where there is no single value: augmented assignment, loop and with targets, deletion.
	Value      fact.Expr
	Annotation fact.Expr
	Stmt       fact.Stmt
}

// scopeExprs lists expressions by the function they belong to, sorted by scope and then by position.
type scopeExprs []scopeExpr

type scopeExpr struct {
	scope fact.Scope
	expr  fact.Expr // what is returned or yielded, 0 for nothing
	at    fact.Expr // the yield expression itself; 0 for a return
}

// of gives the entries of one scope.
func (l scopeExprs) of(scope fact.Scope) []scopeExpr {
	first := sort.Search(len(l), func(i int) bool { return l[i].scope >= scope })
	end := first
	for end < len(l) && l[end].scope == scope {
		end++
	}
	return l[first:end]
}

func indexFile(file *fact.File, isTest func(string) bool) fileIndex {
	index := fileIndex{test: isTest(file.Path)}
	for e := fact.Expr(1); int(e) < len(file.Exprs); e++ {
		switch x := &file.Exprs[e]; x.Kind {
		case fact.Attr:
			if selfClass(file, x.A) != fact.NoScope && mayHoldLock(file.Text(x.Text)) {
				index.spots.locks = append(index.spots.locks, e)
			}
			if isLookedInto(file, e) {
				index.spots.elements = append(index.spots.elements, e)
			}
		case fact.Call:
			index.calls = append(index.calls, e)
		case fact.Yield:
			index.yields = append(index.yields, scopeExpr{file.Function(x.Scope), x.A, e})
		case fact.Compare:
			if isOrdering(x.Op) {
				index.spots.orderings = append(index.spots.orderings, e)
			}
		}
	}
	for s := fact.Stmt(1); int(s) < len(file.Stmts); s++ {
		index.spots.add(file, s)
		switch st := &file.Stmts[s]; st.Kind {
		case fact.Return:
			if st.A != 0 {
				index.returns = append(index.returns, scopeExpr{st.Scope, st.A, 0})
			}
		case fact.Assign:
			for _, target := range file.List(st.Targets) {
				index.store(file, s, target, st.A, 0)
			}
		case fact.AnnAssign:
			index.store(file, s, st.B, st.A, st.C)
		case fact.AugAssign, fact.For, fact.Item:
			index.store(file, s, st.B, 0, 0)
		case fact.Delete:
			for _, target := range file.List(st.Targets) {
				index.store(file, s, target, 0, 0)
			}
		}
	}
	sortByScope(index.returns)
	sortByScope(index.yields)
	index.sortStores()
	index.classes = &classes{}
	return index
}

func sortByScope(l scopeExprs) {
	slices.SortStableFunc(l, func(a, b scopeExpr) int { return cmp.Compare(a.scope, b.scope) })
}

func (index *fileIndex) sortStores() {
	for i := range index.stores {
		if index.stores[i].Class != fact.NoScope {
			index.byClass = append(index.byClass, int32(i))
		}
	}
	slices.SortStableFunc(index.byClass, func(a, b int32) int {
		return cmp.Compare(index.stores[a].Class, index.stores[b].Class)
	})
}

// storesTo gives the stores to the self of a class, as entries of stores.
func (index *fileIndex) storesTo(class fact.Scope) []int32 {
	first := sort.Search(len(index.byClass), func(i int) bool { return index.stores[index.byClass[i]].Class >= class })
	end := first
	for end < len(index.byClass) && index.stores[index.byClass[end]].Class == class {
		end++
	}
	return index.byClass[first:end]
}

// store records target where it is an attribute, and the parts of a tuple.
func (index *fileIndex) store(file *fact.File, s fact.Stmt, target, value, annotation fact.Expr) {
	x := &file.Exprs[target]
	switch x.Kind {
	case fact.Attr:
		index.stores = append(index.stores, AttributeStore{
			Class: selfClass(file, x.A), Func: file.Stmts[s].Scope, Name: x.Text,
			Target: target, Value: value, Annotation: annotation, Stmt: s,
		})
	case fact.Tuple, fact.ListDisplay:
		values := []fact.Expr(nil)
		if v := &file.Exprs[value]; v.Kind == fact.Tuple && v.Ops.Count == x.Ops.Count {
			values = file.List(v.Ops)
		}
		for i, part := range file.List(x.Ops) {
			if values != nil {
				index.store(file, s, part, values[i], 0)
			} else {
				index.store(file, s, part, 0, 0)
			}
		}
	case fact.Starred:
		index.store(file, s, x.A, 0, 0)
	}
}

// selfClass gives the class of which e is the self (or cls) of a method, also inside a function nested in the
// method; fact.NoScope for anything else.
func selfClass(file *fact.File, e fact.Expr) fact.Scope {
	x := &file.Exprs[e]
	if x.Kind != fact.Name || x.Sym == 0 {
		return fact.NoScope
	}
	return selfClassOf(file, x.Sym)
}

// selfClassOf is selfClass for a symbol.
func selfClassOf(file *fact.File, sym fact.Sym) fact.Scope {
	info := &file.Symbols[sym]
	if info.Flags&fact.BoundParam == 0 {
		return fact.NoScope
	}
	method := &file.Scopes[info.Scope]
	if method.Kind != fact.FunctionScope || method.Flags&fact.IsStatic != 0 || method.ParamCount == 0 {
		return fact.NoScope
	}
	if file.Params[method.FirstParam].Symbol != sym || file.Params[method.FirstParam].Kind > fact.Positional {
		return fact.NoScope
	}
	class := method.Parent
	if class != fact.NoScope && file.Scopes[class].Kind == fact.TypeScope {
		class = file.Scopes[class].Parent
	}
	if class == fact.NoScope || file.Scopes[class].Kind != fact.ClassScope {
		return fact.NoScope
	}
	return class
}

// isTestPath recognises the layouts that pytest and unittest find by default.
func isTestPath(file string) bool {
	base := path.Base(file)
	if strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") || base == "conftest.py" || base == "tests.py" {
		return true
	}
	for dir := path.Dir(file); dir != "." && dir != "/"; dir = path.Dir(dir) {
		switch path.Base(dir) {
		case "tests", "test", "testing", "_testing":
			return true
		}
	}
	return false
}
