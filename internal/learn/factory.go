package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// What a factory needs: calls from elsewhere, from several modules, for each place that does without it.
const (
	minUses      = 8
	minUsers     = 3
	factoryRatio = 8
)

// library is the use that the program makes of one client library.
type library struct {
	name string
	// calls by the module that makes them.
	calls map[program.FileID][]program.CallSite
	order []program.FileID
}

// factories mines client libraries that one module alone speaks to, while the others call that module.
func (m *miner) factories() {
	byName := map[string]*library{}
	var order []*library
	for file := range m.p.Files {
		if !m.own[file] {
			continue
		}
		calls := m.p.Calls(program.FileID(file))
		for i := range calls {
			name := clientLibrary(&calls[i])
			if name == "" {
				continue
			}
			l := byName[name]
			if l == nil {
				l = &library{name: name, calls: map[program.FileID][]program.CallSite{}}
				byName[name] = l
				order = append(order, l)
			}
			id := program.FileID(file)
			if l.calls[id] == nil {
				l.order = append(l.order, id)
			}
			l.calls[id] = append(l.calls[id], program.CallSite{File: id, Index: int32(i)})
		}
	}
	for _, l := range order {
		m.factory(l)
	}
}

// clientLibrary names the library that a call makes a client of, or speaks to the outside through; "" for others. Of the
// standard library it is the module.
func clientLibrary(call *program.CallInfo) string {
	e := call.Entry
	if e == nil || e.Library == nil {
		return ""
	}
	makes := e.Class && (e.Deadline != nil || e.Wait != nil || e.Resource != nil)
	waits := e.Wait != nil && (e.Wait.For == "network" || e.Wait.For == "subprocess")
	if !makes && !waits || call.Receiver.Kind == program.Instance && call.Receiver.Path != "" {
		return ""
	}
	if e.Library.Name != "python" {
		return e.Library.Name
	}
	module, _, _ := strings.Cut(call.Path, ".")
	switch module {
	case "subprocess", "socket", "urllib", "http", "smtplib", "ftplib", "imaplib", "poplib", "sqlite3", "ssl":
		return module
	}
	return ""
}

// factory adds the module that most calls go through.
func (m *miner) factory(l *library) {
	best, bestUses := program.FileID(-1), []program.CallSite(nil)
	total := 0
	for _, file := range l.order {
		total += len(l.calls[file])
		if uses := m.usesOf(l, file); len(uses) > len(bestUses) {
			best, bestUses = file, uses
		}
	}
	if best < 0 {
		return
	}
	elsewhere := total - len(l.calls[best])
	if len(bestUses) < minUses || m.modules(bestUses) < minUsers || elsewhere*factoryRatio > len(bestUses) {
		return
	}
	path := m.p.Files[best].Path
	v := Invariant{
		Kind: Factory, Guard: program.Dependency, Effect: program.Remote, Subject: l.name, Habit: path, Scope: Scope{Kind: InProgram},
		Kept: len(bestUses), Total: len(bestUses) + elsewhere, Base: 0.5, Modules: []string{m.moduleOf(best)},
		Statement: fmt.Sprintf("%s is used through %s only", l.name, path),
	}
	for _, use := range bestUses[:min(maxExamples, len(bestUses))] {
		v.Examples = append(v.Examples, m.callPlace(use))
	}
	for _, file := range l.order {
		if file == best {
			continue
		}
		for _, site := range l.calls[file] {
			v.Deviants = append(v.Deviants, Deviant{
				At: m.callPlace(site), Func: program.Func{File: file, Scope: m.p.Call(site).Func},
				Text: m.line(program.ExprRef{File: file, Expr: m.p.Call(site).Expr}),
			})
		}
	}
	sortDeviants(v.Deviants)
	m.found = append(m.found, v)
}

// usesOf gives the calls from other modules of the functions and classes of a module that use the library.
func (m *miner) usesOf(l *library, file program.FileID) []program.CallSite {
	var makers []program.Func
	for _, site := range l.calls[file] {
		fn := program.Func{File: file, Scope: m.p.Call(site).Func}
		if m.p.Files[file].Scopes[fn.Scope].Kind == fact.FunctionScope && !slices.Contains(makers, fn) {
			makers = append(makers, fn)
		}
	}
	var uses []program.CallSite
	for _, fn := range makers {
		for _, site := range m.p.Callers(fn) {
			if site.File != file && m.own[site.File] {
				uses = append(uses, site)
			}
		}
	}
	slices.SortFunc(uses, func(a, b program.CallSite) int { return comparePlaces(m.callPlace(a), m.callPlace(b)) })
	return slices.Compact(uses)
}

// modules counts the files that calls come from.
func (m *miner) modules(calls []program.CallSite) int {
	seen := map[program.FileID]bool{}
	for _, c := range calls {
		seen[c.File] = true
	}
	return len(seen)
}

func (m *miner) callPlace(site program.CallSite) program.Place {
	return m.p.PlaceOf(program.ExprRef{File: site.File, Expr: m.p.Call(site).Expr})
}
