package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// ErrNoRemoteExec says that the interpreter cannot take anything in while it runs.
var ErrNoRemoteExec = errors.New("the interpreter has no sys.remote_exec, which came with Python 3.14")

// remoteExec is run by the very interpreter of the process, as both must be of one version (PEP 768).
const remoteExec = `import sys
if not hasattr(sys, "remote_exec"):
    sys.exit("%d.%d" % sys.version_info[:2])
sys.remote_exec(int(sys.argv[1]), sys.argv[2])`

// Attach asks a running Python 3.14 to load the agent. The interpreter does so when it next comes past a safe point.
func (l *Listener) Attach(ctx context.Context, d *proc.Description) error {
	if d.Executable == "" || !d.Python() {
		return fmt.Errorf("attach to process %d: it is no Python interpreter that may be run", d.PID)
	}
	if err := l.Own(d.UID, d.GID); err != nil {
		return err
	}
	script := filepath.Join(l.dir, "attach.py")
	if err := os.WriteFile(script, []byte(l.attachScript()), 0o600); err != nil {
		return fmt.Errorf("write what is to be loaded: %w", err)
	}
	if err := chown(script, d.UID, d.GID); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, d.Executable, "-I", "-S", "-c", remoteExec, strconv.Itoa(d.PID), script)
	command.Env = []string{}
	if err := runAs(command, d.UID, d.GID); err != nil {
		return err
	}
	said, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	words := strings.TrimSpace(string(said))
	if strings.HasPrefix(words, "3.") && len(words) < 6 {
		return fmt.Errorf("attach to process %d: %w; this one is %s", d.PID, ErrNoRemoteExec, words)
	}
	lines := strings.Split(words, "\n")
	return fmt.Errorf("attach to process %d: %s: the interpreter refuses it without the right to trace the process, or where it was started with -X disable-remote-debug", d.PID, lines[len(lines)-1])
}

// attachScript is what the process is to run.
func (l *Listener) attachScript() string {
	return "import sys\nsys.path.append(" + pythonString(l.dir) + ")\nimport tiebeam_agent\ntiebeam_agent.attach(" + pythonString(l.socketPath()) + ")\n"
}

// pythonString writes a path as a literal that Python reads back. Such a path was made by us and holds no line end.
func pythonString(s string) string { return strconv.QuoteToASCII(s) }
