package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/boundary"
	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/report"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// mutating holds the flags of boundary.
type mutating struct {
	judging
	all, write, fresh bool
	base              string
	python, coverage  string
	tests             []string
	hooks, runAll     bool
	verdictsOnly      bool
	memoryMB          int
	suiteSeconds      int
}

func (p *program) boundaryCommand() *cobra.Command {
	var flags mutating
	c := &cobra.Command{
		Use:   "boundary [PATH[:SYMBOL]...]",
		Short: "Find comparisons that no test would miss, and write the tests",
		Long: `Boundary changes the comparisons that decide on a limit, one at a time and in memory only, runs the tests that reach each,
and reports the changes that nothing notices, with an input that tells them apart where one can be found.

This command EXECUTES the project's tests, and with them its code, many times and with changed comparisons. It does so in a
sandbox: own processes, no network, and files that are copies (Linux namespaces); where the system does not allow that,
Python's audit hooks refuse what they see, and the report says so. No file of the project is changed, but for
.tiebeam/boundary.json, which keeps what was shown, and the tests that --write asks for.

The project's interpreter needs pytest; hypothesis is used where it is there; nothing is installed.

` + exitHelp,
		Example: `  tiebeam boundary
  tiebeam boundary app/limits.py:Quota.take
  tiebeam boundary --base origin/main
  tiebeam boundary --all src/app --tests tests/unit
  tiebeam boundary --write app/limits.py`,
		RunE: func(c *cobra.Command, args []string) error { return p.boundary(c.Context(), &flags, args) },
	}
	flags.registerBoundary(c)
	return c
}

