package sweep

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// maxTail is how much of the end of a command's output is kept, in bytes. The rest is read and dropped.
const maxTail = 16 << 10

// manners are how long a command may take to end when it is asked to, before it is killed.
const manners = 3 * time.Second

// tail keeps the end of what is written.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

// Write keeps the end of p.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p[max(0, len(p)-maxTail):]...)
	if extra := len(t.bytes) - maxTail; extra > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[extra:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.bytes)
}

// ending says how a command ended.
type ending struct {
	code     int
	timedOut bool
	took     time.Duration
	output   string
}

// execute runs a command in a process group of its own, of which the watchdog is told, until it ends, limit has passed or
// the context is done.
func (s *session) execute(ctx context.Context, command, environment []string, limit time.Duration) (ending, error) {
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = s.options.Dir, environment
	var out tail
	c.Stdout, c.Stderr = &out, &out
	// What outlives the command and holds its output open is not waited for.
	c.WaitDelay = manners
	group(c)
	started := time.Now()
	if err := c.Start(); err != nil {
		return ending{}, fmt.Errorf("start %s: %w", command[0], err)
	}
	s.watchdog.runs(c.Process.Pid)
	defer s.watchdog.runs(0)
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	var err error
	select {
	case err = <-done:
	case <-inner.Done():
		interrupt(c)
		select {
		case err = <-done:
		case <-time.After(manners):
			kill(c)
			err = <-done
		}
	}
	kill(c) // whatever of the group is still there
	end := ending{took: time.Since(started), output: out.String(), timedOut: inner.Err() != nil && ctx.Err() == nil}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return end, ctx.Err()
	case errors.As(err, &exit):
		end.code = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return end, fmt.Errorf("run %s: %w", command[0], err)
	}
	return end, nil
}
