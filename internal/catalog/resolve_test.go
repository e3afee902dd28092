package catalog

import (
	"strings"
	"testing"
)

// TestDefaultsByVersion holds the facts on which an upgrade alone turns a guard on or off.
func TestDefaultsByVersion(t *testing.T) {
	tests := []struct {
		library, version, path string
		seconds                float64 // negative: infinite
	}{
		{"redis", "7.4.1", "redis.Redis", -1},
		{"redis", "7.4.1", "redis.Redis.get", -1},
		{"redis", "8.0.0", "redis.Redis.get", 5},
		{"redis", "8.1.0", "redis.asyncio.Redis.get", 5},
		{"redis", "<8", "redis.Redis.get", -1},
		{"redis", "", "redis.Redis.get", 5},
		{"aiohttp", "3.9.5", "aiohttp.ClientSession.get", 300},
		{"aiohttp", "3.12.15", "aiohttp.ClientSession.get", 300},
		{"httpx", "0.28.1", "httpx.get", 5},
		{"httpx", "0.28.1", "httpx.AsyncClient.get", 5},
		{"httpx2", "2.16.2", "httpx2.Client.post", 5},
		{"requests", "2.32.5", "requests.Session.get", -1},
		{"psycopg", "3.2.10", "psycopg.connect", 130},
		{"psycopg2-binary", "2.9.10", "psycopg2.connect", -1},
		{"psycopg-pool", "3.2.6", "psycopg_pool.ConnectionPool.getconn", 30},
		{"asyncpg", "0.31.0", "asyncpg.connect", 60},
		{"asyncpg", "0.31.0", "asyncpg.Connection.fetch", -1},
		{"boto3", "1.44.5", "boto3.client", 60},
		{"python", "3.13", "socket.create_connection", -1},
		{"python", "3.13", "subprocess.run", -1},
	}
	for _, test := range tests {
		t.Run(test.path+" of "+test.library+" "+test.version, func(t *testing.T) {
			r := Builtin().With(map[string]string{test.library: test.version})
			e := r.Lookup(test.path)
			if e == nil {
				t.Fatal("nothing is known of it")
			}
			row, ok := e.Deadline.Default()
			if !ok || row.Seconds != test.seconds {
				t.Errorf("the default is %v s (known: %v), want %v", row.Seconds, ok, test.seconds)
			}
			if row.Source == "" && e.Source == "" {
				t.Error("the default has no source")
			}
		})
	}
}

func TestAiohttpConnectsForThirtySecondsFrom310(t *testing.T) {
	connect := func(version string) (seconds float64) {
		for _, row := range Builtin().With(map[string]string{"aiohttp": version}).Lookup("aiohttp.ClientSession").Deadline.Defaults {
			if row.Covers == "connect" {
				seconds = row.Seconds
			}
		}
		return seconds
	}
	if got := connect("3.9.5"); got != 0 {
		t.Errorf("3.9.5: %v s to connect, want no bound of its own", got)
	}
	if got := connect("3.10.11"); got != 30 {
		t.Errorf("3.10.11: %v s to connect, want 30", got)
	}
}

func TestBotocoreRetriesByVersion(t *testing.T) {
	for version, want := range map[string]int{"1.43.0": 5, "1.43.127": 5, "1.44.0": 3, "1.44.5": 3, "": 3} {
		r := Builtin().With(map[string]string{"botocore": version})
		if got := r.Class("botocore.client.BaseClient").Retry.DefaultAttempts; got != want {
			t.Errorf("botocore %q makes %d attempts, want %d", version, got, want)
		}
	}
}

func TestVersionIsSaid(t *testing.T) {
	r := Builtin().With(map[string]string{"Redis": "7.4.1", "aiohttp": "<3.10", "psycopg2_binary": "2.9.10"})
	for path, want := range map[string]struct {
		version string
		exact   bool
	}{
		"redis.Redis":           {"7.4.1", true},
		"aiohttp.ClientSession": {"<3.10", false},
		"psycopg2.connect":      {"2.9.10", true},
		"httpx.get":             {"", false},
	} {
		version, exact := r.Version(r.Lookup(path).Library)
		if version != want.version || exact != want.exact {
			t.Errorf("%s: version %q, exact %v, want %q, %v", path, version, exact, want.version, want.exact)
		}
	}
}

func TestLookup(t *testing.T) {
	r := Builtin().With(nil)
	for path, want := range map[string]string{
		"requests.get":                      "requests.get",
		"requests.api.get":                  "requests.get",         // the module it is defined in
		"requests.session":                  "requests.Session",     // an alias
		"requests.sessions.Session.get":     "requests.Session.get", // both
		"open":                              "builtins.open",
		"io.open":                           "builtins.open",
		"fastapi.Request.json":              "starlette.requests.Request.json", // through a base in another library
		"pathlib.PosixPath.open":            "pathlib.Path.open",
		"fastapi.testclient.TestClient.get": "starlette.testclient.TestClient.get",
		"botocore.client.BaseClient.listen": "botocore.client.BaseClient.listen",
		"botocore.client.BaseClient.close":  "botocore.client.BaseClient.close",
		"numpy.linalg.inv":                  "numpy.linalg.inv",
		"pip._vendor.requests.get":          "requests.get",
		"asyncio.tasks.create_task":         "asyncio.create_task",
		"requests.nothing":                  "",
		"requests":                          "",
		"nothing.at.all":                    "",
		"botocore.client.BaseClient._x":     "",
		"":                                  "",
		".":                                 "",
		"requests.":                         "",
	} {
		got := ""
		if e := r.Lookup(path); e != nil {
			got = e.Path
		}
		if got != want {
			t.Errorf("Lookup(%q) gives %q, want %q", path, got, want)
		}
	}
}

