package boundary

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// groupPrefix begins the names of our control groups.
const groupPrefix = "tiebeam-boundary-"

// holding is a control group that bounds how many processes a mutant has, also for root, whom Linux does not hold to
// RLIMIT_NPROC. It has one group below it for each mutant that runs at once.
type holding struct{ dirs []string } // the outer one first

// holdProcesses makes a control group with the pids controller (cgroups(7), version 1 or 2), nil where none may be made.
func holdProcesses(places, each int) *holding {
	for _, at := range groupFolders() {
		sweepGroups(at)
		if h := holdBelow(at, places, each); h != nil {
			return h
		}
	}
	return nil
}

func holdBelow(at string, places, each int) *holding {
	outer, err := os.MkdirTemp(at, fmt.Sprintf("%s%d-", groupPrefix, os.Getpid()))
	if err != nil {
		return nil
	}
	h := &holding{dirs: []string{outer}}
	// Version 2 hands a controller down only where it is asked to; version 1 has no such file.
	_ = setGroup(filepath.Join(outer, "cgroup.subtree_control"), "+pids")
	for i := range places {
		dir := filepath.Join(outer, strconv.Itoa(i))
		if os.Mkdir(dir, 0o755) == nil {
			h.dirs = append(h.dirs, dir)
		}
		if setGroup(filepath.Join(dir, "pids.max"), strconv.Itoa(each)) != nil {
			h.release()
			return nil
		}
	}
	return h
}

// setGroup writes into a file of the kernel's, which is there or is not ours to make.
func setGroup(name, value string) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(value)
	return err
}

// places are the groups for mutants.
func (h *holding) places() []string {
	if h == nil {
		return nil
	}
	return h.dirs[1:]
}

// release ends whatever is left in the groups and removes them.
func (h *holding) release() {
	if h == nil {
		return
	}
	for i := len(h.dirs) - 1; i >= 0; i-- {
		for range 100 { // the kernel takes a moment to forget a process
			endMembers(h.dirs[i])
			if err := os.Remove(h.dirs[i]); err == nil || os.IsNotExist(err) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// groupMembers lists the processes of a group, nil where there is no such group.
func groupMembers(dir string) []byte {
	raw, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if err != nil {
		return nil
	}
	return append([]byte{}, raw...)
}

func endMembers(dir string) {
	for line := range strings.FieldsSeq(string(groupMembers(dir))) {
		if pid, err := strconv.Atoi(line); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// sweepGroups removes what a run that was killed left behind. The kernel keeps a group that has processes.
func sweepGroups(at string) {
	for _, name := range namesIn(at) {
		owner, ours := strings.CutPrefix(name, groupPrefix)
		owner, _, _ = strings.Cut(owner, "-")
		pid, err := strconv.Atoi(owner)
		if !ours || err != nil || pid <= 1 || syscall.Kill(pid, 0) != syscall.ESRCH {
			continue
		}
		dir := filepath.Join(at, name)
		for _, inner := range namesIn(dir) {
			_ = syscall.Rmdir(filepath.Join(dir, inner)) // the kernel's own files stay, and go with the group
		}
		_ = syscall.Rmdir(dir)
	}
}

func namesIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// groupFolders are the control groups in which one for us could be made: that of this process, and those above it.
func groupFolders() []string {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	return foldersOf(string(own), string(mounts))
}

// foldersOf reads /proc/self/cgroup and /proc/self/mountinfo (proc(5)).
func foldersOf(own, mounts string) []string {
	var found []string
	for line := range strings.Lines(own) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || parts[1] != "" && !hasWord(parts[1], "pids") {
			continue
		}
		for mount := range strings.Lines(mounts) {
			root, at, ok := groupMount(mount, parts[1] == "")
			if !ok {
				continue
			}
			below, err := filepath.Rel(root, parts[2])
			if err != nil || strings.HasPrefix(below, "..") {
				below = "."
			}
			for dir := filepath.Join(at, below); ; dir = filepath.Dir(dir) {
				found = append(found, dir)
				if dir == at || len(dir) < len(at) {
					break
				}
			}
		}
	}
	return found
}

// groupMount reads one line of mountinfo: what of the hierarchy is mounted, and where.
func groupMount(line string, unified bool) (root, at string, ok bool) {
	before, after, _ := strings.Cut(line, " - ")
	fields, kind := strings.Fields(before), strings.Fields(after)
	if len(fields) < 5 || len(kind) < 3 {
		return "", "", false
	}
	if unified {
		return fields[3], fields[4], kind[0] == "cgroup2"
	}
	return fields[3], fields[4], kind[0] == "cgroup" && hasWord(kind[2], "pids")
}

func hasWord(list, word string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if part == word {
			return true
		}
	}
	return false
}
