package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/report"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/text"
)

// outcome is what of a run only its command knows.
type outcome struct {
	// prefix leads from the working directory to the root.
	prefix string
	// basePrefix leads to the root of base, where that is a folder.
	basePrefix string
	// base and head name the sides of a comparison.
	base, head string
	// extra is what the command adds to the findings; nil for none.
	extra *report.Extra
}

// finish writes the report and says how to exit.
func (p *program) finish(flags *judging, q *request, result *engine.Result, o outcome) error {
	if flags.writeBaseline {
		return p.writeBaseline(q, result)
	}
	r := &report.Report{
		Tool: "tiebeam", Version: Version, Base: o.base, Head: o.head, Prefix: o.prefix, BasePrefix: o.basePrefix,
		Findings: result.Findings, Incomplete: result.Incomplete, Skipped: result.Skipped, Notes: result.Notes, Repaired: result.Repaired,
		Files: result.Files, Suppressed: result.Suppressed, Accepted: result.Accepted,
		Rules: describe(),
		Extra: o.extra,
		Source: func(side finding.Side, path string) report.Text {
			if file := result.Source(side, path); file != nil {
				return file
			}
			return nil
		},
	}
	if err := p.write(flags, r); err != nil && !closedPipe(err) {
		return fmt.Errorf("write the report: %w", err)
	}
	for i := range result.Findings {
		if result.Findings[i].Severity >= flags.severityOfFails {
			return exitError(exitFindings)
		}
	}
	if len(result.Incomplete) > 0 {
		return exitError(exitIncomplete)
	}
	return nil
}

// write writes the report to the file that --output names, whole or not at all, or to standard output.
func (p *program) write(flags *judging, r *report.Report) error {
	options := report.Options{Explain: flags.explain, Statistics: flags.statistics, Quiet: flags.quiet}
	if flags.output == "" {
		options.Color = p.colored(flags.color, p.stdout)
		options.Width = p.width(p.stdout)
		return report.Write(p.stdout, flags.format, r, options)
	}
	options.Color = flags.color == "always"
	return replace(flags.output, func(w io.Writer) error { return report.Write(w, flags.format, r, options) })
}

// replace writes a file beside the one meant and renames it, so that nobody reads half of it. What is no regular file,
// such as a pipe, is written to directly.
func replace(name string, write func(w io.Writer) error) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer file.Close()
		return write(file)
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// writeBaseline accepts what was found. What could not be judged is told, as nothing in it is accepted.
func (p *program) writeBaseline(q *request, result *engine.Result) error {
	name := q.baseline
	if name == "" {
		name = defaultBaseline
	}
	var out bytes.Buffer
	if err := settle.WriteBaseline(&out, result.Findings); err != nil {
		return err
	}
	err := replace(name, func(w io.Writer) error {
		_, err := w.Write(out.Bytes())
		return err
	})
	if err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	fmt.Fprintf(p.stderr, "tiebeam: accepted %s in %s\n", text.Count(len(result.Findings), "finding"), name)
	for _, i := range result.Incomplete {
		fmt.Fprintf(p.stderr, "tiebeam: not judged: %s: %s\n", text.Visible(i.Path), text.Visible(i.String()))
	}
	if len(result.Incomplete) > 0 {
		return exitError(exitIncomplete)
	}
	return nil
}

// describe makes the report's rules of ours. The pages are part of the program and tested.
func describe() map[string]report.Rule {
	described := map[string]report.Rule{}
	for _, r := range all.Rules() {
		d := report.Rule{Name: r.Name, Guard: string(r.Guard), Severity: r.Severity}
		if page, err := r.Page(); err == nil {
			d.Summary = page.Summary
			d.Why = text.FirstSentence(page.Section("Why it bears load"))
			d.Remedy = text.FirstSentence(page.Section("What to do instead"))
		}
		d.Page = func() string {
			markdown, err := r.Markdown()
			if err != nil {
				return ""
			}
			return markdown
		}
		described[r.Name] = d
	}
	for _, about := range []report.Rule{
		{Name: settle.StaleBaseline, Severity: finding.Note, Summary: "reports entries of the baseline that accept more than there is"},
		{Name: settle.SwappedBaseline, Severity: finding.Warning, Summary: "reports entries of the baseline whose finding was exchanged for another"},
	} {
		about.Why = "An entry that matches nothing would accept the next fault of its kind without a word."
		about.Remedy = "Write the baseline again (--write-baseline), after a look at what changed."
		described[about.Name] = about
	}
	return described
}

// profile starts what the hidden profiling flags ask for; stop writes it.
func (j *judging) profile() (stop func(), err error) {
	var files []*os.File
	open := func(name string) *os.File {
		file, failed := os.Create(name)
		if failed != nil {
			err = failed
			return nil
		}
		files = append(files, file)
		return file
	}
	var heap *os.File
	if j.cpuProfile != "" {
		if file := open(j.cpuProfile); file != nil {
			err = pprof.StartCPUProfile(file)
		}
	}
	if j.memProfile != "" {
		heap = open(j.memProfile)
	}
	return func() {
		pprof.StopCPUProfile()
		if heap != nil {
			if err := pprof.Lookup("allocs").WriteTo(heap, 0); err != nil {
				heap.Truncate(0)
			}
		}
		for _, file := range files {
			file.Close()
		}
	}, err
}
