package engine_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// workshop is a project whose files depend on each other in every way in which judgement passes from one to another.
func workshop(t *testing.T) tree.Memory {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/workshop.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := tree.Memory{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// folderFiles reads the Python files and scripts below a folder of the file system.
func folderFiles(t *testing.T, root string) tree.Memory {
	t.Helper()
	files := tree.Memory{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !slices.Contains([]string{".py", ".sql", ".txt", ".toml"}, filepath.Ext(name)) {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, name)
		files[filepath.ToSlash(below)] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// comparison runs one comparison and says why it looked at all files, "" where it did not.
func comparison(t *testing.T, base, head tree.Tree, store *cache.Store, whole bool) (*engine.Result, string) {
	t.Helper()
	why := ""
	q := request(head)
	q.Cache, q.Whole, q.Workers = store, whole, 2
	q.Ahead = engine.LookAhead(store, "workshop", 2, nil)
	q.Progress = func(stage string) {
		if reason, ok := strings.CutPrefix(stage, "comparing all files, "); ok {
			why = reason
		}
	}
	engine.AnyPart(q)
	result, err := engine.Diff(t.Context(), base, q)
	if err != nil {
		t.Fatal(err)
	}
	return result, why
}

// TestPartIsTheWhole: what a comparison finds by looking at what the change can affect is what it finds on the whole,
// for random edits.
func TestPartIsTheWhole(t *testing.T) {
	base, edits := workshop(t), 150
	if root := os.Getenv("TIEBEAM_TREE"); root != "" {
		base = folderFiles(t, root)
	}
	if n, err := strconv.Atoi(os.Getenv("TIEBEAM_EDITS")); err == nil {
		edits = n
	}
	store, err := cache.Open(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	comparison(t, base, base, store, false)
	reasons := map[string]int{}
	for seed := range int64(edits) {
		rng := rand.New(rand.NewSource(seed))
		head := maps.Clone(base)
		for range 1 + rng.Intn(3) {
			edit(rng, head)
		}
		part, why := comparison(t, base, head, store, false)
		reasons[why]++
		fresh, whyFresh := comparison(t, base, head, nil, false) // finds out about base itself
		if why != "" && whyFresh != "" {
			continue
		}
		whole, _ := comparison(t, base, head, store, true)
		same(t, fmt.Sprintf("seed %d", seed), whole, part)
		same(t, fmt.Sprintf("seed %d, without a cache", seed), whole, fresh)
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%d of %d: %s", reasons[why], edits, why)
	}
	if reasons[""] < edits/10 {
		t.Errorf("only %d of %d edits were compared in part", reasons[""], edits)
	}
}

// TestCallsThatSayWhatTheySaid: a file that calls a function which is judged by its callers makes all files matter only where
// the change alters what such a call says.
func TestCallsThatSayWhatTheySaid(t *testing.T) {
	const work = "import shop.store\n\nstore = shop.store.Store()\n\n\ndef refill(key):\n    with store._lock:\n        store._put(key, 1)\n"
	base := workshop(t)
	base["shop/work.py"] = work
	delete(base, "shop/jobs.py") // it hands a function to a thread, for which all files are looked at
	store, err := cache.Open(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	comparison(t, base, base, store, false)
	const all = "as a function that the change calls is judged by its callers"
	for _, c := range []struct{ name, from, to, why string }{
		{"a statement behind the call", "1)\n", "1)\n        print(key)\n", ""},
		{"another function", work, work + "\n\ndef more():\n    return 1\n", ""},
		{"no lock", "with store._lock:", "if True:", all},
		{"another argument", "key, 1", "key, 2", all},
		{"no call", "store._put(key, 1)", "pass", all},
		{"one call more", "1)\n", "1)\n    store._put(key, 1)\n", all},
	} {
		head := maps.Clone(base)
		head["shop/work.py"] = strings.Replace(work, c.from, c.to, 1)
		part, why := comparison(t, base, head, store, false)
		if why != c.why {
			t.Errorf("%s: %q, want %q", c.name, why, c.why)
		}
		whole, _ := comparison(t, base, head, store, true)
		same(t, c.name, whole, part)
	}
}

// TestCheckOfPartIsTheWhole: a check that begins with what the last one left finds what one of all files finds, for random
// edits one after the other.
func TestCheckOfPartIsTheWhole(t *testing.T) {
	files, edits := workshop(t), 150
	if root := os.Getenv("TIEBEAM_TREE"); root != "" {
		files = folderFiles(t, root)
	}
	if n, err := strconv.Atoi(os.Getenv("TIEBEAM_EDITS")); err == nil {
		edits = n
	}
	store, err := cache.Open(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	first, parts := maps.Clone(files), 0
	for seed := range int64(edits) {
		rng := rand.New(rand.NewSource(seed))
		if rng.Intn(4) == 0 {
			files = maps.Clone(first)
		}
		edit(rng, files)
		of := func(cached, whole bool) *engine.Request {
			q := request(files)
			if q.Whole, q.Workers = whole, 2; cached {
				q.Cache = store
			}
			engine.AnyPart(q)
			return q
		}
		read, judged := false, false
		q := of(true, false)
		q.Progress = func(stage string) {
			read, judged = read || strings.HasPrefix(stage, "reading"), judged || stage == "judging"
		}
		same(t, fmt.Sprintf("seed %d", seed), check(t, of(false, true)), check(t, q))
		if judged && !read {
			parts++
		}
	}
	t.Logf("%d of %d in part", parts, edits)
	if parts < edits/10 {
		t.Errorf("only %d of %d edits were checked in part", parts, edits)
	}
}

// edit changes one file as people do: lines go, come, move or get other numbers, guards and names are taken away, files
// come and go.
func edit(rng *rand.Rand, files tree.Memory) {
	names := slices.Sorted(maps.Keys(files))
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".py") || files[n] == "" })
	name := names[rng.Intn(len(names))]
	lines := strings.SplitAfter(files[name], "\n")
	at := rng.Intn(len(lines))
	switch rng.Intn(12) {
	case 0:
		lines = slices.Delete(lines, at, at+1)
	case 1:
		other := strings.SplitAfter(files[names[rng.Intn(len(names))]], "\n")
		lines = slices.Insert(lines, at, other[rng.Intn(len(other))])
	case 2:
		to := rng.Intn(len(lines))
		lines[at], lines[to] = lines[to], lines[at]
	case 3:
		lines[at] = strings.NewReplacer("1", "7", "2", "0", "None", "5").Replace(lines[at])
	case 4:
		unguard(lines, "with ", "if True:\n")
	case 5:
		for i := range lines {
			lines[i] = strings.ReplaceAll(strings.ReplaceAll(lines[i], ", timeout=5", ""), "timeout=", "time_out=")
		}
	case 6:
		unguard(lines, "@", "# no decorator\n")
	case 7:
		if word := wordIn(rng, lines[at]); word != "" {
			for i := range lines {
				lines[i] = strings.ReplaceAll(lines[i], word, word+"_b")
			}
		}
	case 8:
		if word := wordIn(rng, lines[at]); word != "" {
			lines[at] = strings.ReplaceAll(lines[at], word, wordIn(rng, lines[rng.Intn(len(lines))]))
		}
	case 9:
		if rng.Intn(3) == 0 {
			delete(files, name)
			return
		}
		lines = append(lines, "\n\ndef more(x):\n    return x\n")
	case 10:
		files[strings.TrimSuffix(name, ".py")+fmt.Sprintf("_%d.py", rng.Intn(3))] = files[name]
		return
	case 11:
		lines = append(lines, "\n\n", "async def also(x):\n", "    return x\n")
		lines = slices.Insert(lines, 0, "import time\n")
	}
	files[name] = strings.Join(lines, "")
}

// unguard replaces the first lines that begin so.
func unguard(lines []string, prefix, by string) {
	for i, line := range lines {
		if body := strings.TrimLeft(line, " "); strings.HasPrefix(body, prefix) {
			lines[i] = line[:len(line)-len(body)] + by
			return
		}
	}
}

func wordIn(rng *rand.Rand, line string) string {
	words := strings.FieldsFunc(line, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if len(words) == 0 {
		return ""
	}
	return words[rng.Intn(len(words))]
}