func TestIsA(t *testing.T) {
	r := Builtin().With(nil)
	for _, test := range []struct {
		path, ancestor string
		want           bool
	}{
		{"httpx.ConnectTimeout", "httpx.TransportError", true},
		{"httpx.ConnectTimeout", "builtins.Exception", true},
		{"httpx.TransportError", "httpx.ConnectTimeout", false},
		{"requests.exceptions.ReadTimeout", "requests.Timeout", true},
		{"asyncio.CancelledError", "builtins.Exception", false},
		{"asyncio.CancelledError", "builtins.BaseException", true},
		{"builtins.ConnectionError", "builtins.OSError", true},
		{"unknown.Error", "unknown.Error", true},
		{"unknown.Error", "builtins.Exception", false},
	} {
		if got := r.IsA(test.path, test.ancestor); got != test.want {
			t.Errorf("IsA(%s, %s) is %v, want %v", test.path, test.ancestor, got, test.want)
		}
	}
}

func TestMethodsIncludeThoseOfBases(t *testing.T) {
	var names []string
	for _, e := range Builtin().With(nil).Methods("pathlib.PosixPath") {
		names = append(names, e.Path)
	}
	all := strings.Join(names, " ")
	for _, want := range []string{"pathlib.Path.open", "pathlib.PurePath.joinpath"} {
		if !strings.Contains(all, want) {
			t.Errorf("Methods gives %s, without %s", all, want)
		}
	}
}

func TestExtend(t *testing.T) {
	c, err := Builtin().Extend("tiebeam.toml", []map[string]any{
		{"path": "corp.http.fetch", "wait": map[string]any{"for": "network"}, "deadline": map[string]any{
			"parameters": []any{map[string]any{"name": "limit", "unit": "ms"}}, "defaults": []any{map[string]any{"seconds": -1}}}},
		{"path": "requests.get", "role": []any{"test-client"}},
		{"path": "corp.Client", "class": true, "bases": []any{"requests.Session"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := c.With(nil)
	if e := r.Lookup("corp.http.fetch"); e == nil || e.Wait == nil || e.Deadline.Parameters[0].Unit != "ms" || e.Source != "tiebeam.toml" {
		t.Errorf("the row of the user gives %+v", e)
	}
	if e := r.Lookup("requests.get"); !e.Has(RoleTestClient) || e.Wait != nil {
		t.Error("the user's row must take the place of the built-in one")
	}
	if e := r.Lookup("corp.Client.post"); e == nil || e.Path != "requests.Session.post" {
		t.Errorf("a method of a built-in base gives %+v", e)
	}
	if e := Builtin().With(nil).Lookup("requests.get"); e.Wait == nil {
		t.Error("the built-in catalogue has changed")
	}
}

func TestExtendNamesEveryFault(t *testing.T) {
	_, err := Builtin().Extend("tiebeam.toml", []map[string]any{
		{"path": "a.b", "waits": map[string]any{"for": "network"}},
		{"path": "a.c", "wait": map[string]any{"for": "netwrok"}, "role": []any{"lok"}},
		{"wait": map[string]any{"for": "network"}},
		{"path": "a.d", "since": "new"},
		{"path": "a.e", "block": "yes"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`tiebeam.toml: catalog row 1: row "a.b": unknown field "waits": did you mean "wait"?`,
		`tiebeam.toml: catalog row 2: row "a.c": wait.for is "netwrok": did you mean "network"?`,
		`tiebeam.toml: catalog row 2: row "a.c": role is "lok": did you mean "lock"?`,
		`tiebeam.toml: catalog row 3: row "": path is missing`,
		`tiebeam.toml: catalog row 4: row "a.d": since is no version: "new"`,
		`tiebeam.toml: catalog row 5: row "a.e": `,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

func TestRender(t *testing.T) {
	r := Builtin().With(map[string]string{"redis": "7.4.1"})
	for name, wants := range map[string][]string{
		"":                  {"LIBRARY", "python: asyncio", "7.4.1"},
		"redis":             {"rows for version 7.4.1", "redis.Redis.get", "no bound", "redis.asyncio"},
		"psycopg2-binary":   {"psycopg2.connect", "connect_timeout", "with block does not release"},
		"asyncio":           {"asyncio.wait_for", "bounds its argument 1"},
		"requests.get":      {"version unknown: the newest rows are used", "requests.get", "no bound"},
		"python":            {"python: asyncio", "python: subprocess"},
		"asyncio.to_thread": {"runs its argument 1 (func) in a thread"},
	} {
		var b strings.Builder
		if err := r.Render(&b, name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q: the text lacks %q:\n%s", name, want, b.String())
			}
		}
	}
	err := r.Render(&strings.Builder{}, "reqests")
	if err == nil || !strings.Contains(err.Error(), `did you mean "requests"?`) {
		t.Errorf("an unknown name gives %v", err)
	}
}

// TestCatalogIsSafeForConcurrentUse is for the race detector.
func TestCatalogIsSafeForConcurrentUse(t *testing.T) {
	r := Builtin().With(nil)
	done := make(chan bool)
	for range 4 {
		go func() {
			for _, path := range []string{"httpx2.get", "requests.get", "redis.Redis.get", "asyncio.gather"} {
				if r.Lookup(path) == nil {
					t.Errorf("%s: nothing", path)
				}
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
}

func BenchmarkLookup(b *testing.B) {
	r := Builtin().With(nil)
	paths := []string{"requests.get", "requests.sessions.Session.get", "os.path.join", "project.module.Class.method", "botocore.client.BaseClient.get_object"}
	for i := 0; b.Loop(); i++ {
		r.Lookup(paths[i%len(paths)])
	}
}
