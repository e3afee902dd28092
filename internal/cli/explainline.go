package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/engine"
	model "github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// splitLine takes "shop/a.py:14" apart; ok is false where the argument is no such place, as the name of a rule is none.
func splitLine(arg string) (name string, line int, ok bool) {
	at := strings.LastIndexByte(arg, ':')
	if at < 1 {
		return "", 0, false
	}
	n, err := strconv.Atoi(arg[at+1:])
	if err != nil || n < 1 {
		return "", 0, false
	}
	_, err = os.Lstat(arg[:at])
	return arg[:at], n, err == nil || strings.HasSuffix(arg[:at], ".py")
}

// explainLine tells what protects a line and which records govern it.
func (p *program) explainLine(ctx context.Context, name string, line int) error {
	flags := judging{jobs: runtime.GOMAXPROCS(0)}
	at, only, err := projectAround(name)
	if err != nil {
		return err
	}
	q, err := flags.open(at)
	if err != nil {
		return err
	}
	defer q.close()
	if err := q.openRecords(at); err != nil {
		return err
	}
	snapshot, err := engine.Load(ctx, q.Request)
	if err != nil {
		return err
	}
	e := &lineExplainer{siteList: siteList{snapshot: snapshot, only: only}, line: line}
	if e.file = snapshot.File(only); e.file < 0 {
		return usage("%s: is not analysed (it is no Python file, ignored, or cannot be read)", name)
	}
	if last := snapshot.Source(e.file).Lines(); line > last {
		return usage("%s:%d: the file has %s", name, line, text.Count(last, "line"))
	}
	return p.print(e.explain())
}

// projectAround finds the project of a file, and the file in it: the nearest folder above that has decision records, else the
// working directory where the file lies in that, else the file's own folder.
func projectAround(name string) (at place, only string, err error) {
	if at, err = locate([]string{name}); err != nil {
		return at, "", err
	}
	full := filepath.Join(at.root, firstOf(at.paths))
	root := filepath.Dir(full)
	if here, err := locate(nil); err == nil && within(here.root, full) {
		root = here.root
	}
	dirs, err := tree.Above(filepath.Dir(full))
	if err != nil {
		return at, "", err
	}
	for _, dir := range dirs {
		if len(recordFolders(dir, nil)) > 0 {
			root = dir
			break
		}
	}
	if at, err = locate([]string{root}); err != nil {
		return at, "", err
	}
	relative, err := filepath.Rel(root, full)
	return at, filepath.ToSlash(relative), err
}

// lineExplainer puts together what is known of one line.
type lineExplainer struct {
	siteList
	file model.FileID
	line int
	out  strings.Builder
}

func (e *lineExplainer) explain() string {
	fmt.Fprintf(&e.out, "%s:%d\n", text.Visible(e.only), e.line)
	e.guards()
	if !e.records() {
		e.out.WriteString("\nno decision record governs this line\n")
	}
	return e.out.String()
}

// guards prints the sites on the line, and those that a guard on the line protects.
func (e *lineExplainer) guards() {
	for _, effect := range model.Effects() {
		sites := e.snapshot.Program.Sites(effect)
		for i := range sites {
			site := &sites[i]
			here := e.on(site.At)
			for k := range site.Guards {
				here = here || e.on(site.Guards[k].Where)
			}
			if here {
				e.sites = append(e.sites, site)
			}
		}
	}
	if len(e.sites) == 0 {
		e.out.WriteString("\nno effect and no guard is known on this line\n")
		return
	}
	e.out.WriteString("\n" + (&siteList{snapshot: e.snapshot, only: e.only, sites: e.sites}).String())
}

// on says whether a place begins or ends on the line, or lies around it.
func (e *lineExplainer) on(at model.Place) bool {
	if at.File != e.file || at.End == 0 {
		return false
	}
	first, _ := e.snapshot.Source(at.File).Position(at.Start)
	last, _ := e.snapshot.Source(at.File).Position(at.End)
	return first <= e.line && e.line <= last
}

// records prints the records that govern the line, and what else they do.
func (e *lineExplainer) records() bool {
	found := false
	for _, r := range e.snapshot.Records.All {
		reach := contract.Reach(e.snapshot.Decisions(), r)
		var here, others []contract.Governed
		for _, g := range reach {
			if e.governs(&g) {
				here = append(here, g)
			} else {
				others = append(others, g)
			}
		}
		if len(here) > 0 {
			found = true
			e.record(r, here, others)
		}
	}
	return found
}

// governs says whether what a record governs is on the line: the place, one of its guards, or the code that a citing comment
// stands above.
func (e *lineExplainer) governs(g *contract.Governed) bool {
	if e.on(g.At) {
		return true
	}
	for _, from := range g.From {
		if e.on(from) {
			return true
		}
	}
	return g.Clause == nil && g.At.File == e.file && contract.Above(e.snapshot.Program.Files[e.file], e.snapshot.Source(e.file), g.At.Span, e.line)
}

func (e *lineExplainer) record(r *contract.Record, here, others []contract.Governed) {
	status := r.Status.String()
	if status == "" {
		status = "without a status"
	}
	fmt.Fprintf(&e.out, "\ndecision %s, %s: %s\n", r.Name(), status, text.Visible(r.Path))
	said := map[*contract.Clause]bool{}
	for _, g := range here {
		switch {
		case said[g.Clause]:
		case g.Clause == nil:
			e.out.WriteString("    cited by the comment at " + e.place(g.At) + "\n")
		default:
			fmt.Fprintf(&e.out, "    line %d: %s\n", g.Clause.Line, text.Visible(g.Clause.Name))
		}
		said[g.Clause] = true
	}
	if len(others) == 0 {
		e.out.WriteString("    governs nothing else\n")
		return
	}
	fmt.Fprintf(&e.out, "    governs %s besides:\n", text.Count(len(others), "place"))
	for i, g := range others {
		if i == mostPlaces {
			fmt.Fprintf(&e.out, "        and %s more\n", text.Grouped(len(others)-i))
			break
		}
		e.out.WriteString("        " + e.place(g.At) + "\n")
	}
}

// mostPlaces is how many places that a record governs are listed; the count says how many there are.
const mostPlaces = 20
