package review

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// reaches gives those of some functions to which a chain of calls leads from a test: through functions of the program,
// fixtures that the test asks for by name, and requests to the route of a handler.
func (v *Verifier) reaches(test program.Func, targets []program.Func) []program.Func {
	r := &reaching{v: v, seen: map[program.Func]bool{test: true}, queue: []program.Func{test}}
	found := map[program.Func]bool{}
	for len(r.queue) > 0 {
		fn := r.queue[0]
		r.queue = r.queue[1:]
		for _, target := range targets {
			if r.is(fn, target) {
				found[target] = true
			}
		}
		r.follow(fn)
	}
	var reached []program.Func
	for _, target := range targets {
		if found[target] || v.requests(test, target) {
			reached = append(reached, target)
		}
	}
	return reached
}

// reaching is one search from a test.
type reaching struct {
	v     *Verifier
	seen  map[program.Func]bool
	queue []program.Func
}

// is reports whether running fn runs the target: the function itself, or any of a class; for a module, any function of it.
func (r *reaching) is(fn, target program.Func) bool {
	if fn == target {
		return true
	}
	facts := r.v.Head.Program.Files[target.File]
	if fn.File != target.File {
		return false
	}
	switch facts.Scopes[target.Scope].Kind {
	case fact.ModuleScope:
		return true
	case fact.ClassScope:
		return facts.Class(fn.Scope) == target.Scope
	}
	return false
}

func (r *reaching) add(fn program.Func) {
	if !r.seen[fn] {
		r.seen[fn] = true
		r.queue = append(r.queue, fn)
	}
}

// follow adds what a function calls, the functions inside it, and the fixtures that its parameters name.
func (r *reaching) follow(fn program.Func) {
	p := r.v.Head.Program
	facts := p.Files[fn.File]
	span := facts.Scopes[fn.Scope].Span
	for _, call := range p.Calls(fn.File) {
		x := &facts.Exprs[call.Expr]
		if x.Start < span.Start || x.End > span.End {
			continue
		}
		for _, target := range call.Targets {
			r.add(target)
		}
		if call.Class != (program.Func{}) {
			r.add(call.Class)
		}
	}
	if !p.IsTest(fn.File) {
		return
	}
	for _, param := range facts.ParamsOf(fn.Scope) {
		r.fixtures(facts.Text(param.Name), fn.File)
	}
}

// fixtures adds the functions of tests that have the name of a parameter and are decorated as fixtures: of the test's own
// file and of the conftest.py of the folders around it.
func (r *reaching) fixtures(name string, test program.FileID) {
	p := r.v.Head.Program
	for file, facts := range p.Files {
		id := program.FileID(file)
		dir, isShared := strings.CutSuffix(facts.Path, "conftest.py")
		if id != test && !(isShared && strings.HasPrefix(p.Files[test].Path, dir)) {
			continue
		}
		for s := range facts.Scopes {
			info := &facts.Scopes[s]
			if info.Kind == fact.FunctionScope && facts.Text(info.Name) == name && len(facts.List(info.Decorators)) > 0 {
				r.add(program.Func{File: id, Scope: fact.Scope(s)})
			}
		}
	}
}

// requests reports whether a test asks for the route of a handler: it holds a text that is the route's path, or ends in it.
func (v *Verifier) requests(test, handler program.Func) bool {
	route := v.route(handler)
	if len(route) == 0 {
		return false
	}
	facts := v.Head.Program.Files[test.File]
	span := facts.Scopes[test.Scope].Span
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if i == 0 || x.Start < span.Start || x.End > span.End {
			continue
		}
		if x.Kind == fact.StrConst && fits(route, segments(facts.Text(x.Text))) {
			return true
		}
		if x.Kind == fact.FString && fits(route, segments(pattern(facts, fact.Expr(i)))) {
			return true
		}
	}
	return false
}

// route gives the segments of the path that a decorator gives a handler; nil for none.
func (v *Verifier) route(handler program.Func) []string {
	facts := v.Head.Program.Files[handler.File]
	for _, d := range v.Head.Program.Decorators(handler) {
		args := facts.OperandsOf(d)
		if facts.Exprs[d].Kind != fact.Call || len(args) == 0 || facts.Exprs[args[0]].Kind != fact.StrConst {
			continue
		}
		if text := facts.Text(facts.Exprs[args[0]].Text); strings.HasPrefix(text, "/") {
			return segments(text)
		}
	}
	return nil
}

// pattern is the text of an f-string with "*" for what is put in.
func pattern(facts *fact.File, e fact.Expr) string {
	var out strings.Builder
	for _, part := range facts.OperandsOf(e) {
		if x := &facts.Exprs[part]; x.Kind == fact.StrConst {
			out.WriteString(facts.Text(x.Text))
		} else {
			out.WriteByte('*')
		}
	}
	return out.String()
}

// segments splits the path of a URL.
func segments(path string) []string {
	path, _, _ = strings.Cut(path, "?")
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	return slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
}

// fits reports whether a path ends in a route, as routers put prefixes before it. A segment in braces or angles stands for any.
func fits(route, path []string) bool {
	if len(path) < len(route) {
		return false
	}
	path = path[len(path)-len(route):]
	for i, segment := range route {
		if segment != path[i] && !strings.HasPrefix(segment, "{") && !strings.HasPrefix(segment, "<") && !strings.HasPrefix(segment, ":") {
			return false
		}
	}
	return true
}
