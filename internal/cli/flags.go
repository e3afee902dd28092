package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/report"
	"github.com/tiebeam/tiebeam/internal/text"
)

// judging holds the flags of the commands that judge.
type judging struct {
	format, output  string
	strict          bool
	selected        []string
	ignored         []string
	requirements    string
	baseline        string
	writeBaseline   bool
	statistics      bool
	failOn          string
	jobs            int
	quiet           bool
	color           string
	explain         bool
	config          string
	today           string
	noCache         bool
	cacheDir        string
	cpuProfile      string
	memProfile      string
	whole           bool
	severityOfFails finding.Severity
}

// colors are the values of --color.
var colors = []string{"auto", "always", "never"}

func (j *judging) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&j.format, "format", "f", report.Names()[0], "how to write the report: "+text.List(report.Names()))
	flags.StringVarP(&j.output, "output", "o", "", "write the report to this `file` instead of standard output")
	flags.BoolVar(&j.strict, "strict", false, "judge what is often meant to be as it is, too")
	flags.StringSliceVar(&j.selected, "select", nil, "run these `rules` only")
	flags.StringSliceVar(&j.ignored, "ignore", nil, "do not run these `rules`")
	flags.StringVar(&j.requirements, "requirements", "", "`file` that names the installed versions (default: the project's lock file)")
	flags.StringVar(&j.baseline, "baseline", "", "accept what this `file` holds")
	flags.BoolVar(&j.writeBaseline, "write-baseline", false, "write what is found to the baseline, "+defaultBaseline+" where none is named")
	flags.StringVar(&j.failOn, "fail-on", "", "least severity for exit code 1: note, warning or error (default warning)")
	flags.StringVar(&j.config, "config", "", "read options from this `file` only")
	flags.StringVar(&j.today, "today", "", "the `date` by which exemptions from contracts expire (default: the day it is)")
	flags.BoolVar(&j.statistics, "statistics", false, "count the findings of each rule")
	flags.BoolVar(&j.explain, "explain", false, "say with every finding why it matters and what to do")
	flags.BoolVarP(&j.quiet, "quiet", "q", false, "print findings and what could not be judged only")
	flags.StringVar(&j.color, "color", "auto", "colour the text: auto, always or never")
	flags.IntVarP(&j.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many cores to use; 1 is serial")
	flags.BoolVar(&j.noCache, "no-cache", false, "compute everything, read and keep nothing")
	flags.StringVar(&j.cacheDir, "cache-dir", "", "`folder` of the cache (default: tiebeam in the user's cache folder)")
	flags.StringVar(&j.cpuProfile, "cpu-profile", "", "write a CPU profile to this `file`")
	flags.StringVar(&j.memProfile, "mem-profile", "", "write a heap profile to this `file`")
	flags.BoolVar(&j.whole, "whole", false, "look at all files, also where a change can affect a few only; the result is the same")
	for _, hidden := range []string{"cpu-profile", "mem-profile", "whole"} {
		flags.Lookup(hidden).Hidden = true
	}
}

// check refuses values that mean nothing.
func (j *judging) check() error {
	if err := oneOf("format", j.format, report.Names()); err != nil {
		return err
	}
	if err := oneOf("color", j.color, colors); err != nil {
		return err
	}
	if j.jobs < 1 {
		return usage("--jobs %d: expected at least 1", j.jobs)
	}
	if j.failOn == "" {
		return nil
	}
	if err := oneOf("fail-on", j.failOn, finding.SeverityNames()); err != nil {
		return err
	}
	severity, err := finding.ParseSeverity(j.failOn)
	j.severityOfFails = severity
	return err
}
