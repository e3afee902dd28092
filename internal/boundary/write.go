package boundary

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
)

// Written is one file of tests, each of which was run: it passes on the code as it is and fails with the mutants it names.
type Written struct {
	// Path is relative to the root; nothing is there yet.
	Path, Text string
	// Kills are the mutants that the tests notice, as they read; Questions are for the author.
	Kills     []string
	Questions []string
}

// WriteTests writes tests for the mutants that nothing notices, one file for each module under test, and runs them. What
// no test can be written for is told in the outcome's notes. Nothing is written to the project.
func WriteTests(ctx context.Context, targets []Target, out *Outcome, o Options) ([]Written, error) {
	w := &writer{targets: targets, out: out, o: o, files: map[string]*testFile{}}
	w.draft()
	if len(w.files) == 0 {
		return nil, nil
	}
	if err := w.try(ctx); err != nil {
		return nil, err
	}
	w.choose()
	return w.confirm(ctx)
}

// writer turns witnesses into files of tests.
type writer struct {
	targets []Target
	out     *Outcome
	o       Options
	files   map[string]*testFile // by the path of the module under test
}

// testFile is the tests of one module.
type testFile struct {
	module, path string
	style        style
	cases        []*testCase
	used         map[string]bool // names of tests
}

// testCase is the tests of one target.
type testCase struct {
	target   int
	open     []string // the mutants that are to be killed
	parts    []part
	kept     []part
	question string
	kills    map[string]bool
}

// part is one test function, or two that belong together.
type part struct {
	names    []string
	text     string
	imports  [][2]string
	property bool
	line     string // imports the module under test as a whole, empty where names of it are imported
}

// draft makes the tests of every comparison that has a witness which can be written down.
func (w *writer) draft() {
	for i := range w.out.Evidence.Comparisons {
		c := &w.out.Evidence.Comparisons[i]
		wit := w.out.witnesses[i]
		var open []string
		for j := range c.Mutants {
			if c.Mutants[j].Open() {
				open = append(open, mutantID(i, j))
			}
		}
		if len(open) == 0 || c.Mutants[0].Verdict == evidence.NotReached {
			continue
		}
		if why := unwritable(wit, open); why != "" {
			w.out.Notes = append(w.out.Notes, fmt.Sprintf("%s:%d: no test is written for %s: %s", c.Path, c.Line, c.Text, why))
			continue
		}
		file := w.files[c.Path]
		if file == nil {
			file = &testFile{module: wit.Module, used: map[string]bool{}}
			file.path, file.style = w.place(c, wit.Module)
			w.files[c.Path] = file
		}
		d := &drafter{w: wit, style: file.style, used: file.used, target: &w.targets[i], open: open, hypothesis: w.out.hypothesis}
		file.cases = append(file.cases, &testCase{target: i, open: open, parts: d.parts(), question: d.question(), kills: map[string]bool{}})
	}
}

// unwritable says why no test can be written, empty where one can.
func unwritable(w *witness, open []string) string {
	switch {
	case w == nil:
		return "no input was found that leads to the limit"
	case len(w.Rows) == 0:
		return w.Why
	}
	for i := range w.Rows {
		if w.Rows[i].Unwritable != "" {
			return "a " + w.Rows[i].Unwritable + " cannot be written as an expression"
		}
	}
	for _, m := range open {
		if len(w.Apart[m]) > 0 {
			return ""
		}
	}
	return "at the limit and beside it the change makes no difference that a caller sees"
}

// place chooses where the tests of a module go: beside a test that reaches the comparison.
func (w *writer) place(c *evidence.Comparison, module string) (string, style) {
	near := ""
	for i := range c.Mutants {
		for _, test := range []string{c.Mutants[i].Near, c.Mutants[i].By} {
			if near == "" && test != "" {
				near = evidence.TestFile(test)
			}
		}
	}
	dir, own := "tests", style{}
	if near != "" {
		dir = filepath.ToSlash(filepath.Dir(near))
		if raw, err := os.ReadFile(filepath.Join(w.o.Root, filepath.FromSlash(near))); err == nil {
			own = styleOf(string(raw))
			own.imports = importStyleOf(string(raw), dir, module)
		}
	}
	base := strings.Trim(baseOf(c.Path), "_")
	if base == "init" {
		base = strings.Trim(filepath.Base(filepath.Dir(c.Path)), "_")
	}
	for n := 1; ; n++ {
		name := "test_" + base + "_boundary"
		if n > 1 {
			name = fmt.Sprintf("%s_%d", name, n)
		}
		full := filepath.ToSlash(filepath.Join(dir, name+".py"))
		if _, err := os.Lstat(filepath.Join(w.o.Root, filepath.FromSlash(full))); err != nil && !w.taken(full) {
			return full, own
		}
	}
}

