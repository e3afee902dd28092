package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// mayRunAgain says whether the write can be done and the retry still go on: an answer that is lost raises what the
// retry repeats on, or something after the write does.
func (e *Eval) mayRunAgain(site *Site, w *write, by *retriedBy) bool {
	caught := by.retry.policy.exceptions
	if e.answersAll(site, by) {
		return e.failsLater(site, by, caught, true)
	}
	return caught == nil || e.raisesOne(site, w, caught) || e.failsLater(site, by, caught, false)
}

// answersAll says whether a handler around the write, other than that of the retry, catches whatever fails there and goes
// on, so that the retry does not learn of it.
func (e *Eval) answersAll(site *Site, by *retriedBy) bool {
	facts := e.p.Files[site.Func.File]
	for s := range Handlers(facts, site.Stmt) {
		if by.retry.fn == site.Func && by.retry.first == facts.Stmts[s].Parent+1 {
			return false
		}
		st := &facts.Stmts[s]
		if st.A != 0 && e.One(ExprRef{site.Func.File, st.A}).Path != "builtins.Exception" {
			continue
		}
		raises := false
		for inner := s + 1; inner < st.Next; inner++ {
			raises = raises || facts.Stmts[inner].Kind == fact.Raise
		}
		if !raises {
			return true
		}
	}
	return false
}

// raisesOne says whether a lost answer to the write itself is one of the exceptions.
func (e *Eval) raisesOne(site *Site, w *write, caught []string) bool {
	library := ""
	if site.Entry != nil {
		library = site.Entry.Path
	} else if w.statement == nil && w.to == "database" {
		library = "django.db"
	}
	return mayRaiseOne(library, w.to == "database", caught)
}

// mayRaiseOne says whether a failure of the library, "" where that is not known, may be one of the exceptions. That of
// a database is never taken to be a class of the program.
func mayRaiseOne(library string, database bool, caught []string) bool {
	for _, name := range caught {
		root, _, dotted := strings.Cut(name, ".")
		switch {
		case name == anyException, isBuiltin(name), dotted && isStandardLibrary(root), library == "":
			return true
		case dotted && sameFamily(root, library):
			return true
		case !dotted && !database: // a class of the program: it may be raised for what failed below
			return true
		}
	}
	return false
}

// families are libraries that raise each other's exceptions.
var families = [][]string{
	{"requests", "urllib3", "requests_cache"},
	{"httpx", "httpx2", "httpcore"},
	{"boto3", "botocore", "aiobotocore", "aioboto3"},
	{"celery", "kombu", "amqp"},
	{"sqlalchemy", "psycopg", "psycopg2", "psycopg_pool", "asyncpg", "pymysql", "MySQLdb", "mysql", "aiomysql", "databases", "django", "peewee", "tortoise"},
	{"google", "grpc"},
}

func sameFamily(root, library string) bool {
	other, _, _ := strings.Cut(library, ".")
	return root == other || slices.ContainsFunc(families, func(family []string) bool {
		return slices.Contains(family, root) && slices.Contains(family, other)
	})
}

// failsLater says whether what is repeated has another effect on another side behind the write, in the function of
// the write or one of those between it and the retry. What fails in the function of an answered write is answered there.
func (e *Eval) failsLater(site *Site, by *retriedBy, caught []string, answered bool) bool {
	fn, stmt := site.Func, site.Stmt
	link := *by
	for {
		end := e.p.Files[fn.File].Scopes[fn.Scope].BodyEnd
		if link.whole && fn == link.retry.fn && link.retry.end != 0 {
			end = link.retry.end
		}
		if !(answered && fn == site.Func) && e.remoteWithin(fn, stmt, end, caught) {
			return true
		}
		if link.whole {
			return false
		}
		call := e.p.Call(link.site)
		fn, stmt = Func{link.site.File, call.Func}, e.p.Files[link.site.File].Exprs[call.Expr].Stmt
		if link.outer == (Func{}) {
			link = retriedBy{retry: link.retry, whole: true}
		} else {
			link = e.p.retriedFunctions()[link.outer]
		}
	}
}

// remoteWithin says whether one of the statements behind stmt, up to end, reaches another side that may fail with one
// of the exceptions. Other branches of conditions around stmt do not come behind it.
func (e *Eval) remoteWithin(fn Func, stmt, end fact.Stmt, caught []string) bool {
	facts := e.p.Files[fn.File]
	calls := e.p.callsWithin(fn.File, stmt+1, max(stmt+1, end))
	for i := range calls {
		call := &calls[i]
		if call.Func != fn.Scope || apart(facts, stmt, facts.Exprs[call.Expr].Stmt) || e.repeatedCall(fn.File, call, caught) == "" {
			continue
		}
		library, database := e.p.remoteLibrary(call)
		if mayRaiseOne(library, database, caught) {
			return true
		}
	}
	return false
}

// apart says whether two statements stand in different branches of one condition, or the second in a handler of the
// try that the first is in.
func apart(facts *fact.File, first, second fact.Stmt) bool {
	for block := range Enclosing(facts, second) {
		switch facts.Stmts[block].Kind {
		case fact.Arm, fact.Else, fact.Case, fact.Handler:
		default:
			continue
		}
		whole := facts.Stmts[block].Parent
		if kind := facts.Stmts[whole].Kind; kind != fact.If && kind != fact.Match && kind != fact.Try {
			continue
		}
		inside := first > whole && first < facts.Stmts[whole].Next
		together := first > block && first < facts.Stmts[block].Next
		if inside && !together && (facts.Stmts[block].Kind != fact.Else || facts.Stmts[whole].Kind == fact.If) {
			return true
		}
	}
	return false
}

// remoteLibrary names the library call that a call ends in, and says whether that speaks to a database.
func (p *Program) remoteLibrary(call *CallInfo) (path string, database bool) {
	for range maxChain {
		if call.Entry != nil {
			database = call.Entry.Wait != nil && call.Entry.Wait.For == "database" || call.Entry.Write != nil && call.Entry.Write.To == "database"
			return call.Entry.Path, database
		}
		if len(call.Targets) == 0 {
			return "", false
		}
		site, ok := p.remote()[call.Targets[0]]
		if !ok {
			return "", false
		}
		call = p.Call(site)
	}
	return "", false
}
