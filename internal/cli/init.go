package cli

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/review"
	"github.com/tiebeam/tiebeam/internal/text"
)

//go:embed templates
var templates embed.FS

func (p *program) initCommand() *cobra.Command {
	var flags judging
	var dryRun bool
	c := &cobra.Command{
		Use:   "init [PATH]",
		Short: "Set a project up: configuration, CI, pre-commit hook, templates, first decision record",
		Long: `Init writes what a project needs to run tiebeam, and prints what the repository promises today: its effects and the guards
they have. Nothing that is there is changed: where a file exists, init says what to paste into it.

Exit codes:
  0  everything was written, or is there
  2  wrong use or configuration
  3  some of the project's files could not be read, so that they are not counted
`,
		Example: `  tiebeam init --dry-run
  tiebeam init
  tiebeam init services/api`,
		Args: atMost("PATH"),
		RunE: func(c *cobra.Command, args []string) error { return p.init(c.Context(), &flags, dryRun, args) },
	}
	flags.registerReading(c)
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be written, and write nothing")
	return c
}

func (p *program) init(ctx context.Context, flags *judging, dryRun bool, args []string) error {
	if len(args) == 1 && !isDir(args[0]) {
		if _, err := os.Lstat(args[0]); err == nil {
			return usage("%s is no folder, and init sets a folder up", args[0])
		}
	}
	snapshot, q, err := p.load(ctx, flags, args)
	if err != nil {
		return err
	}
	defer q.close()
	root, err := os.OpenRoot(q.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	s := &setup{root: root, dryRun: dryRun}
	s.plan(snapshot)
	if err := s.run(); err != nil {
		return err
	}
	if err := p.print(s.out.String() + "\n" + promises(snapshot)); err != nil {
		return err
	}
	return p.tell(snapshot.Incomplete)
}

// setup is one run of init below one folder.
type setup struct {
	root   *os.Root
	dryRun bool
	files  []proposed
	out    strings.Builder
}

// proposed is a file that init would write.
type proposed struct {
	name, template string
	// unless says why the file is not needed, "" where it is.
	unless string
	// paste is set where an existing file of the name lacks what the template says.
	paste bool
}

// plan decides what the project needs by what it has.
func (s *setup) plan(snapshot *engine.Snapshot) {
	github, gitlab := s.has(".github"), s.has(".gitlab-ci.yml") || s.has(".gitlab")
	both := github == gitlab
	add := func(name, template, unless string, paste bool) {
		s.files = append(s.files, proposed{name, template, unless, paste})
	}
	add(config.OwnFile, "tiebeam.toml", s.configured(), false)
	if github || both {
		add(".github/workflows/tiebeam.yml", "github.yml", "", false)
		add(".github/pull_request_template.md", "pullrequest.md", s.elsewhere(
			".github/PULL_REQUEST_TEMPLATE.md", "pull_request_template.md", "PULL_REQUEST_TEMPLATE.md", "docs/pull_request_template.md", ".github/PULL_REQUEST_TEMPLATE"), true)
	}
	if gitlab || both {
		add(".gitlab-ci.yml", "gitlab.yml", "", true)
		add(".gitlab/merge_request_templates/Default.md", "pullrequest.md", "", true)
	}
	add(".pre-commit-config.yaml", "precommit.yml", "", true)
	record := ""
	if all := snapshot.Records.All; len(all) > 0 {
		record = text.Count(len(all), "decision record") + " in " + snapshot.Records.Folders[0]
	}
	add("docs/adr/0001-record-decisions.md", "record.md", record, false)
}

func (s *setup) has(name string) bool {
	_, err := s.root.Lstat(name)
	return err == nil
}

// configured says where options stand already.
func (s *setup) configured() string {
	raw, err := s.root.ReadFile(config.ProjectFile)
	if err != nil {
		return ""
	}
	if found, err := config.Parse(config.ProjectFile, raw, ruleNames()); err == nil && found != nil {
		return "options are in " + config.ProjectFile
	}
	return ""
}

// elsewhere names the first of some files that is there.
func (s *setup) elsewhere(names ...string) string {
	for _, name := range names {
		if s.has(name) {
			return name + " is there: give it a line " + review.Marker + " where the questions of `tiebeam review --template` should go"
		}
	}
	return ""
}

// run writes what is to be written, or says so.
func (s *setup) run() error {
	for i := range s.files {
		f := &s.files[i]
		content, err := templates.ReadFile(path.Join("templates", f.template))
		if err != nil {
			return err
		}
		switch {
		case f.unless != "":
			fmt.Fprintf(&s.out, "keep   %s\n", text.Visible(f.unless))
		case s.has(f.name):
			s.keep(f, content)
		case s.dryRun:
			fmt.Fprintf(&s.out, "would write %s\n", f.name)
		default:
			if err := create(s.root, f.name, content); err != nil {
				return err
			}
			fmt.Fprintf(&s.out, "wrote  %s\n", f.name)
		}
	}
	return nil
}

// keep says what to paste into a file that exists.
func (s *setup) keep(f *proposed, content []byte) {
	there, err := s.root.ReadFile(f.name)
	if !f.paste || err == nil && strings.Contains(string(there), "tiebeam") {
		fmt.Fprintf(&s.out, "keep   %s\n", f.name)
		return
	}
	pasted := string(content)
	if f.template == "precommit.yml" {
		_, pasted, _ = strings.Cut(pasted, "repos:\n")
	}
	if f.template == "pullrequest.md" {
		pasted = pasted[strings.Index(pasted, "## Guards"):]
	}
	fmt.Fprintf(&s.out, "keep   %s; paste into it:\n\n", f.name)
	for line := range strings.Lines(pasted) {
		s.out.WriteString("    " + line)
	}
	s.out.WriteByte('\n')
}

// create writes a file below a root that must not be there yet, with the folders around it. No link leads out of the root.
func create(root *os.Root, name string, content []byte) error {
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", text.Visible(name), err)
	}
	file, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", text.Visible(name), err)
	}
	if _, err := file.Write(content); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
