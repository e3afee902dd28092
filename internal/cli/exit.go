package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
)

// Exit codes.
const (
	exitClean      = 0 // everything was judged, and nothing at or above the threshold was found
	exitFindings   = 1 // something was found
	exitUsage      = 2 // wrong use or configuration
	exitIncomplete = 3 // nothing was found, but something could not be judged
	exitInterrupt  = 130
)

// exitHelp stands in the help text.
const exitHelp = `Exit codes:
  0  everything was judged, and nothing at or above the threshold (--fail-on) was found
  1  findings
  2  wrong use or configuration
  3  no finding, but something could not be judged; the report lists it
`

// exitError carries an exit code out of a command that has said everything already.
type exitError int

// Error is never printed.
func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// exitCode says what an error of a command means, after telling it on stderr.
func exitCode(err error, stderr io.Writer) int {
	var code exitError
	switch {
	case err == nil:
		return exitClean
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "tiebeam: interrupted")
		return exitInterrupt
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "tiebeam: "+line)
	}
	return exitUsage
}

// closedPipe reports whether whoever reads our output has gone, as `| head` does: what was found does not change by it.
func closedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
