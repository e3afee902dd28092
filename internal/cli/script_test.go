//go:build unix

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the program under its own name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tiebeam": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
	})
}

// TestScripts runs each script of testdata/script in a folder of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("XDG_CACHE_HOME", env.WorkDir+"/.cache")
			examples, err := filepath.Abs("../../examples")
			env.Setenv("EXAMPLES", examples)
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				env.Setenv("GIT_"+who+"_NAME", "t")
				env.Setenv("GIT_"+who+"_EMAIL", "t@example.org")
			}
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exit":  exitWith,
			"fifo":  makeFIFO,
			"fill":  fillEvidence,
			"large": makeLarge,
		},
	})
}

// exitWith runs a command and asks for an exit code: "exit 3 tiebeam check".
func exitWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND [ARGUMENT...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if code, ok := err.(interface{ ExitCode() int }); ok {
		got = itoa(code.ExitCode())
	} else if err != nil {
		ts.Check(err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s\n%s\n%s", got, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func itoa(n int) string { return string(rune('0' + n%10)) }

// fillEvidence answers a checklist: "fill list.md answers.md 'record ADR-47' ..." gives each item its evidence, in order.
func fillEvidence(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for _, evidence := range args[2:] {
		text = strings.Replace(text, "  - Evidence:\n", "  - Evidence: "+evidence+"\n", 1)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o666))
}

// makeLarge makes a file of so many bytes: "large big.md 1000".
func makeLarge(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte("x"), size), 0o666))
}

// makeFIFO makes a named pipe: "fifo x.py".
func makeFIFO(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o666))
}
