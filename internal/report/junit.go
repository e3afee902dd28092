package report

import (
	"bufio"
	"encoding/xml"
	"fmt"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// The parts of the JUnit format that CI systems read. It has no specification; these elements are those of
// https://github.com/testmoapp/junitxml.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		File    string      `xml:"file,attr,omitempty"`
		Line    int         `xml:"line,attr,omitempty"`
		Failure *junitFault `xml:"failure"`
		Error   *junitFault `xml:"error"`
	}
	junitFault struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes one suite a file; a run without findings is one test that passes.
func writeJUnit(w *bufio.Writer, r *Report, _ Options) error {
	out := junitSuites{Name: r.Tool}
	suite := func(name string) *junitSuite {
		if n := len(out.Suites); n > 0 && out.Suites[n-1].Name == name {
			return &out.Suites[n-1]
		}
		out.Suites = append(out.Suites, junitSuite{Name: name})
		return &out.Suites[len(out.Suites)-1]
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		name := text.Visible(r.shown(f.Path))
		s := suite(name)
		s.Tests++
		s.Failures++
		s.Cases = append(s.Cases, r.junitCase(f, name))
	}
	for _, i := range r.Incomplete {
		name := text.Visible(r.shown(i.Path))
		s := suite(name)
		s.Tests++
		s.Errors++
		s.Cases = append(s.Cases, junitCase{
			Name: "not judged", Class: name, File: name, Line: i.Line,
			Error: &junitFault{Type: "not-judged", Message: text.Visible(i.String())},
		})
	}
	if len(out.Suites) == 0 {
		out.Suites = []junitSuite{{Name: r.Tool, Tests: 1, Cases: []junitCase{{Name: r.summary(), Class: r.Tool}}}}
	}
	for i := range out.Suites {
		out.Tests += out.Suites[i].Tests
		out.Failures += out.Suites[i].Failures
		out.Errors += out.Suites[i].Errors
	}
	w.WriteString(xml.Header)
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(out); err != nil {
		return err
	}
	return w.WriteByte('\n')
}

func (r *Report) junitCase(f *finding.Finding, name string) junitCase {
	title := fmt.Sprintf("%s line %d", f.Rule, f.Line)
	if f.Symbol != "" {
		title += " in " + text.Visible(f.Symbol)
	}
	body := fmt.Sprintf("%s:%d:%d", name, f.Line, f.Column)
	if f.Base != nil {
		body += "\nbase: " + text.Visible(f.Base.Text)
	}
	if remedy := r.remedy(f); remedy != "" {
		body += "\n" + text.Visible(remedy)
	}
	return junitCase{
		Name: title, Class: name, File: name, Line: f.Line,
		Failure: &junitFault{Type: f.Rule, Message: text.Visible(f.Message), Text: body},
	}
}
