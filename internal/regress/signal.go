package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// goneSignal reports a signal that ended the process in order, and that cuts it off now.
func (p *pair) goneSignal(c callRef) {
	args := p.base.positional(c.call)
	if len(args) < 2 || p.kept < 0.5 {
		return
	}
	which := lastPart(p.base.text(args[0]))
	switch which {
	case "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT":
	default:
		return
	}
	if handler := p.base.text(args[1]); strings.Contains(handler, "SIG_") || p.namesNear(which) || p.head.namesUsed()[which] {
		return
	}
	p.lose(Removed, program.Cancellation, "signal", c.atom, fmt.Sprintf("nothing handles %s any more, which ends the process where it stands", which), c.text)
}
