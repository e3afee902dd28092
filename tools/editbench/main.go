// Command editbench times what a change of one file costs on a large project: `tiebeam check` after an edit, and
// `tiebeam diff` of the commit that holds it, with the cache and without.
//
//	go run ./tools/editbench -tiebeam ./tiebeam -repo homeassistant/ [-edits 20] [-seed 1]
//
// It works on a clone and edits files drawn by the seed, one after the other: a statement is added to a function. Each
// figure is the median over the edits, and CPU time includes that of git.
package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	tiebeam := flag.String("tiebeam", "tiebeam", "the program to time")
	repo := flag.String("repo", "", "the git repository of the project")
	edits := flag.Int("edits", 20, "how many files are edited")
	seed := flag.Uint64("seed", 1, "draws the files")
	flag.Parse()
	if *repo == "" || *edits < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := bench(*tiebeam, *repo, *edits, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "editbench:", err)
		os.Exit(1)
	}
}

// cost is what one run took.
type cost struct{ wall, cpu time.Duration }

// table collects costs under the name of what was done, in the order of their first mention.
type table struct {
	names []string
	costs map[string][]cost
}

func (t *table) add(name string, c cost) {
	if t.costs[name] == nil {
		t.names = append(t.names, name)
	}
	t.costs[name] = append(t.costs[name], c)
}

func (t *table) print() {
	fmt.Println("| run | runs | wall, median | wall, slowest | CPU, median |\n|---|---:|---:|---:|---:|")
	for _, name := range t.names {
		walls, cpus := []time.Duration{}, []time.Duration{}
		for _, c := range t.costs[name] {
			walls, cpus = append(walls, c.wall), append(cpus, c.cpu)
		}
		slices.Sort(walls)
		slices.Sort(cpus)
		fmt.Printf("| %s | %d | %.2f s | %.2f s | %.2f s |\n",
			name, len(walls), walls[len(walls)/2].Seconds(), walls[len(walls)-1].Seconds(), cpus[len(cpus)/2].Seconds())
	}
}

func bench(tiebeam, repo string, edits int, seed uint64) error {
	tiebeam, err := filepath.Abs(tiebeam)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "editbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	w := &workplace{dir: filepath.Join(scratch, "clone"), cache: filepath.Join(scratch, "cache"), tiebeam: tiebeam}
	if _, err := output(".", "git", "clone", "-q", "--local", repo, w.dir); err != nil {
		return err
	}
	return w.measure(edits, rand.New(rand.NewPCG(seed, seed)))
}

// workplace is a clone of the project and a cache of its own.
type workplace struct {
	dir, cache, tiebeam string
	found               table
}

func (w *workplace) measure(edits int, rng *rand.Rand) error {
	w.found.costs = map[string][]cost{}
	listed, err := output(w.dir, "git", "ls-files", "*.py")
	if err != nil {
		return err
	}
	files := strings.Fields(listed)
	if err := w.run("check, empty cache", "check", ".", "-q"); err != nil {
		return err
	}
	if err := w.run("check, nothing changed", "check", ".", "-q"); err != nil {
		return err
	}
	for range 3 {
		if err := w.run("check without a cache", "check", ".", "-q", "--no-cache"); err != nil {
			return err
		}
	}
	if err := w.run("diff, facts of the revision not cached yet", "diff", "HEAD", "HEAD", "-q"); err != nil {
		return err
	}
	for done := 0; done < edits; {
		edited, err := w.edit(files[rng.IntN(len(files))], rng)
		if err != nil {
			return err
		}
		if !edited {
			continue
		}
		done++
		if err := w.afterEdit(done <= 3); err != nil {
			return err
		}
	}
	fmt.Printf("%d files, %d edits\n\n", len(files), edits)
	w.found.print()
	return nil
}

// afterEdit measures what follows on an edit, and takes it back.
func (w *workplace) afterEdit(alsoWithoutCache bool) error {
	if err := w.run("check, one file changed", "check", ".", "-q"); err != nil {
		return err
	}
	if err := w.run("diff of the working tree, cached", "diff", "HEAD", "-q"); err != nil {
		return err
	}
	if _, err := output(w.dir, "git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-a", "-m", "edit"); err != nil {
		return err
	}
	if err := w.run("diff of the commit, cached", "diff", "HEAD~1", "HEAD", "-q"); err != nil {
		return err
	}
	if alsoWithoutCache {
		if err := w.run("diff of the commit, without a cache", "diff", "HEAD~1", "HEAD", "-q", "--no-cache"); err != nil {
			return err
		}
	}
	_, err := output(w.dir, "git", "reset", "-q", "--hard", "HEAD~1")
	return err
}

var statement = regexp.MustCompile(`^\s+(return|self\.\w+ = |\w+ = )`)

// edit adds a statement to a function of a file; edited is false where it has none.
func (w *workplace) edit(name string, rng *rand.Rand) (edited bool, err error) {
	full := filepath.Join(w.dir, filepath.FromSlash(name))
	raw, err := os.ReadFile(full)
	if err != nil {
		return false, err
	}
	lines := strings.SplitAfter(string(raw), "\n")
	var places []int
	for i, line := range lines {
		if statement.MatchString(line) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return false, nil
	}
	at := places[rng.IntN(len(places))]
	indent := lines[at][:len(lines[at])-len(strings.TrimLeft(lines[at], " \t"))]
	lines = slices.Insert(lines, at, indent+"value_of_the_edit = len(\"edit\")\n")
	return true, os.WriteFile(full, []byte(strings.Join(lines, "")), 0o644)
}

// run times one run of tiebeam. An exit code of 1 or 3 is what it gives where it has something to say.
func (w *workplace) run(name string, args ...string) error {
	cmd := exec.Command(w.tiebeam, append(args, "--cache-dir", w.cache)...)
	cmd.Dir = w.dir
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 && exit.ExitCode() != 3) {
		return fmt.Errorf("%s: %w", name, err)
	}
	if wall > 5*time.Second {
		diff, _ := output(w.dir, "git", "diff")
		fmt.Fprintln(os.Stderr, "SLOW", name, wall, diff)
	}
	w.found.add(name, cost{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()})
	return nil
}

func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return string(out), nil
}
