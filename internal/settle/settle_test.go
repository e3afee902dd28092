package settle

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/finding"
)

var known = []string{"leaked-resource", "unbounded-wait"}

func ran() map[string]bool { return map[string]bool{"leaked-resource": true, "unbounded-wait": true} }

func wait(path string, line int, text string) finding.Finding {
	return finding.Finding{Rule: "unbounded-wait", Guard: "deadline", Path: path, Span: finding.Span{Start: uint32(line * 100)}, Line: line, EndLine: line, Symbol: "f", Text: text, Message: "waits for ever"}
}

func TestReadComment(t *testing.T) {
	for _, test := range []struct {
		comment, rules, reason string
		ok                     bool
	}{
		{"# tiebeam: allow unbounded-wait because the peer is local", "unbounded-wait", "the peer is local", true},
		{"#tiebeam:allow a, b  because  x because y", "a b", "x because y", true},
		{"# tiebeam: allow a", "a", "", true},
		{"# tiebeam: allow a because", "a", "", true},
		{"# tiebeam: allow a because ", "a", "", true},
		{"# tiebeam: allow", "", "", true},
		{"# tiebeam: allowed a", "", "", true},
		{"# tiebeam: ignore a", "", "", true},
		{"# see tiebeam: allow a because b", "", "", false},
		{"# noqa", "", "", false},
	} {
		rules, reason, ok := ReadComment(test.comment)
		if strings.Join(rules, " ") != test.rules || reason != test.reason || ok != test.ok {
			t.Errorf("%q: got %v, %q, %v", test.comment, rules, reason, ok)
		}
	}
}

// lines renders findings as "RULE:LINE" in their order.
func lines(all []finding.Finding) string {
	var out []string
	for i := range all {
		out = append(out, all[i].Rule+":"+all[i].Path)
	}
	return strings.Join(out, " ")
}

func TestSuppressions(t *testing.T) {
	on := func(line int, above bool, target int, reason string, rules ...string) Suppression {
		return Suppression{Path: "a.py", Line: line, Above: above, Target: target, Rules: rules, Reason: reason, Span: finding.Span{Start: uint32(line*100 + 50)}}
	}
	long := wait("a.py", 5, "get(")
	long.EndLine = 8
	for _, test := range []struct {
		name       string
		found      finding.Finding
		comment    Suppression
		suppressed int
		want       string
	}{
		{"on the line", wait("a.py", 5, "x"), on(5, false, 5, "why", "unbounded-wait"), 1, ""},
		{"on the last line", long, on(8, false, 8, "why", "unbounded-wait"), 1, ""},
		{"after the last line", long, on(9, false, 9, "why", "unbounded-wait"), 0, "unbounded-wait:a.py unused-suppression:a.py"},
		{"above", wait("a.py", 5, "x"), on(4, true, 5, "why", "unbounded-wait"), 1, ""},
		{"above, several lines", wait("a.py", 5, "x"), on(2, true, 5, "why", "unbounded-wait"), 1, ""},
		{"above another line", wait("a.py", 5, "x"), on(3, true, 4, "why", "unbounded-wait"), 0, "unused-suppression:a.py unbounded-wait:a.py"},
		{"no reason", wait("a.py", 5, "x"), on(5, false, 5, "", "unbounded-wait"), 0, "unbounded-wait:a.py unexplained-suppression:a.py"},
		{"another rule", wait("a.py", 5, "x"), on(5, false, 5, "why", "leaked-resource"), 0, "unbounded-wait:a.py unused-suppression:a.py"},
		{"one of two is unused", wait("a.py", 5, "x"), on(5, false, 5, "why", "leaked-resource", "unbounded-wait"), 1, "unused-suppression:a.py"},
		{"unknown rule", wait("a.py", 5, "x"), on(5, false, 5, "why", "unbounded-wate"), 0, "unbounded-wait:a.py unknown-suppression:a.py"},
		{"unreadable", wait("a.py", 5, "x"), on(5, false, 5, ""), 0, "unbounded-wait:a.py unknown-suppression:a.py"},
		{"the checker of suppressions", wait("a.py", 5, "x"), on(5, false, 5, "why", UnusedSuppression), 0, "unbounded-wait:a.py unknown-suppression:a.py"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := Run(Input{Findings: []finding.Finding{test.found}, Suppressions: []Suppression{test.comment}, Known: known, Ran: ran()})
			if got := lines(out.Findings); got != test.want || out.Suppressed != test.suppressed {
				t.Errorf("got %q, %d suppressed; want %q, %d", got, out.Suppressed, test.want, test.suppressed)
			}
		})
	}
}

