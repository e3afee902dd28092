package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// evil holds what each format could take for its own: a forged finding, command, element, terminal sequence, link.
const evil = "x\n::error file=a.py::pwned\r\n##vso[task]\x1b]0;t\x07\u202e</script><img src=x onerror=1>]]>```[a](javascript:1) @all | =cmd&amp;\u0085\u2028"

const evilPath = "new\nline::error file=x::,%.py"

// sample is a report with a finding of every kind, about two files.
func sample(t *testing.T) *Report {
	t.Helper()
	head, err := source.FromText("app/main.py", "import requests\n\n\ndef größe(url):\n\treturn requests.get(url)  # 日本\n"+strings.Repeat("x", 5000)+"\n")
	if err != nil {
		t.Fatal(err)
	}
	base, err := source.FromText("app/main.py", "import requests\n\ndef größe(url):\n\treturn requests.get(url, timeout=2)\n")
	if err != nil {
		t.Fatal(err)
	}
	at := func(file *source.File, text string) finding.Span {
		start := strings.Index(file.Text, text)
		return finding.Span{Start: uint32(start), End: uint32(start + len(text))}
	}
	cause := finding.Place{Path: "app/main.py", Span: at(head, "import requests"), Text: "import requests"}
	r := &Report{
		Tool: "tiebeam", Version: "1.2.3", Base: "main", Head: "work", Files: 2, Suppressed: 1, Accepted: 2,
		Findings: []finding.Finding{
			{Rule: "unbounded-wait", Guard: "deadline", Severity: finding.Error, Path: "app/main.py", Span: at(head, "requests.get(url)"), Symbol: "größe", Message: "waits for ever"},
			{Rule: "guard-removed", Guard: "deadline", Severity: finding.Warning, Path: "app/main.py", Span: at(head, "requests.get"), Message: evil, Remedy: evil,
				Base: &finding.Place{Side: finding.Base, Path: "app/main.py", Span: at(base, "timeout=2")}, Cause: &cause,
				Related: []finding.Related{{Place: finding.Place{Path: evilPath}, Message: evil}}},
			{Rule: "guard-removed", Guard: "deadline", Severity: finding.Note, Path: "app/main.py", Span: at(head, strings.Repeat("x", 5000)), Message: "long", Cause: &cause},
			{Rule: "guard-weakened", Guard: "lock", Severity: finding.Warning, Path: evilPath, Symbol: evil, Message: "no source", Base: &finding.Place{Path: evilPath, Text: evil},
				Match: &finding.Match{Confidence: 0.67, Path: evilPath, Symbol: evil}},
		},
		Incomplete: []finding.Incomplete{{Path: "broken.py", Line: 3, Column: 7, Reason: "invalid syntax"}, {Path: "bad\xff.py", Reason: evil}},
		Skipped:    []tree.Skip{{Reason: "build output", Dirs: 1, Examples: []string{"build\n/"}}},
		Notes:      []string{"installed versions: " + evil},
		Rules: map[string]Rule{
			"unbounded-wait": {Name: "unbounded-wait", Guard: "deadline", Severity: finding.Warning, Summary: "reports waits", Why: "A peer may never answer.", Remedy: "Pass a deadline.", Page: func() string { return "# page" }},
			"guard-removed":  {Name: "guard-removed", Severity: finding.Error, Summary: "reports losses"},
		},
	}
	r.Source = func(side finding.Side, path string) Text {
		switch {
		case path != "app/main.py":
			return nil
		case side == finding.Base:
			return base
		}
		return head
	}
	for i := range r.Findings {
		finding.Complete(&r.Findings[i], func(side finding.Side, path string) finding.Lines {
			if file := r.Source(side, path); file != nil {
				return file
			}
			return nil
		})
	}
	finding.Seal(r.Findings)
	return r
}

func render(t *testing.T, name string, r *Report, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, name, r, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestNothingHostileGetsThrough looks at the bytes of every format.
func TestNothingHostileGetsThrough(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			out := render(t, name, sample(t), Options{Explain: true, Statistics: true})
			if !utf8.ValidString(out) {
				t.Error("output is not UTF-8")
			}
			for _, r := range out {
				if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u2028' {
					t.Fatalf("output holds %U", r)
				}
			}
			for line := range strings.Lines(out) {
				if name != "github" && strings.HasPrefix(strings.TrimSpace(line), "::") || strings.HasPrefix(line, "##vso") {
					t.Errorf("line %q is a command", line)
				}
			}
		})
	}
}

