package engine_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// service is a project with findings in several files, a suppression, a lock file and a file that cannot be read.
func service() tree.Memory {
	return tree.Memory{
		"shop/http.py":     "import requests\n\nsession = requests.Session()\n",
		"shop/stock.py":    "from .http import session\n\n\ndef level(sku):\n    return session.get(sku).json()\n",
		"shop/pages.py":    "import requests\n\n\nasync def page(url):\n    return requests.get(url).text\n\n\ndef quiet(url):\n    # tiebeam: allow unbounded-wait because it is a script\n    return requests.get(url)\n",
		"shop/tasks.py":    "import asyncio\n\n\nasync def start(work):\n    asyncio.create_task(work())\n\n\ndef read(path):\n    f = open(path)\n    return f.read()\n",
		"shop/broken.py":   "import requests\n\ndef a(:\n    pass\n\n\ndef b(url):\n    requests.get(url)\n",
		"shop/latin.py":    "x = '\xff'\n",
		"shop/__init__.py": "",
		"requirements.txt": "requests==2.31.0\n",
	}
}

func request(files tree.Tree) *engine.Request {
	return &engine.Request{Tree: files, Config: config.Default(), All: all.Rules(), Strict: true, Workers: 1}
}

func check(t *testing.T, q *engine.Request) *engine.Result {
	t.Helper()
	result, err := engine.Check(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// comparable is what of a result must not differ.
func comparable(r *engine.Result) []any {
	return []any{r.Findings, r.Incomplete, r.Suppressed, r.Accepted, r.Files, r.Notes}
}

func same(t *testing.T, what string, a, b *engine.Result) {
	t.Helper()
	// Empty and nil slices are the same result; a round trip through the cache turns one into the other.
	if x, y := fmt.Sprintf("%+v", comparable(a)), fmt.Sprintf("%+v", comparable(b)); x != y && !reflect.DeepEqual(comparable(a), comparable(b)) {
		for i := range a.Findings {
			a.Findings[i].Base, a.Findings[i].Cause = nil, nil
		}
		t.Errorf("%s differs:\n%s\n%s", what, x, y)
	}
}

func TestCheckFinds(t *testing.T) {
	result := check(t, request(service()))
	var got []string
	for _, f := range result.Findings {
		got = append(got, fmt.Sprintf("%s:%d %s", f.Path, f.Line, f.Rule))
	}
	for _, want := range []string{"shop/stock.py:5 unbounded-wait", "shop/pages.py:5 blocking-in-async", "shop/tasks.py:5 orphan-task", "shop/tasks.py:9 leaked-resource", "shop/broken.py:8 unbounded-wait"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	if result.Suppressed != 1 || result.Files != 6 {
		t.Errorf("%d suppressed, %d files", result.Suppressed, result.Files)
	}
	var incomplete []string
	for _, i := range result.Incomplete {
		incomplete = append(incomplete, i.Path)
	}
	if want := []string{"shop/broken.py", "shop/latin.py"}; !slices.Equal(incomplete, want) {
		t.Errorf("not judged: %v, want %v", incomplete, want)
	}
}

func TestSerialAndParallelAreTheSame(t *testing.T) {
	files := service()
	for i := range 60 {
		files[fmt.Sprintf("shop/copy%d.py", i)] = files["shop/pages.py"]
	}
	serial := check(t, request(files))
	for range 5 {
		parallel := request(files)
		parallel.Workers = 8
		same(t, "parallel", serial, check(t, parallel))
	}
}

func TestFolderRevisionAndOverlayAreTheSame(t *testing.T) {
	root := t.TempDir()
	for name, content := range service() {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "one"}} {
		if out, err := exec.Command("git", append([]string{"-C", root}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	memory := check(t, request(service()))
	folder, err := tree.OpenFolder(root, tree.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "folder", memory, check(t, request(folder)))
	repository, err := tree.OpenRepository(t.Context(), root, "")
	if err != nil {
		t.Fatal(err)
	}
	defer repository.Close()
	revision, err := repository.Revision(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "revision", memory, check(t, request(revision)))
	same(t, "index", memory, check(t, request(repository.Staged())))

	unsaved := tree.Memory{"shop/stock.py": "x = 1\n", "shop/new.py": "import requests\nrequests.get('u')\n"}
	edited := service()
	for name, content := range unsaved {
		edited[name] = content
	}
	same(t, "overlay", check(t, request(edited)), check(t, request(tree.Overlay{Tree: folder, Unsaved: unsaved})))
}

// TestCachedIsTheSame edits a project at random and compares each result with one that was computed.
func TestCachedIsTheSame(t *testing.T) {
	random := rand.New(rand.NewSource(3))
	files := service()
	dir := t.TempDir()
	statements := []string{"requests.get('u')\n", "x = open('f')\n", "# tiebeam: allow unbounded-wait because x\n", "def f(:\n", "import requests\n", "\xff\n", "\n"}
	names := []string{"shop/stock.py", "shop/pages.py", "shop/new.py", "shop/broken.py", "requirements.txt"}
	for step := range 60 {
		store, err := cache.Open(dir, "test")
		if err != nil {
			t.Fatal(err)
		}
		cached := request(files)
		cached.Cache = store
		first := check(t, cached)
		same(t, fmt.Sprintf("step %d, cached", step), check(t, request(files)), first)
		again := check(t, cached)
		same(t, fmt.Sprintf("step %d, again", step), first, again)
		if f := again.Findings; len(f) > 0 && again.Source(finding.Head, f[0].Path) == nil {
			t.Fatal("a remembered result has no source for excerpts")
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		name := names[random.Intn(len(names))]
		switch random.Intn(4) {
		case 0:
			delete(files, name)
		case 1:
			files[name] = strings.Join(strings.SplitAfter(files[name], "\n")[min(1, strings.Count(files[name], "\n")):], "")
		default:
			files[name] += statements[random.Intn(len(statements))]
		}
	}
}

func TestDiffAcrossTheCacheIsTheSame(t *testing.T) {
	base, head := service(), service()
	base["shop/stock.py"] = strings.Replace(base["shop/stock.py"], "session.get(sku)", "session.get(sku, timeout=2)", 1)
	plain, err := engine.Diff(t.Context(), base, request(head))
	if err != nil {
		t.Fatal(err)
	}
	if len(plain.Findings) != 1 || plain.Findings[0].Rule != "guard-removed" || plain.Findings[0].Base == nil {
		t.Fatalf("found %+v", plain.Findings)
	}
	if len(plain.Incomplete) != 0 {
		t.Errorf("what the change does not touch is reported: %v", plain.Incomplete)
	}
	store, err := cache.Open(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for range 2 {
		q := request(head)
		q.Cache = store
		cached, err := engine.Diff(t.Context(), base, q)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(cached.Findings[0].Fingerprint, cached.Findings[0].Base.Line) != fmt.Sprint(plain.Findings[0].Fingerprint, plain.Findings[0].Base.Line) {
			t.Errorf("found %+v", cached.Findings)
		}
	}
}

func TestDiffTellsWhatOfTheChangeCannotBeJudged(t *testing.T) {
	base, head := service(), service()
	base["shop/pages.py"] = "def broken(:\n"
	head["shop/tasks.py"] = "\xff"
	result, err := engine.Diff(t.Context(), base, request(head))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for _, i := range result.Incomplete {
		fmt.Fprintf(&got, "%s: %s\n", i.Path, i)
	}
	if want := "shop/pages.py: line 1, column 11: in base: "; !strings.Contains(got.String(), want) || !strings.Contains(got.String(), "shop/tasks.py: line 1: invalid UTF-8") || len(result.Incomplete) != 2 {
		t.Errorf("not judged:\n%s", got.String())
	}
}

func TestDiffOfEqualTreesIsSilent(t *testing.T) {
	result, err := engine.Diff(t.Context(), service(), request(service()))
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Findings) != 0 || len(result.Incomplete) != 0 {
		t.Errorf("found %+v, not judged %v", result.Findings, result.Incomplete)
	}
}

func TestDiffReportsWhatIsAddedOnly(t *testing.T) {
	base, head := service(), service()
	head["shop/stock.py"] = "# moved\n\n" + head["shop/stock.py"] + "\n\ndef more(sku):\n    return session.put(sku)\n"
	result, err := engine.Diff(t.Context(), base, request(head))
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Findings) != 1 || result.Findings[0].Symbol != "more" {
		t.Errorf("found %+v", result.Findings)
	}
}
