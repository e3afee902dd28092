//go:build !unix

package sweep

import "os/exec"

// group does nothing: there are no process groups here, and only the command itself can be ended.
func group(*exec.Cmd) {}

// interrupt ends the command.
func interrupt(c *exec.Cmd) { c.Process.Kill() }

// kill ends the command.
func kill(c *exec.Cmd) { c.Process.Kill() }
