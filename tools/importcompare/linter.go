package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/tools/txtar"
)

// version is the import-linter that the kinds of contract are taken from.
const version = "2.16"

// linter is an installed import-linter with the package to run it on.
type linter struct {
	program, folder string
}

// install makes a virtual environment with import-linter, unless the folder holds one, and writes the package out.
func install(ctx context.Context, venv, work string) (*linter, error) {
	bin := filepath.Join(venv, "bin")
	if runtime.GOOS == "windows" {
		bin = filepath.Join(venv, "Scripts")
	}
	l := &linter{program: filepath.Join(bin, "lint-imports"), folder: work}
	if _, err := os.Stat(l.program); err != nil {
		if err := makeVenv(ctx, venv, bin); err != nil {
			return nil, err
		}
	}
	for _, file := range txtar.Parse(packageArchive).Files {
		name := filepath.Join(work, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, file.Data, 0o644); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func makeVenv(ctx context.Context, venv, bin string) error {
	python := ""
	for _, name := range []string{"python3", "python"} {
		if found, err := exec.LookPath(name); err == nil {
			python = found
			break
		}
	}
	if python == "" {
		return errors.New("no Python on PATH")
	}
	for _, command := range [][]string{
		{python, "-m", "venv", venv},
		{filepath.Join(bin, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "import-linter==" + version},
	} {
		if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, lastLine(string(out)))
		}
	}
	return nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// judgement is what import-linter made of a case.
type judgement struct{ verdict, said string }

// judge runs import-linter on all cases: together those with the same options that should not be wrong, as one that is ends
// the whole run, and the others each alone.
func (l *linter) judge(ctx context.Context, all []testCase) (map[string]judgement, error) {
	found := map[string]judgement{}
	groups := map[string][]testCase{}
	var alone []testCase
	for _, c := range all {
		if c.verdict == wrong {
			alone = append(alone, c)
			continue
		}
		options, _, _ := strings.Cut(c.linter, "\n\n")
		groups[options] = append(groups[options], c)
	}
	for options, group := range groups {
		verdicts, err := l.together(ctx, options, group)
		if err != nil {
			return nil, err
		}
		if verdicts == nil {
			alone = append(alone, group...)
		}
		maps.Copy(found, verdicts)
	}
	for _, c := range alone {
		said, code, err := l.run(ctx, c.linter)
		if err != nil {
			return nil, err
		}
		j := judgement{verdict: kept, said: said}
		if code != 0 {
			j.verdict = wrong
			if strings.Contains(said, " BROKEN") {
				j.verdict = broken
			}
		}
		found[c.name] = j
	}
	return found, nil
}

// together runs some cases at once; nil where that gave no verdicts.
func (l *linter) together(ctx context.Context, options string, group []testCase) (map[string]judgement, error) {
	config := options + "\n"
	for _, c := range group {
		_, contract, _ := strings.Cut(c.linter, "\n\n")
		contract = strings.Replace(contract, "contract:one]\nname = one\n", "contract:"+c.name+"]\nname = "+c.name+"\n", 1)
		config += "\n" + contract
	}
	said, _, err := l.run(ctx, config)
	if err != nil {
		return nil, err
	}
	found := map[string]judgement{}
	for _, c := range group {
		switch {
		case strings.Contains(said, "\n"+c.name+" KEPT"):
			found[c.name] = judgement{kept, said}
		case strings.Contains(said, "\n"+c.name+" BROKEN"):
			found[c.name] = judgement{broken, said}
		default:
			return nil, nil
		}
	}
	return found, nil
}

// run runs import-linter on a configuration.
func (l *linter) run(ctx context.Context, text string) (said string, code int, err error) {
	config := filepath.Join(l.folder, "importlinter.ini")
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return "", 0, err
	}
	command := exec.CommandContext(ctx, l.program, "--config", config, "--no-cache")
	command.Dir = l.folder
	out, err := command.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return string(out), failed.ExitCode(), nil
	}
	return string(out), 0, err
}
