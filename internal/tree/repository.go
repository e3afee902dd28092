package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Repository is a git repository: bare, with a working tree, a linked working tree, or shallow. The zero value is not
// usable. It may be used by several goroutines at once.
type Repository struct {
	place   []string
	top     string
	dir     string
	shallow bool
	blobs   *blobReader
	// commits are those of the revisions that were named when the repository was opened.
	commits map[string]string
}

// ErrNoRepository says that a directory lies in no git repository.
var ErrNoRepository = errors.New("not a git repository")

// OpenRepository opens the repository that holds dir or, where gitDir is not empty, the one whose git directory it is.
// Revisions that will be asked for are resolved meanwhile; one that cannot be is no error before it is asked for.
func OpenRepository(ctx context.Context, dir, gitDir string, revisions ...string) (*Repository, error) {
	r := &Repository{commits: map[string]string{}}
	if gitDir != "" {
		if info, err := os.Stat(gitDir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("git directory %s: not a directory", gitDir)
		}
		if _, err := os.Stat(filepath.Join(gitDir, "HEAD")); err != nil {
			// A work tree was named instead of the git directory inside it.
			if info, err := os.Stat(filepath.Join(gitDir, ".git")); err == nil && info.IsDir() {
				gitDir = filepath.Join(gitDir, ".git")
			}
		}
		absolute, err := filepath.Abs(gitDir)
		if err != nil {
			return nil, err
		}
		r.place = []string{"--git-dir=" + absolute}
	} else {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		r.top = gitTop(absolute)
		if r.place = []string{"-C", r.top}; r.top == "" {
			r.place = []string{"-C", absolute}
		}
	}
	commits := make([]string, len(revisions))
	var group sync.WaitGroup
	for i, revision := range revisions {
		group.Go(func() { commits[i], _ = r.resolve(ctx, revision) })
	}
	err := r.look(ctx)
	if group.Wait(); err != nil {
		return nil, err
	}
	for i, commit := range commits {
		if commit != "" {
			r.commits[revisions[i]] = commit
		}
	}
	r.blobs = newBlobReader(r.place)
	return r, nil
}

// look asks git where and what the repository is. A core.worktree that points elsewhere would make us walk a directory
// that the user never named.
func (r *Repository) look(ctx context.Context) error {
	questions := []string{"rev-parse", "--absolute-git-dir", "--is-shallow-repository", "--is-bare-repository"}
	out, err := run(ctx, r.place, nil, append(questions, "--show-toplevel")...)
	answers := len(questions)
	if err != nil { // a bare one has no top level
		answers--
		out, err = run(ctx, r.place, nil, questions...)
	}
	if err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
			return fmt.Errorf("%s: %w", r.place[len(r.place)-1], ErrNoRepository)
		}
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != answers {
		return errors.New("the path of the repository holds a line end")
	}
	r.dir, r.shallow = lines[0], lines[1] == "true"
	if lines[2] == "true" || r.top == "" {
		r.top = ""
		return nil
	}
	if len(lines) == len(questions)-1 {
		return errors.New("git does not say where the working tree is")
	}
	said, mine := lines[3], r.top
	if resolved, err := filepath.EvalSymlinks(mine); err == nil {
		mine = resolved
	}
	if filepath.Clean(filepath.FromSlash(said)) != mine {
		return fmt.Errorf("the repository's core.worktree points to %s, outside of %s: not followed", said, mine)
	}
	return nil
}

// Top returns the absolute path of the working tree, empty where there is none.
func (r *Repository) Top() string { return r.top }

// Close ends the git processes that read objects.
func (r *Repository) Close() error { return r.blobs.close() }

// maxRefBytes is longer than any name that a file system could store a ref under.
const maxRefBytes = 4096

