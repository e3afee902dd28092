package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// notable says whether a collector may have to look at a call: its row has an effect or bounds one, or its name is one
// that counts for objects of which nothing is known. Nine of ten calls are not, so the collectors go through lists of
// those that are.
func (p *Program) notable(facts *fact.File, call *CallInfo) bool {
	if hasEffect(call.Entry) {
		return true
	}
	if call.Path != "" && (decodesJSON(call.Path) || call.Receiver.Kind == Instance && strings.HasSuffix(call.Path, ".mount")) {
		return true
	}
	name := calleeName(facts, call.Expr)
	if _, ok := notableNames[name]; ok {
		return true
	}
	return len(call.Targets) == 0 && call.Entry == nil && namesRetry(name)
}

// hasEffect says whether a row describes an effect, or what bounds one for the whole process.
func hasEffect(entry *catalog.Entry) bool {
	if entry == nil {
		return false
	}
	return entry.Wait != nil || entry.Block != nil || entry.Resource != nil || entry.Spawn != nil || entry.Write != nil ||
		entry.Retry != nil || entry.Endpoint != nil && entry.Endpoint.Handler != nil || entry.Offload != nil || entry.Deadline != nil && entry.Deadline.Process ||
		len(entry.Role) > 0 && (entry.Has(catalog.RolePause) || entry.Has(catalog.RoleRequestBody))
}

// notableNames are the names by which calls are taken for writes or for declarations of a schema.
var notableNames = union(statementMethods, moneyVerbs, moneyWhere, modelWrites, schemaCalls)

func union(sets ...map[string]struct{}) map[string]struct{} {
	all := map[string]struct{}{}
	for _, s := range sets {
		for name := range s {
			all[name] = struct{}{}
		}
	}
	return all
}

// namesRetry says whether the name of what is called speaks of repeating.
func namesRetry(name string) bool {
	return containsFold(name, "retr") || containsFold(name, "attempt")
}

// through gives, by file, the calls of functions of the program that make a call of a kind themselves: where a call may
// mean several functions it is left out.
func (p *Program) through(is func(call *CallInfo) bool) [][]int32 {
	makers := map[Func]bool{}
	calls := make([][]int32, len(p.Files))
	for file := range p.marked {
		for _, i := range p.marked[file] {
			call := &p.calls[file][i]
			fn := Func{FileID(file), call.Func}
			if !is(call) || makers[fn] {
				continue
			}
			makers[fn] = true
			for _, site := range p.Callers(fn) {
				if len(p.Call(site).Targets) == 1 {
					calls[site.File] = append(calls[site.File], site.Index)
				}
			}
		}
	}
	return calls
}

// merged gives the notable calls of a file and some others, in the order of their positions.
func (p *Program) merged(file FileID, others []int32) []int32 {
	if len(others) == 0 {
		return p.marked[file]
	}
	all := slices.Concat(p.marked[file], others)
	slices.Sort(all)
	return slices.Compact(all)
}
