package catalog

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSignaturesAgree compares the rows with the signatures of the libraries beside a Python interpreter: the one named
// by TIEBEAM_PYTHON with all the libraries it has, else python3 with its standard library. Parameters, their positions
// and plain defaults must agree.
func TestSignaturesAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Python interpreter")
	}
	python, all := os.Getenv("TIEBEAM_PYTHON"), true
	if python == "" {
		python, all = "python3", false
	}
	if out, err := exec.Command(python, "-c", "import tomllib").CombinedOutput(); err != nil {
		t.Skipf("no Python 3.11 or later as %q: %v %s", python, err, out)
	}
	args := []string{filepath.Join("..", "..", "tools", "catalogverify", "catalogverify.py")}
	if !all {
		files, err := filepath.Glob("data/python-*.toml")
		if err != nil || len(files) == 0 {
			t.Fatalf("no data files of the standard library: %v", err)
		}
		args = append(args, files...)
	}
	out, err := exec.Command(python, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
}
