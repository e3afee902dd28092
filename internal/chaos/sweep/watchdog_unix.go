//go:build unix

package sweep

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// watchdog is a shell that waits for our end. Where that comes in a way that leaves us no time, as with kill -9, it ends
// the command that runs and takes away the folder of the session. The nil watchdog does nothing.
type watchdog struct {
	shell *exec.Cmd
	line  io.WriteCloser
}

// last is what the watchdog does: it hears which group runs, 0 for none, until nobody is there who says more.
const last = `running=0
while read -r group; do running=$group; done
if [ "$running" -gt 1 ]; then
	kill -s TERM -- "-$running"
	sleep 3
	kill -s KILL -- "-$running"
fi
rm -rf -- "$1"`

// watch starts a watchdog for a folder, or none where there is no shell.
func watch(folder string) *watchdog {
	c := exec.Command("/bin/sh", "-c", last, "tiebeam-chaos-watchdog", folder)
	c.Dir, c.Env = "/", []string{"PATH=/usr/bin:/bin"}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what interrupts us from a terminal is not for it
	line, err := c.StdinPipe()
	if err != nil || c.Start() != nil {
		return nil
	}
	return &watchdog{c, line}
}

// runs says which group runs, 0 for none.
func (w *watchdog) runs(group int) {
	if w != nil {
		fmt.Fprintln(w.line, group)
	}
}

// end lets the watchdog go.
func (w *watchdog) end() {
	if w != nil {
		w.line.Close()
		w.shell.Wait()
	}
}