func TestSuppressionsOfRulesThatDidNotRunAreNotUnused(t *testing.T) {
	comment := Suppression{Path: "a.py", Line: 1, Target: 1, Rules: []string{"unbounded-wait"}, Reason: "why"}
	if out := Run(Input{Suppressions: []Suppression{comment}, Known: known}); len(out.Findings) != 0 {
		t.Errorf("got %s", lines(out.Findings))
	}
}

func TestAChangeCannotSuppressItsOwnFaults(t *testing.T) {
	comment := Suppression{Path: "a.py", Line: 5, Target: 5, Rules: []string{"unbounded-wait"}, Reason: "why", Span: finding.Span{Start: 550}}
	in := Input{Findings: []finding.Finding{wait("a.py", 5, "x")}, Suppressions: []Suppression{comment}, Known: known, Ran: ran()}
	in.Approved = func(*Suppression) bool { return false }
	if got, want := lines(Run(in).Findings), "unbounded-wait:a.py added-suppression:a.py"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	in.Findings = []finding.Finding{wait("a.py", 5, "x")}
	in.Approved = func(*Suppression) bool { return true }
	if out := Run(in); len(out.Findings) != 0 {
		t.Errorf("what base approves is reported: %s", lines(out.Findings))
	}
}

func TestSeverityOrderAndDuplicates(t *testing.T) {
	note := finding.Finding{Rule: "leaked-resource", Path: "a.py", Severity: finding.Note, Line: 1}
	out := Run(Input{
		Findings:   []finding.Finding{wait("b.py", 1, "x"), note, wait("b.py", 1, "x"), wait("a.py", 1, "y")},
		Severities: map[string]finding.Severity{"unbounded-wait": finding.Warning, "leaked-resource": finding.Error},
		Configured: map[string]finding.Severity{"unbounded-wait": finding.Error},
		Known:      known, Ran: ran(),
	})
	if got, want := lines(out.Findings), "leaked-resource:a.py unbounded-wait:a.py unbounded-wait:b.py"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	if out.Findings[0].Severity != finding.Note || out.Findings[1].Severity != finding.Error {
		t.Errorf("severities are %v, %v", out.Findings[0].Severity, out.Findings[1].Severity)
	}
	if out.Findings[1].Fingerprint == "" || out.Findings[1].Fingerprint == out.Findings[2].Fingerprint {
		t.Error("fingerprints are missing or shared")
	}
}

func baselineOf(t *testing.T, all ...finding.Finding) *Baseline {
	t.Helper()
	var file bytes.Buffer
	if err := WriteBaseline(&file, all); err != nil {
		t.Fatal(err)
	}
	baseline, err := ParseBaseline(file.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, file.Bytes())
	}
	return baseline
}

