package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/export"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/page"
	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/report"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// chaosFlags are what `tiebeam chaos` can be told.
type chaosFlags struct {
	judging
	sweep.Options
	faults, forwards, redirect []string
	before                     string
	timeline                   string
	export                     string
}

func (p *program) chaosCommand() *cobra.Command {
	var flags chaosFlags
	c := &cobra.Command{
		Use:   "chaos [flags] -- COMMAND [ARGUMENT...]",
		Short: "Run tests behind a network that fails half-way, and report what happens twice",
		Long: `Chaos runs COMMAND (usually pytest) behind proxies on this machine that understand PostgreSQL, HTTP/1.1, HTTPS and
Redis: twice without a fault, then once for each operation that precedes or is an effect, with the answer to exactly
that operation lost after it was executed. What is committed more often than without the fault is a finding, with the
Python line of the retry.

The program is led to the proxies by its environment: every variable that holds a URL of PostgreSQL or Redis, PGHOST and
its like, HTTP_PROXY and HTTPS_PROXY. Name other variables with --redirect, and addresses that stand in code with
--forward. Tests are told apart by a pytest plugin that is injected and not installed.

The sweep really does what the tests do, many times. Upstreams that are not on this machine are refused.

` + exitHelp,
		Example: `  tiebeam chaos -- pytest tests/test_payments.py
  tiebeam chaos --faults response-lost,hang --timeline chaos.html -- pytest -q
  tiebeam chaos --redirect PAY_URL --only 'INSERT*' --budget 10m --resume .chaos.json -- python -m pytest
  tiebeam chaos --export tests/test_once.py -- pytest tests/test_payments.py
  tiebeam chaos --forward redis:6379=127.0.0.1:6380 -- pytest tests/test_queue.py`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("expected -- COMMAND (see `%s --help`)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return p.chaos(c.Context(), &flags, args) },
	}
	flags.registerChaos(c)
	return c
}

func (f *chaosFlags) registerChaos(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.SetInterspersed(false)
	var kinds []string
	for _, k := range fault.Kinds() {
		kinds = append(kinds, string(k))
	}
	flags.StringSliceVar(&f.faults, "faults", []string{"all"}, "`kinds` of faults: all, or some of "+strings.Join(kinds, ", "))
	flags.StringSliceVar(&f.redirect, "redirect", nil, "lead the URLs in these environment variables (`NAME`) through a proxy, too ([[chaos.redirect]] of the configuration)")
	flags.StringSliceVar(&f.forwards, "forward", nil, "listen on a port for a service: `PROTOCOL:PORT=HOST:PORT`, with postgres, redis, http or opaque")
	flags.BoolVar(&f.NoProxy, "no-http-proxy", false, "leave HTTP_PROXY and the certificates of TLS as they are")
	flags.StringSliceVar(&f.Only, "only", nil, "try points whose test or operation matches these `patterns` only")
	flags.BoolVar(&f.AllPoints, "all-points", false, "try every operation before the last effect, also those that are alike")
	flags.DurationVar(&f.Budget, "budget", 0, "begin no further run after this `time`")
	flags.DurationVar(&f.RunLimit, "run-limit", 10*time.Minute, "how long one run may take")
	flags.DurationVar(&f.Patience, "patience", 7*time.Second, "how long a call may wait for an answer before it counts as waiting for ever")
	flags.DurationVar(&f.Delay, "delay", 3*time.Second, "how late an answer comes with latency, and a close with slow-close")
	flags.Uint64Var(&f.Seed, "seed", 0, "order of points of equal weight, and PYTHONHASHSEED; 0 keeps the order of the tests")
	flags.StringVar(&f.Resume, "resume", "", "keep what was done in this `file`, and go on from it")
	flags.StringVar(&f.before, "before", "", "`command` that makes the databases fresh before each run (words, no shell)")
	flags.StringSliceVar(&f.KeyFields, "idempotency-header", nil, "further header `fields` that hold idempotency keys")
	flags.BoolVar(&f.ShowValues, "show-params", false, "show parameters and bodies in the report; they may be secrets")
	flags.BoolVar(&f.AllowRemote, "allow-remote-upstream", false, "let services be on other machines, where the effects of the tests then really happen many times")
	flags.StringVar(&f.timeline, "timeline", "", "write an HTML page with the operations of each finding on a line of time to this `file`")
	flags.StringVar(&f.export, "export", "", "write a pytest `file` that reproduces each finding, in plain code that needs nothing of tiebeam")
	flags.StringVarP(&f.format, "format", "f", report.Names()[0], "how to write the report: "+text.List(report.Names()))
	flags.StringVarP(&f.output, "output", "o", "", "write the report to this `file` instead of standard output")
	flags.StringVar(&f.baseline, "baseline", "", "accept what this `file` holds")
	flags.BoolVar(&f.writeBaseline, "write-baseline", false, "write what is found to the file that --baseline names")
	flags.StringVar(&f.failOn, "fail-on", "", "least severity for exit code 1: note, warning or error (default warning)")
	flags.StringVar(&f.config, "config", "", "read options from this `file` only")
	flags.BoolVar(&f.explain, "explain", false, "say with every finding why it matters and what to do")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print findings and what could not be judged only")
	flags.StringVar(&f.color, "color", "auto", "colour the text: auto, always or never")
}

// chaos sweeps, and writes what was found.
func (p *program) chaos(ctx context.Context, flags *chaosFlags, command []string) error {
	flags.jobs = 1
	if err := flags.judging.check(); err != nil {
		return err
	}
	at, err := locate(nil)
	if err != nil {
		return err
	}
	q, err := flags.request(at.root)
	if err != nil {
		return err
	}
	if err := flags.complete(p, at.root, q.Config.Redirects, command); err != nil {
		return err
	}
	if flags.Resume != "" {
		if flags.Code, err = identity(ctx, at, q); err != nil {
			return err
		}
	}
	progress, stop := p.sweepProgress(flags.quiet)
	flags.Progress = progress
	result, err := sweep.Run(ctx, &flags.Options)
	stop()
	if err != nil {
		return err
	}
	settled, made, err := flags.settle(context.WithoutCancel(ctx), q, at, result)
	if err != nil {
		return err
	}
	if err := flags.extras(made, settled); err != nil {
		return err
	}
	err = p.finish(&flags.judging, q, settled, outcome{})
	if result.Interrupted {
		return exitError(exitInterrupt)
	}
	return err
}

// identity is a hash of the Python files below a place, but for the tests that a sweep has written.
func identity(ctx context.Context, at place, q *request) (string, error) {
	folder, err := openFolder(at, q)
	if err != nil {
		return "", err
	}
	defer folder.Close()
	listing, err := folder.List(ctx, tree.Python)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, entry := range listing.Entries {
		raw, err := folder.Read(ctx, entry, maxConfigBytes)
		if err == nil && bytes.HasPrefix(raw, []byte(export.Mark)) {
			continue
		}
		fmt.Fprintf(hash, "%q %d %x\n", entry.Path, len(raw), sha256.Sum256(raw))
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// settle makes findings of a sweep, without those that comments in the source and the baseline accept.
func (f *chaosFlags) settle(ctx context.Context, q *request, at place, result *sweep.Result) (*engine.Result, *chaos.Report, error) {
	folder, err := openFolder(at, q)
	if err != nil {
		return nil, nil, err
	}
	defer folder.Close()
	q.Tree = folder
	snapshot, err := engine.Load(ctx, q.Request)
	if err != nil {
		return nil, nil, err
	}
	made := chaos.Make(f.Dir, result)
	settled := snapshot.Settle(q.Request, made.Findings, nil)
	made.Settled(settled.Findings)
	// What the analysis could not read of the source is its own matter, and was not asked for here.
	settled.Incomplete, settled.Skipped, settled.Notes, settled.Files = made.Incomplete, nil, made.Notes, len(result.Bases)
	settled.Source = func(_ finding.Side, path string) *source.File { return made.Source(path) }
	return settled, made, nil
}

// extras writes the page and the tests that were asked for.
func (f *chaosFlags) extras(made *chaos.Report, settled *engine.Result) error {
	if f.timeline != "" {
		err := replace(f.timeline, func(w io.Writer) error { return page.Write(w, made.Page("tiebeam "+Version, f.Command)) })
		if err != nil {
			return fmt.Errorf("write the timeline: %w", err)
		}
	}
	if f.export == "" {
		return nil
	}
	full, err := filepath.Abs(f.export)
	if err != nil {
		return err
	}
	file, left := made.Export(filepath.Dir(full), &f.Options)
	settled.Notes = append(settled.Notes, left...)
	if len(file.Cases) == 0 {
		settled.Notes = append(settled.Notes, "no finding to write a test for: "+f.export+" is not written")
		return nil
	}
	if err := replace(f.export, func(w io.Writer) error { return export.Write(w, file) }); err != nil {
		return fmt.Errorf("write the tests: %w", err)
	}
	settled.Notes = append(settled.Notes, text.Count(len(file.Cases), "test")+" written to "+f.export)
	return nil
}

// checkExport refuses to write over what is not ours.
func (f *chaosFlags) checkExport() error {
	if f.export == "" {
		return nil
	}
	if !strings.HasSuffix(f.export, ".py") {
		return usage("--export %s: expected a name that ends with .py", f.export)
	}
	raw, err := tree.ReadFile(f.export, maxConfigBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usage("--export %s: %s", f.export, words(err))
	case !strings.HasPrefix(string(raw), export.Mark):
		return usage("--export %s: that file is there, and was not written by tiebeam chaos: name another one", f.export)
	}
	return nil
}

// complete makes options of the flags.
func (f *chaosFlags) complete(p *program, root string, configured []config.Redirect, command []string) error {
	var err error
	if f.writeBaseline && f.baseline == "" {
		return usage("--write-baseline: name a file for it with --baseline: that of check would lose what it accepts")
	}
	if err := f.checkExport(); err != nil {
		return err
	}
	for _, r := range configured {
		f.Redirect = append(f.Redirect, redirect.Named{Name: r.Name, Port: r.Port, Protocol: wire.Protocol(r.Protocol), Upstream: r.Upstream})
	}
	for _, name := range f.redirect {
		f.Redirect = append(f.Redirect, redirect.Named{Name: name})
	}
	if f.Kinds, err = fault.Parse(f.faults); err != nil {
		return usage("--faults: %s", err)
	}
	for _, given := range f.forwards {
		forward, err := parseForward(given)
		if err != nil {
			return err
		}
		f.Forwards = append(f.Forwards, forward)
	}
	for name, d := range map[string]time.Duration{"run-limit": f.RunLimit, "patience": f.Patience, "delay": f.Delay} {
		if d <= 0 {
			return usage("--%s %s: expected more than 0", name, d)
		}
	}
	if f.Delay >= f.Patience {
		return usage("--delay %s is not shorter than --patience %s: a late answer could not be told from none", f.Delay, f.Patience)
	}
	f.Command, f.Before = command, strings.Fields(f.before)
	f.Dir = root
	for name, value := range p.env {
		f.Environment = append(f.Environment, name+"="+value)
	}
	return nil
}

// parseForward reads PROTOCOL:PORT=HOST:PORT.
func parseForward(given string) (sweep.Forward, error) {
	left, upstream, found := strings.Cut(given, "=")
	name, port, named := strings.Cut(left, ":")
	protocols := []string{string(wire.Postgres), string(wire.Redis), string(wire.HTTP), string(wire.Opaque)}
	if !found || !named || !strings.Contains(upstream, ":") {
		return sweep.Forward{}, usage("--forward %q: expected PROTOCOL:PORT=HOST:PORT", given)
	}
	if err := oneOf("forward", name, protocols); err != nil {
		return sweep.Forward{}, err
	}
	return sweep.Forward{Protocol: wire.Protocol(name), Listen: "127.0.0.1:" + port, Upstream: upstream}, nil
}

// sweepProgress tells how far a sweep is: on a terminal in one line, elsewhere now and then.
func (p *program) sweepProgress(quiet bool) (tell func(sweep.Progress), stop func()) {
	if quiet {
		return nil, func() {}
	}
	line := func(s sweep.Progress) string {
		if s.Total == 0 {
			return s.Stage
		}
		out := fmt.Sprintf("%d of %d, %s", s.Done+1, s.Total, text.Visible(finding.OneLine(s.Stage)))
		if s.Left > 0 {
			out += ", " + s.Left.Round(time.Second).String() + " left"
		}
		return out
	}
	if begin, stop := p.progress(false); begin != nil {
		return func(s sweep.Progress) { begin(line(s)) }, stop
	}
	told := time.Time{}
	return func(s sweep.Progress) {
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			fmt.Fprintln(p.stderr, "tiebeam: "+line(s))
		}
	}, func() {}
}
