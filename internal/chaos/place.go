package chaos

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
)

// place is a line of the program.
type place struct {
	// path is relative to the root, with forward slashes; where no line of the project is known it is the test's file.
	path     string
	line     int
	function string
	// library repeats the operation by itself, empty where the project does.
	library string
}

// String identifies the place.
func (p place) String() string { return fmt.Sprintf("%s:%d %s", p.path, p.line, p.library) }

// line is the project's line that sent an operation.
func (r *Report) line(record *ledger.Record) place {
	for i := len(record.Stack) - 1; i >= 0; i-- {
		if f := &record.Stack[i]; f.Own {
			return place{path: r.relative(f.File), line: f.Line, function: function(f)}
		}
	}
	return r.ofTest(record.Test)
}

// ofTest is where a test is, as pytest said or else as far as its id tells.
func (r *Report) ofTest(test string) place {
	file, name, _ := strings.Cut(test, "::")
	if file == "" {
		return place{path: ".", line: 1}
	}
	if t, known := r.tests[test]; known && t.File != "" {
		return place{path: r.relative(t.File), line: t.Line, function: strings.ReplaceAll(name, "::", ".")}
	}
	return place{path: file, line: 1, function: strings.ReplaceAll(name, "::", ".")}
}

func function(f *ledger.Frame) string {
	if strings.HasPrefix(f.Function, "<") {
		return ""
	}
	return f.Function
}

func (r *Report) relative(file string) string {
	relative, err := filepath.Rel(r.root, file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(relative)
}

// retriers are libraries that run a function again.
var retriers = map[string]bool{"tenacity": true, "backoff": true, "retrying": true, "stamina": true, "retry": true, "opnieuw": true, "celery": true, "rq": true}

// retry is the line of the retry: the innermost loop with a try around both the operation that failed and the one that
// was done again, else a call through a library that repeats, else the line that wrote. Where
// both executions stand under one call of the client library, it is the library that repeats.
func (r *Report) retry(j *verdict.Judgement, d *verdict.Duplicate) place {
	if name := sameCall(d.First.Stack, d.Again.Stack); name != "" {
		at := r.line(d.Again)
		at.library = name
		return at
	}
	failed, again := own(j.Faulted.Stack), own(d.Again.Stack)
	var loop, tried place
	for i := range min(len(failed), len(again)) {
		a, b := &failed[i], &again[i]
		if a.File != b.File || a.Function != b.Function {
			break
		}
		for k := range min(len(a.Loops), len(b.Loops)) {
			if a.Loops[k].Line != b.Loops[k].Line {
				break
			}
			at := place{path: r.relative(b.File), line: b.Loops[k].Line, function: function(b)}
			loop = at
			if a.Loops[k].Tries || b.Loops[k].Tries {
				tried = at
			}
		}
		if a.Line != b.Line {
			break // from here on they are different calls of one function
		}
	}
	if tried.path != "" {
		return tried
	}
	line := r.line(d.Again)
	if name, at := r.through(d.Again.Stack); name != "" && at.path != "" {
		return at
	}
	if loop.path != "" {
		return loop
	}
	return line
}

// own are the frames of the project.
func own(stack []ledger.Frame) []ledger.Frame {
	var out []ledger.Frame
	for _, f := range stack {
		if f.Own {
			out = append(out, f)
		}
	}
	return out
}

// through finds a library that repeats between two frames of the project, and the line of the project that called it.
func (r *Report) through(stack []ledger.Frame) (library string, at place) {
	for i := len(stack) - 1; i > 0; i-- {
		if !retriers[stack[i].Library] {
			continue
		}
		for k := i; k >= 0; k-- {
			if stack[k].Own {
				return stack[i].Library, place{path: r.relative(stack[k].File), line: stack[k].Line, function: function(&stack[k])}
			}
		}
	}
	return "", place{}
}

// sameCall names the client library where two operations stand under one call of its code for retries.
func sameCall(first, again []ledger.Frame) string {
	for _, f := range again {
		if f.Call != 0 && !retriers[f.Library] && slices.ContainsFunc(first, func(g ledger.Frame) bool { return g.Call == f.Call }) {
			return f.Library
		}
	}
	return ""
}
