// Package needs finds for tests the Python that tools/needs/needs has prepared, free ports for servers, and folders for sockets.
//
// It imports nothing of ours and is imported by tests only.
//
// Invariant: what is not there is a skip that says what is missing, never a failure.
//
// Entry points: Python, Server.
package needs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// found are the interpreters by the modules that were asked for.
var found sync.Map

// Python finds an interpreter that can import modules, or skips the test: the one that TIEBEAM_PYTHON names, that of the
// virtual environment which tools/needs/needs makes, or python3. It is the interpreter itself and not what stands before it in
// PATH. Cost: one start of each candidate, once for the same modules.
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	wanted := strings.Join(append(modules, "sys"), ", ")
	if known, ok := found.Load(wanted); ok {
		return known.(string)
	}
	candidates := []string{os.Getenv("TIEBEAM_PYTHON")}
	if cache, err := os.UserCacheDir(); err == nil {
		candidates = append(candidates, filepath.Join(cache, "tiebeam-needs", "venv", "bin", "python"))
	}
	var failed []byte
	for _, candidate := range append(candidates, "python3") {
		if candidate == "" {
			continue
		}
		out, err := exec.Command(candidate, "-c", "import "+wanted+"; print(sys.executable)").CombinedOutput()
		if err == nil {
			interpreter := strings.TrimSpace(string(out))
			found.Store(wanted, interpreter)
			return interpreter
		}
		failed = out
	}
	t.Skipf("no Python has %s (tools/needs/needs installs them): %s", wanted, bytes.TrimSpace(failed))
	return ""
}
