package proc

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
)

// Process names a running process.
type Process struct {
	// PID is its number, Args its command line; empty for what belongs to the kernel or may not be seen.
	PID  int
	Args []string
}

// Find gives the processes whose command line matches a pattern, ourselves and our own parents left out, by number.
func Find(root string, pattern *regexp.Regexp) ([]Process, error) {
	tree, err := procfs.NewFS(rootOr(root))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	all, err := tree.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	ours := ancestors(tree, os.Getpid())
	var found []Process
	for _, p := range all {
		args, err := p.CmdLine()
		if err != nil || len(args) == 0 || ours[p.PID] || !pattern.MatchString(strings.Join(args, " ")) {
			continue
		}
		found = append(found, Process{p.PID, args})
	}
	slices.SortFunc(found, func(a, b Process) int { return a.PID - b.PID })
	return found, nil
}

// ancestors are a process and those that started it: a shell that runs us has the pattern on its own command line.
func ancestors(tree procfs.FS, pid int) map[int]bool {
	ours := map[int]bool{}
	for pid > 1 && !ours[pid] {
		ours[pid] = true
		p, err := tree.Proc(pid)
		if err != nil {
			break
		}
		stat, err := p.Stat()
		if err != nil {
			break
		}
		pid = stat.PPID
	}
	return ours
}

// Describe reads what a process is: its command line, working directory, user and environment, each empty where it may
// not be read.
func Describe(root string, pid int) Description {
	d := Description{PID: pid, UID: -1}
	tree, err := procfs.NewFS(rootOr(root))
	if err != nil {
		return d
	}
	p, err := tree.Proc(pid)
	if err != nil {
		return d
	}
	if args, err := p.CmdLine(); err == nil {
		d.Args = args
	}
	if dir, err := p.Cwd(); err == nil {
		d.Dir = dir
	}
	if executable, err := p.Executable(); err == nil {
		d.Executable = executable
	}
	if status, err := p.NewStatus(); err == nil {
		d.UID, d.GID = int(status.UIDs[1]), int(status.GIDs[1])
	}
	if environment, err := p.Environ(); err == nil {
		d.Environment = environment
	}
	return d
}

// Description is what a process is.
type Description struct {
	PID             int
	Args            []string
	Dir, Executable string
	UID, GID        int // UID is -1 where it is not known
	Environment     []string
}

// Python says whether the process is a Python interpreter, as far as names tell.
func (d *Description) Python() bool {
	for _, name := range []string{path.Base(d.Executable), firstBase(d.Args)} {
		if strings.HasPrefix(name, "python") || strings.HasPrefix(name, "pypy") {
			return true
		}
	}
	return false
}

func firstBase(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return path.Base(args[0])
}

func rootOr(root string) string {
	if root == "" {
		return procfs.DefaultMountPoint
	}
	return root
}
