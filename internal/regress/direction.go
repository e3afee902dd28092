package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// leastDirection is how many files of one part have to import another part before it counts as a direction that the
// program keeps. Below, nobody has decided anything: a single import either way is how two modules come to know each other.
const leastDirection = 3

// directions reports an import against the direction that base keeps: the two parts are siblings (packages, or modules
// beside them), several files of one import the other, and none of the other ever imported the one.
func (c *change) directions() {
	seen := map[[2]string]bool{}
	for id := range c.head.Files {
		file := program.FileID(id)
		path := c.head.Files[id].Path
		if c.identical[path] || c.head.IsTest(file) || isAuxiliary(path) || c.arrived(path) {
			continue
		}
		module, _ := program.ModulePath(path)
		for _, one := range c.head.Imported(file) {
			imported := &c.head.Files[id].Imports[one.Import]
			if one.Path == "" || imported.TypeChecking || !c.base.HasModule(one.Path) {
				continue
			}
			lower, upper, ok := siblings(module, one.Path)
			if !ok || seen[[2]string{lower, upper}] {
				continue
			}
			seen[[2]string{lower, upper}] = true
			if b, had := c.byPath[0][path]; had && c.base.ImportsBelow(b, upper) {
				continue // base knew this direction, by this very file
			}
			c.compareDirection(program.Place{File: file, Span: imported.Span}, lower, upper)
		}
	}
}

// arrived says whether a file of head was another one in base: it brought its imports along from where it was.
func (c *change) arrived(path string) bool {
	for _, to := range c.headPath {
		if to == path {
			_, had := c.byPath[0][path]
			return !had
		}
	}
	return false
}

// siblings gives the parts of the program that two modules belong to, below the innermost package that holds both; ok is
// false where one is that package or they are one part.
func siblings(from, to string) (lower, upper string, ok bool) {
	a, b := strings.Split(from, "/"), strings.Split(to, "/")
	shared := 0
	for shared < len(a) && shared < len(b) && a[shared] == b[shared] {
		shared++
	}
	if shared == len(a) || shared == len(b) {
		return "", "", false
	}
	return strings.Join(a[:shared+1], "/"), strings.Join(b[:shared+1], "/"), true
}

// compareDirection reports the import at a place of head by which lower comes to know upper, where in base only upper
// knew lower.
func (c *change) compareDirection(at program.Place, lower, upper string) {
	c.base.AskAll()
	var first program.Place
	counted := map[program.FileID]bool{}
	for id := range c.base.Files {
		file := program.FileID(id)
		module, _ := program.ModulePath(c.base.Files[id].Path)
		down, up := program.IsBelow(module, upper), program.IsBelow(module, lower)
		if !down && !up || c.base.IsTest(file) || isAuxiliary(c.base.Files[id].Path) {
			continue
		}
		for _, one := range c.base.Imported(file) {
			switch {
			case one.Path == "":
			case up && program.IsBelow(one.Path, upper):
				return
			case down && program.IsBelow(one.Path, lower):
				if first == (program.Place{}) {
					first = program.Place{File: file, Span: c.base.Files[id].Imports[one.Import].Span}
				}
				counted[file] = true
			}
		}
	}
	if len(counted) < leastDirection && !(len(counted) > 0 && isInner(lower) && isOuter(upper)) {
		return
	}
	fn := c.functionAt(at)
	c.losses = append(c.losses, Loss{
		Rule: Removed, Guard: program.Dependency, Shape: "direction", Func: fn, Symbol: c.head.Symbol(fn), At: at, Base: first, Confidence: 1,
		Message: fmt.Sprintf("%s imports %s, base knew only the other direction (%d files of %s import %s)",
			dotted(lower), dotted(upper), len(counted), dotted(upper), dotted(lower)),
		Key: lower + " -> " + upper,
	})
}

// isInner and isOuter say whether a part of the program is named for a layer that everybody agrees on: then one import shows
// the direction.
func isInner(part string) bool {
	switch lastFolder(part) {
	case "domain", "core", "entities", "model", "models":
		return true
	}
	return false
}

func isOuter(part string) bool {
	switch lastFolder(part) {
	case "api", "web", "views", "handlers", "routes", "routers", "controllers", "http", "cli", "ui", "presentation":
		return true
	}
	return false
}

func lastFolder(part string) string { return part[strings.LastIndexByte(part, '/')+1:] }

// functionAt gives the innermost function or class of head around a place.
func (c *change) functionAt(at program.Place) program.Func {
	facts := c.head.Files[at.File]
	inner := fact.Scope(0)
	for s := range facts.Scopes {
		if within(at.Span, facts.Scopes[s].Span) {
			inner = fact.Scope(s)
		}
	}
	return named(c.head, program.Func{File: at.File, Scope: inner})
}

// dotted is a module's path as people write it, without the folder that sources are kept in.
func dotted(module string) string {
	return strings.ReplaceAll(strings.TrimPrefix(module, "src/"), "/", ".")
}
