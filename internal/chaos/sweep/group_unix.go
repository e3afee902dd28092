//go:build unix

package sweep

import (
	"os/exec"
	"syscall"
)

// group puts a command into a process group of its own.
func group(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the command's group to end.
func interrupt(c *exec.Cmd) { syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }

// kill ends the command's group.
func kill(c *exec.Cmd) { syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
