package probe

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// peer says which process is at the other end, as the kernel knows it.
func peer(conn *net.UnixConn) (pid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var credentials *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		credentials, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, failed
	}
	return int(credentials.Pid), nil
}

// trusted refuses a folder that somebody else could put a socket into.
func trusted(dir string, uid int) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the agent's folder: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm()&0o077 != 0 || int(owner.Uid) != uid {
		return fmt.Errorf("%s must be a folder of user %d that nobody else may enter (mode 0700): remove it, and it is made so", dir, uid)
	}
	return nil
}

// runAs lets a command run as the user of a process: to run another user's program as root would give that user root.
func runAs(command *exec.Cmd, uid, gid int) error {
	if uid == os.Geteuid() {
		return nil
	}
	if uid < 0 {
		return fmt.Errorf("run %s: its user is not known", command.Path)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return nil
}
