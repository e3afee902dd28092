package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/engine"
	model "github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/review"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
)

// reviewFormats are the forms of a checklist; verdicts have the first two.
var reviewFormats = []string{"text", "json", "markdown"}

// reviewing is what of a run of review the command line says.
type reviewing struct {
	judging
	verify, keep, template string
}

func (p *program) reviewCommand() *cobra.Command {
	var flags reviewing
	var sides comparison
	c := &cobra.Command{
		Use:   "review [BASE [HEAD]]",
		Short: "Turn a change into questions about the guards it touches, and check the answers",
		Long: `Review asks one question for each guard, effect and comparison on a limit or a permission that a change touches, the worst
first: what does the work of the guard that is gone, at which places. BASE and HEAD are those of diff.

--verify FILE reads a checklist with answers, "-" a pull request's body on standard input, and fails until each question is
answered with evidence that can be checked: a test that exists and reaches the code (with the values of the boundary), a
record that is accepted, a file with a measurement, the reason of a named person. An answer holds for the code that it was
given for; once that changes, the question is asked again.

Exit codes:
  0  the checklist was written; with --verify: every question is answered
  1  with --verify: something is not answered
  2  wrong use, configuration or template
  3  nothing is missing, but something could not be judged
`,
		Example: `  tiebeam review
  tiebeam review origin/main --format markdown
  tiebeam review origin/main --template .github/pull_request_template.md
  tiebeam review origin/main --verify answers.md
  gh pr view --json body --jq .body | tiebeam review origin/main --verify -`,
		Args: atMost("BASE", "HEAD"),
		RunE: func(c *cobra.Command, args []string) error { return p.review(c.Context(), &flags, &sides, args) },
	}
	flags.registerReading(c)
	c.Flags().StringVarP(&flags.format, "format", "f", reviewFormats[0], "how to write the checklist: "+text.List(reviewFormats))
	c.Flags().StringVarP(&flags.output, "output", "o", "", "write it to this `file` instead of standard output")
	c.Flags().StringVar(&flags.verify, "verify", "", "check the answers in this `file`; \"-\" is standard input")
	c.Flags().StringVar(&flags.keep, "keep", "", "keep the answers of this `file` that still hold (markdown)")
	c.Flags().StringVar(&flags.template, "template", "", "put the checklist into this Markdown `file`, in the place of the line "+review.Marker)
	c.Flags().StringVar(&sides.gitDir, "git-dir", "", "the git `directory` to read revisions from (default: that of the working directory)")
	c.Flags().BoolVar(&sides.staged, "staged", false, "review what is staged instead of the working tree")
	return c
}

// check refuses what does not go together.
func (r *reviewing) check() error {
	if r.jobs < 1 {
		return usage("--jobs %d: expected at least 1", r.jobs)
	}
	if err := oneOf("format", r.format, reviewFormats); err != nil {
		return err
	}
	if r.verify != "" && (r.keep != "" || r.template != "" || r.format == "markdown") {
		return usage("--verify checks answers and writes no checklist: leave --keep, --template and --format markdown out")
	}
	if (r.keep != "" || r.template != "") && r.format == "json" {
		return usage("--keep and --template write Markdown, not JSON")
	}
	return nil
}

func (p *program) review(ctx context.Context, flags *reviewing, sides *comparison, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	input, err := flags.read(p.stdin)
	if err != nil {
		return err
	}
	if err := sides.open(ctx, args); err != nil {
		return err
	}
	defer sides.close()
	q, err := sides.request(ctx, &flags.judging)
	if err != nil {
		return err
	}
	q.Whole = flags.verify != ""
	compared, err := p.compare(ctx, &flags.judging, sides, q)
	if err != nil {
		return err
	}
	list := checklist(compared)
	list.Base, list.Head = sides.names[0], sides.names[1]
	if flags.verify == "" {
		if err := p.ask(flags, list, input); err != nil {
			return err
		}
		return p.tell(compared.Incomplete)
	}
	return p.verify(ctx, flags, sides, compared, list, input)
}

// given is what the user hands in: answers, or a template.
type given struct {
	answers  *review.Answers
	template []byte
}

