package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run does what the arguments ask for and returns the exit code: 0 done, 1 failed, 2 wrong use.
func run(args []string, out, errs io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(errs, "usage: newrule NAME | -registry")
		return 2
	}
	root, err := moduleRoot()
	if err == nil && args[0] != "-registry" {
		err = scaffold(root, args[0], out)
	}
	if err == nil {
		err = writeRegistry(root)
	}
	if err != nil {
		fmt.Fprintln(errs, "newrule:", err)
		return 1
	}
	return 0
}

// moduleRoot is the nearest folder upwards that has a go.mod.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("find the repository: no go.mod here or above")
		}
		folder = parent
	}
}