func TestText(t *testing.T) {
	out := render(t, "text", sample(t), Options{Width: 100})
	for _, want := range []string{
		"app/main.py:5:9: error[unbounded-wait] waits for ever (in größe)\n",
		"    5 │     return requests.get(url)  # 日本\n      │            ^^^^^^^^^^^^^^^^^\n",
		"guard  deadline: looked for, none found\n",
		"why    A peer may never answer.\n", "do     Pass a deadline.\n",
		"app/main.py:1: one edit, 2 findings\n",
		"  base app/main.py:4\n    4 │     return requests.get(url, timeout=2)\n      │                              ^^^^^^^^^\n  head app/main.py:5\n",
		"guard  deadline: base had timeout=2\n",
		"broken.py:3:7: not judged: invalid syntax\n",
		`bad\xff.py: not judged: x\x0a`,
		"skipped 1 directory (build\\x0a/): build output\n",
		"4 findings (1 error, 2 warnings, 1 note) in 2 files, 1 suppressed, 2 accepted by the baseline, 2 not judged\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("text lacks %q", want)
		}
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, " │ ") && columns(strings.TrimSuffix(line, "\n")) > 100 {
			t.Errorf("an excerpt is %d columns wide: %.60q", columns(line), line)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestTextBesideEachOther(t *testing.T) {
	out := render(t, "text", sample(t), Options{Width: 130})
	want := "    4 │     return requests.get(url, timeout=2)                      5 │     return requests.get(url)  # 日本\n"
	if !strings.Contains(out, want) {
		t.Errorf("no line %q in\n%s", want, out)
	}
	if strings.Contains(out, "\x1b") {
		t.Error("colour where none was asked for")
	}
	if !strings.Contains(render(t, "text", sample(t), Options{Color: true}), "\x1b[31merror[unbounded-wait]") {
		t.Error("no colour where it was asked for")
	}
}

func TestQuietAndStatistics(t *testing.T) {
	quiet := render(t, "text", sample(t), Options{Quiet: true})
	if strings.Contains(quiet, "skipped") || strings.Contains(quiet, "findings (") || !strings.Contains(quiet, "not judged") {
		t.Errorf("quiet says\n%s", quiet)
	}
	if out := render(t, "text", sample(t), Options{Statistics: true}); !strings.Contains(out, "       2  guard-removed\n       1  guard-weakened\n       1  unbounded-wait\n") {
		t.Errorf("statistics are\n%s", out)
	}
}

func TestJSONComesBack(t *testing.T) {
	r := sample(t)
	var got jsonReport
	decoder := json.NewDecoder(strings.NewReader(render(t, "json", r, Options{})))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || got.Tool != (jsonTool{"tiebeam", "1.2.3"}) || len(got.Findings) != 4 || len(got.Incomplete) != 2 {
		t.Fatalf("got %+v", got)
	}
	for i, f := range got.Findings {
		want := r.Findings[i]
		if f.Message != want.Message || string(f.Path) != want.Path || f.Line != want.Line || f.Column != want.Column || f.EndColumn != want.EndColumn || f.Symbol != want.Symbol || f.Fingerprint != want.Fingerprint {
			t.Errorf("finding %d is %+v", i, f)
		}
	}
	if f := got.Findings[1]; f.Base.Text != "timeout=2" || f.Base.Line != 4 || f.Cause.Line != 1 || f.Related[0].Message != evil {
		t.Errorf("places are %+v, %+v, %+v", f.Base, f.Cause, f.Related)
	}
	if f := got.Findings[0]; f.Base != nil || f.Cause != nil || f.Related == nil {
		t.Errorf("places are %+v, %+v, %+v", f.Base, f.Cause, f.Related)
	}
	empty := render(t, "json", &Report{}, Options{})
	for _, want := range []string{`"incomplete": []`, `"findings": []`} {
		if !strings.Contains(empty, want) {
			t.Errorf("an empty report lacks %s", want)
		}
	}
}

func TestJSONPathsKeepTheirBytes(t *testing.T) {
	for path, want := range map[string]string{
		"a.py": `"a.py"`, "größe\n\".py": `"größe\n\".py"`, "bad\xff\x80é": `"bad\udcff\udc80é"`, "\xff": `"\udcff"`, "": `""`,
		"\ufffd": "\"\ufffd\"",
	} {
		got, err := json.Marshal(jsonPath(path))
		if err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v; want %s", path, got, err, want)
		}
	}
}

