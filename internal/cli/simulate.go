package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/engine"
	model "github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/simulate"
	guards "github.com/tiebeam/tiebeam/internal/simulate/code"
)

// simulating is what the flags of the command say.
type simulating struct {
	format, output, failOn string
	seed                   uint64
	runs                   int
	all, noGuards, quiet   bool
	template               bool
}

func (p *program) simulateCommand() *cobra.Command {
	var s simulating
	c := &cobra.Command{
		Use:   "simulate TOPOLOGY",
		Short: "Show what a slow dependency does to the services upstream, with and without each guard",
		Long: `Simulate plays the services that a file describes: who calls whom, with which deadlines, retries, pools, queues, breakers
and caches, what arrives, and what goes wrong. It tells after how long which service is exhausted, whether it recovers
when the cause is gone, what each guard is worth, which number that is not known exactly decides, and which deadlines and
attempts contradict each other. A service is exhausted once it has to refuse a request. Where there is a formula its
answer stands beside. The same file and seed give the same output everywhere.

A service that names its code ("code = \"services/orders\"") has deadlines and attempts read from there; what the file
says itself wins. A value may be a range ("80..150"). docs/simulate.md describes the file.`,
		Example: `  tiebeam simulate --template > topology.toml
  tiebeam simulate topology.toml
  tiebeam simulate topology.toml --format html -o cascade.html
  tiebeam simulate topology.toml --fail-on exhausted`,
		Args: atMost("TOPOLOGY"),
		RunE: func(c *cobra.Command, args []string) error {
			if s.template {
				return p.print(simulate.Template)
			}
			if len(args) == 0 {
				return usage("expected TOPOLOGY (`%s --template` prints one to start from)", c.CommandPath())
			}
			return p.simulate(c.Context(), &s, args[0])
		},
	}
	flags := c.Flags()
	flags.StringVar(&s.format, "format", "text", "`format`: text, json, html")
	flags.StringVarP(&s.output, "output", "o", "", "write to this `file` instead of standard output")
	flags.StringVar(&s.failOn, "fail-on", "", "exit with 1 when this happens in most runs: exhausted, no-recovery; several with commas")
	flags.Uint64Var(&s.seed, "seed", 0, "first `seed` (default: the file's)")
	flags.IntVar(&s.runs, "runs", 0, "`number` of runs, each with the next seed (default: the file's)")
	flags.BoolVar(&s.all, "all", false, "list also the guards that change nothing")
	flags.BoolVar(&s.noGuards, "no-guards", false, "do not work out what each guard is worth")
	flags.BoolVar(&s.template, "template", false, "print a topology to start from")
	flags.BoolVarP(&s.quiet, "quiet", "q", false, "show no progress")
	return c
}

// maxTopologyBytes bounds what is read of a topology; one with a thousand services has some hundred kilobytes.
const maxTopologyBytes = 16 << 20

func (p *program) simulate(ctx context.Context, s *simulating, name string) error {
	write := map[string]func(w io.Writer, study *simulate.Study) error{
		"text": func(w io.Writer, study *simulate.Study) error { return study.Text(w, name, s.all) },
		"json": func(w io.Writer, study *simulate.Study) error { return study.JSON(w, name, Version) },
		"html": func(w io.Writer, study *simulate.Study) error { return study.HTML(w, name, Version) },
	}[s.format]
	if write == nil {
		return usage("--format %q: expected text, json or html", s.format)
	}
	for _, word := range strings.FieldsFunc(s.failOn, func(r rune) bool { return r == ',' }) {
		if word != "exhausted" && word != "no-recovery" {
			return usage("--fail-on %q: expected exhausted or no-recovery", word)
		}
	}
	topology, err := s.topology(ctx, name)
	if err != nil {
		return err
	}
	begin, stop := p.progress(s.quiet)
	options := simulate.Options{Guards: !s.noGuards}
	if begin != nil {
		options.Progress = func(share float64) { begin(fmt.Sprintf("simulating %.0f %%", 100*share)) }
	}
	study := simulate.Examine(topology, options)
	stop()
	if s.output != "" {
		err = replace(s.output, func(w io.Writer) error { return write(w, study) })
	} else if err = write(p.stdout, study); closedPipe(err) {
		err = nil
	}
	if err != nil {
		return err
	}
	if fails(study.Outcome, s.failOn) {
		return exitError(exitFindings)
	}
	return nil
}

// fails says whether what --fail-on names happens in most runs.
func fails(o *simulate.Outcome, failOn string) bool {
	return strings.Contains(failOn, "exhausted") && o.First >= 0 || strings.Contains(failOn, "no-recovery") && o.Verdict() == "does not recover"
}

// service is where the code of a service is: a program, and the folder of it.
type service struct {
	code   *guards.Reader
	folder string
}

// topology reads a file, and of the services that name their code what that says. Folders are relative to the file.
func topology(name string, code func(root string) (service, error)) (*simulate.Topology, error) {
	raw, err := readNamed(name, maxTopologyBytes)
	if err != nil {
		return nil, err
	}
	return simulate.Read(name, raw, func(folder, match string) (simulate.Found, bool, error) {
		of, err := code(filepath.Join(filepath.Dir(name), filepath.FromSlash(folder)))
		if err != nil {
			return nil, false, err
		}
		found, ok := of.code.Calls(of.folder, match)
		return found, ok, nil
	})
}

// topology reads the file of a simulation, over which the flags win.
func (s *simulating) topology(ctx context.Context, name string) (*simulate.Topology, error) {
	read := map[string]service{}
	var opened []func()
	defer func() {
		for _, closing := range opened {
			closing()
		}
	}()
	t, err := topology(name, func(root string) (service, error) {
		of, ok := read[root]
		if ok {
			return of, nil
		}
		reading, closing, err := code(ctx, root)
		if err != nil {
			return service{}, err
		}
		opened = append(opened, closing)
		of = service{code: reading}
		read[root] = of
		return of, nil
	})
	if err != nil {
		return nil, err
	}
	if s.seed != 0 {
		t.Seed = s.seed
	}
	if s.runs < 0 {
		return nil, usage("--runs %d: expected 1 or more", s.runs)
	}
	if s.runs > 0 {
		t.Runs = s.runs
	}
	return t, nil
}

// reader reads the guards of the calls of a snapshot.
func reader(snapshot *engine.Snapshot) *guards.Reader {
	return guards.NewReader(snapshot.Program, func(at model.Place) int {
		line, _ := snapshot.Source(at.File).Position(at.Start)
		return line
	})
}

// code reads the code of one service; its folder is to be closed when nothing more is asked of it.
func code(ctx context.Context, root string) (of *guards.Reader, closing func(), err error) {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return nil, nil, fmt.Errorf("the code in %s is not a folder that can be read", root)
	}
	flags := judging{jobs: 2}
	q, err := flags.open(place{root: root})
	if err != nil {
		return nil, nil, err
	}
	snapshot, err := engine.Load(ctx, q.Request)
	if err != nil {
		q.close()
		return nil, nil, err
	}
	return reader(snapshot), q.close, nil
}
