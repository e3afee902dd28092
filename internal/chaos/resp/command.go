package resp

import (
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Limits of Redis itself (proto-max-bulk-len, and the 1 Mi arguments of a command), and of what we keep.
const (
	maxArguments = 1 << 20
	maxBulk      = 512 << 20
	maxInline    = 64 << 10
	maxKept      = 8
	maxArgument  = 256
	maxShown     = 1 << 10
)

// command collects one request: an array of bulk strings, or a line of words.
type command struct {
	line  []byte // the current line
	left  int    // arguments still to come, of an array
	count int    // arguments so far
	bulk  int    // bytes of the current bulk string still to come with its line end, -1 outside of one
	args  []string
	arg   []byte
	size  int
	hash  wire.Hash
	shown []byte
}

func (c *command) reset(salt uint64) {
	c.line, c.args, c.arg, c.shown = c.line[:0], nil, c.arg[:0], nil
	c.left, c.count, c.bulk, c.size = 0, 0, -1, 0
	c.hash = wire.NewHash(salt)
}

// feed takes bytes and returns how many, and whether a command is complete. reason says what is wrong.
func (c *command) feed(p []byte, show bool) (used int, complete bool, reason string) {
	for used < len(p) {
		if c.bulk >= 0 {
			used += c.eat(p[used:], show)
			if c.bulk >= 0 {
				return used, false, ""
			}
			c.keep()
			if c.left--; c.left == 0 {
				return used, true, ""
			}
			continue
		}
		ch := p[used]
		used++
		c.line = append(c.line, ch)
		if len(c.line) > maxInline {
			return used, false, "a line over 64 KiB"
		}
		if ch != '\n' {
			continue
		}
		line := strings.TrimRight(string(c.line), "\r\n")
		c.line = c.line[:0]
		if complete, reason := c.read(line); complete || reason != "" {
			return used, complete, reason
		}
	}
	return used, false, ""
}

// read takes a line outside of a bulk string.
func (c *command) read(line string) (complete bool, reason string) {
	switch {
	case c.left > 0:
		n, err := strconv.Atoi(strings.TrimPrefix(line, "$"))
		if !strings.HasPrefix(line, "$") || err != nil || n < 0 || n > maxBulk {
			return false, "an argument of a length that no argument has"
		}
		c.bulk, c.size = n+2, n
	case strings.HasPrefix(line, "*"):
		n, err := strconv.Atoi(line[1:])
		if err != nil || n > maxArguments {
			return false, "a command of a length that no command has"
		}
		c.left = max(n, 0) // none at all is ignored, as Redis does
	case line != "":
		for _, w := range strings.Fields(line) {
			c.arg = append(c.arg[:0], w...)
			c.hash = c.hash.AddString(w)
			c.keep()
		}
		return len(c.args) > 0, ""
	}
	return false, ""
}

// eat takes bytes of a bulk string.
func (c *command) eat(p []byte, show bool) int {
	n := min(c.bulk, len(p))
	// The last two bytes of a bulk are its line end.
	data := p[:max(min(n, c.bulk-2), 0)]
	c.hash = c.hash.Add(data)
	if c.count < maxKept {
		c.arg = append(c.arg, data[:min(len(data), maxArgument-len(c.arg))]...)
	}
	if show && c.count > 0 && len(c.shown) < maxShown {
		c.shown = append(c.shown, data[:min(len(data), maxShown-len(c.shown))]...)
	}
	if c.bulk -= n; c.bulk == 0 {
		c.bulk = -1
		if show && c.count > 0 {
			c.shown = append(c.shown, ' ')
		}
	}
	return n
}

// keep ends an argument.
func (c *command) keep() {
	c.hash = c.hash.AddString("")
	if c.count < maxKept {
		word := string(c.arg)
		if c.count == 0 {
			word = strings.ToLower(word)
		}
		c.args = append(c.args, word)
	}
	c.count++
	c.arg = c.arg[:0]
}
