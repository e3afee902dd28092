// Command python314 unpacks a Python 3.14 for the tests that need one and prints the path of its interpreter:
//
//	go run . FOLDER
//
// No distribution of Linux has it yet that all of our machines run, so it comes as a Go module. This is a module of its
// own, so that an interpreter is no dependency of tiebeam.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/kluctl/go-embed-python/python"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "python314:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("expected a folder")
	}
	unpacked, err := python.NewEmbeddedPythonWithTmpDir(arguments[0], false)
	if err != nil {
		return err
	}
	at, err := unpacked.GetExePath()
	if err != nil {
		return err
	}
	fmt.Println(at)
	return nil
}
