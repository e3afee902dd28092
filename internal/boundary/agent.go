package boundary

import (
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// agent is the Python that runs inside the project's interpreter.
//
//go:embed agent/tiebeam_boundary/*.py
var agent embed.FS

// agentHash tells one agent from another, so that results of an older one are not taken for those of this one.
func agentHash() string {
	sum := sha256.New()
	// The names come sorted, and an embedded file can be read.
	_ = fs.WalkDir(agent, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			if raw, err := agent.ReadFile(name); err == nil {
				fmt.Fprintf(sum, "%s %d\n%s", name, len(raw), raw)
			}
		}
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// unpack writes the agent into a folder.
func unpack(dir string) error {
	return fs.WalkDir(agent, "agent", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(name, "agent")))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		raw, err := agent.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, raw, 0o600)
	})
}

// ErrNoPython means that there is no interpreter to run the tests with.
var ErrNoPython = errors.New("no Python found: create .venv, activate an environment, or name one with --python")

// FindPython finds the project's interpreter: the one given, that of the active environment, that of .venv or venv at
// the root, or python3. The path may be relative to the working directory.
func FindPython(root, given, active string) (string, error) {
	if given != "" {
		found, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("--python %s: %w", given, err)
		}
		return found, nil
	}
	candidates := []string{filepath.Join(root, ".venv", "bin", "python"), filepath.Join(root, "venv", "bin", "python")}
	if active != "" {
		candidates = slices.Insert(candidates, 0, filepath.Join(active, "bin", "python"))
	}
	for _, candidate := range candidates {
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() {
			return candidate, nil
		}
	}
	if found, err := exec.LookPath("python3"); err == nil {
		return found, nil
	}
	return "", ErrNoPython
}

// plan is what the agent is told.
type plan struct {
	Root     string            `json:"root"`
	Scratch  string            `json:"scratch"`
	Agent    string            `json:"agent"`
	Targets  []planTarget      `json:"targets"`
	Jobs     int               `json:"jobs"`
	Pytest   []string          `json:"pytest"`
	Suite    int               `json:"suite_seconds"`
	Limits   limits            `json:"limits"`
	Sandbox  string            `json:"sandbox,omitempty"`
	Coverage string            `json:"coverage,omitempty"`
	Baseline json.RawMessage   `json:"baseline,omitempty"`
	Done     []string          `json:"done,omitempty"`
	Files    map[string]string `json:"files,omitempty"`
	Verify   []planVerify      `json:"verify,omitempty"`
	RunAll   bool              `json:"run_all,omitempty"`
	Explore  bool              `json:"explore"`
	// Places are control groups, one for each mutant that runs at once; none where the system has none to give.
	Places []string `json:"places,omitempty"`
}

type planTarget struct {
	Kind    Kind         `json:"kind"`
	Op      string       `json:"op,omitempty"`
	Path    string       `json:"path"`
	Symbol  string       `json:"symbol,omitempty"`
	Line    int          `json:"line"`
	Column  int          `json:"column"`
	Mutants []planMutant `json:"mutants"`
}

type planMutant struct {
	ID string `json:"id"`
	To string `json:"to"`
}

// planVerify asks whether the tests of a file pass as the code is, and fail with each mutant.
type planVerify struct {
	File    string   `json:"file"`
	Names   []string `json:"names,omitempty"`
	Mutants [][2]any `json:"mutants"`
}

// limits of a mutant. Processes are those that it starts over its life, Tasks the processes and threads at one time.
type limits struct {
	FilesMB   int `json:"files_mb"`
	MemoryMB  int `json:"memory_mb"`
	Processes int `json:"processes"`
	Tasks     int `json:"tasks"`
}

// mutantID names a mutant of the n-th target.
func mutantID(target, mutant int) string { return fmt.Sprintf("%d.%d", target, mutant) }

func planTargets(targets []Target) []planTarget {
	all := make([]planTarget, len(targets))
	for i := range targets {
		t := &targets[i]
		all[i] = planTarget{Kind: t.Kind, Op: t.op, Path: t.Path, Symbol: t.Symbol, Line: t.keyLine, Column: t.keyColumn}
		for j, m := range t.Mutants {
			all[i].Mutants = append(all[i].Mutants, planMutant{mutantID(i, j), m.To})
		}
	}
	return all
}