// TestSARIFIsValid holds the output to the schema of the standard, which stands in testdata as OASIS publishes it.
func TestSARIFIsValid(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	const large = "more than a run holds"
	many := &Report{Tool: "tiebeam", Version: "1.2.3"}
	for i := range maxResults + 1 {
		many.Findings = append(many.Findings, finding.Finding{Rule: "unbounded-wait", Path: "a.py", Line: i + 1, Column: 1, EndLine: i + 1, EndColumn: 2, Message: "m"})
	}
	finding.Seal(many.Findings)
	for name, r := range map[string]*Report{"sample": sample(t), "empty": {Tool: "tiebeam", Version: "1.2.3"}, large: many} {
		t.Run(name, func(t *testing.T) {
			out := render(t, "sarif", r, Options{})
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			// The entries of the large one are all alike, and to validate each takes seconds.
			if name != large {
				if err := schema.Validate(document); err != nil {
					t.Fatal(err)
				}
			}
			var log sarifLog
			if err := json.Unmarshal([]byte(out), &log); err != nil {
				t.Fatal(err)
			}
			results := 0
			for _, run := range log.Runs {
				results += len(run.Results)
				if len(run.Results) > maxResults {
					t.Errorf("a run has %d results", len(run.Results))
				}
				for _, result := range run.Results {
					if rule := run.Tool.Driver.Rules[result.RuleIndex]; rule.ID != result.RuleID {
						t.Errorf("rule index %d is %s, not %s", result.RuleIndex, rule.ID, result.RuleID)
					}
				}
			}
			if results != len(r.Findings) {
				t.Errorf("%d results for %d findings", results, len(r.Findings))
			}
		})
	}
}

