package regress

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// textDeadline is a deadline inside a text that is handed on as a whole: a connection string, an option of a server.
var textDeadline = regexp.MustCompile(`\b(\w*timeout\w*) ?[=:] ?(\d[\w.]*)`)

// textDeadlines looks for deadlines that a text gave and does not give any more.
func (p *pair) textDeadlines() {
	for i := range p.base.atoms {
		key := p.base.atoms[i].key
		if !p.edited[i] || p.base.atoms[i].kind == logAtom || !strings.Contains(key, "timeout") {
			continue
		}
		head := p.head.atoms[p.counterpart[i]].key
		for _, found := range textDeadline.FindAllStringSubmatchIndex(key, -1) {
			name, value := key[found[2]:found[3]], key[found[4]:found[5]]
			if strings.Count(key[:found[0]], `"`)%2 == 0 || strings.Contains(head, name) || p.namesNear(name) {
				continue // no text, or given in another way
			}
			p.lose(Removed, program.Deadline, "text", i, fmt.Sprintf("the text gives no %s any more, it was %s", name, value), name)
		}
	}
}
