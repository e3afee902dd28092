package review

import (
	"fmt"
	"strings"
)

// Marker is the line of a template in whose place the checklist is put.
const Marker = "<!-- tiebeam:review -->"

// Template puts the checklist into a Markdown template in the place of its marker.
func (c *Checklist) Template(template []byte, kept *Answers) (string, *Fault) {
	lines, fault := Lines(template)
	if fault != nil {
		return "", fault
	}
	at := -1
	scan := newScanner()
	for i, line := range lines {
		if strings.TrimSpace(line) == Marker {
			switch {
			case scan.open() != "":
				return "", &Fault{Line: i + 1, Reason: "the marker " + Marker + " stands in " + scan.open() + ", where the checklist would not be read"}
			case at >= 0:
				return "", &Fault{Line: i + 1, Reason: fmt.Sprintf("the marker %s stands here a second time, first in line %d", Marker, at+1)}
			}
			at = i
			continue
		}
		if id := mention.FindString(line); id != "" {
			return "", &Fault{Line: i + 1, ID: id, Reason: "a template holds the id of an item: ids come from the change alone"}
		}
		scan.next(line, i+1)
	}
	switch {
	case at < 0:
		return "", &Fault{Reason: "has no line " + Marker + ", which says where the checklist goes"}
	case scan.open() != "":
		return "", &Fault{Line: scan.since, Reason: scan.open() + " is never closed"}
	}
	lines[at] = strings.TrimSuffix(c.markdown(kept), "\n")
	return strings.Join(lines, "\n"), nil
}