func TestSARIFKeepsPaths(t *testing.T) {
	r := &Report{}
	for path, want := range map[string]string{
		"a/b.py": "a/b.py", "javascript:alert(1).py": "javascript%3Aalert%281%29.py", "bad\xff.py": "bad%FF.py", "größe.py": "gr%C3%B6%C3%9Fe.py", "a b%.py": "a%20b%25.py",
	} {
		if got := r.uri(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
	r.Prefix = "services/api/"
	if got := r.uri("a.py"); got != "services/api/a.py" {
		t.Errorf("got %q", got)
	}
}

// githubCommand is how the runner reads a line.
var githubCommand = regexp.MustCompile(`^::(error|warning|notice) ([^:]*)::(.*)$`)

func TestGitHubCommandsComeBack(t *testing.T) {
	r := sample(t)
	lines := strings.Split(strings.TrimSuffix(render(t, "github", r, Options{}), "\n"), "\n")
	if len(lines) != len(r.Findings)+len(r.Incomplete) {
		t.Fatalf("%d lines for %d findings:\n%s", len(lines), len(r.Findings), strings.Join(lines, "\n"))
	}
	unescape := strings.NewReplacer("%0A", "\n", "%0D", "\r", "%3A", ":", "%2C", ",", "%25", "%")
	for i, line := range lines {
		match := githubCommand.FindStringSubmatch(line)
		if match == nil {
			t.Fatalf("not a command: %q", line)
		}
		fields := map[string]string{}
		for field := range strings.SplitSeq(match[2], ",") {
			name, value, _ := strings.Cut(field, "=")
			fields[name] = unescape.Replace(value)
		}
		if i < len(r.Findings) && (fields["file"] != r.Findings[i].Path || fields["line"] != strconv.Itoa(r.Findings[i].Line)) {
			t.Errorf("line %d says %v", i, fields)
		}
	}
}

func TestGitLabComesBack(t *testing.T) {
	r := sample(t)
	var issues []gitlabIssue
	if err := json.Unmarshal([]byte(render(t, "gitlab", r, Options{})), &issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) != 6 || issues[0].Fingerprint != r.Findings[0].Fingerprint || string(issues[3].Location.Path) != evilPath || issues[5].CheckName != "not-judged" {
		t.Errorf("got %+v", issues)
	}
	seen := map[string]bool{}
	for _, issue := range issues {
		if seen[issue.Fingerprint] || issue.Location.Lines.Begin < 1 {
			t.Errorf("issue %+v", issue)
		}
		seen[issue.Fingerprint] = true
	}
	if empty := render(t, "gitlab", &Report{}, Options{}); strings.TrimSpace(empty) != "[]" {
		t.Errorf("an empty report is %q", empty)
	}
}

func TestJUnitComesBack(t *testing.T) {
	r := sample(t)
	var suites junitSuites
	if err := xml.Unmarshal([]byte(render(t, "junit", r, Options{})), &suites); err != nil {
		t.Fatal(err)
	}
	failures, errors := 0, 0
	for _, suite := range suites.Suites {
		for _, c := range suite.Cases {
			switch {
			case c.Failure != nil:
				failures++
			case c.Error != nil:
				errors++
			}
		}
	}
	if failures != 4 || errors != 2 || suites.Failures != 4 || suites.Errors != 2 || suites.Tests != 6 {
		t.Errorf("%d failures, %d errors in %+v", failures, errors, suites)
	}
	if err := xml.Unmarshal([]byte(render(t, "junit", &Report{Tool: "tiebeam"}, Options{})), &suites); err != nil || !strings.Contains(render(t, "junit", &Report{}, Options{}), `tests="1" failures="0"`) {
		t.Errorf("an empty report is no passing test: %v", err)
	}
}

func TestMarkdown(t *testing.T) {
	out := render(t, "markdown", sample(t), Options{})
	for _, want := range []string{
		"### tiebeam: 4 findings (1 error, 2 warnings, 1 note)",
		"**unbounded-wait** `app/main.py:5` in `größe`  \nwaits for ever\n",
		"```diff\n-     return requests.get(url, timeout=2)\n+     return requests.get(url)  # 日本\n```\n",
		"- `broken.py`: line 3, column 7: invalid syntax\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("markdown lacks %q", want)
		}
	}
	outside := withoutCode(out)
	for _, bad := range []string{"<img", "</script", "](javascript", "@all"} {
		if strings.Contains(outside, bad) {
			t.Errorf("markdown holds %q outside of code", bad)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// withoutCode drops what stands between two runs of as many backticks, as CommonMark reads code spans and fences.
func withoutCode(s string) string {
	runs := regexp.MustCompile("`+").FindAllStringIndex(s, -1)
	var out strings.Builder
	last := 0
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] == runs[i][1]-runs[i][0] {
				out.WriteString(s[last:runs[i][0]])
				last, i = runs[j][1], j
				break
			}
		}
	}
	return out.String() + s[last:]
}

func TestMarkdownSaysWhatItLeavesOut(t *testing.T) {
	r := sample(t)
	one := r.Findings[0]
	r.Findings = nil
	for range 1000 {
		r.Findings = append(r.Findings, one)
	}
	out := render(t, "markdown", r, Options{})
	if n := strings.Count(out, "**unbounded-wait**"); n != 1000 {
		t.Errorf("%d of 1000 findings have their line", n)
	}
	if !strings.Contains(out, "without their excerpts") {
		t.Error("what is left out is not said")
	}
}

func TestMarkdownCode(t *testing.T) {
	for in, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "a``b`": "``` a``b` ```", "": ""} {
		if got := markdownCode(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestHTML(t *testing.T) {
	out := render(t, "html", sample(t), Options{})
	decoder := xml.NewDecoder(strings.NewReader(out))
	decoder.Strict = false
	decoder.AutoClose = xml.HTMLAutoClose
	decoder.Entity = xml.HTMLEntity
	elements := map[string]int{}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if element, ok := token.(xml.StartElement); ok {
			elements[element.Name.Local]++
			for _, attribute := range element.Attr {
				if name := attribute.Name.Local; name == "src" || strings.HasPrefix(name, "on") || name == "href" && !strings.HasPrefix(attribute.Value, "#") {
					t.Errorf("<%s %s=%q>", element.Name.Local, name, attribute.Value)
				}
			}
		}
	}
	if elements["script"] > 0 || elements["img"] > 0 || elements["link"] > 0 {
		t.Errorf("elements are %v", elements)
	}
	for i := range 4 {
		if !strings.Contains(out, fmt.Sprintf(`id="finding-%d"`, i+1)) {
			t.Errorf("finding %d is missing", i+1)
		}
	}
	if !strings.Contains(out, "requests.get(url, <mark>timeout=2</mark>)") || !strings.Contains(out, "<h3>base app/main.py:4</h3>") {
		t.Error("base is not beside head")
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := Write(io.Discard, "jsn", &Report{}, Options{}); err == nil || !strings.Contains(err.Error(), `did you mean "json"?`) {
		t.Errorf("got %v", err)
	}
}

func TestPrefixIsForFormatsThatAreFollowed(t *testing.T) {
	r := sample(t)
	r.Prefix = "services/api/"
	for name, want := range map[string]bool{"text": true, "github": true, "gitlab": true, "sarif": true, "junit": true, "markdown": true, "json": false, "html": false} {
		if got := strings.Contains(render(t, name, r, Options{}), "services/api/app/main.py"); got != want {
			t.Errorf("%s: prefix is there: %v", name, got)
		}
	}
}