// read reads answers and template before anything is judged, so that what cannot be used is told at once.
func (r *reviewing) read(stdin io.Reader) (*given, error) {
	g := &given{}
	name := r.verify + r.keep
	if name != "" {
		body, err := readDocument(name, stdin)
		if err != nil {
			return nil, err
		}
		if _, fault := review.Lines(body); fault != nil {
			return nil, refused(name, fault)
		}
		g.answers = review.ParseAnswers(body)
	}
	if r.template != "" {
		body, err := readDocument(r.template, stdin)
		if err != nil {
			return nil, err
		}
		if _, fault := (&review.Checklist{}).Template(body, nil); fault != nil {
			return nil, refused(r.template, fault)
		}
		g.template = body
	}
	return g, nil
}

// readDocument reads a file of answers or a template, "-" standard input.
func readDocument(name string, stdin io.Reader) ([]byte, error) {
	if name != "-" {
		return readNamed(name, review.MaxAnswerBytes)
	}
	body, err := io.ReadAll(io.LimitReader(stdin, review.MaxAnswerBytes+1))
	if err == nil && len(body) > review.MaxAnswerBytes {
		return nil, usage("standard input: more than the limit of %d bytes", review.MaxAnswerBytes)
	}
	return body, err
}

func refused(name string, fault *review.Fault) error {
	if name == "-" {
		name = "standard input"
	}
	if fault.Line > 0 {
		return usage("%s:%d: %s", text.Visible(name), fault.Line, fault.Reason)
	}
	return usage("%s: %s", text.Visible(name), fault.Reason)
}

// compare judges the change, with everything around it that lasts as long as that.
func (p *program) compare(ctx context.Context, flags *judging, sides *comparison, q *request) (compared *engine.Comparison, err error) {
	_, err = p.run(flags, q, func() (*engine.Result, error) {
		if compared, err = engine.Compare(ctx, sides.base, q.Request); err != nil {
			return nil, err
		}
		return compared.Result, nil
	})
	return compared, err
}

// checklist makes the questions of a change.
func checklist(c *engine.Comparison) *review.Checklist {
	return &review.Checklist{
		Items: review.Build(&review.Input{
			Base: reviewed(c.Base), Head: reviewed(c.Head), Match: c.Match, Unchanged: c.Unchanged, Findings: c.Findings,
		}),
		Incomplete: len(c.Incomplete),
	}
}

func reviewed(s *engine.Snapshot) review.Side {
	return review.Side{
		Program: s.Program, Records: s.Records,
		Source: func(file model.FileID) *source.File { return s.Source(file) },
	}
}

// ask writes the checklist.
func (p *program) ask(flags *reviewing, list *review.Checklist, input *given) error {
	switch {
	case input.template != nil:
		whole, fault := list.Template(input.template, input.answers)
		if fault != nil {
			return refused(flags.template, fault)
		}
		return p.emit(flags.output, func(w io.Writer) error {
			_, err := io.WriteString(w, whole)
			return err
		})
	case flags.format == "markdown" || input.answers != nil:
		return p.emit(flags.output, func(w io.Writer) error { return list.Markdown(w, input.answers) })
	case flags.format == "json":
		return p.emit(flags.output, list.JSON)
	}
	return p.emit(flags.output, list.Text)
}

// verify writes what is missing of the answers.
func (p *program) verify(ctx context.Context, flags *reviewing, sides *comparison, c *engine.Comparison, list *review.Checklist, input *given) error {
	v := &review.Verifier{
		Head: reviewed(c.Head),
		Read: func(path string) ([]byte, error) { return readFrom(ctx, sides.head, path, review.MaxAnswerBytes) },
	}
	name := flags.verify
	if name == "-" {
		name = "standard input"
	}
	verdict := v.Verify(list, input.answers, name)
	write := verdict.Text
	if flags.format == "json" {
		write = verdict.JSON
	}
	if err := p.emit(flags.output, write); err != nil {
		return err
	}
	told := p.tell(c.Incomplete)
	if len(verdict.Faults) > 0 {
		return exitError(exitFindings)
	}
	return told
}
