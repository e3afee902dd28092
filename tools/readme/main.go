// Command readme writes the output that README.md shows, so that it is what the program prints.
//
//	go run ./tools/readme
//
// It is run anywhere inside the repository; `make gen` calls it and a test says when the file is stale. In README.md a
// comment names the command and the findings to keep, and the block after it is replaced:
//
//	<!-- shows: tiebeam diff examples/repaired examples/broken | app.py:14 limits.py:5 -->
//
// Without words after the bar all findings are kept. The last paragraph, which counts, is always kept.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tiebeam/tiebeam/internal/cli"
)

const document = "README.md"

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "readme:", err)
		os.Exit(1)
	}
}

func write() error {
	if err := enterRoot(); err != nil {
		return err
	}
	old, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	current, err := fill(string(old), tiebeam)
	if err != nil || current == string(old) {
		return err
	}
	return os.WriteFile(document, []byte(current), 0o644)
}

// enterRoot makes the folder of go.mod the working directory, because paths in the output are relative to it.
func enterRoot() error {
	for {
		if _, err := os.Stat("go.mod"); err == nil {
			return nil
		}
		here, err := os.Getwd()
		if err != nil {
			return err
		}
		if here == filepath.Dir(here) {
			return fmt.Errorf("no go.mod here or above")
		}
		if err := os.Chdir(".."); err != nil {
			return err
		}
	}
}

// shown is the comment and the block that follows it.
var shown = regexp.MustCompile("(?s)(<!-- shows: tiebeam ([^|\n]*?)( \\|[^\n]*)? -->\n```text\n)(.*?)(```\n)")

// fill replaces every shown block by what run prints.
func fill(text string, run func(arguments []string) (string, error)) (string, error) {
	var failed error
	filled := shown.ReplaceAllStringFunc(text, func(block string) string {
		parts := shown.FindStringSubmatch(block)
		out, err := run(append(strings.Fields(parts[2]), "--no-cache"))
		if err != nil {
			failed = err
			return block
		}
		kept, err := keep(out, strings.Fields(strings.TrimPrefix(parts[3], " |")))
		if err != nil {
			failed = err
		}
		return parts[1] + "$ tiebeam " + parts[2] + "\n" + kept + parts[5]
	})
	return filled, failed
}

// keep leaves of the paragraphs of out those that speak of a place, and the last; an ellipsis stands for the others.
func keep(out string, places []string) (string, error) {
	paragraphs := strings.Split(strings.TrimRight(out, "\n"), "\n\n")
	var kept []string
	found := map[string]bool{}
	for i, paragraph := range paragraphs {
		first, _, _ := strings.Cut(paragraph, " ")
		wanted := len(places) == 0 || i == len(paragraphs)-1
		for _, place := range places {
			if strings.Contains(first, place+":") && !found[place] {
				wanted, found[place] = true, true
			}
		}
		switch {
		case wanted:
			kept = append(kept, paragraph)
		case len(kept) > 0 && kept[len(kept)-1] != "…":
			kept = append(kept, "…")
		}
	}
	for _, place := range places {
		if !found[place] {
			return "", fmt.Errorf("the output has no finding at %s", place)
		}
	}
	return strings.Join(kept, "\n\n") + "\n", nil
}

// tiebeam runs the program and gives what it prints.
func tiebeam(arguments []string) (string, error) {
	var out, problems bytes.Buffer
	if code := cli.Main(arguments, strings.NewReader(""), &out, &problems, nil); code > 1 {
		return "", fmt.Errorf("tiebeam %s: exit code %d: %s", strings.Join(arguments, " "), code, problems.String())
	}
	return out.String(), nil
}
