package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Scope says where a contract holds. Of each field that is given one pattern must fit; the zero Scope is everywhere.
type Scope struct {
	// Modules are single modules, Packages modules with everything below them.
	Modules, Packages []Pattern
	// Symbols are functions and classes with everything in them: "shop.http.Client.fetch".
	Symbols []Pattern
	// Libraries are the libraries through which the effect comes: "requests".
	Libraries []string
	// Routes are the paths of the routes in whose handler it is: "/orders/*".
	Routes []string
}

// scopeWords are the fields of a scope.
var scopeWords = []string{"module", "package", "symbol", "library", "route"}

func readScope(f *fields) Scope {
	var s Scope
	v, ok := f.values["scope"]
	if !ok {
		return s
	}
	inner, ok := f.y.fields(v.node, "scope")
	if !ok {
		return s
	}
	inner.known(scopeWords...)
	s.Modules, s.Packages, s.Symbols = inner.patterns("module"), inner.patterns("package"), inner.patterns("symbol")
	s.Libraries, s.Routes = inner.list("library"), inner.list("route")
	for _, route := range s.Routes {
		if _, err := path.Match(route, ""); err != nil {
			inner.fault("route", "%q is no pattern of a path", text.Visible(route))
		}
	}
	return s
}

// Place is a spot of code, as far as whoever asks knows it. Empty fields are not known and shut no contract out that says
// nothing of them.
type Place struct {
	// Path is the file's, relative to the root.
	Path string
	// Home is the import root of the file where the program knows it; empty makes every end of the path a module's name.
	Home string
	// Symbol is the qualified name inside the module; empty at module level.
	Symbol string
	// Library and Route are those of the effect.
	Library, Route string

	names []string
}

func (at *Place) modules() []string {
	if at.names == nil {
		at.names = possibleNames(at.Path)
	}
	return at.names
}

// symbols are the dotted names of the place's symbol.
func (at *Place) symbols() []string {
	names := at.modules()
	if at.Symbol == "" {
		return names
	}
	all := make([]string, 0, len(names))
	for _, name := range names {
		all = append(all, name+"."+at.Symbol)
	}
	return all
}

// covers says whether the scope holds at a place.
func (s *Scope) covers(at *Place) bool {
	switch {
	case s.Modules != nil && !matches(s.Modules, at.modules()),
		s.Packages != nil && !covers(s.Packages, at.modules()),
		s.Symbols != nil && !covers(s.Symbols, at.symbols()),
		s.Libraries != nil && !slices.Contains(s.Libraries, at.Library),
		s.Routes != nil && !slices.ContainsFunc(s.Routes, func(r string) bool { return matchRoute(r, at.Route) }):
		return false
	}
	return true
}

// matches says whether one of the patterns is one of the names.
func matches(patterns []Pattern, names []string) bool {
	return slices.ContainsFunc(patterns, func(p Pattern) bool { return slices.ContainsFunc(names, p.Matches) })
}

// matchRoute compares the path of a route with a pattern: "*" stands for one segment, "/**" at the end for any more.
func matchRoute(pattern, route string) bool {
	if route == "" {
		return false
	}
	if start, ok := strings.CutSuffix(pattern, "/**"); ok {
		segments := strings.Count(start, "/")
		parts := strings.SplitAfterN(route, "/", segments+2)
		route, pattern = strings.TrimSuffix(strings.Join(parts[:min(len(parts), segments+1)], ""), "/"), start
	}
	ok, err := path.Match(pattern, route)
	return err == nil && ok
}

// words gives the scope as the end of a sentence.
func (s *Scope) words() string {
	out := ""
	for _, part := range []struct {
		before string
		list   string
	}{
		{" in module ", list(s.Modules)}, {" in ", list(s.Packages)}, {" in ", list(s.Symbols)},
		{" through ", strings.Join(s.Libraries, ", ")}, {" of route ", strings.Join(s.Routes, ", ")},
	} {
		if part.list != "" {
			out += part.before + part.list
		}
	}
	return out
}
