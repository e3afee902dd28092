package boundary

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Text writes every verdict and the tests for people; saved says that the tests lie in the project now.
func Text(o *Outcome, written []Written, saved bool) string {
	var out strings.Builder
	for i := range o.Evidence.Comparisons {
		c := &o.Evidence.Comparisons[i]
		fmt.Fprintf(&out, "%s:%d  %s  %s", text.Visible(c.Path), c.Line, text.Visible(orModule(c.Symbol)), text.Visible(c.Text))
		if c.Why != "" {
			fmt.Fprintf(&out, "  (%s)", text.Visible(c.Why))
		}
		out.WriteByte('\n')
		for j := range c.Mutants {
			if line := explain(&c.Mutants[j]); line != "" {
				fmt.Fprintf(&out, "    %-11s %s%s\n", c.Mutants[j].Verdict, text.Visible(c.Mutants[j].Text), text.Visible(line))
			}
		}
	}
	for i := range written {
		w := &written[i]
		if saved {
			fmt.Fprintf(&out, "\nwritten: %s, %s\n", text.Visible(w.Path), kills(w))
			continue
		}
		fmt.Fprintf(&out, "\n%s would hold (--write writes it; %s):\n\n%s", text.Visible(w.Path), kills(w), shown(w.Text))
	}
	if len(o.Evidence.Comparisons) > 0 {
		out.WriteString("\n" + Summary(o) + "\n\n")
	}
	return out.String()
}

func kills(w *Written) string {
	return "run: it passes as the code is and notices " + text.Count(len(w.Kills), "mutant") + " that nothing noticed"
}

// shown makes code visible line by line.
func shown(code string) string {
	var out strings.Builder
	for line := range strings.Lines(code) {
		out.WriteString("    " + text.Visible(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return out.String()
}

func orModule(symbol string) string {
	if symbol == "" {
		return "(module)"
	}
	return symbol
}

// explain says what is known of a mutant, behind its text; empty for one that means nothing here.
func explain(m *evidence.Mutant) string {
	said := ""
	switch m.Verdict {
	case evidence.NotApplicable, "":
		return ""
	case evidence.Killed:
		said = "  by " + m.By
		if m.By == "" {
			said = "  " + m.How
		}
	case evidence.Survived:
		said = "  " + m.Witness
		if m.Witness == "" {
			said = "  " + reaching(m.Reach)
		}
	case evidence.Equivalent:
		said = "  " + m.Reason
	case evidence.NotReached:
		said = "  " + m.How
	case evidence.Timeout:
		said = "  the tests did not end"
	}
	if len(m.Tried) > 0 {
		said += "  (in its sandbox it tried to " + strings.Join(m.Tried, ", ") + ")"
	}
	return said + " "
}

// Summary counts the verdicts in one line.
func Summary(o *Outcome) string {
	counts := map[evidence.Verdict]int{}
	total := 0
	for i := range o.Evidence.Comparisons {
		for j := range o.Evidence.Comparisons[i].Mutants {
			if v := o.Evidence.Comparisons[i].Mutants[j].Verdict; v != evidence.NotApplicable && v != "" {
				counts[v]++
				total++
			}
		}
	}
	parts := []string{text.Count(len(o.Evidence.Comparisons), "comparison"), text.Count(total, "mutant")}
	for _, v := range []evidence.Verdict{evidence.Killed, evidence.Survived, evidence.Equivalent, evidence.Timeout, evidence.NotReached} {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	said := strings.Join(parts, ", ")
	if o.Reused > 0 {
		said += fmt.Sprintf(" (%d from an earlier run of the same code)", o.Reused)
	}
	if o.Sandbox != nil {
		said += "\nheld by " + o.Sandbox.String()
	}
	return said
}

// Markdown writes the same for a comment on a pull request.
func Markdown(o *Outcome, written []Written, saved bool) string {
	var out strings.Builder
	out.WriteString("\n#### Comparisons\n\n| place | comparison | mutant | verdict | evidence |\n|---|---|---|---|---|\n")
	for i := range o.Evidence.Comparisons {
		c := &o.Evidence.Comparisons[i]
		for j := range c.Mutants {
			m := &c.Mutants[j]
			if line := explain(m); line != "" {
				fmt.Fprintf(&out, "| %s:%d | %s | %s | %s | %s |\n", cell(c.Path), c.Line, code(c.Text), code(m.Text), m.Verdict, cell(strings.TrimSpace(line)))
			}
		}
	}
	for i := range written {
		w := &written[i]
		verb := "would hold"
		if saved {
			verb = "was written"
		}
		fmt.Fprintf(&out, "\n`%s` %s (%s):\n\n~~~~python\n%s~~~~\n", text.Visible(w.Path), verb, kills(w), strings.ReplaceAll(w.Text, "~~~~", "~ ~ ~ ~"))
	}
	out.WriteString("\n" + cell(strings.ReplaceAll(Summary(o), "\n", "; ")) + "\n")
	return out.String()
}

func cell(s string) string {
	return strings.NewReplacer("|", "&#124;", "<", "&lt;", "*", "&#42;", "`", "&#96;", "[", "&#91;", "@", "&#64;").Replace(text.Visible(s))
}

func code(s string) string { return "<code>" + cell(s) + "</code>" }

// JSON is the part of a report that only this command has.
func JSON(o *Outcome, written []Written) any {
	tests := []jsonTest{}
	for i := range written {
		w := &written[i]
		tests = append(tests, jsonTest{w.Path, w.Text, append([]string{}, w.Kills...), append([]string{}, w.Questions...)})
	}
	comparisons := append([]evidence.Comparison{}, o.Evidence.Comparisons...)
	return jsonBoundary{comparisons, tests, o.Sandbox, o.Version}
}

type jsonBoundary struct {
	Comparisons []evidence.Comparison `json:"comparisons"`
	Tests       []jsonTest            `json:"tests"`
	Sandbox     *Sandbox              `json:"sandbox"`
	Python      string                `json:"python"`
}

type jsonTest struct {
	Path      string   `json:"path"`
	Text      string   `json:"text"`
	Kills     []string `json:"kills"`
	Questions []string `json:"questions"`
}

// reaching says how many tests reach a comparison.
func reaching(tests int) string {
	switch tests {
	case 0: // the only other way to reach it
		return "importing the modules reaches it"
	case 1:
		return "1 test reaches it"
	}
	return text.Count(tests, "test") + " reach it"
}
