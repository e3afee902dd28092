package review

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Text writes the checklist for a terminal.
func (c *Checklist) Text(w io.Writer) error {
	var out strings.Builder
	for number, i := range c.Items {
		if number > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%d. %s\n   %s  %s\n", number+1, visible(i.Question), i.ID, visible(i.Title))
		if i.Cause != nil {
			writeSpots(&out, "!", []Spot{*i.Cause})
		}
		writeSpots(&out, "-", i.Before)
		writeSpots(&out, "+", i.After)
		for _, d := range i.Decisions {
			fmt.Fprintf(&out, "   governed by %s (%s), %s:%d: %s\n", visible(d.Name), d.Status, visible(d.Path), d.Line, visible(d.Says))
		}
		fmt.Fprintf(&out, "   answered by %s\n", strings.Join(i.Wanted, ", or "))
	}
	switch {
	case len(c.Items) == 0:
		out.WriteString("no question: no guard, no effect and no comparison on a limit was touched\n")
	default:
		fmt.Fprintf(&out, "\n%s\n", text.Count(len(c.Items), "question"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func writeSpots(out *strings.Builder, sign string, spots []Spot) {
	for _, s := range spots[:min(len(spots), maxSpots)] {
		fmt.Fprintf(out, "   %s %s:%d  %s\n", sign, visible(s.Path), s.Line, visible(finding.OneLine(s.Text)))
	}
	if more := len(spots) - maxSpots; more > 0 {
		fmt.Fprintf(out, "   %s %d more, which --format json lists\n", sign, more)
	}
}

// JSON writes the checklist for programs, version 1.
func (c *Checklist) JSON(w io.Writer) error {
	items := c.Items
	if items == nil {
		items = []*Item{}
	}
	for _, i := range items {
		i.Before, i.After, i.Decisions = some(i.Before), some(i.After), some(i.Decisions)
	}
	return writeJSON(w, struct {
		Version    int     `json:"version"`
		Base       string  `json:"base"`
		Head       string  `json:"head"`
		Incomplete int     `json:"incomplete"`
		Items      []*Item `json:"items"`
	}{1, c.Base, c.Head, c.Incomplete, items})
}

// some makes an empty list of none, which JSON writes as [].
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// Text writes what is wrong with the answers.
func (v *Verdict) Text(w io.Writer) error {
	var out strings.Builder
	for _, f := range v.Faults {
		fmt.Fprintf(&out, "%s\n", v.line(f))
	}
	fmt.Fprintf(&out, "%d of %s answered\n", v.Answered, text.Count(v.Asked, "question"))
	_, err := io.WriteString(w, out.String())
	return err
}

func (v *Verdict) line(f Fault) string {
	place := visible(v.Name)
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, f.Line)
	}
	if f.ID != "" {
		return fmt.Sprintf("%s: %s: %s", place, f.ID, visible(f.Reason))
	}
	return fmt.Sprintf("%s: %s", place, visible(f.Reason))
}

// JSON writes the verdict for programs, version 1.
func (v *Verdict) JSON(w io.Writer) error {
	return writeJSON(w, struct {
		Version  int     `json:"version"`
		Asked    int     `json:"asked"`
		Answered int     `json:"answered"`
		Faults   []Fault `json:"faults"`
	}{1, v.Asked, v.Answered, some(v.Faults)})
}
