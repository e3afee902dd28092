package catalog

import (
	"strings"
	"testing"
)

func TestVersions(t *testing.T) {
	tests := []struct {
		name string
		file string
		text string
		want map[string]string // name → number; "" means named without a usable version
	}{
		{"uv", "uv.lock", "version = 1\nrequires-python = \">=3.11, <3.14\"\n\n[[package]]\nname = \"redis\"\nversion = \"5.2.1\"\nsource = { registry = \"x\" }\n\n[[package]]\nname = \"own\"\nsource = { editable = \".\" }\n", map[string]string{"redis": "5.2.1", "python": "<3.14"}},
		{"poetry", "poetry.lock", "[[package]]\nname = \"SQLAlchemy\"\nversion = \"2.0.43\"\nfiles = []\n\n[metadata]\nlock-version = \"2.0\"\n", map[string]string{"sqlalchemy": "2.0.43"}},
		{"pdm", "pdm.lock", "[[package]]\nname = \"httpx\"\nversion = \"0.28.1\"\n", map[string]string{"httpx": "0.28.1"}},
		{"pylock", "pylock.toml", "lock-version = \"1.0\"\n[[packages]]\nname = \"attrs\"\nversion = \"25.1.0\"\n", map[string]string{"attrs": "25.1.0"}},
		{"Pipfile.lock", "Pipfile.lock", `{"_meta": {"hash": {}}, "default": {"requests": {"version": "==2.32.5"}, "own": {"path": "."}}, "develop": {"pytest": {"version": "==8.4.2"}}}`, map[string]string{"requests": "2.32.5", "pytest": "8.4.2"}},
		{"python-version", ".python-version", "3.12.1\n", map[string]string{"python": "3.12.1"}},
		{"requirements", "requirements.txt", "# pinned\nrequests==2.32.5  # comment\nredis[hiredis]>=5,<8 ; python_version > \"3.8\"\naiohttp ~= 3.9.1\ncelery\nA.b__C==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n--index-url https://x\n-e .\nown @ https://x/own.whl\n./local\n", map[string]string{"requests": "2.32.5", "redis": "<8", "aiohttp": "<3.10", "celery": "", "a-b-c": "1.0"}},
		{"lower bound only", "requirements.txt", "redis>=5\n", map[string]string{"redis": ""}},
		{"wildcard", "requirements.txt", "django==4.2.*\n", map[string]string{"django": "<4.3"}},
		{"two markers", "requirements.txt", "numpy==1.26.4; python_version < \"3.12\"\nnumpy==2.3.2; python_version >= \"3.12\"\n", map[string]string{"numpy": "2.3.2"}},
		{"pyproject", "pyproject.toml", "[project]\ndependencies = [\"redis<8\", \"httpx==0.28.1\"]\nrequires-python = \">=3.9\"\n[project.optional-dependencies]\ndb = [\"psycopg[binary]~=3.1\"]\n[dependency-groups]\ntest = [\"pytest>=8\", {include-group = \"db\"}]\n", map[string]string{"redis": "<8", "httpx": "0.28.1", "psycopg": "<4", "pytest": "", "python": ""}},
		{"poetry project", "pyproject.toml", "[tool.poetry.dependencies]\npython = \"^3.10\"\nredis = \"^5.0.1\"\nhttpx = { version = \"~0.27\", extras = [\"http2\"] }\nown = { path = \"../own\" }\nzero = \"^0.2.3\"\n[tool.poetry.group.dev.dependencies]\npytest = \"8.4.2\"\n", map[string]string{"python": "<4", "redis": "<6", "httpx": "<0.28", "zero": "<0.3", "pytest": "8.4.2"}},
		{"setup.cfg", "setup.cfg", "[metadata]\nname = own\n\n[options]\npython_requires = >=3.8\ninstall_requires =\n    requests==2.31.0\n    redis<8  # old\nzip_safe = no\n\n[options.extras_require]\ndb =\n    asyncpg==0.29.0\n", map[string]string{"python": "", "requests": "2.31.0", "redis": "<8", "asyncpg": "0.29.0"}},
		{"carriage returns", "requirements.txt", "requests==2.32.5\r\nredis==5.2.1\r\n", map[string]string{"requests": "2.32.5", "redis": "5.2.1"}},
		{"any other name is a requirements file", "deps.list", "redis==5.2.1\n", map[string]string{"redis": "5.2.1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			versions, errs := Versions(map[string][]byte{test.file: []byte(test.text)})
			for _, err := range errs {
				t.Errorf("unexpected error: %v", err)
			}
			for name, number := range test.want {
				got, ok := versions[name]
				if !ok || got.Number != number {
					t.Errorf("%s: got %q (known: %v), want %q", name, got.Number, ok, number)
				}
				if exact := number != "" && number[0] != '<'; got.Exact != exact {
					t.Errorf("%s: exact is %v, want %v", name, got.Exact, exact)
				}
			}
			if len(versions) != len(test.want) {
				t.Errorf("got %v, want the names %v", versions, test.want)
			}
		})
	}
}

