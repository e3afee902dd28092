package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/finding"
)

var rules = []string{"unbounded-wait", "leaked-resource"}

func TestDefaultsNameEveryOption(t *testing.T) {
	config := Default()
	if config.FailOn != finding.Warning || config.MaxFileBytes != 5<<20 || len(config.Tests) == 0 || config.Strict {
		t.Errorf("defaults are %+v", config)
	}
	for _, key := range keys {
		if !strings.Contains(DefaultText(), "\n"+key+" = ") && !strings.Contains(DefaultText(), "["+key+"]") {
			t.Errorf("defaults.toml does not name %q", key)
		}
		if types[key] == "" {
			t.Errorf("%q has no type for messages", key)
		}
	}
	fields := reflect.TypeFor[options]()
	for i := range fields.NumField() {
		if name := fields.Field(i).Tag.Get("toml"); !slices.Contains(keys, name) {
			t.Errorf("option %q is not in keys", name)
		}
	}
}

func TestParse(t *testing.T) {
	own, err := Parse("tiebeam.toml", []byte("strict = true\nexclude = ['gen/']\nfail-on = 'error'\n[severity]\nunbounded-wait = 'note'\n[[catalog]]\npath = 'ours.get'\n"), rules)
	if err != nil {
		t.Fatal(err)
	}
	if !own.Strict || own.Exclude[0] != "gen/" || own.FailOn != finding.Error || own.Severity["unbounded-wait"] != finding.Note || own.Catalog[0]["path"] != "ours.get" || own.MaxFileBytes != 5<<20 {
		t.Errorf("got %+v", own)
	}
	shared, err := Parse("sub/pyproject.toml", []byte("[project]\nname = 'x'\n[tool.other]\nstrict = 3\n[tool.tiebeam]\nignore = ['leaked-resource']\n"), rules)
	if err != nil || shared.Ignore[0] != "leaked-resource" {
		t.Errorf("got %+v, %v", shared, err)
	}
	for _, silent := range []string{"[project]\nname = 1\nname = 2\n", "", "[tool.ruff]\nx = 1\n", "[project]\nname = 'x'\n"} {
		if config, err := Parse("pyproject.toml", []byte(silent), rules); config != nil || err != nil {
			t.Errorf("%q: got %+v, %v", silent, config, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	config, err := Parse("pyproject.toml", []byte("[[tool.tiebeam.chaos.redirect]]\nname = 'PAY_URL'\n[[tool.tiebeam.chaos.redirect]]\nname = 'CACHE_HOST'\nport = 'CACHE_PORT'\nprotocol = 'redis'\nupstream = '127.0.0.1:6380'\n"), rules)
	want := []Redirect{{Name: "PAY_URL"}, {Name: "CACHE_HOST", Port: "CACHE_PORT", Protocol: "redis", Upstream: "127.0.0.1:6380"}}
	if err != nil || !slices.Equal(config.Redirects, want) {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, text, want string }{
		{"unknown option", "tiebeam.toml", "\nstrikt = true\n", `tiebeam.toml:2: unknown option "strikt": did you mean "strict"?`},
		{"unknown option, far", "tiebeam.toml", "plugins = ['x']\n", `tiebeam.toml:1: unknown option "plugins"`},
		{"no program can be named", "pyproject.toml", "[tool.tiebeam]\npython = '/bin/sh'\n", `pyproject.toml:2: unknown option "python"`},
		{"no file can be followed", "pyproject.toml", "[tool.tiebeam]\nextends = 'https://x'\n", `unknown option "extends"`},
		{"unknown option of a redirect", "tiebeam.toml", "[[chaos.redirect]]\nname = 'X'\nprotocoll = 'http'\n", `tiebeam.toml:3: unknown option "chaos.redirect.protocoll": did you mean "protocol"?`},
		{"unknown option of chaos", "pyproject.toml", "[tool.tiebeam.chaos]\nredirekt = []\n", `pyproject.toml:2: unknown option "chaos.redirekt": did you mean "redirect"?`},
		{"redirect without a name", "tiebeam.toml", "[[chaos.redirect]]\nprotocol = 'http'\n", `tiebeam.toml:1: option "chaos.redirect": name is missing`},
		{"unknown protocol", "tiebeam.toml", "[[chaos.redirect]]\nname = 'X'\nprotocol = 'redas'\n", `tiebeam.toml:3: protocol of X: unknown protocol "redas"`},
		{"upstream without a port", "tiebeam.toml", "[[chaos.redirect]]\nname = 'X'\nupstream = 'db'\n", `tiebeam.toml:3: upstream of X: "db" is not HOST:PORT`},
		{"redirect that is no table", "tiebeam.toml", "[chaos]\nredirect = 'X'\n", `option "chaos.redirect" must be an array of tables`},
		{"wrong type", "tiebeam.toml", "\nstrict = 'yes'\n", `tiebeam.toml:2: option "strict" must be true or false`},
		{"wrong type below a tool", "pyproject.toml", "[tool.tiebeam]\nexclude = 3\n", `pyproject.toml:2: option "exclude" must be a list of strings`},
		{"syntax", "tiebeam.toml", "strict = true\n= 3\n", "tiebeam.toml:2: "},
		{"duplicate key", "tiebeam.toml", "strict = true\nstrict = true\n", "already"},
		{"unknown severity", "tiebeam.toml", "fail-on = 'fatal'\n", `tiebeam.toml:1: option "fail-on": unknown severity "fatal"`},
		{"unknown rule", "tiebeam.toml", "\n[severity]\nunbounded-wate = 'note'\n", `tiebeam.toml:3: option "severity": unknown rule "unbounded-wate": did you mean "unbounded-wait"?`},
		{"unknown severity of a rule", "tiebeam.toml", "[severity]\nunbounded-wait = 'off'\n", `tiebeam.toml:2: severity of unbounded-wait`},
		{"unknown rule to ignore", "tiebeam.toml", "ignore = ['x']\n", `unknown rule "x"`},
		{"size of nothing", "tiebeam.toml", "max-file-bytes = 0\n", "between 1 and"},
		{"deep arrays", "tiebeam.toml", "exclude = " + strings.Repeat("[", 100_000), "nested deeper"},
		{"deep tables", "tiebeam.toml", "a = " + strings.Repeat("{a=", 100_000), "nested deeper"},
		{"deep keys", "tiebeam.toml", strings.Repeat("a.", 100_000) + "a = 1", "nested deeper"},
		{"large", "tiebeam.toml", strings.Repeat("#", maxBytes+1), "more than the limit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, err := Parse(test.file, []byte(test.text), rules)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %+v, %v; want %q", config, err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("strict = true\n[severity]\nunbounded-wait = 'note'\n")
	f.Add("[tool.tiebeam]\nexclude = ['a']\n")
	f.Add(DefaultText())
	f.Fuzz(func(t *testing.T, text string) {
		for _, file := range []string{OwnFile, ProjectFile} {
			if config, err := Parse(file, []byte(text), rules); err == nil && config != nil && config.MaxFileBytes < 1 {
				t.Errorf("%q gives %+v", text, config)
			}
		}
	})
}
