//go:build unix

package live

import (
	"os"
	"os/exec"
	"syscall"
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
