package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/tree"
)

func (p *program) diffCommand() *cobra.Command {
	var flags judging
	var sides comparison
	c := &cobra.Command{
		Use:   "diff [BASE [HEAD]]",
		Short: "Say which guards a change removes or weakens, and what it adds without one",
		Long: `Diff compares two trees. BASE and HEAD are revisions, read from the object store without a checkout, or two folders.
Without HEAD it is the working tree; without BASE it is where the change left the default branch. Configuration, baseline
and suppressions are those of BASE, so that a change cannot approve itself.

` + exitHelp,
		Example: `  tiebeam diff
  tiebeam diff origin/main
  tiebeam diff v1.2 v1.3 --format markdown
  tiebeam diff --staged
  tiebeam diff old/ new/
  tiebeam diff main feature --git-dir service.git`,
		Args: atMost("BASE", "HEAD"),
		RunE: func(c *cobra.Command, args []string) error { return p.diff(c.Context(), &flags, &sides, args) },
	}
	flags.register(c)
	c.Flags().StringVar(&sides.gitDir, "git-dir", "", "the git `directory` to read revisions from (default: that of the working directory)")
	c.Flags().StringVar(&sides.topology, "topology", "", "play this topology `file` with the code of both sides, and say what a lost guard costs (tiebeam simulate)")
	c.Flags().BoolVar(&sides.staged, "staged", false, "compare with what is staged instead of the working tree")
	return c
}

// comparison is what of a diff the command line says, and then its two sides.
type comparison struct {
	gitDir string
	staged bool
	// topology is the file that is played with the code of both sides, empty for none.
	topology string

	base, head tree.Tree
	repository *tree.Repository
	cores      int // that Go used before the repository was opened
	place      place
	basePrefix string // leads to base, where that is a folder
	// options are the files of base that may hold the options.
	options *tree.Listing
	// names are what a report calls the two sides: what the user typed, where he did.
	names [2]string
}

func (p *program) diff(ctx context.Context, flags *judging, sides *comparison, args []string) error {
	if err := flags.check(); err != nil {
		return err
	}
	ahead := p.lookAhead(flags, sides.gitDir)
	err := sides.open(ctx, args)
	defer sides.close()
	var q *request
	if err == nil {
		q, err = sides.request(ctx, flags)
	}
	seen := <-ahead
	if err != nil {
		seen.Ahead.Stop()
		p.closeCache(seen.Cache)
		return err
	}
	q.Cache, q.Prepare, q.Ahead = seen.Cache, seen.Prepare, seen.Ahead
	result, err := p.run(flags, q, func() (*engine.Result, error) { return engine.Diff(ctx, sides.base, q.Request) })
	if err != nil {
		return err
	}
	if err := sides.weigh(ctx, q, result); err != nil {
		return err
	}
	return p.finish(flags, q, result, outcome{prefix: sides.place.prefix, basePrefix: sides.basePrefix, base: sides.names[0], head: sides.names[1]})
}

// lookAhead opens the cache and reads from it while git is asked about the two sides.
func (p *program) lookAhead(flags *judging, gitDir string) <-chan engine.Request {
	found := make(chan engine.Request, 1)
	go func() {
		q := engine.Request{Cache: p.openCache(flags), Prepare: p.prepare()}
		if place, err := filepath.Abs(gitDir); err == nil {
			q.Ahead = engine.LookAhead(q.Cache, place, runtime.GOMAXPROCS(0), q.Prepare)
		}
		found <- q
	}()
	return found
}

func (s *comparison) close() {
	if s.repository != nil {
		s.repository.Close()
		runtime.GOMAXPROCS(s.cores)
	}
}

// open finds the two sides: two folders, or revisions and the working tree of a repository.
func (s *comparison) open(ctx context.Context, args []string) error {
	if len(args) == 2 && s.gitDir == "" && isDir(args[0]) && isDir(args[1]) {
		return s.openFolders(ctx, args[0], args[1])
	}
	if s.staged && len(args) == 2 {
		return usage("--staged is itself the head: name the base only")
	}
	repository, err := tree.OpenRepository(ctx, ".", s.gitDir, args...)
	if errors.Is(err, tree.ErrNoRepository) {
		return usage("%s: name two folders, or use --git-dir", err)
	}
	if err != nil {
		return err
	}
	s.repository = repository
	// Whoever takes what git answers must not wait for those who compute.
	s.cores = runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(s.cores + 1)
	// Most of either is waiting for git.
	var failed error
	var group sync.WaitGroup
	group.Go(func() { failed = s.openBase(ctx, args) })
	err = s.openHead(ctx, args)
	if group.Wait(); err != nil {
		return err
	}
	return failed
}

