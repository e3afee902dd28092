package report

import (
	"bufio"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// The parts of SARIF 2.1.0 that we write:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name            string      `json:"name"`
		Version         string      `json:"version"`
		SemanticVersion string      `json:"semanticVersion"`
		Rules           []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string          `json:"id"`
		ShortDescription     sarifText       `json:"shortDescription"`
		FullDescription      *sarifText      `json:"fullDescription,omitempty"`
		Help                 *sarifText      `json:"help,omitempty"`
		DefaultConfiguration sarifConfig     `json:"defaultConfiguration"`
		Properties           sarifProperties `json:"properties"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags []string `json:"tags,omitempty"`
	}
	sarifInvocation struct {
		ExecutionSuccessful        bool                `json:"executionSuccessful"`
		ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             sarifText         `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		RelatedLocations    []sarifLocation   `json:"relatedLocations,omitempty"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
		Properties          sarifFacts        `json:"properties"`
	}
	// sarifFacts carries what SARIF has no place for, under the names of our JSON.
	sarifFacts struct {
		Guard string     `json:"guard"`
		Base  *jsonPlace `json:"base,omitempty"`
		Cause *jsonPlace `json:"cause,omitempty"`
		Match *jsonMatch `json:"match,omitempty"`
	}
	sarifLocation struct {
		ID               int            `json:"id,omitempty"`
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
		Message          *sarifText     `json:"message,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// maxResults is how many results GitHub takes of one run (https://docs.github.com/en/code-security, "SARIF results
// exceed maximum"); more are put into further runs.
const maxResults = 25_000

func writeSARIF(w *bufio.Writer, r *Report, _ Options) error {
	rules, index := r.sarifRules()
	log := sarifLog{Schema: sarifSchema, Version: "2.1.0"}
	for first := 0; first == 0 || first < len(r.Findings); first += maxResults {
		run := sarifRun{
			Tool:        sarifTool{sarifDriver{r.Tool, r.Version, r.Version, rules}},
			Invocations: []sarifInvocation{r.sarifInvocation()},
			ColumnKind:  "unicodeCodePoints",
			Results:     []sarifResult{},
		}
		for i := first; i < min(first+maxResults, len(r.Findings)); i++ {
			run.Results = append(run.Results, r.sarifResult(&r.Findings[i], index))
		}
		log.Runs = append(log.Runs, run)
	}
	return writeValue(w, log)
}

// sarifRules describes all rules, and those that findings name and nobody described.
func (r *Report) sarifRules() (rules []sarifRule, index map[string]int) {
	named := maps.Clone(r.Rules)
	if named == nil {
		named = map[string]Rule{}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		named[f.Rule] = r.rule(f)
	}
	rules, index = []sarifRule{}, map[string]int{}
	for i, name := range slices.Sorted(maps.Keys(named)) {
		rule := named[name]
		summary := rule.Summary
		if summary == "" {
			summary = name
		}
		entry := sarifRule{ID: name, ShortDescription: sarifText{Text: summary}, DefaultConfiguration: sarifConfig{sarifLevel(rule.Severity)}}
		if rule.Guard != "" {
			entry.Properties.Tags = []string{rule.Guard}
		}
		if rule.Why != "" {
			entry.FullDescription = &sarifText{Text: rule.Why}
		}
		if rule.Page != nil {
			if page := rule.Page(); page != "" {
				entry.Help = &sarifText{Text: page, Markdown: page}
			}
		}
		rules, index[name] = append(rules, entry), i
	}
	return rules, index
}

func (r *Report) sarifInvocation() sarifInvocation {
	invocation := sarifInvocation{ExecutionSuccessful: true}
	for _, i := range r.Incomplete {
		notification := sarifNotification{Level: "warning", Message: sarifText{Text: text.Visible(i.Path) + " could not be judged: " + text.Visible(i.String())}}
		notification.Locations = []sarifLocation{{PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{r.uri(i.Path)}}}}
		if i.Line > 0 {
			notification.Locations[0].PhysicalLocation.Region = &sarifRegion{StartLine: i.Line, StartColumn: i.Column}
		}
		invocation.ToolExecutionNotifications = append(invocation.ToolExecutionNotifications, notification)
	}
	return invocation
}

func (r *Report) sarifResult(f *finding.Finding, index map[string]int) sarifResult {
	at := sarifLocation{PhysicalLocation: sarifPhysical{
		ArtifactLocation: sarifArtifact{r.uri(f.Path)},
		Region:           &sarifRegion{f.Line, f.Column, f.EndLine, max(f.EndColumn, 1)},
	}}
	if f.Symbol != "" {
		at.LogicalLocations = []sarifLogical{{text.Visible(f.Symbol)}}
	}
	result := sarifResult{
		RuleID: f.Rule, RuleIndex: index[f.Rule], Level: sarifLevel(f.Severity), Message: sarifText{Text: sarifMessage(f.Message)},
		Locations: []sarifLocation{at}, PartialFingerprints: map[string]string{"tiebeam/v1": f.Fingerprint},
		Properties: sarifFacts{f.Guard, jsonPlaceOf(f.Base), jsonPlaceOf(f.Cause), jsonMatchOf(f.Match)},
	}
	add := func(p *finding.Place, message string) {
		result.RelatedLocations = append(result.RelatedLocations, sarifLocation{
			ID: len(result.RelatedLocations) + 1, Message: &sarifText{Text: sarifMessage(message)},
			PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{r.uri(p.Path)}, Region: &sarifRegion{StartLine: max(p.Line, 1)}},
		})
	}
	if f.Cause != nil {
		add(f.Cause, "the edit that lost the guard: "+f.Cause.Text)
	}
	for i := range f.Related {
		add(&f.Related[i].Place, f.Related[i].Message)
	}
	return result
}

// sarifMessage makes a text plain: in SARIF, brackets begin links and braces placeholders.
func sarifMessage(message string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "{", "{{", "}", "}}").Replace(text.Visible(message))
}

// sarifLevel is our severity in SARIF's words, which happen to be the same.
func sarifLevel(severity finding.Severity) string {
	if severity == finding.Unset {
		return finding.Warning.String()
	}
	return severity.String()
}

// uri is a path as a relative reference by RFC 3986, or a file URI where it is absolute. Every byte that is not
// unreserved is percent-encoded, so that neither a colon makes a scheme of a name nor a stray byte is lost.
func (r *Report) uri(name string) string {
	name = r.shown(name)
	prefix := ""
	if filepath.IsAbs(name) {
		prefix = "file://"
	}
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(name) {
		b := name[i]
		if b == '/' || b == '-' || b == '.' || b == '_' || b == '~' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' {
			out.WriteByte(b)
			continue
		}
		out.Write([]byte{'%', hex[b>>4], hex[b&15]})
	}
	return prefix + out.String()
}
