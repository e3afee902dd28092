package regress

import (
	"fmt"

	"github.com/tiebeam/tiebeam/internal/program"
)

// compareClient reports a write that the client library repeats more often by itself than it did: since another version
// of it is installed, or since the client is made in another way. Each repetition can do again what was done, when only
// the answer was lost; a write that may be repeated is left alone.
func (c *change) compareClient(base, head *program.Site) {
	if head.Entry == nil || base.What != head.What {
		return
	}
	if key := strongest(head.Guards, program.Idempotency); key != nil && key.Weak == "" {
		return
	}
	before, after := c.base.ClientAttempts(base), c.head.ClientAttempts(head)
	if !(after > before) {
		return
	}
	was := program.Guard{Kind: program.RetryBound, From: "default", Text: "attempts=" + number(before)}
	c.loseSite(base, head, Weakened, &was, nil, fmt.Sprintf("%s is tried up to %s times by its client, base tried %s times", head.What, number(after), number(before)))
}

// otherVersion names the distribution of a site's library where the two sides have different versions of it installed,
// so that a default can have changed although no line of the program did; else it is empty.
func (c *change) otherVersion(base, head *program.Site) string {
	if base.Entry == nil || head.Entry == nil || base.Entry.Library.Name != head.Entry.Library.Name {
		return ""
	}
	before, _ := c.base.Catalog.Version(base.Entry.Library)
	after, _ := c.head.Catalog.Version(head.Entry.Library)
	if before == after {
		return ""
	}
	return base.Entry.Library.Name
}
