package catalog

import (
	"fmt"
	"strconv"
	"strings"
)

// Condition is what a row says of one argument of a call. It is written NAME=VALUE, or NAME@POSITION=VALUE where the
// argument may be given by place as well ("block@0=False"); the value is a Python literal or the last part of a name.
// With "~" in the place of "=" the name need only be mentioned, as a flag among others is ("flags@0~NOBLOCK"). The value
// "*" is any but None.
type Condition struct {
	Name string
	// Position is 0-based without the receiver; -1 where the argument is given by name only.
	Position int
	// Value is what the argument must be or, with Mentions, the name that must stand in it.
	Value    string
	Mentions bool
}

// ParseCondition reads a condition. The error names what is wrong with it; the Condition is then the zero value.
func ParseCondition(text string) (Condition, error) {
	at := strings.IndexAny(text, "=~")
	if at <= 0 || at == len(text)-1 {
		return Condition{}, fmt.Errorf("is %q: write \"name=value\", \"name@position=value\" or \"name~flag\"", text)
	}
	c := Condition{Name: text[:at], Position: -1, Value: text[at+1:], Mentions: text[at] == '~'}
	if name, position, placed := strings.Cut(c.Name, "@"); placed {
		n, err := strconv.Atoi(position)
		if err != nil || n < 0 || name == "" {
			return Condition{}, fmt.Errorf("is %q: the position %q is no number from 0 on", text, position)
		}
		c.Name, c.Position = name, n
	}
	return c, nil
}
