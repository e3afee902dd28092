package catalog

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
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

// TestFaultyDataFilesAreRefused keeps the loader from passing over what it does not know.
func TestFaultyDataFilesAreRefused(t *testing.T) {
	const head = "[library]\nname = \"x\"\nimports = [\"x\"]\nchecked = \"1\"\nsource = \"s\"\n"
	tests := []struct{ name, text, want string }{
		{"unknown header", head + "importz = [\"y\"]\n", `line 6: unknown field "library.importz": did you mean "imports"?`},
		{"unknown field", head + "[[entry]]\npath = \"x.y\"\nsouce = \"s\"\n", `line 8: unknown field "entry.souce": did you mean "source"?`},
		{"unknown inner field", head + "[[entry]]\npath = \"x.y\"\nretry = { atempts = [] }\n", `line 8: unknown field "entry.atempts": did you mean "attempts"?`},
		{"no table", head + "[[entry]]\npath = \n", "line 7"},
		{"no such model", head + "like = \"z\"\n", `there is no library "z"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := load(fstest.MapFS{"data/x.toml": {Data: []byte(test.text)}})
			if err == nil {
				_, err = c.libraries[0].entries(c)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "data/x.toml: ") {
				t.Errorf("got %v, want data/x.toml: %s", err, test.want)
			}
		})
	}
}

func TestCheckFindsFaultyRows(t *testing.T) {
	minus := -3
	for want, e := range map[string]*Entry{
		`source is missing`:                      {Path: "x.y"},
		`role is "lok"`:                          {Path: "x.y", Source: "s", Role: []string{"lok"}},
		`bases holds for a class only`:           {Path: "x.y", Source: "s", Bases: []string{"x.z"}},
		`until is no version: "?"`:               {Path: "x.y", Source: "s", Until: "?"},
		`wait.unless is "block": write`:          {Path: "x.y", Source: "s", Wait: &Wait{For: "lock", Unless: []string{"block"}}},
		`deadline.unit is "sec"`:                 {Path: "x.y", Source: "s", Deadline: &Deadline{Parameters: []Parameter{{Name: "t", Unit: "sec"}}}},
		`neither name nor position`:              {Path: "x.y", Source: "s", Owns: &Owns{Parameters: []Parameter{{}}}},
		`"t" has position -3`:                    {Path: "x.y", Source: "s", Owns: &Owns{Parameters: []Parameter{{Name: "t", Position: &minus}}}},
		`is 1e+12 seconds`:                       {Path: "x.y", Source: "s", Deadline: &Deadline{Defaults: []Default{{Seconds: 1e12}}}},
		`nothing would release it`:               {Path: "x.y", Source: "s", Resource: &Resource{Kind: "file", With: "none"}},
		`deadline.scope bounds what it encloses`: {Path: "x.y", Source: "s", Wait: &Wait{For: "lock"}, Deadline: &Deadline{Scope: true}},
		`retry.as is "loop"`:                     {Path: "x.y", Source: "s", Retry: &Retry{As: "loop"}},
		`write.to is "web"`:                      {Path: "x.y", Source: "s", Write: &Write{To: "web"}},
		`spawn.what is "fiber"`:                  {Path: "x.y", Source: "s", Spawn: &Spawn{What: "fiber"}},
		`offload.to is "gpu"`:                    {Path: "x.y", Source: "s", Offload: &Offload{To: "gpu"}},
		`endpoint.kind is "grpc"`:                {Path: "x.y", Source: "s", Endpoint: &Endpoint{Kind: "grpc"}},
		`schema.as is "model"`:                   {Path: "x.y", Source: "s", Schema: &Schema{As: "model"}},
		`bound.of is "rows"`:                     {Path: "x.y", Source: "s", Bound: &Bound{Of: "rows"}},
	} {
		if err := errors.Join(e.check()...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestEveryRowSaysSomething finds rows without any property. Only a row that takes a name out of a "C.*" row may be empty.
func TestEveryRowSaysSomething(t *testing.T) {
	c := Builtin()
	for _, lib := range c.Libraries() {
		rows, err := lib.entries(c)
		if err != nil {
			t.Fatal(err)
		}
		wild := map[string]bool{}
		for _, row := range rows {
			if owner, ok := strings.CutSuffix(row.Path, ".*"); ok {
				wild[owner] = true
			}
		}
		for _, row := range rows {
			bare := *row
			bare.Path, bare.Source, bare.Since, bare.Until, bare.Aliases, bare.Library, bare.Async = "", "", "", "", nil, nil, false
			if reflect.DeepEqual(bare, Entry{}) && !wild[row.Path[:strings.LastIndexByte(row.Path, '.')]] {
				t.Errorf("%s: row %q says nothing", lib.file, row.Path)
			}
		}
	}
}

// TestAliasesBelongToTheirLibrary finds aliases that no lookup could reach.
func TestAliasesBelongToTheirLibrary(t *testing.T) {
	c := Builtin()
	r := c.With(nil)
	for _, lib := range c.Libraries() {
		rows, err := lib.entries(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, alias := range row.Aliases {
				if c.home(alias) != lib || r.Lookup(alias) == nil {
					t.Errorf("%s: alias %q of %q leads nowhere", lib.file, alias, row.Path)
				}
			}
		}
	}
}
