package cli

import (
	"context"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/tree"
)

func (p *program) checkCommand() *cobra.Command {
	var flags judging
	c := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Find effects without the guard they need",
		Long: `Check judges the tree as it stands: every place that waits, retries, blocks, acquires or shares, and whether a guard
reaches it. One directory is the root, and paths in the report are relative to it; no PATH means the working directory.

` + exitHelp,
		Example: `  tiebeam check
  tiebeam check src --strict
  tiebeam check --format sarif --output tiebeam.sarif
  tiebeam check --select unbounded-wait,leaked-resource services/api`,
		RunE: func(c *cobra.Command, args []string) error { return p.check(c.Context(), &flags, args) },
	}
	flags.register(c)
	return c
}

func (p *program) check(ctx context.Context, flags *judging, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	at, err := locate(args)
	if err != nil {
		return err
	}
	q, err := flags.open(at)
	if err != nil {
		return err
	}
	defer q.close()
	if err := q.openRecords(at); err != nil {
		return err
	}
	result, err := p.run(flags, q, func() (*engine.Result, error) { return engine.Check(ctx, q.Request) })
	if err != nil {
		return err
	}
	return p.finish(flags, q, result, outcome{prefix: at.prefix})
}

// run judges, with everything around it that lasts as long as that: cache, progress, profiles.
func (p *program) run(flags *judging, q *request, judge func() (*engine.Result, error)) (*engine.Result, error) {
	stopProfile, err := flags.profile()
	if err != nil {
		return nil, err
	}
	defer stopProfile()
	if flags.memProfile == "" {
		runtime.MemProfileRate = 0
	}
	if q.Prepare == nil {
		q.Cache, q.Prepare = p.openCache(flags), p.prepare()
	}
	begin, stopProgress := p.progress(flags.quiet)
	q.Progress = begin
	result, err := judge()
	stopProgress()
	p.closeCache(q.Cache)
	return result, err
}

// request is an engine's request with what the command line needs beside it.
type request struct {
	*engine.Request
	// dir is where the configuration was found.
	dir string
	// baseline is the file that accepts findings, empty for none.
	baseline string
}

// request puts together what flags and configuration say; flags win.
func (j *judging) request(root string) (*request, error) {
	found, dir, err := configuration(root, j.config)
	if err != nil {
		return nil, err
	}
	q, err := j.requestWith(found, dir)
	if err != nil {
		return nil, err
	}
	if q.baseline == "" && found.Baseline != "" {
		q.baseline = filepath.Join(dir, filepath.FromSlash(found.Baseline))
	}
	return q, q.accept(j, root)
}

// open is request with the folder opened; whoever asks for it closes it.
func (j *judging) open(at place) (*request, error) {
	q, err := j.request(at.root)
	if err != nil {
		return nil, err
	}
	folder, err := openFolder(at, q)
	if err != nil {
		return nil, err
	}
	q.Tree = folder
	return q, nil
}

// close gives back the folders of a request. What was read stays.
func (q *request) close() {
	q.Tree.Close()
	if q.Records != nil {
		q.Records.Close()
	}
}

// accept reads the baseline, unless it is to be written.
func (q *request) accept(j *judging, root string) (err error) {
	if q.baseline == "" || j.writeBaseline {
		return nil
	}
	q.BaselinePath = baselinePath(root, q.baseline)
	q.Baseline, err = baseline(q.baseline)
	return err
}

// requestWith puts together what the flags say and a configuration that was found in dir.
func (j *judging) requestWith(found *config.Config, dir string) (*request, error) {
	rules, err := chooseRules(j.selected, append(found.Ignore, j.ignored...))
	if err != nil {
		return nil, err
	}
	q := &request{dir: dir, Request: &engine.Request{
		Config: found, All: all.Rules(), Run: rules, Strict: j.strict || found.Strict, Workers: j.jobs, Whole: j.whole, Now: time.Now(),
	}}
	if j.severityOfFails == 0 {
		j.severityOfFails = found.FailOn
	}
	lock := j.requirements
	if lock == "" && found.Requirements != "" {
		lock = filepath.Join(dir, filepath.FromSlash(found.Requirements))
	}
	q.baseline = j.baseline
	if q.Today, err = j.day(); err != nil {
		return nil, err
	}
	q.Versions, err = versions(lock)
	return q, err
}

// baselinePath names the baseline in findings: relative to the root where it lies below.
func baselinePath(root, file string) string {
	full, err := filepath.Abs(file)
	if err != nil || !within(root, full) {
		return filepath.ToSlash(file)
	}
	relative, err := filepath.Rel(root, full)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(relative)
}

// openFolder opens the root, with the configuration's patterns relative to where it was found.
func openFolder(at place, q *request) (*tree.Folder, error) {
	options := tree.FolderOptions{Paths: at.paths, Exclude: q.Config.Exclude}
	dir, err := filepath.Abs(q.dir)
	if err != nil {
		return nil, err
	}
	if below, err := filepath.Rel(dir, at.root); err == nil && below != "." && within(dir, at.root) {
		options.Below = filepath.ToSlash(below)
	}
	return tree.OpenFolder(at.root, options)
}
