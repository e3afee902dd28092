//go:build unix

package live

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// nobody is the user that a server runs as that refuses to run as root.
const nobody = 65534

// unprivileged makes a command of root run as nobody.
func unprivileged(c *exec.Cmd) {
	if os.Getuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// give makes a file belong to whoever unprivileged commands run as.
func give(name string) {
	if os.Getuid() == 0 {
		os.Chown(name, nobody, nobody)
	}
}

// gone fails the test where a process that a file lists is still there.
func gone(t *testing.T, file string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		return
	}
	for _, word := range strings.Fields(string(raw)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool {
			state, err := os.ReadFile("/proc/" + word + "/stat")
			return syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(state), ") Z ")
		})
	}
}

// ended ends the processes that a file lists, which are still there.
func ended(t *testing.T, file string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(raw)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Errorf("%d, which left the group, was ended by us: %v", pid, err)
		}
	}
}