// checkRef refuses names that git could take for an option or that would end a line of its input.
func checkRef(name string) error {
	switch {
	case name == "":
		return errors.New("empty revision")
	case strings.HasPrefix(name, "-"):
		return fmt.Errorf("revision %q begins with a dash", name)
	case len(name) > maxRefBytes:
		return errors.New("revision is too long")
	}
	for i := range len(name) {
		if name[i] < 0x20 || name[i] == 0x7f {
			return fmt.Errorf("revision %q holds a control character", name)
		}
	}
	return nil
}

// Resolve returns the name of the commit that a revision means.
func (r *Repository) Resolve(ctx context.Context, revision string) (commit string, err error) {
	if commit, ok := r.commits[revision]; ok {
		return commit, nil
	}
	answer, err := r.resolve(ctx, revision)
	switch {
	case answer != "" || err != nil && !errors.Is(err, errUnknown):
		return answer, err
	case (revision == "HEAD" || revision == "@") && !r.hasCommits(ctx):
		return "", errors.New("the repository has no commit yet")
	case r.shallow:
		return "", fmt.Errorf("revision %q is not in this shallow clone: fetch it with `git fetch --unshallow`, or clone with full history (fetch-depth: 0)", revision)
	}
	return "", fmt.Errorf("unknown revision %q", revision)
}

// errUnknown says that git knows no commit of a name.
var errUnknown = errors.New("unknown revision")

// resolve asks git for a commit. The revision goes to git's standard input, where nothing is an option.
func (r *Repository) resolve(ctx context.Context, revision string) (commit string, err error) {
	if err := checkRef(revision); err != nil {
		return "", err
	}
	out, err := run(ctx, r.place, []byte(revision+"^{commit}\n"), "cat-file", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return "", err
	}
	fields := strings.Fields(string(out))
	switch {
	case len(fields) == 2 && fields[1] == "commit" && isObjectName(fields[0]):
		return fields[0], nil
	case strings.HasSuffix(strings.TrimSpace(string(out)), "ambiguous"):
		return "", fmt.Errorf("revision %q is ambiguous: give more digits", revision)
	}
	return "", errUnknown
}

func (r *Repository) hasCommits(ctx context.Context) bool {
	out, err := run(ctx, r.place, nil, "rev-list", "--all", "--max-count=1")
	return err == nil && len(bytes.TrimSpace(out)) > 0
}

func isObjectName(name string) bool {
	return (len(name) == 40 || len(name) == 64) && strings.Trim(name, "0123456789abcdef") == ""
}

// defaultBranches are tried in this order. The remote's own word comes first, and a remote branch before the local one,
// which is often behind.
var defaultBranches = []string{"refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/remotes/upstream/HEAD", "refs/heads/main", "refs/heads/master", "refs/heads/trunk", "refs/heads/develop"}

// DefaultBase returns the merge base of a commit with the default branch: where the change that leads to it began.
func (r *Repository) DefaultBase(ctx context.Context, head string) (commit string, err error) {
	for _, branch := range defaultBranches {
		tip, err := r.Resolve(ctx, branch)
		if err != nil {
			if ctx.Err() != nil {
				return "", err
			}
			continue
		}
		return r.MergeBase(ctx, tip, head)
	}
	return "", errors.New("no default branch found (origin/HEAD, main or master): name the base, as in `tiebeam diff BASE`")
}

// MergeBase returns the best common ancestor of two commits, given by their object names.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (commit string, err error) {
	if !isObjectName(a) || !isObjectName(b) {
		return "", fmt.Errorf("%q or %q is not the name of an object", a, b)
	}
	out, err := run(ctx, r.place, nil, "merge-base", a, b)
	if err == nil {
		if commit = strings.TrimSpace(string(out)); isObjectName(commit) {
			return commit, nil
		}
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if r.shallow {
		return "", errors.New("the common ancestor with the default branch is not in this shallow clone: fetch it with `git fetch --unshallow`, or clone with full history (fetch-depth: 0)")
	}
	return "", errors.New("no common ancestor with the default branch: name the base, as in `tiebeam diff BASE`")
}
