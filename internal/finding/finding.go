package finding

import "fmt"

// Span is a range of bytes in the decoded UTF-8 text of one file: Start is the first byte, End the one after the last.
// The zero value is the empty range at the start of the file.
type Span struct {
	Start, End uint32
}

// Side says in which of two compared snapshots a place lies. The zero value is Head, the only side that `check` has.
type Side uint8

// The two sides of a comparison.
const (
	Head Side = iota
	Base
)

// Place is a spot in the source that explains a finding: the guard that base had, or the edit that took it away.
type Place struct {
	// Side is the snapshot that Path and Span refer to.
	Side Side
	// Path is relative to the root, with forward slashes.
	Path string
	// Span is where it is, in bytes.
	Span Span
	// Line is 1-based; Complete fills it, where the file is one that the analysis reads as text.
	Line int
	// Text is the source that is meant, on one line. Left empty, Complete takes it from Span.
	Text string
}

// Match says what the comparison took the code of a finding for, and how sure it is.
type Match struct {
	// Confidence is between 0 and 1, in hundredths: 1 where nothing else of the function changed, the share of statements
	// that are still there for a function that was moved or renamed, and at least 0.5 for one that was not.
	Confidence float64
	// Path and Symbol are those of the function in base, where it had others; both are empty where it had the same.
	Path, Symbol string
}

// String says it in words: "0.67 sure that this was fetch in shop/clients.py".
func (m *Match) String() string {
	switch {
	case m.Path == "":
		return fmt.Sprintf("%.2f sure that this is the code that base had under the same name", m.Confidence)
	case m.Symbol == "":
		return fmt.Sprintf("%.2f sure that this was %s", m.Confidence, m.Path)
	}
	return fmt.Sprintf("%.2f sure that this was %s in %s", m.Confidence, m.Symbol, m.Path)
}

// Related is a further place of the same story, such as one call of the chain that leads to a blocking function.
type Related struct {
	Place
	// Message says what happens there, in the style of Finding.Message.
	Message string
}

// Finding is one fault at one place. A rule fills the fields up to Related; Complete adds lines and columns and Seal
// the fingerprint. It is a plain value: copying it shares Base, Cause and Related, which nobody changes after Seal.
type Finding struct {
	// Rule is the name of the rule, such as "unbounded-wait".
	Rule string
	// Guard is the kind of guard that is missing, removed or weaker, such as "deadline".
	Guard string
	// Severity is Unset until settling, where the rule or the configuration did not say.
	Severity Severity
	// Path is relative to the root, with forward slashes; it always lies in Head.
	Path string
	// Span is what is underlined, in bytes.
	Span Span
	// Symbol is the qualified name inside the module ("Class.method", "outer.inner"), empty at module level.
	Symbol string
	// Message is lower-case, without full stop: subject, what is expected, evidence.
	Message string
	// Remedy is what to do here, where more can be said than on the rule's page; may be empty.
	Remedy string
	// Base is the guard as it was, nil where there is no base.
	Base *Place
	// Match is what the site was in base, nil where no guard was lost.
	Match *Match
	// Cause is the edit that lost the guard, nil where it is the site itself.
	Cause *Place
	// Related are further places, in the order in which a reader should follow them.
	Related []Related

	// Text is the normalised source of the site or guard. Left empty by the rule, Complete takes it from Span. The
	// fingerprint and the baseline are keyed on it and not on the line.
	Text string

	// Line, Column, EndLine and EndColumn are 1-based, columns in characters, the end exclusive. Complete fills them.
	Line, Column, EndLine, EndColumn int
	// Fingerprint identifies the finding across runs and moved lines. Seal fills it.
	Fingerprint string
}

// Lines turns byte offsets of one file into what people read. source.File implements it.
type Lines interface {
	// Position returns the 1-based line and the 1-based column in characters of a byte offset.
	Position(offset uint32) (line, column int)
	// Slice returns the decoded text between two byte offsets, both cut to the file's size.
	Slice(start, end uint32) string
}

// Files finds the file that a place refers to, nil where it cannot be had any more.
type Files func(side Side, path string) Lines

// Complete adds lines, columns and texts to a finding that has offsets. What lies in a file that files does not know
// keeps line 1, so that a report can still name the path.
func Complete(f *Finding, files Files) {
	f.Line, f.Column, f.EndLine, f.EndColumn = 1, 1, 1, 1
	if lines := files(Head, f.Path); lines != nil {
		f.Line, f.Column = lines.Position(f.Span.Start)
		f.EndLine, f.EndColumn = lines.Position(f.Span.End)
		if f.Text == "" {
			f.Text = Normalise(lines.Slice(f.Span.Start, f.Span.End))
		}
	}
	completePlace(f.Base, files)
	completePlace(f.Cause, files)
	for i := range f.Related {
		completePlace(&f.Related[i].Place, files)
	}
}

func completePlace(p *Place, files Files) {
	if p == nil {
		return
	}
	lines := files(p.Side, p.Path)
	if lines == nil {
		p.Line = max(p.Line, 1)
		return
	}
	p.Line, _ = lines.Position(p.Span.Start)
	if p.Text == "" {
		p.Text = OneLine(lines.Slice(p.Span.Start, p.Span.End))
	}
}
