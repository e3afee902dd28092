package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The wheels are asked for by a fixed platform, so that every machine compares the same files whatever it runs on.
var pipArguments = []string{
	"-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.13",
	"--implementation=cp", "--abi=cp313", "--abi=abi3", "--abi=none",
	"--platform=manylinux_2_28_x86_64", "--platform=manylinux2014_x86_64",
}

// fetch makes sure that the package is unpacked below folder and returns its set. A package that is there is not asked
// for again. Nothing is installed and nothing of a package is run.
func fetch(ctx context.Context, folder string, p Package, pip Interpreter) (set, error) {
	s := set{name: p.Name + " " + p.Version, root: filepath.Join(folder, p.Name+"-"+p.Version)}
	if _, err := os.Stat(s.root); errors.Is(err, fs.ErrNotExist) {
		if err := download(ctx, folder, s.root, p, pip); err != nil {
			return set{}, err
		}
	} else if err != nil {
		return set{}, fmt.Errorf("look for %s: %w", p.Name, err)
	}
	files, err := listFiles([]set{s})
	if err != nil {
		return set{}, err
	}
	if len(files) != p.Files {
		return set{}, fmt.Errorf("%s has %d .py files in %s, corpus.txt says %d", s.name, len(files), s.root, p.Files)
	}
	return s, nil
}

func download(ctx context.Context, folder, root string, p Package, pip Interpreter) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the corpus folder: %w", err)
	}
	work, err := os.MkdirTemp(folder, "fetch-")
	if err != nil {
		return fmt.Errorf("make a folder for %s: %w", p.Name, err)
	}
	defer os.RemoveAll(work)
	arguments := append(append([]string{}, pipArguments...), "--dest", work, p.Name+"=="+p.Version)
	command := exec.CommandContext(ctx, pip.Path, arguments...)
	command.Env = append(os.Environ(), "PIP_DISABLE_PIP_VERSION_CHECK=1")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("download %s %s: %w\n%s", p.Name, p.Version, err, out)
	}
	wheels, err := filepath.Glob(filepath.Join(work, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return fmt.Errorf("download %s %s: want one wheel, got %d", p.Name, p.Version, len(wheels))
	}
	unpacked := filepath.Join(work, "unpacked")
	if err := unpack(wheels[0], unpacked); err != nil {
		return err
	}
	if err := os.Rename(unpacked, root); err != nil {
		return fmt.Errorf("put %s in its place: %w", p.Name, err)
	}
	return nil
}

// unpack writes the .py files of a wheel below root.
func unpack(wheel, root string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("open the wheel: %w", err)
	}
	defer archive.Close()
	for _, entry := range archive.File {
		if !strings.HasSuffix(entry.Name, ".py") {
			continue
		}
		if !filepath.IsLocal(entry.Name) {
			return fmt.Errorf("unpack %s: the name %q leaves the folder", wheel, entry.Name)
		}
		if err := unpackFile(entry, filepath.Join(root, filepath.FromSlash(entry.Name))); err != nil {
			return fmt.Errorf("unpack %s: %w", wheel, err)
		}
	}
	return nil
}

func unpackFile(entry *zip.File, path string) error {
	in, err := entry.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
