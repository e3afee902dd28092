package law_test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// packageName is what a package may be called: one lower-case word.
var packageName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// drawers are names under which anything may be put, and so nothing is found.
var drawers = []string{"util", "utils", "helper", "helpers", "common", "misc", "shared", "base", "lib"}

// TestPackages: each package has a name that says something and a comment that says what it is for.
func TestPackages(t *testing.T) {
	comments := map[string]string{}
	for _, f := range code(t) {
		name := f.syntax.Name.Name
		if !packageName.MatchString(name) || slices.Contains(drawers, name) {
			complain(t, "%s: package %s: a package is named by one lower-case noun for what it is about", f.path, name)
		}
		comments[f.folder()] += ""
		if f.syntax.Doc != nil {
			comments[f.folder()] += f.syntax.Doc.Text()
		}
	}
	for folder, text := range comments {
		start := "Package " + path.Base(folder) + " "
		if within(folder, "cmd", "tools") {
			start = "Command " + path.Base(folder) + " "
		}
		if !strings.HasPrefix(text, start) {
			complain(t, "%s has no comment that starts with %q: purpose, what it may import, its invariant, its entry point", folder, start)
		}
	}
}

// TestDocumented: whatever another package can use says what it is.
func TestDocumented(t *testing.T) {
	for _, f := range code(t) {
		if f.syntax.Name.Name == "main" {
			continue
		}
		for _, declared := range f.syntax.Decls {
			for _, name := range undocumented(declared) {
				complain(t, "%s:%d: %s is exported and has no comment that starts with its name", f.path, f.line(name.Pos()), name.Name)
			}
		}
	}
}

// undocumented gives the exported names of a declaration that have no comment of their own or of their group.
func undocumented(declared ast.Decl) []*ast.Ident {
	switch declared := declared.(type) {
	case *ast.FuncDecl:
		hidden := declared.Recv != nil && !ast.IsExported(receiver(declared))
		if declared.Name.IsExported() && !hidden && !starts(declared.Doc, declared.Name.Name) {
			return []*ast.Ident{declared.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range declared.Specs {
			names = append(names, undocumentedSpec(declared, spec)...)
		}
		return names
	}
	return nil
}

func undocumentedSpec(group *ast.GenDecl, spec ast.Spec) []*ast.Ident {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		// A group of types may be introduced once; a type on its own is named by its comment.
		introduced := starts(spec.Doc, spec.Name.Name) || (spec.Doc == nil && starts(group.Doc, spec.Name.Name)) ||
			(group.Lparen != token.NoPos && spec.Doc != nil)
		if spec.Name.IsExported() && !introduced {
			return []*ast.Ident{spec.Name}
		}
	case *ast.ValueSpec:
		if spec.Doc != nil || spec.Comment != nil || group.Doc != nil {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(spec.Names), func(name *ast.Ident) bool { return !name.IsExported() })
	}
	return nil
}

// starts reports whether a comment begins with the name, an article before it allowed.
func starts(comment *ast.CommentGroup, name string) bool {
	if comment == nil {
		return false
	}
	words := strings.Fields(comment.Text())
	if len(words) > 1 && slices.Contains([]string{"A", "An", "The"}, words[0]) {
		words = words[1:]
	}
	return len(words) > 1 && strings.Trim(words[0], ",.:") == name
}

// TestNothingLeftBehind: no comment says that something is still to be done.
func TestNothingLeftBehind(t *testing.T) {
	mark := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`)
	for _, f := range all(t) {
		for _, group := range f.syntax.Comments {
			for _, c := range group.List {
				if mark.MatchString(c.Text) {
					complain(t, "%s:%d: %s: what is left to do is an issue, which somebody sees, and not a comment", f.path, f.line(c.Pos()), c.Text)
				}
			}
		}
	}
}
