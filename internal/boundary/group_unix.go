//go:build unix

package boundary

import (
	"os/exec"
	"syscall"
)

// group makes the agent the head of a process group, so that what it started ends with it.
func group(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return endGroup(command) }
}

func endGroup(command *exec.Cmd) error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
