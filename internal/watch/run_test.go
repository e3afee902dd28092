//go:build linux

package watch

import (
	"os/exec"
	"testing"
)

// TestEndedBeforeTheFirstLook: what was launched has its name also when it has gone before it could be looked at.
func TestEndedBeforeTheFirstLook(t *testing.T) {
	command := exec.Command("true")
	if err := command.Run(); err != nil {
		t.Skip("no program true: ", err)
	}
	state, err := Run(t.Context(), Options{PID: command.Process.Pid, Launched: true, Args: []string{"/bin/true"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := Name(&state.Process); got != "process true" || state.Samples != 0 || state.Ended == "" {
		t.Errorf("%q after %d looks, %q", got, state.Samples, state.Ended)
	}
	w := &watcher{Options: Options{Launched: true, Args: []string{"/bin/true"}}}
	if d := w.describe(command.Process.Pid); Name(&d) != "process true" {
		t.Errorf("described as %q", Name(&d))
	}
}