func (m *mutating) registerBoundary(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.BoolVar(&m.all, "all", false, "take every comparison, not only those that lead to a refusal, a permission or a charge")
	flags.StringVar(&m.base, "base", "", "take the comparisons that the change since this `revision` touches")
	flags.BoolVar(&m.write, "write", false, "write the missing tests beside the existing ones (default: print them)")
	flags.StringSliceVar(&m.tests, "tests", nil, "hand these `paths` to pytest instead of all tests")
	flags.StringVar(&m.python, "python", "", "the project's `interpreter` (default: the active environment, .venv, venv, python3)")
	flags.StringVar(&m.coverage, "coverage", "", "a data `file` of coverage.py with contexts: only the tests it names are run")
	flags.IntVar(&m.memoryMB, "memory", 0, "most memory of a mutant, in megabytes (default 1024)")
	flags.IntVar(&m.suiteSeconds, "suite-timeout", 0, "most seconds of one run of all tests (default 1800)")
	flags.BoolVar(&m.hooks, "no-namespaces", false, "hold the mutants by Python's audit hooks only")
	flags.BoolVar(&m.verdictsOnly, "verdicts-only", false, "say only what becomes of each mutant: look for no inputs and write no tests")
	flags.BoolVar(&m.runAll, "run-all", false, "run also the mutants of which one run of the tests has shown that they change nothing")
	flags.BoolVar(&m.fresh, "fresh", false, "judge everything again, whatever .tiebeam/boundary.json holds")
	flags.StringVarP(&m.format, "format", "f", report.Names()[0], "how to write the report: "+text.List(report.Names()))
	flags.StringVarP(&m.output, "output", "o", "", "write the report to this `file` instead of standard output")
	flags.StringVar(&m.baseline, "baseline", "", "accept what this `file` holds")
	flags.StringVar(&m.failOn, "fail-on", "", "least severity for exit code 1: note, warning or error (default warning)")
	flags.StringVar(&m.config, "config", "", "read options from this `file` only")
	flags.BoolVarP(&m.quiet, "quiet", "q", false, "print findings and what could not be judged only")
	flags.StringVar(&m.color, "color", "auto", "colour the text: auto, always or never")
	flags.IntVarP(&m.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many mutants to run at once")
}

func (p *program) boundary(ctx context.Context, flags *mutating, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	if flags.write && flags.verdictsOnly {
		return usage("--write and --verdicts-only exclude each other: leave one of them out")
	}
	only, at, err := boundaryPlaces(args)
	if err != nil {
		return err
	}
	q, err := flags.request(at.root)
	if err != nil {
		return err
	}
	folder, err := openFolder(at, q)
	if err != nil {
		return err
	}
	defer folder.Close()
	q.Tree = folder
	snapshot, err := engine.Load(ctx, q.Request)
	if err != nil {
		return err
	}
	if err := known(snapshot, only); err != nil {
		return err
	}
	choice := boundary.Choice{All: flags.all, Only: only}
	if flags.base != "" {
		if choice.Touched, err = touchedSince(ctx, flags.base, snapshot, q); err != nil {
			return err
		}
	}
	targets := boundary.Choose(snapshot.Program, snapshot.Source, choice)
	return p.mutate(ctx, flags, q, at, snapshot, targets)
}

// boundaryPlaces finds the root, which is the working directory unless a path lies outside of it, and what of it is
// meant.
func boundaryPlaces(args []string) ([]boundary.Place, place, error) {
	at, err := locate(nil)
	if err != nil {
		return nil, at, err
	}
	var only []boundary.Place
	for _, arg := range args {
		name, symbol := splitSymbol(arg)
		full, err := filepath.Abs(name)
		if err != nil {
			return nil, at, err
		}
		if _, err := os.Stat(full); err != nil {
			return nil, at, usage("%s: %s", name, words(err))
		}
		if !within(at.root, full) {
			return nil, at, usage("%s lies outside of the working directory: run tiebeam in the root of the project, where its tests are run", name)
		}
		relative, err := filepath.Rel(at.root, full)
		if err != nil {
			return nil, at, err
		}
		if relative = filepath.ToSlash(relative); relative == "." {
			relative = ""
		}
		only = append(only, boundary.Place{Path: relative, Symbol: symbol})
	}
	return only, at, nil
}

// known refuses a symbol that its file does not have.
func known(snapshot *engine.Snapshot, only []boundary.Place) error {
	for _, place := range only {
		if place.Symbol == "" {
			continue
		}
		listed := &siteList{snapshot: snapshot, only: place.Path, symbol: place.Symbol}
		if listed.collect(); !listed.known {
			return usage("%s has no symbol %q%s", place.Path, place.Symbol, text.Suggest(place.Symbol, listed.symbols))
		}
	}
	return nil
}

// touchedSince says which functions differ from those of a revision.
func touchedSince(ctx context.Context, revision string, head *engine.Snapshot, q *request) (func(path, symbol string, span fact.Span) bool, error) {
	repository, err := tree.OpenRepository(ctx, ".", "")
	if errors.Is(err, tree.ErrNoRepository) {
		return nil, usage("--base %s: %s", revision, err)
	}
	if err != nil {
		return nil, err
	}
	defer repository.Close()
	from, err := repository.Revision(ctx, revision)
	if err != nil {
		return nil, usage("--base %s: %s", revision, err)
	}
	base, err := engine.Load(ctx, &engine.Request{Tree: from, Config: q.Config, Versions: q.Versions, Workers: q.Workers})
	if err != nil {
		return nil, err
	}
	return boundary.Touched(base.Program, head.Program, base.Source, head.Source), nil
}

func (p *program) mutate(ctx context.Context, flags *mutating, q *request, at place, snapshot *engine.Snapshot, targets []boundary.Target) error {
	python, err := boundary.FindPython(at.root, flags.python, p.env["VIRTUAL_ENV"])
	if err != nil {
		return usage("%s", err)
	}
	if python, err = filepath.Abs(python); err != nil {
		return err
	}
	if flags.coverage != "" {
		if _, err := os.Stat(flags.coverage); err != nil {
			return usage("--coverage %s: %s: record one with `pytest --cov --cov-context=test`", flags.coverage, words(err))
		}
	}
	store := evidenceStore{root: at.root}
	begin, stop := p.progress(flags.quiet)
	o := boundary.Options{
		Root: at.root, Python: python, Jobs: flags.jobs, Pytest: flags.tests, Coverage: flags.coverage, SuiteSeconds: flags.suiteSeconds,
		MemoryMB: flags.memoryMB, Hooks: flags.hooks, RunAll: flags.runAll, Content: snapshot.Content, Suite: flags.suite(snapshot, python), Progress: begin,
		Keep: store.keep, KeepBaseline: store.keepBaseline, Witnesses: !flags.verdictsOnly,
	}
	if !flags.fresh {
		o.Known, o.Baseline = store.read()
	}
	outcome, err := boundary.Run(ctx, targets, o)
	var written []boundary.Written
	if err == nil && !flags.verdictsOnly {
		written, err = boundary.WriteTests(ctx, targets, outcome, o)
	}
	stop()
	if errors.Is(err, boundary.ErrRefused) {
		fmt.Fprintln(p.stderr, "tiebeam:", err)
		return exitError(exitIncomplete)
	}
	if err = cmp.Or(err, store.failed); err != nil {
		return err
	}
	if flags.write {
		if err := saveTests(at.root, written); err != nil {
			return err
		}
	}
	result := snapshot.Settle(q.Request, boundary.Findings(outcome), outcome.Incomplete)
	result.Notes = append(result.Notes, outcome.Notes...)
	return p.finish(&flags.judging, q, result, ofBoundary(at, outcome, written, flags.write))
}

// ofBoundary says what only this command knows of its report.
func ofBoundary(at place, o *boundary.Outcome, written []boundary.Written, saved bool) outcome {
	return outcome{prefix: at.prefix, extra: &report.Extra{
		Text: boundary.Text(o, written, saved), Markdown: boundary.Markdown(o, written, saved), JSON: boundary.JSON(o, written),
	}}
}

// suite names all that a verdict depends on: every Python file of the tree, the interpreter, and which tests are run. Where
// that is only some, it does not begin with the name of the tree, so that nobody takes "survived" for "no test notices".
func (m *mutating) suite(s *engine.Snapshot, python string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", python, m.tests, m.coverage))
	name := s.Suite() + "-" + hex.EncodeToString(sum[:4])
	if len(m.tests) > 0 || m.coverage != "" {
		return "some-" + name
	}
	return name
}

// saveTests writes the tests, each where nothing is yet.
func saveTests(root string, written []boundary.Written) error {
	for i := range written {
		name := filepath.Join(root, filepath.FromSlash(written[i].Path))
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return fmt.Errorf("write the test: %w", err)
		}
		_, err = io.WriteString(file, written[i].Text)
		if err = cmp.Or(err, file.Close()); err != nil {
			return fmt.Errorf("write the test: %w", err)
		}
	}
	return nil
}

