package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/learn"
	model "github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// learnFormats are the forms of the report of learn.
var learnFormats = []string{"text", "json"}

// defaultTop is how many invariants learn shows unless told otherwise.
const defaultTop = 10

// learning is what of a run of learn the command line says.
type learning struct {
	judging
	top   int
	write string
}

func (p *program) learnCommand() *cobra.Command {
	var flags learning
	c := &cobra.Command{
		Use:   "learn [PATH...]",
		Short: "Say which guards and habits the code keeps, and the places that do not",
		Long: `Learn mines what the code keeps without saying so: a guard at 47 of 49 sites of one kind, the lock that fields are
written under, layers, the module that alone makes clients, the bound of deadlines. Each comes with how many places keep it,
how often the rest of the program does, and the places that do not. The most telling come first.

--write proposes a decision record for those that a contract can say: read it, give the reason, and accept it.

Exit codes:
  0  everything was read
  2  wrong use or configuration
  3  something could not be read; it is listed on standard error
`,
		Example: `  tiebeam learn
  tiebeam learn src --top 30
  tiebeam learn --format json
  tiebeam learn --write 1,4`,
		RunE: func(c *cobra.Command, args []string) error { return p.learn(c.Context(), &flags, args) },
	}
	flags.registerReading(c)
	c.Flags().StringVarP(&flags.format, "format", "f", learnFormats[0], "how to write the report: "+text.List(learnFormats))
	c.Flags().StringVarP(&flags.output, "output", "o", "", "write the report to this `file` instead of standard output")
	c.Flags().IntVar(&flags.top, "top", defaultTop, "how many to show")
	c.Flags().StringVar(&flags.write, "write", "", "propose a decision record for these `numbers` of the list, such as 1,4")
	return c
}

func (p *program) learn(ctx context.Context, flags *learning, args []string) error {
	if err := oneOf("format", flags.format, learnFormats); err != nil {
		return err
	}
	if flags.top < 1 {
		return usage("--top %d: expected at least 1", flags.top)
	}
	numbers, err := listed(flags.write)
	if err != nil {
		return err
	}
	snapshot, q, err := p.load(ctx, &flags.judging, args)
	if err != nil {
		return err
	}
	defer q.close()
	found := learn.Mine(snapshot.Program)
	page := learn.Page{
		Invariants: found[:min(flags.top, len(found))], From: 1, Of: len(found),
		Position: func(at model.Place) (string, int, int) {
			line, column := snapshot.Source(at.File).Position(at.Start)
			return snapshot.Program.Files[at.File].Path, line, column
		},
		Symbol: snapshot.Program.Symbol,
	}
	if numbers != nil {
		return p.propose(ctx, snapshot, q, page, found, numbers)
	}
	write := learn.WriteText
	if flags.format == "json" {
		write = learn.WriteJSON
	}
	if err := p.emit(flags.output, func(w io.Writer) error { return write(w, page) }); err != nil {
		return err
	}
	return p.tell(snapshot.Incomplete)
}

// listed reads the numbers of --write, nil for none.
func listed(given string) ([]int, error) {
	if given == "" {
		return nil, nil
	}
	var numbers []int
	for part := range strings.SplitSeq(given, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, usage("--write %q: expected numbers of the list, such as 1,4", given)
		}
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// propose writes a decision record for some of the invariants beside those that there are.
func (p *program) propose(ctx context.Context, s *engine.Snapshot, q *request, page learn.Page, found []learn.Invariant, numbers []int) error {
	page.Invariants = nil
	for _, n := range numbers {
		if n > len(found) {
			return usage("--write %d: there are %s", n, text.Count(len(found), "habit"))
		}
		page.Invariants = append(page.Invariants, found[n-1])
	}
	records, err := contract.Load(ctx, q.Tree, q.Config.Decisions)
	if err != nil {
		return err
	}
	folder, number := "docs/adr", 1
	if len(records.Folders) > 0 {
		folder = records.Folders[0]
	}
	for _, r := range records.All {
		number = max(number, r.Number+1)
	}
	markdown, ok := learn.Proposal(s.Program, page, number)
	if !ok {
		return usage("--write: no contract can say any of them; those of the kinds guard, lock, layer, factory and range can be said")
	}
	title, _, _ := strings.Cut(markdown[strings.Index(markdown, ". ")+2:], "\n")
	name := path.Join(folder, fmt.Sprintf("%04d-%s.md", number, slug(title)))
	root, err := os.OpenRoot(q.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := create(root, name, []byte(markdown)); err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "tiebeam: wrote %s: give the reason, then accept it\n", text.Visible(name))
	return nil
}

// maxSlug bounds the file name that is made of a title.
const maxSlug = 60

// slug makes a file name of a title: lower-case words with dashes.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := ""
	for _, word := range words {
		if len(name)+1+len(word) > maxSlug {
			break
		}
		name = strings.TrimPrefix(name+"-"+word, "-")
	}
	return name
}

// registerReading adds the flags of commands that read a tree without judging it.
func (j *judging) registerReading(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&j.requirements, "requirements", "", "`file` that names the installed versions (default: the project's lock file)")
	flags.StringVar(&j.config, "config", "", "read options from this `file` only")
	flags.BoolVarP(&j.quiet, "quiet", "q", false, "do not say what is being done")
	flags.IntVarP(&j.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many cores to use; 1 is serial")
	flags.BoolVar(&j.noCache, "no-cache", false, "compute everything, read and keep nothing")
	flags.StringVar(&j.cacheDir, "cache-dir", "", "`folder` of the cache (default: tiebeam in the user's cache folder)")
	flags.StringVar(&j.cpuProfile, "cpu-profile", "", "write a CPU profile to this `file`")
	flags.Lookup("cpu-profile").Hidden = true
}

// load reads and links what the paths name; whoever asks for it closes the request.
func (p *program) load(ctx context.Context, flags *judging, args []string) (*engine.Snapshot, *request, error) {
	if flags.jobs < 1 {
		return nil, nil, usage("--jobs %d: expected at least 1", flags.jobs)
	}
	at, err := locate(args)
	if err != nil {
		return nil, nil, err
	}
	q, err := flags.open(at)
	if err != nil {
		return nil, nil, err
	}
	q.dir = at.root
	q.Cache = p.openCache(flags)
	begin, stop := p.progress(flags.quiet)
	q.Progress = begin
	snapshot, err := engine.Load(ctx, q.Request)
	stop()
	p.closeCache(q.Cache)
	if err != nil {
		q.close()
		return nil, nil, err
	}
	return snapshot, q, nil
}

// emit writes to a file, whole or not at all, or to standard output; a reader that has gone is no fault of ours.
func (p *program) emit(file string, write func(w io.Writer) error) error {
	if file != "" {
		return replace(file, write)
	}
	if err := write(p.stdout); err != nil && !closedPipe(err) {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// tell lists what could not be read or judged.
func (p *program) tell(all []finding.Incomplete) error {
	for _, i := range all {
		fmt.Fprintf(p.stderr, "tiebeam: not judged: %s: %s\n", text.Visible(i.Path), text.Visible(i.String()))
	}
	if len(all) > 0 {
		return exitError(exitIncomplete)
	}
	return nil
}
