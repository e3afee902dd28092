//go:build unix

package watch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Command is a program that was started to be watched, in a process group of its own.
type Command struct {
	// PID is its number.
	PID int

	command *exec.Cmd
	done    chan struct{}
	err     error
}

// Launch starts a program. What it prints goes to out, and it reads nothing. The error names the program.
func Launch(args, environment []string, out io.Writer) (*Command, error) {
	command := exec.Command(args[0], args[1:]...)
	command.Env, command.Stdout, command.Stderr = environment, out, out
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// What the program has started may hold its output open for ever.
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], reason(err))
	}
	c := &Command{PID: command.Process.Pid, command: command, done: make(chan struct{})}
	go func() {
		c.err = command.Wait()
		close(c.done)
	}()
	return c, nil
}

// reason is an error without the path that stands before it already.
func reason(err error) error {
	var missing *exec.Error
	if errors.As(err, &missing) {
		return missing.Err
	}
	var failed *os.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// Stop asks the program and all that is in its group to end, and ends what has not after a while. It returns once the
// program has ended.
func (c *Command) Stop(patience time.Duration) {
	c.signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(patience):
	}
	// Also after the program itself has ended: nobody else will end what it left behind in its group.
	c.signal(syscall.SIGKILL)
	<-c.done
}

// signal goes to the group, of which there may be nothing left.
func (c *Command) signal(s syscall.Signal) {
	if err := syscall.Kill(-c.PID, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		c.command.Process.Kill()
	}
}

// Done is closed when the program has ended.
func (c *Command) Done() <-chan struct{} { return c.done }

// How says how the program ended, such as "exit status 1"; empty for success. It waits for the end.
func (c *Command) How() string {
	<-c.done
	if c.err == nil {
		return ""
	}
	return strings.TrimPrefix(c.err.Error(), "exec: ")
}
