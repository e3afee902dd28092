package cli

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/learn"
	model "github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// promise counts the sites of one effect: how many have which guard, and how many have none.
type promise struct {
	sites, bare int
	guards      map[model.GuardKind]int
}

// promises says in a table what a program promises today: its effects outside of tests, and the guards that they have.
func promises(s *engine.Snapshot) string {
	var out strings.Builder
	out.WriteString("what the code promises today, tests left out:\n\n")
	fmt.Fprintf(&out, "%-16s %7s %9s  %s\n", "effect", "sites", "unguarded", "guards")
	for _, effect := range model.Effects() {
		c := promiseOf(s.Program, effect)
		if c.sites == 0 {
			continue
		}
		fmt.Fprintf(&out, "%-16s %7s %9s  %s\n", effect, text.Grouped(c.sites), text.Grouped(c.bare), c.words())
	}
	habits := learn.Mine(s.Program)
	fmt.Fprintf(&out, "\n%s in %s, %s that `tiebeam learn` can tell", text.Count(len(s.Program.Files), "file"), text.Count(packages(s.Program), "folder"), text.Count(len(habits), "habit"))
	fmt.Fprintf(&out, ", %s\n", text.Count(len(s.Records.All), "decision record"))
	return out.String()
}

func promiseOf(p *model.Program, effect model.Effect) promise {
	c := promise{guards: map[model.GuardKind]int{}}
	sites := p.Sites(effect)
	for i := range sites {
		site := &sites[i]
		if p.IsTest(site.At.File) {
			continue
		}
		c.sites++
		var seen []model.GuardKind
		for j := range site.Guards {
			g := &site.Guards[j]
			if g.Weak == "" && !math.IsInf(g.Seconds, 1) && !slices.Contains(seen, g.Kind) {
				seen = append(seen, g.Kind)
				c.guards[g.Kind]++
			}
		}
		if len(seen) == 0 {
			c.bare++
		}
	}
	return c
}

// words lists the guards with their counts, in one order.
func (c *promise) words() string {
	var kinds []model.GuardKind
	for kind := range c.guards {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	var words []string
	for _, kind := range kinds {
		words = append(words, fmt.Sprintf("%s %s", kind, text.Grouped(c.guards[kind])))
	}
	return strings.Join(words, ", ")
}

// packages counts the folders that hold files.
func packages(p *model.Program) int {
	seen := map[string]bool{}
	for _, f := range p.Files {
		seen[f.Path[:strings.LastIndexByte(f.Path, '/')+1]] = true
	}
	return len(seen)
}
