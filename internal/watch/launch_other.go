//go:build !unix

package watch

import (
	"io"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// Command is a program that was started to be watched, which only works on Linux.
type Command struct {
	// PID is its number.
	PID int
}

// Launch says that there is nothing to watch with.
func Launch([]string, []string, io.Writer) (*Command, error) { return nil, proc.ErrUnsupported }

// Stop does nothing.
func (c *Command) Stop(time.Duration) {}

// Done is never closed.
func (c *Command) Done() <-chan struct{} { return nil }

// How says nothing.
func (c *Command) How() string { return "" }
