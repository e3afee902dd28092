package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"
)

// terminal returns the descriptor of a stream that is one.
func terminal(stream any) (fd int, ok bool) {
	file, ok := stream.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(file.Fd())
	return fd, term.IsTerminal(fd)
}

// colored decides about colour: the flag, then NO_COLOR (https://no-color.org) and TERM=dumb, then whether somebody
// looks at it.
func (p *program) colored(flag string, out io.Writer) bool {
	switch flag {
	case "always":
		return true
	case "never":
		return false
	}
	_, ok := terminal(out)
	return ok && p.env["NO_COLOR"] == "" && p.env["TERM"] != "dumb"
}

// width returns the columns of the terminal, 0 where there is none.
func (p *program) width(out io.Writer) int {
	if columns, err := strconv.Atoi(p.env["COLUMNS"]); err == nil && columns > 0 {
		return columns
	}
	if fd, ok := terminal(out); ok {
		if columns, _, err := term.GetSize(fd); err == nil {
			return columns
		}
	}
	return 0
}

// progress shows what goes on in a line of its own on a terminal, from the moment that it takes a while; stop clears it.
// Anywhere else, and where quiet is asked for, it does nothing.
func (p *program) progress(quiet bool) (begin func(stage string), stop func()) {
	if _, ok := terminal(p.stderr); !ok || quiet || p.env["TERM"] == "dumb" {
		return nil, func() {}
	}
	started, shown := time.Now(), false
	begin = func(stage string) {
		if time.Since(started) > patience {
			shown = true
			fmt.Fprintf(p.stderr, "\r\x1b[K%s", stage)
		}
	}
	return begin, func() {
		if shown {
			fmt.Fprint(p.stderr, "\r\x1b[K")
		}
	}
}

// patience is how long nobody wonders what goes on.
const patience = 300 * time.Millisecond
