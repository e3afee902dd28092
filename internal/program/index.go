package program

import (
	"cmp"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Index is what is looked up often in the facts of one file, found in one pass over it. It depends on that file alone and
// is best made while the facts are new, as they are then still in the processor's cache.
type Index struct {
	calls   []fact.Expr
	returns scopeExprs
	yields  scopeExprs
	stores  []AttributeStore
	byClass []int32 // the stores to self, by class and then in their order
	spots   spots
}

// fileIndex is the index of a file of a program with what depends on the others.
type fileIndex struct {
	*Index
	test    bool
	imports []target
	classes *classes
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
	makers    []fact.Sym  // names of the module that may hold a lock
	schema    []fact.Str  // statements that declare tables or indexes
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

// drafts are indexes in the making, which keep their room from file to file.
var drafts = sync.Pool{New: func() any { return new(Index) }}

// NewIndex indexes the facts of a file, which must not change afterwards. It may be called by many goroutines at once.
// Cost: linear in the facts.
func NewIndex(file *fact.File) *Index {
	draft := drafts.Get().(*Index)
	defer drafts.Put(draft)
	draft.clear()
	for e := fact.Expr(1); int(e) < len(file.Exprs); e++ {
		draft.expr(file, e)
	}
	for s := fact.Stmt(1); int(s) < len(file.Stmts); s++ {
		draft.stmt(file, s)
	}
	draft.names(file)
	sortByScope(draft.returns)
	sortByScope(draft.yields)
	draft.sortStores()
	return draft.clone()
}

// clear empties all lists, which keep their room.
func (index *Index) clear() {
	s := &index.spots
	*index = Index{
		calls: index.calls[:0], returns: index.returns[:0], yields: index.yields[:0], stores: index.stores[:0], byClass: index.byClass[:0],
		spots: spots{
			orderings: s.orderings[:0], locks: s.locks[:0], elements: s.elements[:0], attempts: s.attempts[:0], loops: s.loops[:0],
			items: s.items[:0], handlers: s.handlers[:0], asserts: s.asserts[:0], claims: s.claims[:0], makers: s.makers[:0],
			schema: s.schema[:0],
		},
	}
}

// clone copies the lists into as few allocations as they have kinds.
func (index *Index) clone() *Index {
	s := &index.spots
	exprs := make([]fact.Expr, 0, len(index.calls)+len(s.orderings)+len(s.locks)+len(s.elements))
	stmts := make([]fact.Stmt, 0, len(s.attempts)+len(s.loops)+len(s.items)+len(s.handlers)+len(s.asserts)+len(s.claims))
	scoped := make(scopeExprs, 0, len(index.returns)+len(index.yields))
	return &Index{
		calls: take(&exprs, index.calls), returns: take(&scoped, index.returns), yields: take(&scoped, index.yields),
		stores: slices.Clone(index.stores), byClass: slices.Clone(index.byClass),
		spots: spots{
			orderings: take(&exprs, s.orderings), locks: take(&exprs, s.locks), elements: take(&exprs, s.elements),
			attempts: take(&stmts, s.attempts), loops: take(&stmts, s.loops), items: take(&stmts, s.items),
			handlers: take(&stmts, s.handlers), asserts: take(&stmts, s.asserts), claims: take(&stmts, s.claims),
			makers: slices.Clone(s.makers), schema: slices.Clone(s.schema),
		},
	}
}

// take copies a list to the end of room, which must be large enough, and gives the copy.
func take[S ~[]E, E any](room *S, list S) S {
	first := len(*room)
	*room = append(*room, list...)
	return (*room)[first:len(*room):len(*room)]
}

// expr notes an expression.
func (index *Index) expr(file *fact.File, e fact.Expr) {
	s := &index.spots
	switch x := &file.Exprs[e]; x.Kind {
	case fact.Attr:
		if selfClass(file, x.A) != fact.NoScope && mayHoldLock(file.Text(x.Text)) {
			s.locks = append(s.locks, e)
		}
		if isLookedInto(file, e) {
			s.elements = append(s.elements, e)
		}
	case fact.Call:
		index.calls = append(index.calls, e)
	case fact.Yield:
		index.yields = append(index.yields, scopeExpr{file.Function(x.Scope), x.A, e})
	case fact.Compare:
		if isOrdering(x.Op) {
			s.orderings = append(s.orderings, e)
		}
	}
}

// stmt notes a statement.
func (index *Index) stmt(file *fact.File, at fact.Stmt) {
	s := &index.spots
	switch st := &file.Stmts[at]; st.Kind {
	case fact.Return:
		if st.A != 0 {
			index.returns = append(index.returns, scopeExpr{st.Scope, st.A, 0})
		}
	case fact.Assign:
		for _, target := range file.List(st.Targets) {
			index.store(file, at, target, st.A, 0)
		}
	case fact.AnnAssign:
		index.store(file, at, st.B, st.A, st.C)
		if file.Exprs[st.A].Kind == fact.Subscript {
			s.claims = append(s.claims, at)
		}
	case fact.AugAssign:
		index.store(file, at, st.B, 0, 0)
	case fact.Delete:
		for _, target := range file.List(st.Targets) {
			index.store(file, at, target, 0, 0)
		}
	case fact.For:
		index.store(file, at, st.B, 0, 0)
		s.loops = append(s.loops, at)
	case fact.Item:
		index.store(file, at, st.B, 0, 0)
		s.items = append(s.items, at)
	case fact.Try, fact.With:
		s.attempts = append(s.attempts, at)
	case fact.Handler:
		s.handlers = append(s.handlers, at)
	case fact.Assert:
		s.asserts = append(s.asserts, at)
	}
}

// names notes the names of the module that may hold a lock, and the strings that declare a part of a schema.
func (index *Index) names(file *fact.File) {
	if len(file.Scopes) == 0 {
		return
	}
	for i, info := range file.SymbolsOf(0) {
		def := &file.Defs[info.FirstDef]
		if info.DefCount == 1 && makesPlain(file, def.Value) || namesLock(file.Text(info.Name)) {
			index.spots.makers = append(index.spots.makers, file.Scopes[0].FirstSym+fact.Sym(i))
		}
	}
	for i, text := range file.Strings {
		if len(text) >= len("CREATE TABLE a(b UNIQUE)") && declares(text) {
			index.spots.schema = append(index.spots.schema, fact.Str(i))
		}
	}
}

func sortByScope(l scopeExprs) {
	slices.SortStableFunc(l, func(a, b scopeExpr) int { return cmp.Compare(a.scope, b.scope) })
}

func (index *Index) sortStores() {
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
func (index *Index) storesTo(class fact.Scope) []int32 {
	first := sort.Search(len(index.byClass), func(i int) bool { return index.stores[index.byClass[i]].Class >= class })
	end := first
	for end < len(index.byClass) && index.stores[index.byClass[end]].Class == class {
		end++
	}
	return index.byClass[first:end]
}

// store records target where it is an attribute, and the parts of a tuple.
func (index *Index) store(file *fact.File, s fact.Stmt, target, value, annotation fact.Expr) {
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

// onlyNamedTest says whether a file that stands beside the source and ends in "_test" holds no test: it is about tests of
// something (models/connection_test.py).
func onlyNamedTest(facts *fact.File) bool {
	base := path.Base(facts.Path)
	if !IsLoaded(facts) || !strings.HasSuffix(base, "_test.py") || strings.HasPrefix(base, "test_") || isTestPath(path.Dir(facts.Path)+"/x.py") {
		return false
	}
	return !slices.ContainsFunc(facts.Scopes, func(s fact.ScopeInfo) bool {
		name := strings.ToLower(facts.Text(s.Name))
		return s.Kind == fact.FunctionScope && (strings.HasPrefix(name, "test") || name == "setup") || s.Kind == fact.ClassScope && (strings.HasPrefix(name, "test") || strings.HasSuffix(name, "test") || strings.HasSuffix(name, "tests") || strings.HasSuffix(name, "testcase"))
	})
}

// isTestPath recognises the layouts that pytest and unittest find by default.
func isTestPath(file string) bool {
	base := path.Base(file)
	if strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") || base == "conftest.py" || base == "test.py" || base == "tests.py" || base == "testing.py" {
		return true
	}
	if base == "environment.py" && path.Base(path.Dir(file)) == "features" {
		return true // of behave, as the steps
	}
	for dir := path.Dir(file); dir != "." && dir != "/"; dir = path.Dir(dir) {
		switch path.Base(dir) {
		case "tests", "test", "testing", "_testing":
			return true
		case "steps":
			if path.Base(path.Dir(dir)) == "features" {
				return true
			}
		}
	}
	return false
}