// evidenceStore keeps what runs have shown, in the project.
type evidenceStore struct {
	root   string
	failed error
}

// reachFile is what the tests do as the code is, beside the evidence; it only saves time.
const reachFile = ".tiebeam/boundary-reach.json"

// read gives what is kept. What cannot be read as evidence is written anew.
func (s *evidenceStore) read() (known *evidence.File, reach []byte) {
	if raw := s.get(evidence.Path); raw != nil {
		if file, err := evidence.Parse(raw); err == nil {
			known = file
		}
	}
	return known, s.get(reachFile)
}

func (s *evidenceStore) get(name string) []byte {
	raw, err := tree.ReadFile(filepath.Join(s.root, filepath.FromSlash(name)), evidence.MaxBytes)
	if err != nil {
		return nil
	}
	return raw
}

func (s *evidenceStore) keep(file *evidence.File) {
	if raw, err := evidence.Format(file); err != nil {
		s.failed = err
	} else {
		s.put(evidence.Path, raw)
	}
}

func (s *evidenceStore) keepBaseline(raw []byte) { s.put(reachFile, raw) }

func (s *evidenceStore) put(name string, raw []byte) {
	full := filepath.Join(s.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		s.failed = err
		return
	}
	// The folder ignores itself, so that nobody commits what holds for one machine.
	ignore := filepath.Join(filepath.Dir(full), ".gitignore")
	if _, err := os.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o666); err != nil {
			s.failed = err
		}
	}
	err := replace(full, func(w io.Writer) error {
		_, err := io.Copy(w, strings.NewReader(string(raw)))
		return err
	})
	if err != nil {
		s.failed = fmt.Errorf("keep %s: %w", name, err)
	}
}
