package regress

import (
	"sort"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// source is one file of one snapshot with what the comparison has worked out about it. It is used by one goroutine.
type source struct {
	*fact.File
	p    *program.Program
	id   program.FileID
	eval *program.Eval

	texts  map[fact.Expr]string
	depth  int
	bodies []*body
	byName map[string]*body
}

func newSource(p *program.Program, id program.FileID) *source {
	s := &source{File: p.Files[id], p: p, id: id, eval: p.Eval(id), texts: map[fact.Expr]string{}, byName: map[string]*body{}}
	for scope := range s.Scopes {
		info := &s.Scopes[scope]
		switch info.Kind {
		case fact.ModuleScope, fact.ClassScope, fact.FunctionScope:
			s.addBody(fact.Scope(scope), info)
		}
	}
	return s
}

// addBody registers a body. Definitions of the same name (overloads, property setters, branches of an if) are told
// apart by their number.
func (s *source) addBody(scope fact.Scope, info *fact.ScopeInfo) {
	b := &body{source: s, scope: scope, kind: info.Kind, qualified: s.Text(info.Qualified), name: s.Text(info.Name)}
	key := b.qualified
	if info.Kind == fact.ClassScope {
		key += ":"
	}
	b.key = key
	for i := 2; s.byName[b.key] != nil; i++ {
		b.key = key + "#" + strconv.Itoa(i)
	}
	s.byName[b.key] = b
	s.bodies = append(s.bodies, b)
}

// classOf gives the body of the class a method is defined in; nil for other bodies.
func (s *source) classOf(b *body) *body {
	parent := s.Scopes[b.scope].Parent
	if b.kind != fact.FunctionScope || parent == fact.NoScope || s.Scopes[parent].Kind != fact.ClassScope {
		return nil
	}
	for _, class := range s.bodies {
		if class.scope == parent {
			return class
		}
	}
	return nil
}

// body is the code of a module, class or function without the functions and classes defined in it.
type body struct {
	*source
	scope     fact.Scope
	kind      fact.ScopeKind
	key       string // qualified name, ":" behind it for a class, "#2" for the second of a name
	qualified string
	name      string

	lowered bool
	atoms   []atom
	renamed map[string]string // what head calls the local names of this body of base

	calls []callRef
	names map[string]bool
}

// info gives the scope of the body.
func (b *body) info() *fact.ScopeInfo { return &b.Scopes[b.scope] }

// fn names the body for internal/program.
func (b *body) fn() program.Func { return program.Func{File: b.id, Scope: b.scope} }

// isTest says whether the body belongs to tests, examples or the build, whose guards are no guards of the program.
func (b *body) isTest() bool { return b.p.IsTest(b.id) || isAuxiliary(b.Path) }

// isAuxiliary says whether a file is run by its developers only.
func isAuxiliary(path string) bool {
	parts := strings.Split(path, "/")
	for _, dir := range parts[:len(parts)-1] {
		switch dir {
		case "test", "tests", "testing", "doc", "docs", "docs_src", "example", "examples", "benchmark", "benchmarks", "funtests", "t", "samples":
			return true
		}
	}
	switch parts[len(parts)-1] {
	case "setup.py", "noxfile.py", "conftest.py", "fabfile.py":
		return true
	}
	return false
}

// text gives the normal form of an expression, with the local names that head uses.
func (b *body) text(e fact.Expr) string { return rename(b.source.text(e), b.renamed) }

// decorators gives the texts of the decorators in order.
func (b *body) decorators() []string {
	var texts []string
	for _, d := range b.List(b.info().Decorators) {
		texts = append(texts, b.text(d))
	}
	return texts
}

// bases gives the texts of the base classes and class keywords in order.
func (b *body) bases() []string {
	var texts []string
	for _, e := range b.List(b.info().Arguments) {
		texts = append(texts, b.text(e))
	}
	return texts
}

// uses says whether the code of the body mentions the name.
func (b *body) uses(name string) bool {
	if b.names == nil {
		b.names = map[string]bool{}
		for i := range b.lower() {
			eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
				if x := &b.Exprs[e]; x.Kind == fact.Name {
					b.names[rename(b.Text(x.Text), b.renamed)] = true
				}
			})
		}
	}
	return b.names[name]
}

// namesUsed gives every name, attribute and keyword that the code of the body mentions.
func (b *body) namesUsed() map[string]bool {
	names := map[string]bool{}
	for i := range b.lower() {
		if b.atoms[i].kind == logAtom {
			continue
		}
		eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
			switch x := &b.Exprs[e]; x.Kind {
			case fact.Name, fact.Attr, fact.Keyword:
				names[rename(b.Text(x.Text), b.renamed)] = true
			}
		})
	}
	return names
}

// span is where a finding on the body as a whole stands: its name, or the first byte of the module.
func (b *body) span() fact.Span { return b.info().NameSpan }

// parameters gives the parameters in source order with the text of their defaults.
func (b *body) parameters() []parameter {
	var list []parameter
	for _, p := range b.ParamsOf(b.scope) {
		list = append(list, parameter{name: b.Text(p.Name), value: p.Default, text: b.text(p.Default), annotation: b.text(p.Annotation), span: p.Span})
	}
	return list
}

// parameter is one parameter of a function; text is empty where it has no default.
type parameter struct {
	name, text, annotation string
	value                  fact.Expr
	span                   fact.Span
}

func findParameter(list []parameter, name string) *parameter {
	for i := range list {
		if list[i].name == name {
			return &list[i]
		}
	}
	return nil
}

// eachExpr visits the expressions and everything below them, the bodies of lambdas included.
func eachExpr(s *source, exprs []fact.Expr, visit func(fact.Expr)) {
	for _, e := range exprs {
		s.Walk(e, func(e fact.Expr) bool {
			visit(e)
			if x := &s.Exprs[e]; x.Kind == fact.Lambda {
				eachExpr(s, []fact.Expr{s.Scopes[x.Inner].Value}, visit)
			}
			return true
		})
	}
}

// sortedKeys gives the keys of a set in order.
func sortedKeys[V any](set map[string]V) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
