package catalog

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// words that name a class without being a path of the catalogue
var specialClasses = []string{"", "self", "argument"}

// TestEveryRowIsValid reads all data files: each row has a source, known words and fields, and every class it mentions
// is a row of the catalogue or declared opaque by its library.
func TestEveryRowIsValid(t *testing.T) {
	c := Builtin()
	newest := c.With(nil)
	for _, lib := range c.Libraries() {
		rows, err := lib.entries(c)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if lib.Name == "" || lib.Checked == "" || lib.Source == "" || len(lib.Imports) == 0 {
			t.Errorf("%s: name, imports, checked and source are required", lib.file)
		}
		if len(rows) == 0 {
			t.Errorf("%s: has no rows", lib.file)
		}
		for _, row := range rows {
			for _, err := range row.check() {
				t.Errorf("%s: %v", lib.file, err)
			}
			if home := c.home(row.Path); home != lib {
				t.Errorf("%s: row %q is outside the modules %v", lib.file, row.Path, lib.Imports)
			}
			for _, class := range mentioned(row) {
				if !known(newest, lib, class) {
					t.Errorf("%s: row %q mentions %q: no row, and not declared opaque", lib.file, row.Path, class)
				}
			}
		}
		for from, to := range lib.Homes {
			if c.home(to) == nil {
				t.Errorf("%s: homes: %q leads to %q, of which nothing is known", lib.file, from, to)
			}
		}
	}
}

// TestNoRowHidesAnother finds two rows for one path and one version, of which one would be dead.
func TestNoRowHidesAnother(t *testing.T) {
	c := Builtin()
	for _, lib := range c.Libraries() {
		rows, err := lib.entries(c)
		if err != nil {
			t.Fatal(err)
		}
		open := map[string]int{}
		for _, row := range rows {
			if row.Until == "" && row.Library.Like == "" {
				open[row.Path]++
			}
		}
		for _, path := range slices.Sorted(maps.Keys(open)) {
			if open[path] > 1 {
				t.Errorf("%s: %d rows for %q hold for the newest version", lib.file, open[path], path)
			}
		}
	}
}

func mentioned(e *Entry) []string {
	classes := append([]string{e.Returns, e.Enters, e.Decorates}, e.Bases...)
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		classes = append(classes, e.Attributes[name])
	}
	return slices.DeleteFunc(classes, func(class string) bool { return slices.Contains(specialClasses, class) })
}

func known(r *Resolved, lib *Library, class string) bool {
	if slices.Contains(lib.Opaque, class) || r.Class(class) != nil {
		return true
	}
	// An alternative of several classes is written with "|".
	if strings.Contains(class, "|") {
		return !slices.ContainsFunc(strings.Split(class, "|"), func(part string) bool { return !known(r, lib, strings.TrimSpace(part)) })
	}
	return false
}