func TestVersionsLines(t *testing.T) {
	files := map[string][]byte{
		"requirements.txt": []byte("\n\nredis==5.2.1\n"),
		"uv.lock":          []byte("[[package]]\nname = \"httpx\"\nversion = \"0.28.1\"\n"),
	}
	versions, errs := Versions(files)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if v := versions["redis"]; v.File != "requirements.txt" || v.Line != 3 {
		t.Errorf("redis stands at %s:%d, want requirements.txt:3", v.File, v.Line)
	}
	if v := versions["httpx"]; v.File != "uv.lock" || v.Line != 2 {
		t.Errorf("httpx stands at %s:%d, want uv.lock:2", v.File, v.Line)
	}
}

func TestVersionsOfSeveralFiles(t *testing.T) {
	versions, errs := Versions(map[string][]byte{
		"pyproject.toml":              []byte("[project]\ndependencies = [\"redis>=5\", \"httpx==0.20.0\", \"anyio<5\"]\n"),
		"uv.lock":                     []byte("[[package]]\nname = \"redis\"\nversion = \"5.2.1\"\n"),
		"sub/uv.lock":                 []byte("[[package]]\nname = \"redis\"\nversion = \"8.0.0\"\n"),
		"requirements/dev.txt":        []byte("-r base.txt\nanyio==4.11.0\n"),
		"requirements/base.txt":       []byte("httpx==0.28.1\n"),
		"requirements/unrelated.toml": []byte(""),
	})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for name, want := range map[string]string{"redis": "5.2.1", "httpx": "0.28.1", "anyio": "4.11.0"} {
		if got := versions[name].Number; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestVersionsMalformed(t *testing.T) {
	tests := []struct{ file, text, want string }{
		{"uv.lock", "[[package]]\nname = \"redis\"\nversion = \n", "uv.lock:3: is no valid lock file"},
		{"Pipfile.lock", "{\n \"default\": {\n", "Pipfile.lock:3: is no valid lock file"},
		{"Pipfile.lock", `{"default": 3}`, `Pipfile.lock: section "default" is no table of packages`},
		{"requirements.txt", "redis==5\n!!what\n", "requirements.txt:2: is no requirement: \"!!what\""},
		{"requirements.txt", "redis==five\n", "requirements.txt:1: redis: is no version: \"==five\""},
		{"pyproject.toml", "[project\n", "pyproject.toml:1: is no valid TOML"},
		{"setup.cfg", "[options\ninstall_requires =\n", "setup.cfg:1: is no section"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			files := map[string][]byte{test.file: []byte(test.text), "sub/requirements.txt": []byte("httpx==0.28.1\n")}
			versions, errs := Versions(files)
			if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), test.want) {
				t.Errorf("got %v, want one error that begins %q", errs, test.want)
			}
			if versions["httpx"].Number != "0.28.1" {
				t.Error("the other file was not read")
			}
		})
	}
}

func FuzzVersions(f *testing.F) {
	f.Add("requirements.txt", "redis[hiredis]>=5,<8 ; x\n-r requirements.txt\n\\\n")
	f.Add("setup.cfg", "[options]\ninstall_requires = a\n b\n")
	f.Add("pyproject.toml", "[tool.poetry.dependencies]\na = '^0'\n")
	f.Add("Pipfile.lock", `{"default": {"a": {"version": "==*"}}}`)
	f.Fuzz(func(t *testing.T, file, text string) {
		versions, _ := Versions(map[string][]byte{file: []byte(text)})
		Builtin().With(Numbers(versions)).Lookup("redis.Redis.get")
	})
}