func (w *writer) taken(full string) bool {
	for _, f := range w.files {
		if f.path == full {
			return true
		}
	}
	return false
}

// try runs every part of every case by itself.
func (w *writer) try(ctx context.Context) error {
	var checks []planVerify
	files := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(w.files)) {
		file := w.files[key]
		var parts []part
		for _, c := range file.cases {
			for _, p := range c.parts {
				parts = append(parts, p)
				checks = append(checks, planVerify{File: file.path, Names: p.names, Mutants: pairs(c)})
			}
		}
		files[file.path] = file.render(parts)
	}
	heard, err := w.verify(ctx, files, checks)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(w.files)) {
		for _, c := range w.files[key].cases {
			for _, p := range c.parts {
				e := heard[0]
				heard = heard[1:]
				if e == nil || e.Ran == 0 || len(e.Failed) > 0 {
					continue
				}
				if last := len(c.kept) - 1; p.property && last >= 0 && c.kept[last].property {
					continue // the wider one holds
				}
				if p.property || len(e.Killed) > 0 {
					c.kept = append(c.kept, p)
				}
				for m := range e.Killed {
					c.kills[m] = true
				}
			}
		}
	}
	return nil
}

// pairs are the mutants of a case as the agent takes them.
func pairs(c *testCase) [][2]any {
	var all [][2]any
	for _, m := range c.open {
		all = append(all, [2]any{c.target, m})
	}
	return all
}

// choose drops the cases of which nothing kills a mutant.
func (w *writer) choose() {
	for key, file := range w.files {
		file.cases = slices.DeleteFunc(file.cases, func(c *testCase) bool {
			if len(c.kills) > 0 && slices.ContainsFunc(c.kept, func(p part) bool { return !p.property }) {
				return false
			}
			t := &w.targets[c.target]
			w.out.Notes = append(w.out.Notes, fmt.Sprintf("%s:%d: no test is written for %s: the one that was tried does not hold", t.Path, t.Line, t.Text))
			return true
		})
		if len(file.cases) == 0 {
			delete(w.files, key)
		}
	}
	slices.Sort(w.out.Notes)
}

// confirm runs the files as they are to be written, once as the code is and once with each mutant.
func (w *writer) confirm(ctx context.Context) ([]Written, error) {
	files, checks := map[string]string{}, []planVerify{}
	order := slices.Sorted(maps.Keys(w.files))
	if len(order) == 0 {
		return nil, nil
	}
	for _, key := range order {
		file := w.files[key]
		var parts []part
		check := planVerify{File: file.path}
		for _, c := range file.cases {
			parts = append(parts, questioned(c)...)
			check.Mutants = append(check.Mutants, pairs(c)...)
		}
		files[file.path] = file.render(parts)
		checks = append(checks, check)
	}
	heard, err := w.verify(ctx, files, checks)
	if err != nil {
		return nil, err
	}
	var all []Written
	for i, key := range order {
		file, e := w.files[key], heard[i]
		if e == nil || e.Ran == 0 || len(e.Failed) > 0 || len(e.Killed) == 0 {
			w.out.Notes = append(w.out.Notes, file.path+": the tests written for "+key+" do not hold together and are left out")
			continue
		}
		written := Written{Path: file.path, Text: files[file.path]}
		for _, c := range file.cases {
			for j, m := range w.targets[c.target].Mutants {
				if _, ok := e.Killed[mutantID(c.target, j)]; ok {
					written.Kills = append(written.Kills, m.Text)
				}
			}
			if c.question != "" {
				written.Questions = append(written.Questions, c.question)
			}
		}
		all = append(all, written)
	}
	return all, nil
}

// questioned gives the parts of a case, with its question above the first.
func questioned(c *testCase) []part {
	parts := slices.Clone(c.kept)
	if c.question != "" {
		parts[0].text = comment("Question for the author: "+c.question) + parts[0].text
	}
	return parts
}

// verify runs files of tests; the answers come in the order of the checks, nil where there is none.
func (w *writer) verify(ctx context.Context, files map[string]string, checks []planVerify) ([]*event, error) {
	p := &plan{
		Root: w.o.Root, Targets: planTargets(w.targets), Jobs: 1, Pytest: []string{}, Suite: defaultSuiteSeconds,
		Limits: boundsOf(w.o), Files: files, Verify: checks,
	}
	if w.o.Hooks {
		p.Sandbox = "hooks"
	}
	if w.o.Progress != nil {
		w.o.Progress("running the tests that were written")
	}
	answers := make([]*event, 0, len(checks))
	err := call(ctx, w.o.Python, p, func(line []byte) error {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("the agent said %q: %w", line[:min(len(line), 100)], err)
		}
		if e.Event == "verified" {
			answers = append(answers, &e)
		}
		return nil
	})
	for len(answers) < len(checks) {
		answers = append(answers, nil)
	}
	return answers, err
}
