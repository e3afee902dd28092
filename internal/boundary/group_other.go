//go:build !unix

package boundary

import "os/exec"

// group does nothing where there are no process groups; the agent needs fork and says so there.
func group(*exec.Cmd) {}

func endGroup(command *exec.Cmd) error { return command.Process.Kill() }
