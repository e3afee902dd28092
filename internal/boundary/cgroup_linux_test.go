package boundary

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFoldersOf finds where a control group for processes can be made, from what the kernel says of one.
func TestFoldersOf(t *testing.T) {
	const first = "30 25 0:26 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n" +
		"31 25 0:27 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
	const second = "31 25 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
	for name, test := range map[string]struct {
		own, mounts string
		want        []string
	}{
		"version 1, at the root":     {"8:pids:/\n1:cpu:/\n", first, []string{"/sys/fs/cgroup/pids"}},
		"version 1, in a group":      {"8:pids:/a/b\n", first, []string{"/sys/fs/cgroup/pids/a/b", "/sys/fs/cgroup/pids/a", "/sys/fs/cgroup/pids"}},
		"version 1, several at once": {"8:cpu,pids:/a\n", first, []string{"/sys/fs/cgroup/pids/a", "/sys/fs/cgroup/pids"}},
		"version 2":                  {"0::/user.slice/x\n", second, []string{"/sys/fs/cgroup/user.slice/x", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"}},
		"part of it mounted": {"8:pids:/box/7\n", "31 25 0:27 /box /groups rw - cgroup cgroup rw,pids\n",
			[]string{"/groups/7", "/groups"}},
		"nothing mounted": {"8:pids:/\n", "1 1 0:1 / / rw - ext4 /dev/vda rw\n", nil},
		"nonsense":        {"\n::\n8:pids", "x\n - \n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, foldersOf(test.own, test.mounts)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHoldingIsReleased leaves no control group behind, also none of a run that was killed, and takes nobody's away.
func TestHoldingIsReleased(t *testing.T) {
	h := holdProcesses(2, 64)
	if h == nil {
		t.Skip("no control group with the pids controller can be made here")
	}
	if n := len(h.places()); n != 2 {
		t.Errorf("%d places, want 2", n)
	}
	// No process has a number above the greatest that Linux can be set to.
	dead := filepath.Join(filepath.Dir(h.dirs[0]), groupPrefix+"4194305-1")
	if err := os.MkdirAll(filepath.Join(dead, "0"), 0o755); err != nil {
		t.Fatal(err)
	}
	again := holdProcesses(1, 64)
	if groupMembers(h.dirs[1]) == nil {
		t.Error("the group of a run that lives is gone")
	}
	h.release()
	again.release()
	for _, dir := range append(append(h.dirs, again.dirs...), dead) {
		if groupMembers(dir) != nil {
			t.Errorf("%s is left", dir)
		}
	}
}
