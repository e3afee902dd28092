package learn

import (
	"fmt"
	"path"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Proposal is the decision record, status proposed, that would make invariants binding. Number is the record's. Those that
// no contract can say are named in the text and bind nothing; ok is false where that is all of them.
func Proposal(p *program.Program, page Page, number int) (markdown string, ok bool) {
	var context, contracts, without strings.Builder
	for i := range page.Invariants {
		v := &page.Invariants[i]
		fmt.Fprintf(&context, "- %s (%d of %d).\n", visibleLine(v.Statement), v.Kept, v.Total)
		for j := range v.Deviants {
			d := &v.Deviants[j]
			fmt.Fprintf(&context, "  Not so at `%s`: `%s`.\n", page.place(d.At), strings.ReplaceAll(visibleLine(d.Text), "`", "'"))
		}
		clause := clauseOf(p, v)
		if clause == "" {
			fmt.Fprintf(&without, "- %s.\n", visibleLine(v.Statement))
			continue
		}
		contracts.WriteString(clause)
	}
	if contracts.Len() == 0 {
		return "", false
	}
	var out strings.Builder
	title := "Keep what the code keeps"
	if len(page.Invariants) == 1 {
		title = "Keep that " + visibleLine(page.Invariants[0].Statement)
	}
	fmt.Fprintf(&out, "# %d. %s\n\n## Status\n\nProposed\n\n## Context\n\n`tiebeam learn` found that the code keeps the following.\n\n%s", number, title, context.String())
	out.WriteString("\nWhy it is so is not in the code: write it here before this record is accepted.\n\n## Decision\n\n")
	fmt.Fprintf(&out, "```tiebeam\n%s```\n", contracts.String())
	if without.Len() > 0 {
		fmt.Fprintf(&out, "\nNo contract can say these, so they bind nothing:\n\n%s", without.String())
	}
	out.WriteString("\n## Consequences\n\nWhile this record is proposed, what does not comply is noted; once it is accepted, it fails.\n")
	return out.String(), true
}

func visibleLine(s string) string { return strings.Join(strings.Fields(text.Visible(s)), " ") }

// clauseOf writes an invariant as a contract, "" where none can say it.
func clauseOf(p *program.Program, v *Invariant) string {
	var fields []string
	switch v.Kind {
	case Guard, Range:
		fields = guardClause(p, v)
	case Lock:
		if scope := scopeField(p, v.Scope); scope != "" {
			fields = []string{"effect: share", scope, "needs: lock"}
		}
	case Layer:
		fields = []string{"imports: forbidden", "from: " + dotted(p, v.Subject), "to: [" + dottedList(p, v.Modules) + "]", "indirect: false"}
	case Factory:
		if classes := clientClasses[v.Subject]; classes != "" {
			fields = []string{"effect: make", "of: [" + classes + "]", "only-in: [" + dottedList(p, v.Modules) + "]"}
		}
	}
	if fields == nil {
		return ""
	}
	return "- name: " + quote(v.Statement) + "\n  " + strings.Join(fields, "\n  ") + "\n"
}

// clientClasses are the classes of libraries of which a contract can say where they are made.
var clientClasses = map[string]string{
	"requests": "requests.Session", "httpx": "httpx.Client, httpx.AsyncClient", "aiohttp": "aiohttp.ClientSession",
	"redis": "redis.Redis, redis.asyncio.Redis",
}

func guardClause(p *program.Program, v *Invariant) []string {
	fields := []string{"effect: " + v.Effect.String()}
	if v.Effect == program.Wait {
		fields = append(fields, "of: "+v.Subject)
	}
	if v.Scope.Kind != InProgram {
		scope := scopeField(p, v.Scope)
		if scope == "" {
			return nil
		}
		fields = append(fields, scope)
	}
	fields = append(fields, "needs: "+string(v.Guard))
	if v.Kind == Range {
		fields = append(fields, "at-most: "+v.Habit)
	}
	return fields
}

// scopeField writes a scope, "" for one that a contract has no word for.
func scopeField(p *program.Program, s Scope) string {
	switch s.Kind {
	case OfLibrary:
		return "scope: {library: " + s.Name + "}"
	case InPackage:
		return "scope: {package: " + dotted(p, s.Name) + "}"
	case InModule:
		return "scope: {module: " + dotted(p, strings.TrimSuffix(strings.TrimSuffix(s.Name, ".py"), "/__init__")) + "}"
	case InClass:
		if module, symbol, ok := strings.Cut(s.Name, ":"); ok {
			return "scope: {symbol: " + dotted(p, module) + "." + symbol + "}"
		}
	}
	return ""
}

// dotted names a module or package as an import statement of the program would.
func dotted(p *program.Program, name string) string {
	root := ""
	for file := range p.Files {
		if f := p.Files[file].Path; strings.HasPrefix(f, name+"/") || f == name+".py" {
			root = p.Home(program.FileID(file))
			break
		}
	}
	if root != "" && root != "." && strings.HasPrefix(name, root+"/") {
		name = strings.TrimPrefix(name, root+"/")
	}
	return strings.ReplaceAll(path.Clean(name), "/", ".")
}

func dottedList(p *program.Program, modules []string) string {
	list := make([]string, 0, len(modules))
	for _, name := range modules {
		list = append(list, dotted(p, name))
	}
	return strings.Join(list, ", ")
}

// quote writes a sentence as a YAML string in single quotes.
func quote(s string) string { return "'" + strings.ReplaceAll(visibleLine(s), "'", "''") + "'" }