func TestBaseline(t *testing.T) {
	for _, test := range []struct {
		name       string
		then, now  []finding.Finding
		accepted   int
		want       string
		vanished   []string
		mayContain string
	}{
		{name: "moved lines", then: []finding.Finding{wait("a.py", 5, "x")}, now: []finding.Finding{wait("a.py", 50, "x")}, accepted: 1},
		{name: "counted", then: []finding.Finding{wait("a.py", 5, "x")}, now: []finding.Finding{wait("a.py", 5, "x"), wait("a.py", 9, "x")}, accepted: 1, want: "unbounded-wait:a.py"},
		{name: "stale", then: []finding.Finding{wait("a.py", 5, "x")}, want: "stale-baseline:base.json", mayContain: "accepts 1 more unbounded-wait"},
		{name: "swapped", then: []finding.Finding{wait("a.py", 5, "x")}, now: []finding.Finding{wait("a.py", 5, "y")}, want: "unbounded-wait:a.py swapped-baseline:base.json"},
		{name: "another file", then: []finding.Finding{wait("a.py", 5, "x")}, now: []finding.Finding{wait("b.py", 5, "x")}, want: "unbounded-wait:b.py stale-baseline:base.json"},
		{name: "renamed file", then: []finding.Finding{wait("a.py", 5, "x")}, now: []finding.Finding{wait("b.py", 5, "x"), wait("b.py", 6, "x")}, vanished: []string{"a.py"}, accepted: 1, want: "unbounded-wait:b.py"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := Run(Input{
				Findings: test.now, Known: known, Ran: ran(), Baseline: baselineOf(t, test.then...), BaselinePath: "base.json",
				Exists: func(path string) bool { return !slices.Contains(test.vanished, path) },
			})
			got := lines(out.Findings)
			for _, word := range strings.Fields(test.want) {
				if !strings.Contains(got, word) {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
			if len(strings.Fields(got)) != len(strings.Fields(test.want)) || out.Accepted != test.accepted {
				t.Errorf("got %q, %d accepted; want %q, %d", got, out.Accepted, test.want, test.accepted)
			}
			if test.mayContain != "" && !strings.Contains(out.Findings[0].Message, test.mayContain) {
				t.Errorf("message is %q", out.Findings[0].Message)
			}
		})
	}
}

func TestBaselineIsRefusedWhole(t *testing.T) {
	good := `{"version":1,"tool":"tiebeam","entries":[{"rule":"r","path":"p","symbol":"s","text":"t","count":1}]}`
	if _, err := ParseBaseline([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":           "",
		"merge conflict":  "<<<<<<< ours\n" + good,
		"cut":             good[:len(good)-3],
		"more after it":   good + good,
		"other version":   strings.Replace(good, `"version":1`, `"version":2`, 1),
		"no version":      strings.Replace(good, `"version":1,`, "", 1),
		"huge count":      strings.Replace(good, `"count":1`, `"count":1e9`, 1),
		"negative count":  strings.Replace(good, `"count":1`, `"count":-1`, 1),
		"not a number":    strings.Replace(good, `"count":1`, `"count":NaN`, 1),
		"no count":        strings.Replace(good, `,"count":1`, "", 1),
		"no rule":         strings.Replace(good, `"rule":"r",`, "", 1),
		"unknown field":   strings.Replace(good, `"count":1`, `"count":1,"any":true`, 1),
		"the same twice":  strings.Replace(good, `]}`, `,{"rule":"r","path":"p","symbol":"s","text":"t","count":1}]}`, 1),
		"another shape":   `[]`,
		"deeply nested":   strings.Repeat("[", 1_000_000),
		"deep in a field": strings.Replace(good, `"count":1`, `"count":`+strings.Repeat("[", 1_000_000), 1),
	} {
		if _, err := ParseBaseline([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestBaselineDoesNotAcceptWhatIsSaidOfSuppressions(t *testing.T) {
	if b := baselineOf(t, finding.Finding{Rule: UnusedSuppression, Path: "a.py"}); len(b.entries) != 0 {
		t.Errorf("entries are %+v", b.entries)
	}
}

// TestManySuppressionsAreLinear would take minutes if each finding looked at each comment.
func TestManySuppressionsAreLinear(t *testing.T) {
	const n = 200_000
	in := Input{Known: known, Ran: ran()}
	for i := range n {
		in.Suppressions = append(in.Suppressions, Suppression{Path: "a.py", Line: i, Target: i, Rules: []string{"unbounded-wait"}, Reason: "why"})
		in.Findings = append(in.Findings, wait("a.py", i, "x"))
	}
	if out := Run(in); out.Suppressed != n || len(out.Findings) != 0 {
		t.Errorf("%d suppressed, %d left", out.Suppressed, len(out.Findings))
	}
}

func FuzzParseBaseline(f *testing.F) {
	f.Add([]byte(`{"version":1,"tool":"tiebeam","entries":[{"rule":"r","path":"p","symbol":"s","text":"t","count":1}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if baseline, err := ParseBaseline(raw); err == nil {
			for _, entry := range baseline.entries {
				if entry.Count < 1 || entry.Rule == "" {
					t.Errorf("%q gives %+v", raw, entry)
				}
			}
		}
	})
}

func FuzzReadComment(f *testing.F) {
	f.Add("# tiebeam: allow a, b because c")
	f.Fuzz(func(t *testing.T, comment string) {
		rules, reason, ok := ReadComment(comment)
		if !ok && (len(rules) > 0 || reason != "") {
			t.Errorf("%q: %v, %q", comment, rules, reason)
		}
	})
}
