package program

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// meantToLast says whether a wait for a child process needs no deadline: the child was killed before, works for the user
// in the foreground, was itself told when to end, or is what this program runs for, as its exit code becomes that of the
// program; or the wait is a task of its own.
func (e *Eval) meantToLast(file FileID, call *CallInfo) bool {
	return e.killedBefore(file, call.Expr) || e.worksForUser(file, call) || e.isTheProgram(file, call.Expr) ||
		e.endsItself(e.commandOf(file, call)) || call.Entry.Async && e.waitedForApart(file, call)
}

// waitedForApart says whether the wait is a task of its own: whoever waits for the task or cancels it gives the deadline.
func (e *Eval) waitedForApart(file FileID, call *CallInfo) bool {
	return e.isStarted(file, call.Expr) || e.p.everyCaller(Func{file, call.Func}, startAtCall, func([]Guard) {})
}

// startAtCall says whether a call makes a coroutine that is not awaited there.
func startAtCall(e *Eval, site CallSite) (guards []Guard, holds bool) {
	return nil, e.isStarted(site.File, e.p.Call(site).Expr)
}

// isStarted says whether a coroutine is not awaited where it is made: a task is made of it, or it is put into a list.
func (e *Eval) isStarted(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	up := facts.Exprs[call].Parent
	if up == 0 {
		return false
	}
	switch facts.Exprs[up].Kind {
	case fact.Tuple, fact.ListDisplay, fact.SetDisplay:
		return true
	case fact.Call:
		name := calleeName(facts, up)
		return containsFold(name, "task") || containsFold(name, "future")
	}
	return false
}

// commandOf gives the command of a child: the first argument of the call that starts it.
func (e *Eval) commandOf(file FileID, call *CallInfo) ExprRef {
	start := ExprRef{file, call.Expr}
	if made := call.Receiver.Origin; made.Expr != 0 && call.Receiver.Kind == Instance {
		start = made
	}
	if e.p.Files[start.File].Exprs[start.Expr].Kind != fact.Call {
		return ExprRef{}
	}
	args := e.p.Files[start.File].OperandsOf(start.Expr)
	if len(args) == 0 {
		return ExprRef{}
	}
	return e.Origin(ExprRef{start.File, args[0]})
}

// endsItself says whether a command that is written out ends by itself after a time: it is run by timeout, or has the
// option for it.
func (e *Eval) endsItself(command ExprRef) bool {
	words := e.commandWords(command)
	if len(words) == 0 {
		return false
	}
	var options []string
	switch path.Base(words[0]) {
	case "timeout", "gtimeout":
		return true
	case "ping", "ping6":
		options = []string{"-c", "-n", "-w", "-W"} // a count of packets, each of which is waited for ten seconds
	case "curl":
		options = []string{"-m"}
	}
	return slices.ContainsFunc(words[1:], func(word string) bool {
		name, _, _ := strings.Cut(word, "=")
		return name == "--timeout" || name == "--max-time" || slices.Contains(options, name)
	})
}

// commandWords gives the words of a command that is a list, "" for those that are not written out, or a text.
func (e *Eval) commandWords(command ExprRef) []string {
	if command.Expr == 0 {
		return nil
	}
	facts := e.p.Files[command.File]
	x := &facts.Exprs[command.Expr]
	switch x.Kind {
	case fact.StrConst:
		return strings.Fields(facts.Text(x.Text))
	case fact.ListDisplay, fact.Tuple:
		var words []string
		for _, part := range facts.List(x.Ops) {
			word := ""
			if part != 0 && facts.Exprs[part].Kind == fact.StrConst {
				word = facts.Text(facts.Exprs[part].Text)
			}
			words = append(words, word)
		}
		return words
	}
	return nil
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
	if name := text[strings.LastIndexByte(text, '.')+1:]; strings.HasSuffix(name, "shell") || strings.HasSuffix(name, "pager") {
		return true // runshell, tempfilepager
	}
	if namesAny(text, "interactive", "reloader") { // what a reloader runs is the program itself
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