// maxLine bounds one line of the agent; what it says of a large suite is one line.
const maxLine = 1 << 30

// call runs the agent with a plan in the project's root and hands over what it says, line by line. What the interpreter
// prints itself is the error's text where it ends badly.
func call(ctx context.Context, python string, p *plan, hear func(line []byte) error) error {
	dir, err := os.MkdirTemp(outside(p.Root), "tiebeam-boundary-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p.Agent, p.Scratch = filepath.Join(dir, "agent"), filepath.Join(dir, "scratch")
	if err := os.MkdirAll(p.Scratch, 0o700); err != nil {
		return err
	}
	if err := unpack(p.Agent); err != nil {
		return err
	}
	// One more than run at once, as a test is tried alone while the others go on.
	held := holdProcesses(p.Jobs+1, p.Limits.Tasks)
	defer held.release()
	p.Places = held.places()
	encoded, err := json.Marshal(p)
	if err != nil {
		return err
	}
	planFile := filepath.Join(dir, "plan.json")
	if err := os.WriteFile(planFile, encoded, 0o600); err != nil {
		return err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reader.Close()
	// The agent ends when this pipe does: also where this process is killed and can end nothing itself.
	alive, life, err := os.Pipe()
	if err != nil {
		writer.Close()
		return err
	}
	defer life.Close()
	complaint := &tail{}
	command := exec.CommandContext(ctx, python, "-m", "tiebeam_boundary", planFile, "3", "4")
	command.Dir, command.Stderr, command.ExtraFiles = p.Root, complaint, []*os.File{writer, alive}
	command.Env = append(environment(os.Environ()), "PYTHONPATH="+joinPath(p.Agent, os.Getenv("PYTHONPATH")))
	group(command)
	err = command.Start()
	writer.Close()
	alive.Close()
	if err != nil {
		return fmt.Errorf("start %s: %w", python, err)
	}
	heard := listen(bufio.NewReaderSize(reader, 1<<16), hear)
	if heard != nil {
		endGroup(command)
	}
	switch err := command.Wait(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case heard != nil:
		return heard
	case err != nil:
		return fmt.Errorf("%s ended: %w%s", python, err, complaint)
	}
	return nil
}

// outside is where the temporary folder goes: not below the root, as the copy of the root would cover it.
func outside(root string) string {
	relative, err := filepath.Rel(root, os.TempDir())
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return ""
	}
	return filepath.Join(string(filepath.Separator), "tmp")
}

// listen hands over lines until there are no more.
func listen(reader *bufio.Reader, hear func(line []byte) error) error {
	scanner := bufio.NewScanner(reader)
	scanner.Buffer(make([]byte, 1<<16), maxLine)
	for scanner.Scan() {
		if err := hear(scanner.Bytes()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// environment is what the tests see: the user's own, without what makes runs differ.
func environment(own []string) []string {
	var kept []string
	for _, variable := range own {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "PYTHONPATH", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONOPTIMIZE":
		default:
			kept = append(kept, variable)
		}
	}
	return append(kept, "PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1")
}

func joinPath(first, rest string) string {
	if rest == "" {
		return first
	}
	return first + string(os.PathListSeparator) + rest
}

// tail keeps the end of what a program complains about.
type tail struct{ text []byte }

const maxTail = 2000

// Write keeps the last bytes.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if len(t.text) > maxTail {
		t.text = slices.Clone(t.text[len(t.text)-maxTail:])
	}
	return len(p), nil
}

// String gives the last line, behind a colon.
func (t *tail) String() string {
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}

// moduleOf is how a test would import a file: its path below the root, without src.
func moduleOf(file string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(file, "src/"), ".py")
	return strings.ReplaceAll(strings.TrimSuffix(name, "/__init__"), "/", ".")
}

// baseOf is the name of a file without its folder and ending.
func baseOf(file string) string { return strings.TrimSuffix(path.Base(file), ".py") }
