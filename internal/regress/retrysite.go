package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// retryShape is what bounds and shapes a retry, read from the guards of its site, the same for a loop, a decorator
// and a policy object.
type retryShape struct {
	attempts, total, backoff, jitter, exceptions *program.Guard
}

func shapeOf(guards []program.Guard) retryShape {
	var s retryShape
	for i := range guards {
		g := &guards[i]
		if g.Kind != program.RetryBound {
			continue
		}
		switch name, _, _ := strings.Cut(g.Text, "="); name {
		case "attempts":
			s.attempts = g
		case "total":
			s.total = g
		case "backoff":
			s.backoff = g
		case "jitter":
			s.jitter = g
		case "exceptions":
			s.exceptions = g
		}
	}
	return s
}

func (s *retryShape) bounded() bool { return s.attempts != nil || s.total != nil }

// compareRetry compares what bounds two retries of the same effect by value: one finding, for the gravest loss.
func (c *change) compareRetry(base, head *program.Site) {
	b, h := shapeOf(base.Guards), shapeOf(head.Guards)
	switch {
	case b.bounded() && !h.bounded():
		was := b.attempts
		if was == nil {
			was = b.total
		}
		c.loseSite(base, head, Removed, was, nil, fmt.Sprintf("%s is repeated without a bound, base had %s", head.What, was.Text))
	case raised(b.attempts, h.attempts):
		c.loseSite(base, head, Weakened, b.attempts, h.attempts, fmt.Sprintf("%s is tried up to %s times, base tried %s", head.What, number(h.attempts.Number), number(b.attempts.Number)))
	case raised(b.total, h.total):
		c.loseSite(base, head, Weakened, b.total, h.total, fmt.Sprintf("%s is tried for up to %s s, base gave up after %s s", head.What, number(h.total.Number), number(b.total.Number)))
	case b.backoff != nil && h.backoff == nil && b.backoff.Text != "backoff=none":
		c.loseSite(base, head, Weakened, b.backoff, nil, fmt.Sprintf("%s is repeated without a pause, base had %s", head.What, b.backoff.Text))
	case b.jitter != nil && h.jitter == nil:
		c.loseSite(base, head, Weakened, b.jitter, nil, "the pause is the same for all, base had jitter")
	case widened(b.exceptions, h.exceptions):
		c.decided[program.Cancellation] = append(c.decided[program.Cancellation], b.exceptions.Where)
		c.loseSite(base, head, Weakened, b.exceptions, h.exceptions, fmt.Sprintf("more is repeated than before: %s, base had %s", h.exceptions.Text, b.exceptions.Text))
	default:
		c.decide(base, program.RetryBound)
	}
}

func raised(was, is *program.Guard) bool {
	return was != nil && is != nil && was.Number > 0 && is.Number > was.Number
}

// widened says whether head repeats on any exception where base named some.
func widened(was, is *program.Guard) bool {
	return was != nil && is != nil && was.Text != is.Text && is.Text == "exceptions=any" && was.Text != "exceptions=?"
}

// comparedElsewhere says whether what became of a guard is told by its class, or by the parameters of the handler.
func comparedElsewhere(g *program.Guard) bool {
	return g.From == "base class" || g.From == "class attribute" || g.From == "parameter"
}

// compareAuthorization compares what refuses callers of a handler. A guard that head words otherwise counts as a
// replacement, one for one.
func (c *change) compareAuthorization(base, head *program.Site) {
	kept := map[string]int{}
	fresh, around := 0, 0
	for i := range head.Guards {
		if head.Guards[i].Kind == program.Authorization {
			kept[head.Guards[i].Text]++
			fresh++
			if !comparedElsewhere(&head.Guards[i]) {
				around++
			}
		}
	}
	left := false
	var lost []*program.Guard
	for i := range base.Guards {
		g := &base.Guards[i]
		if g.Kind != program.Authorization {
			continue
		}
		if comparedElsewhere(g) {
			left = left || g.From == "class attribute" && kept[g.Text] == 0
			if kept[g.Text] > 0 { // what stays as it was replaces nothing
				kept[g.Text]--
				fresh--
			}
			continue
		}
		if kept[g.Text] > 0 {
			kept[g.Text]--
			fresh--
			continue
		}
		lost = append(lost, g)
	}
	switch {
	case len(lost) == 0 && left && around == 0:
		return // for the class to say
	case len(lost) <= fresh, lost[fresh].From == "decorator" && c.askedBefore(c.head.Files[head.Func.File].Path, lost[fresh].Text):
		c.decide(base, program.Authorization)
		return
	}
	c.loseSite(base, head, Removed, lost[fresh], nil, fmt.Sprintf("nothing refuses callers as %q did", lost[fresh].Text))
}
