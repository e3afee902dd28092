//go:build !linux

package probe

import (
	"net"
	"os/exec"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// Only Linux has what watch reads, and this is never reached elsewhere.
func peer(*net.UnixConn) (pid int, err error) { return 0, proc.ErrUnsupported }

func trusted(string, int) error { return proc.ErrUnsupported }

func runAs(*exec.Cmd, int, int) error { return proc.ErrUnsupported }
