package learn

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Position turns a place into its path, its 1-based line and its 1-based column in characters.
type Position func(at program.Place) (path string, line, column int)

// Page says what a report shows.
type Page struct {
	Invariants []Invariant
	// From is the number of the first one, 1-based; Of how many there are in all.
	From, Of int
	Position Position
	// Symbol is the qualified name of a function.
	Symbol func(fn program.Func) string
}

// maxShown is how many deviants the text shows of one invariant; JSON has all.
const maxShown = 5

// WriteText writes the invariants for people.
func WriteText(w io.Writer, page Page) error {
	var out strings.Builder
	for i := range page.Invariants {
		if i > 0 {
			out.WriteByte('\n')
		}
		page.text(&out, page.From+i, &page.Invariants[i])
	}
	switch shown := page.From - 1 + len(page.Invariants); {
	case page.Of == 0:
		out.WriteString("nothing is kept often enough to be told from chance\n")
	case shown < page.Of:
		fmt.Fprintf(&out, "\n%d more of less weight: --top %d shows all\n", page.Of-shown, page.Of)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (page *Page) text(out *strings.Builder, number int, v *Invariant) {
	fmt.Fprintf(out, "%d. %s\n", number, text.Visible(v.Statement))
	fmt.Fprintf(out, "   %s\n", text.Visible(v.numbers()))
	for _, at := range v.Examples {
		fmt.Fprintf(out, "   so    %s\n", page.place(at))
	}
	for i := range v.Deviants[:min(len(v.Deviants), maxShown)] {
		d := &v.Deviants[i]
		fmt.Fprintf(out, "   not   %s  %s", page.place(d.At), text.Visible(d.Text))
		if d.Known {
			out.WriteString("  (check reports it)")
		}
		out.WriteByte('\n')
	}
	if more := len(v.Deviants) - maxShown; more > 0 {
		fmt.Fprintf(out, "   not   %d more (--format json lists them)\n", more)
	}
}

// numbers are what an invariant rests on, in words.
func (v *Invariant) numbers() string {
	s := fmt.Sprintf("%s: %d of %d", v.label(), v.Kept, v.Total)
	if v.Scope.Kind != InProgram && v.Base != 0.5 {
		s += fmt.Sprintf(", elsewhere %.0f %%", 100*v.Base)
	}
	return s + fmt.Sprintf("; at least %.0f %% with 95 %% confidence", 100*v.Confidence)
}

func (v *Invariant) label() string {
	if v.Guard != "" && string(v.Guard) != string(v.Kind) {
		return string(v.Kind) + ", " + string(v.Guard)
	}
	return string(v.Kind)
}

func (page *Page) place(at program.Place) string {
	path, line, column := page.Position(at)
	return fmt.Sprintf("%s:%d:%d", text.Visible(path), line, column)
}

// The JSON form, version 1.
type jsonReport struct {
	Version    int             `json:"version"`
	Total      int             `json:"total"`
	Invariants []jsonInvariant `json:"invariants"`
}

type jsonInvariant struct {
	Number     int           `json:"number"`
	Kind       Kind          `json:"kind"`
	Guard      string        `json:"guard"`
	Effect     string        `json:"effect"`
	Subject    string        `json:"subject"`
	Habit      string        `json:"habit"`
	Scope      jsonScope     `json:"scope"`
	Statement  string        `json:"statement"`
	Kept       int           `json:"kept"`
	Total      int           `json:"total"`
	Elsewhere  float64       `json:"elsewhere"`
	Confidence float64       `json:"confidence"`
	Score      float64       `json:"score"`
	Strong     bool          `json:"strong"`
	Seconds    float64       `json:"seconds,omitempty"`
	Modules    []string      `json:"modules,omitempty"`
	Examples   []jsonPlace   `json:"examples"`
	Deviants   []jsonDeviant `json:"deviants"`
}

type jsonScope struct {
	Kind ScopeKind `json:"kind"`
	Name string    `json:"name"`
}

type jsonPlace struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type jsonDeviant struct {
	jsonPlace
	Symbol   string `json:"symbol"`
	Text     string `json:"text"`
	Reported bool   `json:"reported"`
}

// WriteJSON writes the invariants for programs.
func WriteJSON(w io.Writer, page Page) error {
	report := jsonReport{Version: 1, Total: page.Of, Invariants: []jsonInvariant{}}
	for i := range page.Invariants {
		report.Invariants = append(report.Invariants, page.json(page.From+i, &page.Invariants[i]))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

func (page *Page) json(number int, v *Invariant) jsonInvariant {
	j := jsonInvariant{
		Number: number, Kind: v.Kind, Guard: string(v.Guard), Subject: v.Subject, Habit: v.Habit,
		Scope: jsonScope{v.Scope.Kind, v.Scope.Name}, Statement: v.Statement, Kept: v.Kept, Total: v.Total,
		Elsewhere: round(v.Base), Confidence: round(v.Confidence), Score: round(v.Score), Strong: v.Strong(),
		Seconds: v.Seconds, Modules: v.Modules, Examples: []jsonPlace{}, Deviants: []jsonDeviant{},
	}
	if v.Effect != program.NoEffect {
		j.Effect = v.Effect.String()
	}
	for _, at := range v.Examples {
		j.Examples = append(j.Examples, page.jsonPlace(at))
	}
	for i := range v.Deviants {
		d := &v.Deviants[i]
		j.Deviants = append(j.Deviants, jsonDeviant{page.jsonPlace(d.At), page.Symbol(d.Func), d.Text, d.Known})
	}
	return j
}

func (page *Page) jsonPlace(at program.Place) jsonPlace {
	path, line, column := page.Position(at)
	return jsonPlace{path, line, column}
}

// round keeps three digits behind the point.
func round(x float64) float64 { return float64(int(x*1000+0.5)) / 1000 }
