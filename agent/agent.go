// Package agent holds the Python files that `tiebeam watch` puts into a service at start, and that the package
// tiebeam-agent installs: the same files, so that the two cannot differ.
//
// It imports nothing of the project. The files are tested by running them, in internal/watch/probe.
//
// Entry point: Files.
package agent

import "embed"

// Version is that of the Python package; its pyproject.toml and the file itself say the same.
const Version = "0.1.0"

// Files are tiebeam_agent.py, and inject/sitecustomize.py, which starts it.
//
//go:embed tiebeam_agent.py inject/sitecustomize.py
var Files embed.FS
