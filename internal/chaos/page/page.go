package page

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var source string

var tmpl = template.Must(template.New("page").Parse(source))

// Page is all findings of a sweep.
type Page struct {
	Tool, Command, Summary string
	Findings               []Finding
	// Matrix has a row for each point, with a cell for each kind of fault.
	Kinds      []string
	Points     []Point
	Incomplete []Reason
	Notes      []string
}

// Point is a row of the matrix: an operation, and what each fault at it showed.
type Point struct {
	Test, Operation string
	Cells           []Cell
}

// Cell is what a fault at a point showed; Class is how it looks.
type Cell struct{ Kind, Class, Text string }

// Reason is something that could not be judged.
type Reason struct{ Where, Why string }

// Finding is one finding with the run that shows it.
type Finding struct {
	Anchor, Severity, Rule, Place, Message, Remedy string
	// Code is the line of the finding.
	Code string
	// Lanes are the connections of the run; every step has a cell in one of them.
	Lanes []Lane
	Steps []Step
	// Lasted is how long the run took from the first step to the end of the last.
	Lasted string
}

// Lane is one connection, with its operations as marks on a line of time.
type Lane struct {
	Name  string
	Marks []Mark
}

// Mark is one operation on the line of a lane. Left and Width are in percent of the whole time.
type Mark struct {
	Class       string
	Left, Width float64
	Title       string
}

// Step is one operation, or a pause where nothing happened.
type Step struct {
	// Pause is how long nothing happened before the next step, empty for an operation.
	Pause string
	// Time counts from the start of the test.
	Time string
	// Lane names the connection; Before and After are the empty lanes on its sides.
	Lane          string
	Before, After []struct{}
	Operation     string
	// Class is fault, first, again or empty; Mark says it in words.
	Class, Mark string
	State       string
	Place       string
}

// Write writes the page.
func Write(w io.Writer, p *Page) error { return tmpl.Execute(w, p) }
