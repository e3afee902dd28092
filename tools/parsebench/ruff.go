package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ruff is the running Rust program; see ruff/src/main.rs for what it reads and writes.
type ruff struct {
	command  *exec.Cmd
	requests io.WriteCloser
	answers  *bufio.Scanner
	folder   string
}

// startRuff builds the Rust program and starts it on the given files. It returns when all of them are in memory.
func startRuff(crate string, paths []string) (*ruff, error) {
	build := exec.Command("cargo", "build", "--quiet", "--release", "--locked")
	build.Dir = crate
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w\n%s", crate, err, out)
	}
	folder, err := os.MkdirTemp("", "parsebench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the list of files: %w", err)
	}
	r := &ruff{folder: folder}
	if err := r.start(crate, paths); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	return r, nil
}

func (r *ruff) start(crate string, paths []string) error {
	list := filepath.Join(r.folder, "list")
	if err := os.WriteFile(list, []byte(strings.Join(paths, "\n")), 0o644); err != nil {
		return fmt.Errorf("write the list of files: %w", err)
	}
	r.command = exec.Command(filepath.Join(crate, "target", "release", "parsebench-ruff"), list)
	requests, err := r.command.StdinPipe()
	if err != nil {
		return fmt.Errorf("start the Rust program: %w", err)
	}
	answers, err := r.command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the Rust program: %w", err)
	}
	r.command.Stderr = os.Stderr
	if err := r.command.Start(); err != nil {
		return fmt.Errorf("start the Rust program: %w", err)
	}
	r.requests, r.answers = requests, bufio.NewScanner(answers)
	if !r.answers.Scan() {
		return fmt.Errorf("the Rust program ended before it was ready: %w", r.command.Wait())
	}
	return nil
}

func (r *ruff) name() string { return "ruff_python_parser" }

func (r *ruff) parseAll(threads int) (pass, error) {
	if _, err := fmt.Fprintln(r.requests, threads); err != nil {
		return pass{}, fmt.Errorf("ask for a pass: %w", err)
	}
	if !r.answers.Scan() {
		return pass{}, fmt.Errorf("no answer: %w", r.answers.Err())
	}
	var wall, processor int64
	var p pass
	if _, err := fmt.Sscan(r.answers.Text(), &wall, &processor, &p.errors); err != nil {
		return pass{}, fmt.Errorf("read the answer %q: %w", r.answers.Text(), err)
	}
	p.wall, p.processor = time.Duration(wall), time.Duration(processor)
	return p, nil
}

func (r *ruff) close() {
	// Nothing is left to be told by how the child ends.
	_ = r.requests.Close()
	_ = r.command.Wait()
	_ = os.RemoveAll(r.folder)
}