func (s *comparison) openFolders(ctx context.Context, base, head string) error {
	if s.staged {
		return usage("--staged needs a repository, not two folders")
	}
	before, err := tree.OpenFolder(base, tree.FolderOptions{})
	if err != nil {
		return err
	}
	after, err := tree.OpenFolder(head, tree.FolderOptions{})
	if err != nil {
		return err
	}
	s.base, s.head, s.names = before, after, [2]string{base, head}
	if s.options, err = tree.Lookup(ctx, before, config.OwnFile, config.ProjectFile); err != nil {
		return err
	}
	was, err := locate([]string{base})
	if err != nil {
		return err
	}
	s.basePrefix = was.prefix
	s.place, err = locate([]string{head})
	return err
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func (s *comparison) openHead(ctx context.Context, args []string) error {
	var err error
	switch {
	case s.staged:
		s.head, s.names[1] = s.repository.Staged(), "staged changes"
	case len(args) == 2:
		s.names[1] = args[1]
		s.head, err = s.repository.Revision(ctx, args[1])
	default:
		s.names[1] = "working tree"
		s.head, err = s.repository.WorkTree(tree.FolderOptions{})
	}
	if err == nil && s.repository.Top() != "" {
		s.place, err = locate([]string{s.repository.Top()})
	}
	return err
}

func (s *comparison) openBase(ctx context.Context, args []string) error {
	revision := ""
	switch {
	case len(args) > 0:
		revision = args[0]
	case s.staged:
		revision = "HEAD"
	default:
		head, err := s.repository.Resolve(ctx, "HEAD")
		if err != nil {
			return err
		}
		if revision, err = s.repository.DefaultBase(ctx, head); err != nil {
			return err
		}
	}
	base, err := s.repository.Revision(ctx, revision)
	if err != nil {
		return err
	}
	s.base, s.names[0] = base, revision
	s.options, err = tree.Lookup(ctx, base, config.OwnFile, config.ProjectFile)
	return err
}

// request takes configuration and baseline from base.
func (s *comparison) request(ctx context.Context, flags *judging) (*request, error) {
	found, err := s.configuration(ctx, flags)
	if err != nil {
		return nil, err
	}
	q, err := flags.requestWith(found, s.place.root)
	if err != nil {
		return nil, err
	}
	q.Tree = s.head
	s.exclude(found)
	if err := q.accept(flags, s.place.root); err != nil {
		return nil, err
	}
	if flags.baseline == "" && found.Baseline != "" && !flags.writeBaseline {
		raw, err := s.baseFile(ctx, found.Baseline, maxBaselineBytes)
		if err != nil {
			return nil, err
		}
		q.BaselinePath = found.Baseline
		if q.Baseline, err = settle.ParseBaseline(raw); err != nil {
			return nil, usage("baseline %s in %s: %s", found.Baseline, s.base.Name(), err)
		}
	}
	return q, nil
}

// exclude opens the sides again with the patterns of the configuration, which is only known once base is open.
func (s *comparison) exclude(found *config.Config) {
	for _, side := range []tree.Tree{s.base, s.head} {
		if limited, ok := side.(interface{ Exclude(patterns []string) }); ok {
			limited.Exclude(found.Exclude)
		}
	}
}

// configuration reads the options at the root of base.
func (s *comparison) configuration(ctx context.Context, flags *judging) (*config.Config, error) {
	if flags.config != "" {
		found, _, err := configuration(".", flags.config)
		return found, err
	}
	var found *config.Config
	for _, name := range []string{config.OwnFile, config.ProjectFile} {
		entry, ok := s.options.Find(name)
		if !ok {
			continue
		}
		raw, err := s.base.Read(ctx, entry, maxConfigBytes)
		if err != nil {
			return nil, err
		}
		options, err := config.Parse(name, raw, ruleNames())
		if err != nil {
			return nil, err
		}
		if found != nil && options != nil {
			return nil, usage("%s and %s both hold options: keep one", found.File, options.File)
		}
		if options != nil {
			found = options
		}
	}
	if found == nil {
		found = config.Default()
	}
	return found, nil
}

// baseFile reads one file of base.
func (s *comparison) baseFile(ctx context.Context, name string, maxBytes int) ([]byte, error) {
	return readFrom(ctx, s.base, name, maxBytes)
}

// readFrom reads one file of a tree.
func readFrom(ctx context.Context, from tree.Tree, name string, maxBytes int) ([]byte, error) {
	name = filepath.ToSlash(filepath.Clean(name))
	listing, err := from.List(ctx, func(path string) bool { return path == name })
	if err != nil {
		return nil, err
	}
	entry, ok := listing.Find(name)
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return from.Read(ctx, entry, maxBytes)
}
