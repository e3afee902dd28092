package config

import (
	"maps"
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
	for _, silent := range []string{"", "[tool.ruff]\nx = 1\n", "[project]\nname = 'x'\n"} {
		if config, err := Parse("pyproject.toml", []byte(silent), rules); config != nil || err != nil {
			t.Errorf("%q: got %+v, %v", silent, config, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, text, want string }{
		{"unknown option", "tiebeam.toml", "\nstrikt = true\n", `tiebeam.toml:2: unknown option "strikt": did you mean "strict"?`},
		{"unknown option, far", "tiebeam.toml", "plugins = ['x']\n", `tiebeam.toml:1: unknown option "plugins"`},
		{"no program can be named", "pyproject.toml", "[tool.tiebeam]\npython = '/bin/sh'\n", `pyproject.toml:2: unknown option "python"`},
		{"no file can be followed", "pyproject.toml", "[tool.tiebeam]\nextends = 'https://x'\n", `unknown option "extends"`},
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

func TestVersions(t *testing.T) {
	for _, test := range []struct {
		file, text string
		want       map[string]string
	}{
		{"uv.lock", "version = 1\n\n[[package]]\nname = \"httpx\"\nversion = \"0.27.0\"\nsource = { registry = \"x\" }\ndependencies = [\n    { name = \"anyio\" },\n]\n\n[package.metadata]\nversion = \"9\"\n\n[[package]]\nname = \"mine\"\nsource = { editable = \".\" }\n", map[string]string{"httpx": "0.27.0"}},
		{"poetry.lock", "[[package]]\nname = \"redis\"\nversion = \"5.0.1\"\n[package.dependencies]\nname = \"x\"\n", map[string]string{"redis": "5.0.1"}},
		{"Pipfile.lock", `{"default":{"redis":{"version":"==5.0.1"},"git":{"ref":"x"}},"develop":{"pytest":{"version":"==8.0"}}}`, map[string]string{"redis": "5.0.1", "pytest": "8.0"}},
		{"requirements-dev.txt", "# comment\nrequests[socks] == 2.31.0 ; python_version > '3' # why\nredis>=4\nboto3==1.*\na~=2.2\nb>=1,<3.5\nc!=2\nd @ https://x/d.whl\n-r other.txt\nurllib3===2.0.7 \\\n  --hash=sha256:00\nzope.interface==6.0\n", map[string]string{"requests": "2.31.0", "urllib3": "2.0.7", "zope.interface": "6.0", "boto3": "<2", "a": "<3", "b": "<3.5"}},
		{"pyproject.toml", "[project]\ndependencies = ['httpx==0.27', 'redis>=4']\n[dependency-groups]\ndev = ['pytest==8', {include-group = 'x'}]\n[tool.poetry.dependencies]\nflask = '3.0.0'\ndjango = '^5.0'\npython = '>=3.9'\n", map[string]string{"httpx": "0.27", "pytest": "8", "flask": "3.0.0", "django": "<6"}},
	} {
		got, err := Versions(test.file, []byte(test.text))
		if err != nil || !maps.Equal(got, test.want) {
			t.Errorf("%s: got %v, %v; want %v", test.file, got, err, test.want)
		}
	}
	if _, err := Versions("pyproject.toml", []byte("= 3")); err == nil {
		t.Error("a broken pyproject.toml is read")
	}
	if _, err := Versions("Pipfile.lock", []byte("<<<<<<<")); err == nil {
		t.Error("a broken Pipfile.lock is read")
	}
}

func TestLockRank(t *testing.T) {
	order := []string{"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements.txt", "requirements-dev.txt", "pyproject.toml"}
	last := 0
	for _, name := range order {
		if rank := LockRank(name); rank <= last {
			t.Errorf("%s has rank %d, after %d", name, rank, last)
		} else {
			last = rank
		}
	}
	if LockRank("sub/uv.lock") != 0 || LockRank("notes.txt") != 0 {
		t.Error("a file that says nothing has a rank")
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
