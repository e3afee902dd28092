package cli

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/engine"
	model "github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

func (p *program) factsCommand() *cobra.Command {
	var flags judging
	c := &cobra.Command{
		Use:   "facts PATH[:SYMBOL]",
		Short: "Print the sites of a file or symbol: effects, guards, and where each guard comes from",
		Long: `Facts prints what every rule sees: each effect, the guards that reach it and how they do. The project around PATH (the
working directory where PATH lies in it) is read as a whole, so that guards from other modules are found.`,
		Example: `  tiebeam facts app/clients.py
  tiebeam facts app/clients.py:Client.fetch`,
		Args: exactly("PATH[:SYMBOL]"),
		RunE: func(c *cobra.Command, args []string) error { return p.facts(c.Context(), &flags, args[0]) },
	}
	c.Flags().StringVar(&flags.requirements, "requirements", "", "`file` that names the installed versions (default: the project's lock file)")
	return c
}

func (p *program) facts(ctx context.Context, flags *judging, arg string) error {
	flags.jobs = 2
	name, symbol := splitSymbol(arg)
	at, err := locate([]string{name})
	if err != nil {
		return err
	}
	only := ""
	if here, err := locate(nil); err == nil && within(here.root, filepath.Join(at.root, firstOf(at.paths))) {
		full := filepath.Join(at.root, firstOf(at.paths))
		relative, err := filepath.Rel(here.root, full)
		if err != nil {
			return err
		}
		only, at = filepath.ToSlash(relative), here
	} else if len(at.paths) > 0 {
		only = at.paths[0]
	}
	at.paths = nil
	q, err := flags.open(at)
	if err != nil {
		return err
	}
	defer q.close()
	snapshot, err := engine.Load(ctx, q.Request)
	if err != nil {
		return err
	}
	listed := &siteList{snapshot: snapshot, only: only, symbol: symbol}
	listed.collect()
	if symbol != "" && !listed.known {
		return usage("%s has no symbol %q%s", name, symbol, text.Suggest(symbol, listed.symbols))
	}
	return p.print(listed.String())
}

func firstOf(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// splitSymbol takes "a.py:f" apart; a path that exists is taken whole.
func splitSymbol(arg string) (name, symbol string) {
	if _, err := os.Lstat(arg); err == nil {
		return arg, ""
	}
	if at := strings.LastIndexByte(arg, ':'); at > 1 {
		return arg[:at], arg[at+1:]
	}
	return arg, ""
}

// siteList prints the sites of a snapshot that lie in one path and symbol.
type siteList struct {
	snapshot     *engine.Snapshot
	only, symbol string
	known        bool
	symbols      []string
	sites        []*model.Site
}

func (l *siteList) collect() {
	p := l.snapshot.Program
	for _, effect := range model.Effects() {
		sites := p.Sites(effect)
		for i := range sites {
			if site := &sites[i]; l.inside(p.Files[site.At.File].Path, p.Symbol(site.Func)) {
				l.sites = append(l.sites, site)
			}
		}
	}
	for _, file := range p.Files {
		for i := range file.Scopes {
			if symbol := file.Text(file.Scopes[i].Qualified); l.under(file.Path) && symbol != "" {
				l.symbols = append(l.symbols, symbol)
				l.known = l.known || symbol == l.symbol
			}
		}
	}
	slices.SortStableFunc(l.sites, func(a, b *model.Site) int {
		if a.At.File != b.At.File {
			return int(a.At.File) - int(b.At.File)
		}
		return int(a.At.Start) - int(b.At.Start)
	})
}

func (l *siteList) under(name string) bool {
	return l.only == "" || l.only == "." || name == l.only || strings.HasPrefix(name, l.only+"/")
}

func (l *siteList) inside(name, symbol string) bool {
	return l.under(name) && (l.symbol == "" || symbol == l.symbol || strings.HasPrefix(symbol, l.symbol+"."))
}

// String prints one site after the other, each with its guards below it.
func (l *siteList) String() string {
	var out strings.Builder
	for _, site := range l.sites {
		symbol := l.snapshot.Program.Symbol(site.Func)
		if symbol == "" {
			symbol = "(module)"
		}
		fmt.Fprintf(&out, "%s  %s  %s  %s\n", l.place(site.At), symbol, site.Effect, site.What)
		for i := range site.Guards {
			out.WriteString("    " + l.guard(&site.Guards[i]) + "\n")
		}
		if len(site.Guards) == 0 {
			out.WriteString("    no guard\n")
		}
		for _, step := range site.Chain {
			fmt.Fprintf(&out, "    by %s  %s\n", l.place(step.At), text.Visible(step.Text))
		}
		if site.Fault != "" {
			fmt.Fprintf(&out, "    breaks %s: %s\n", site.Fault, text.Visible(site.Detail))
		}
	}
	for _, i := range l.snapshot.Incomplete {
		if l.under(strings.TrimSuffix(i.Path, "/")) {
			fmt.Fprintf(&out, "not judged: %s: %s\n", text.Visible(i.Path), text.Visible(i.String()))
		}
	}
	return out.String()
}

func (l *siteList) place(at model.Place) string {
	line, column := l.snapshot.Source(at.File).Position(at.Start)
	return fmt.Sprintf("%s:%d:%d", text.Visible(l.snapshot.Program.Files[at.File].Path), line, column)
}

func (l *siteList) guard(g *model.Guard) string {
	parts := []string{string(g.Kind), "from " + g.From}
	if g.Text != "" {
		parts = append(parts, text.Visible(g.Text))
	}
	switch {
	case g.Seconds > 0 && g.Seconds < maxSeconds:
		parts = append(parts, "("+time.Duration(g.Seconds*float64(time.Second)).String()+")")
	case math.IsInf(g.Seconds, 1):
		parts = append(parts, "(for ever)")
	case math.IsNaN(g.Seconds):
		parts = append(parts, "(a value not known here)")
	}
	if g.Where.End > 0 {
		parts = append(parts, "at "+l.place(g.Where))
	}
	if g.Weak != "" {
		parts = append(parts, "weak: "+text.Visible(g.Weak))
	}
	return strings.Join(parts, "  ")
}

// maxSeconds is what a time.Duration can hold.
const maxSeconds = math.MaxInt64 / float64(time.Second)
