package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// jsonVersion is the version of the JSON format. Fields may be added to it; none changes its meaning.
const jsonVersion = 1

type jsonReport struct {
	Version    int              `json:"version"`
	Tool       jsonTool         `json:"tool"`
	Incomplete []jsonIncomplete `json:"incomplete"`
	Findings   []jsonFinding    `json:"findings"`
	Skipped    []jsonSkip       `json:"skipped"`
	Files      int              `json:"files"`
	Suppressed int              `json:"suppressed"`
	Accepted   int              `json:"accepted"`
	Notes      []string         `json:"notes"`
	Repaired   []string         `json:"repaired,omitempty"`
	Evidence   any              `json:"evidence,omitempty"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type jsonIncomplete struct {
	Path   jsonPath `json:"path"`
	Reason string   `json:"reason"`
}

type jsonFinding struct {
	Rule        string        `json:"rule"`
	Guard       string        `json:"guard"`
	Severity    string        `json:"severity"`
	Path        jsonPath      `json:"path"`
	Line        int           `json:"line"`
	Column      int           `json:"column"`
	EndLine     int           `json:"end_line"`
	EndColumn   int           `json:"end_column"`
	Symbol      string        `json:"symbol"`
	Message     string        `json:"message"`
	Base        *jsonPlace    `json:"base"`
	Cause       *jsonPlace    `json:"cause"`
	Match       *jsonMatch    `json:"match"`
	Related     []jsonRelated `json:"related"`
	Fingerprint string        `json:"fingerprint"`
}

type jsonPlace struct {
	Path jsonPath `json:"path"`
	Line int      `json:"line"`
	Text string   `json:"text"`
}

// jsonMatch says what a site was in base; path and symbol are null where it had the same.
type jsonMatch struct {
	Confidence float64   `json:"confidence"`
	Path       *jsonPath `json:"path"`
	Symbol     *string   `json:"symbol"`
}

type jsonRelated struct {
	Path    jsonPath `json:"path"`
	Line    int      `json:"line"`
	Message string   `json:"message"`
}

type jsonSkip struct {
	Reason   string     `json:"reason"`
	Files    int        `json:"files"`
	Dirs     int        `json:"directories"`
	Examples []jsonPath `json:"examples"`
}

// jsonPath is a path whose bytes need not be UTF-8. Those that are not become lone surrogates U+DC80 to U+DCFF, as in
// Python's surrogateescape (PEP 383): json.loads gives the very string that os.fsdecode gives for the file's name.
type jsonPath string

// MarshalJSON writes the path as a JSON string.
func (p jsonPath) MarshalJSON() ([]byte, error) {
	out := []byte{'"'}
	for rest := string(p); rest != ""; {
		size := 0
		for size < len(rest) {
			if r, n := utf8.DecodeRuneInString(rest[size:]); r != utf8.RuneError || n != 1 {
				size += n
				continue
			}
			break
		}
		quoted, err := json.Marshal(rest[:size])
		if err != nil {
			return nil, err
		}
		out = append(out, quoted[1:len(quoted)-1]...)
		if rest = rest[size:]; rest != "" {
			out = fmt.Appendf(out, `\udc%02x`, rest[0])
			rest = rest[1:]
		}
	}
	return append(out, '"'), nil
}

// writeJSON writes one object on indented lines, so that two reports can be compared line by line.
func writeJSON(w *bufio.Writer, r *Report, _ Options) error {
	out := jsonReport{
		Version: jsonVersion, Tool: jsonTool{r.Tool, r.Version}, Incomplete: []jsonIncomplete{}, Findings: []jsonFinding{},
		Skipped: jsonSkips(r.Skipped), Files: r.Files, Suppressed: r.Suppressed, Accepted: r.Accepted, Notes: append([]string{}, r.Notes...), Repaired: r.Repaired,
	}
	for _, i := range r.Incomplete {
		out.Incomplete = append(out.Incomplete, jsonIncomplete{jsonPath(i.Path), i.String()})
	}
	if r.Extra != nil {
		out.Evidence = r.Extra.JSON
	}
	for i := range r.Findings {
		out.Findings = append(out.Findings, jsonOf(&r.Findings[i]))
	}
	return writeValue(w, out)
}

// writeValue writes a value on indented lines. Characters that a reader could take for something else are written as
// JSON's own escapes, which changes nothing of the value.
func writeValue(w *bufio.Writer, value any) error {
	encoded, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	for rest := string(encoded); rest != ""; {
		at := strings.IndexFunc(rest, func(r rune) bool { return r != '\n' && text.Hidden(r) })
		if at < 0 {
			w.WriteString(rest)
			break
		}
		w.WriteString(rest[:at])
		r, size := utf8.DecodeRuneInString(rest[at:])
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(w, `\u%04x`, unit)
		}
		rest = rest[at+size:]
	}
	return w.WriteByte('\n')
}

func jsonOf(f *finding.Finding) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule, Guard: f.Guard, Severity: f.Severity.String(), Path: jsonPath(f.Path),
		Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn, Symbol: f.Symbol, Message: f.Message,
		Base: jsonPlaceOf(f.Base), Cause: jsonPlaceOf(f.Cause), Match: jsonMatchOf(f.Match), Related: []jsonRelated{}, Fingerprint: f.Fingerprint,
	}
	for _, related := range f.Related {
		out.Related = append(out.Related, jsonRelated{jsonPath(related.Path), related.Line, related.Message})
	}
	return out
}

func jsonMatchOf(m *finding.Match) *jsonMatch {
	if m == nil {
		return nil
	}
	out := &jsonMatch{Confidence: m.Confidence}
	if m.Path != "" {
		path := jsonPath(m.Path)
		out.Path, out.Symbol = &path, &m.Symbol
	}
	return out
}

func jsonPlaceOf(p *finding.Place) *jsonPlace {
	if p == nil {
		return nil
	}
	return &jsonPlace{jsonPath(p.Path), p.Line, p.Text}
}

func jsonSkips(skipped []tree.Skip) []jsonSkip {
	out := []jsonSkip{}
	for _, s := range skipped {
		entry := jsonSkip{Reason: s.Reason, Files: s.Files, Dirs: s.Dirs, Examples: []jsonPath{}}
		for _, example := range s.Examples {
			entry.Examples = append(entry.Examples, jsonPath(example))
		}
		out = append(out, entry)
	}
	return out
}
