package program

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// meantToLast says whether a wait for a child process needs no deadline: the child was killed before, works for the user
// in the foreground, or is what this program runs for, as its exit code becomes that of the program.
func (e *Eval) meantToLast(file FileID, call *CallInfo) bool {
	return e.killedBefore(file, call.Expr) || e.worksForUser(file, call) || e.isTheProgram(file, call.Expr)
}

// killedBefore says whether a statement before the wait, in its block or in one around it, kills the child: the end of
// process.kill() is near.
func (e *Eval) killedBefore(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	callee := &facts.Exprs[facts.Exprs[call].A]
	if callee.Kind != fact.Attr {
		return false
	}
	child := e.p.Text(ExprRef{file, callee.A})
	s := facts.Exprs[call].Stmt
	calls := e.p.callsWithin(file, facts.Scopes[callerScope(facts, facts.Exprs[call].Scope)].BodyFirst, s)
	for i := len(calls) - 1; i >= 0; i-- {
		if e.kills(file, calls[i].Expr, child) && runsBefore(facts, facts.Exprs[calls[i].Expr].Stmt, s) {
			return true
		}
	}
	return false
}

// kills says whether a call is child.kill(), or os.kill and os.killpg with SIGKILL for the child.
func (e *Eval) kills(file FileID, call fact.Expr, child string) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[call]
	callee := &facts.Exprs[x.A]
	if callee.Kind != fact.Attr {
		return false
	}
	args := facts.OperandsOf(call)
	switch facts.Text(callee.Text) {
	case "kill":
		if len(args) == 0 {
			return e.p.Text(ExprRef{file, callee.A}) == child
		}
		return len(args) == 2 && e.p.Text(ExprRef{file, args[0]}) == child+".pid" && mentions(facts, args[1], "SIGKILL", 0)
	case "send_signal":
		return len(args) == 1 && e.p.Text(ExprRef{file, callee.A}) == child && mentions(facts, args[0], "SIGKILL", 0)
	case "killpg":
		return len(args) == 2 && mentions(facts, args[1], "SIGKILL", 0)
	}
	return false
}

// runsBefore says whether statement first is run on every way to statement then, which stands behind it: only a with
// statement or the body of a try may be around it alone.
func runsBefore(facts *fact.File, first, then fact.Stmt) bool {
	for outer := first; outer != 0; outer = facts.Stmts[outer].Parent {
		if then >= outer && then < facts.Stmts[outer].Next {
			return true
		}
		switch facts.Stmts[outer].Kind {
		case fact.Arm, fact.Else, fact.Handler, fact.For, fact.While, fact.FunctionDef, fact.Case:
			return false
		}
	}
	return true
}

// worksForUser says whether the child is a program that the user works with in the foreground, as far as names tell: an
// editor, a pager or a viewer.
func (e *Eval) worksForUser(file FileID, call *CallInfo) bool {
	command := ExprRef{file, call.Expr}
	if made := call.Receiver.Origin; made.Expr != 0 && call.Receiver.Kind == Instance {
		command = made
	}
	text := e.p.Symbol(Func{file, call.Func})
	if namesAny(text, "interactive") {
		return true
	}
	if args := e.p.Files[command.File].OperandsOf(command.Expr); len(args) > 0 {
		text += " " + e.p.Text(ExprRef{command.File, args[0]})
	}
	return namesAny(text, "editor", "pager", "viewer")
}

// namesAny says whether an identifier in the text has one of the words.
func namesAny(text string, words ...string) bool {
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) }) {
		if slices.ContainsFunc(Words(name), func(word string) bool { return slices.Contains(words, word) }) {
			return true
		}
	}
	return false
}

// isTheProgram says whether the exit code of a child that has this program's own input and output becomes this program's:
// sys.exit(subprocess.call(command)).
func (e *Eval) isTheProgram(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	if calleeName(facts, call) == "check_output" {
		return false
	}
	for _, name := range []string{"stdout", "stdin", "capture_output", "input"} {
		if value, known := facts.Argument(call, name, -1); value != 0 || !known {
			return false
		}
	}
	outer := call
	if up := facts.Exprs[outer].Parent; up != 0 && facts.Exprs[up].Kind == fact.Attr {
		outer = up // .returncode
	}
	if ends := e.argumentOf(file, outer); ends != 0 {
		return e.endsProgram(file, ends)
	}
	sym := heldBy(facts, outer)
	if sym == 0 {
		return false
	}
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Name || x.Sym != sym || x.Flag || x.Parent == 0 {
			continue
		}
		use := fact.Expr(i)
		if facts.Exprs[x.Parent].Kind == fact.Attr {
			use = x.Parent
		}
		if ends := e.argumentOf(file, use); ends != 0 && e.endsProgram(file, ends) {
			return true
		}
	}
	return false
}

func (e *Eval) endsProgram(file FileID, call fact.Expr) bool {
	info := e.p.CallAt(file, call)
	return info != nil && info.Entry.Has(catalog.RoleNeverReturns)
}
