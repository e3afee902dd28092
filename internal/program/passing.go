package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// passing is what becomes of an object that is given to a call.
type passing uint8

const (
	passedUnknown passing = iota // the callee may keep or release it
	passedOwned                  // the callee takes it over
	passedKept                   // the callee uses it and leaves its release to the caller
)

// passed says what a callee does with an argument that has to be released.
func (e *Eval) passed(file FileID, call, arg fact.Expr) passing {
	info := e.p.CallAt(file, call)
	if info == nil {
		return passedUnknown
	}
	position, name := argumentSlot(e.p.Files[file], call, arg)
	if info.Entry != nil && info.Entry.Owns != nil {
		for _, param := range info.Entry.Owns.Parameters {
			if name != "" && param.Name == name || name == "" && param.Position != nil && *param.Position == position {
				if info.Entry.Owns.Not {
					return passedKept
				}
				return passedOwned
			}
		}
	}
	if len(info.Targets) > 0 {
		return e.passedInside(info, position, name)
	}
	if info.Class != (Func{}) {
		return passedUnknown
	}
	if info.Path == "" || strings.HasSuffix(info.Path, ".__init__") {
		return passedUnknown // the object that is being made keeps it: super().__init__(open(path))
	}
	if info.Entry.Has(catalog.RoleMutates) {
		return passedUnknown // a container keeps it
	}
	root, _, _ := strings.Cut(info.Path, ".")
	if info.Entry != nil && info.Entry.Class && info.Entry.Owns == nil && info.Entry.Resource != nil {
		return passedUnknown // an object that is released itself may well release what it was given
	}
	if root == "builtins" || isStandardLibrary(root) && !isClassName(info.Path) {
		return passedKept
	}
	if info.Entry != nil && !info.Entry.Class && info.Entry.Spawn == nil && info.Entry.Offload == nil {
		return passedKept
	}
	return passedUnknown
}

// argumentSlot gives the position of an argument of a call, or its keyword.
func argumentSlot(facts *fact.File, call, arg fact.Expr) (position int, name string) {
	for i, operand := range facts.OperandsOf(call) {
		x := &facts.Exprs[operand]
		if operand == arg {
			if x.Kind == fact.Keyword {
				return -1, facts.Text(x.Text)
			}
			return i, ""
		}
		if x.Kind == fact.Keyword && x.A == arg {
			return -1, facts.Text(x.Text)
		}
	}
	return -1, ""
}

// passedInside looks into a function of the program: it keeps its hands off an argument that it neither releases nor
// lets out of its hands.
func (e *Eval) passedInside(info *CallInfo, position int, name string) passing {
	for _, target := range info.Targets {
		facts := e.p.Files[target.File]
		params := facts.ParamsOf(target.Scope)
		if len(params) > 0 && selfClassOf(facts, params[0].Symbol) != fact.NoScope {
			params = params[1:]
		}
		var sym fact.Sym
		for i := range params {
			if name != "" && facts.Text(params[i].Name) == name || name == "" && i == position && params[i].Kind <= fact.Positional {
				sym = params[i].Symbol
			}
		}
		if sym == 0 || !e.onlyUses(target, sym) {
			return passedUnknown
		}
	}
	return passedKept
}

// onlyUses says whether a function only calls methods of, reads from, or passes to harmless library functions the
// object that its parameter holds.
func (e *Eval) onlyUses(fn Func, sym fact.Sym) bool {
	facts := e.p.Files[fn.File]
	if facts.Symbols[sym].Flags&fact.Captured != 0 {
		return false
	}
	span := facts.Scopes[fn.Scope].Span
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Name || x.Sym != sym || x.Start < span.Start || x.End > span.End || x.Flag {
			continue
		}
		if x.Parent == 0 {
			return false
		}
		up := &facts.Exprs[x.Parent]
		switch up.Kind {
		case fact.Attr:
			switch facts.Text(up.Text) {
			case "close", "release", "shutdown", "aclose", "terminate", "kill", "disconnect", "stop", "detach", "__exit__", "cleanup":
				return false
			}
			if up.Parent == 0 || facts.Exprs[up.Parent].Kind != fact.Call || facts.Exprs[up.Parent].A != x.Parent {
				return false
			}
		case fact.Compare:
		default:
			return false
		}
	}
	return true
}
