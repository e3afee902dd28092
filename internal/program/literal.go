package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// Holds says whether call has an argument as the catalogue writes conditions, see catalog.Condition. known is false where
// a ** or * argument hides the answer; an unreadable condition does not hold.
func (e *Eval) Holds(file FileID, call fact.Expr, condition string) (holds, known bool) {
	c, err := catalog.ParseCondition(condition)
	if err != nil {
		return false, true
	}
	facts := e.p.Files[file]
	value, known := facts.Argument(call, c.Name, c.Position)
	if value == 0 {
		return false, known
	}
	if c.Mentions {
		return mentions(facts, value, c.Value, 0), true
	}
	if c.Value == "*" {
		return facts.Exprs[value].Kind != fact.NoneConst, true
	}
	return e.isLiteral(ExprRef{file, value}, c.Value), true
}

// mentions says whether a name, or the last part of a dotted one, stands anywhere in an expression, or in what a name of
// the same file in it is assigned.
func mentions(facts *fact.File, expr fact.Expr, name string, depth int) bool {
	found := false
	facts.Walk(expr, func(inner fact.Expr) bool {
		x := &facts.Exprs[inner]
		switch x.Kind {
		case fact.Name, fact.Attr:
			found = found || facts.Text(x.Text) == name
		}
		if x.Kind == fact.Name && x.Sym != 0 && depth < maxHelpers {
			for _, def := range facts.DefsOf(x.Sym) {
				found = found || (def.Kind == fact.DefAssign || def.Kind == fact.DefAugment) && def.Value != 0 && mentions(facts, def.Value, name, depth+1)
			}
		}
		return !found
	})
	return found
}

// spared says whether a call of a library neither waits nor blocks after all: by an argument, by how its receiver was
// made, or because the receiver was told not to block.
func (e *Eval) spared(file FileID, call *CallInfo, unless, unlessMade []string) bool {
	if e.AnyHolds(file, call.Expr, unless) {
		return true
	}
	made := call.Receiver.Origin
	if call.Receiver.Kind != Instance || made.Expr == 0 {
		return false
	}
	return e.AnyHolds(made.File, made.Expr, unlessMade) || e.toldNotToBlock(call.Receiver)
}

// toldNotToBlock looks for sock.setblocking(False) on the object in the file that makes it.
func (e *Eval) toldNotToBlock(recv *Value) bool {
	key := customised{recv.Origin, recv.Path}
	told, known := e.told[key]
	if !known {
		told = e.findNotToBlock(recv)
		e.told = put(e.told, key, told)
	}
	return told
}

func (e *Eval) findNotToBlock(recv *Value) bool {
	entry := e.p.Catalog.Class(recv.Path)
	if entry == nil || entry.Deadline == nil || entry.Deadline.NonBlocking == "" {
		return false
	}
	file := recv.Origin.File
	for _, i := range e.p.callsOn(recv.Origin) {
		call := &e.p.calls[file][i]
		if strings.HasSuffix(call.Path, "."+entry.Deadline.NonBlocking) {
			if args := e.p.Files[file].OperandsOf(call.Expr); len(args) == 1 && e.isLiteral(ExprRef{file, args[0]}, "False") {
				return true
			}
		}
	}
	return false
}

// AnyHolds says whether one of the conditions of a row holds for the call ("unless").
func (e *Eval) AnyHolds(file FileID, call fact.Expr, conditions []string) bool {
	for _, condition := range conditions {
		if holds, _ := e.Holds(file, call, condition); holds {
			return true
		}
	}
	return false
}

// isLiteral compares an expression with a Python literal or the last part of a name.
func (e *Eval) isLiteral(ref ExprRef, want string) bool {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch x.Kind {
	case fact.TrueConst:
		return want == "True"
	case fact.FalseConst:
		return want == "False"
	case fact.NoneConst:
		return want == "None"
	case fact.IntConst, fact.FloatConst:
		return facts.Text(x.Text) == want
	case fact.StrConst:
		return facts.Text(x.Text) == strings.Trim(want, `"'`)
	case fact.Attr:
		return facts.Text(x.Text) == want
	case fact.Unary:
		return x.Op == fact.OpNegate && strings.HasPrefix(want, "-") && e.isLiteral(ExprRef{ref.File, x.A}, want[1:])
	case fact.Name:
		if v := e.One(ref); v.Kind == Constant && v.Origin != ref {
			return e.isLiteral(v.Origin, want)
		}
		return facts.Text(x.Text) == want
	}
	return false
}
