package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// hardened are the settings that win over whatever a hostile repository configures: nothing of it may name a program
// that runs, and no command may talk to a remote, which a partial clone would do for each missing object.
var hardened = []string{
	"--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.untrackedCache=false",
	"-c", "core.sshCommand=false",
	"-c", "core.alternateRefsCommand=false",
	"-c", "core.pager=cat",
	"-c", "credential.helper=",
	"-c", "diff.external=",
	"-c", "protocol.allow=never",
	"-c", "submodule.recurse=false",
}

// gitEnv is the environment of every git that we start. Variables of git are dropped but for those by which a hook is
// told where the index and new objects of the commit in the making lie. The user's own and the system's configuration
// stay, as they may name the safe directories; git's refusal of any other is reported and never worked around.
func gitEnv() []string {
	kept := map[string]bool{
		"GIT_INDEX_FILE": true, "GIT_OBJECT_DIRECTORY": true, "GIT_ALTERNATE_OBJECT_DIRECTORIES": true,
		"GIT_CONFIG_GLOBAL": true, "GIT_CONFIG_SYSTEM": true, "GIT_CONFIG_NOSYSTEM": true, "GIT_EXEC_PATH": true, "GIT_CEILING_DIRECTORIES": true,
	}
	var env []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "GIT_") || kept[name] {
			env = append(env, variable)
		}
	}
	return append(env,
		"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none", "GIT_SSH_COMMAND=false", "GIT_ASKPASS=false", "SSH_ASKPASS=false", "GIT_EDITOR=false",
		"GIT_PAGER=cat", "GIT_ATTR_NOSYSTEM=1", "LC_ALL=C",
	)
}

// maxGitOutput bounds what one git command may print, as a hostile repository can hold a listing of any size.
const maxGitOutput = 1 << 30

// command prepares git for a repository. The place is where to run and how to find the repository: "-C DIR", or
// "--git-dir DIR" alone.
func command(ctx context.Context, place []string, args ...string) *exec.Cmd {
	all := append(append(append([]string{}, hardened...), place...), args...)
	cmd := exec.CommandContext(ctx, "git", all...)
	cmd.Env = gitEnv()
	return cmd
}

// run returns what git prints. A failure carries git's own words.
func run(ctx context.Context, place []string, stdin []byte, args ...string) ([]byte, error) {
	cmd := command(ctx, place, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, complaint := &limited{left: maxGitOutput}, &limited{left: 8 << 10, quiet: true}
	cmd.Stdout, cmd.Stderr = out, complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, gitError(args[0], complaint.String(), err)
	}
	return out.Bytes(), nil
}

// gitError words a failure: git missing, or what git said in its last line.
func gitError(verb, complaint string, err error) error {
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("git is not installed, and a revision can only be read with it")
	}
	var exit *exec.ExitError
	if complaint = strings.TrimSpace(complaint); complaint == "" || !errors.As(err, &exit) {
		return fmt.Errorf("git %s: %w", verb, err)
	}
	lines := strings.Split(complaint, "\n")
	if strings.Contains(complaint, "dubious ownership") {
		return fmt.Errorf("git refuses this repository, as another user owns it: %s", strings.TrimPrefix(lines[0], "fatal: "))
	}
	return fmt.Errorf("git %s: %s", verb, strings.TrimPrefix(lines[len(lines)-1], "fatal: "))
}

// limited is a buffer that refuses to grow for ever.
type limited struct {
	bytes.Buffer
	left  int
	quiet bool
}

// Write takes what fits. A quiet one swallows the rest, any other fails.
func (l *limited) Write(part []byte) (int, error) {
	if len(part) <= l.left {
		l.left -= len(part)
		return l.Buffer.Write(part)
	}
	if !l.quiet {
		return 0, errors.New("git printed too much")
	}
	l.Buffer.Write(part[:l.left])
	l.left = 0
	return len(part), nil
}

// listTracked asks git for the files it tracks below a root.
func listTracked(ctx context.Context, root string) (*trackedSet, error) {
	out, err := run(ctx, []string{"-C", root}, nil, "ls-files", "-z", "--cached")
	if err != nil {
		return nil, err
	}
	set := &trackedSet{files: map[string]bool{}, dirs: map[string]bool{}}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		set.files[name] = true
		for dir := parent(name); dir != "" && !set.dirs[dir]; dir = parent(dir) {
			set.dirs[dir] = true
		}
	}
	return set, nil
}
