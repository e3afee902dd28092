package program

import (
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/sql"
)

const retryRepeatsEffect = "retry-repeats-effect"

// write is one change outside the process.
type write struct {
	to   string // as catalog.Write.To
	what string
	// statement is the SQL statement, nil where it is none.
	statement *sql.Statement
	// idempotent says by what a repetition has no further effect; "" where it has one.
	idempotent string
	// keys are the names that carry an idempotency key, in addition to the usual ones.
	keys []string
	// columns are those that a row written through a mapper has, and class its model.
	columns []string
	table   string
}

// writeSites finds the calls of one file that change something outside the process, with what makes a repetition
// harmless and what makes them atomic, and the tables that the file declares.
func (p *Program) writeSites(eval *Eval, file FileID) []Site {
	var sites []Site
	for _, i := range p.marked[file] {
		call := &p.calls[file][i]
		if w, ok := eval.writeOf(file, call); ok {
			sites = append(sites, eval.externalWrite(file, call, &w))
		}
	}
	sites = append(sites, p.tableSites(file)...)
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

func (e *Eval) externalWrite(file FileID, call *CallInfo, w *write) Site {
	x := &e.p.Files[file].Exprs[call.Expr]
	ref := ExprRef{file, call.Expr}
	site := Site{
		Effect: Write, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
		What: w.what, Entry: call.Entry, Text: e.p.CallText(ref, w.what), Detail: w.to,
		Strict: e.p.IsTest(file) || w.to == "cache",
	}
	site.Guards = e.idempotencyGuards(file, call, w)
	site.Guards = e.transactionGuards(site.Guards, file, call)
	by, ok := e.p.retryAround(site.Func, x.Stmt)
	if ok && !(by.retry.policy.undoes && w.to == "database") && e.harmful(&site, w, &by) {
		site.Fault = retryRepeatsEffect
		site.Chain = e.p.retryChain(site.Func, by)
	}
	return site
}

// writeOf says whether the call writes, and what.
func (e *Eval) writeOf(file FileID, call *CallInfo) (write, bool) {
	if w, ok := e.modelWrite(file, call, calleeName(e.p.Files[file], call.Expr)); ok {
		return w, true
	}
	if entry := call.Entry; entry != nil && entry.Write != nil {
		return e.catalogueWrite(file, call, entry)
	}
	if call.Entry != nil && call.Entry.Write == nil && call.Entry.Wait == nil {
		return write{}, false
	}
	facts := e.p.Files[file]
	callee := &facts.Exprs[facts.Exprs[call.Expr].A]
	if callee.Kind != fact.Attr {
		return write{}, false
	}
	name := facts.Text(callee.Text)
	if _, ok := statementMethods[name]; ok {
		return e.statementWrite(file, call, "", 0)
	}
	if call.Path != "" || len(call.Targets) > 0 {
		return write{}, false
	}
	w, ok := e.verbWrite(file, callee, name)
	return w, ok && !e.isPlain(file, callee.A)
}

func (e *Eval) catalogueWrite(file FileID, call *CallInfo, entry *catalog.Entry) (write, bool) {
	row := entry.Write
	w := write{to: row.To, what: entry.Path, keys: row.Key}
	if row.Idempotent {
		w.idempotent = "idempotent"
	}
	if w.to == "database" {
		e.mappedRow(file, call, &w)
		if strings.HasSuffix(entry.Path, "QuerySet.update") && !e.countsFields(file, call.Expr) {
			w.idempotent = "idempotent"
		}
	}
	switch {
	case row.SQL != nil:
		return e.statementWrite(file, call, entry.Path, *row.SQL)
	case row.Method != "":
		position := -1
		if row.MethodPosition != nil {
			position = *row.MethodPosition
		}
		value, _ := e.p.Files[file].Argument(call.Expr, row.Method, position)
		switch method, _ := e.sqlText(ExprRef{file, value}, 0); strings.ToUpper(method) {
		case "POST", "PATCH":
		case "PUT", "DELETE":
			w.idempotent = "idempotent"
		default:
			return write{}, false
		}
	}
	return w, true
}

// countsFields says whether an update through a query set computes a value from a field: update(n=F("n") + 1).
func (e *Eval) countsFields(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	found := false
	for _, arg := range facts.OperandsOf(call) {
		facts.Walk(arg, func(x fact.Expr) bool {
			found = found || facts.Exprs[x].Kind == fact.Call && calleeName(facts, x) == "F"
			return !found
		})
	}
	return found
}

// mappedRow reads the table and the columns of an object that is written as a row: session.add(Payment(order_id=1)).
func (e *Eval) mappedRow(file FileID, call *CallInfo, w *write) {
	args := e.p.Files[file].OperandsOf(call.Expr)
	if len(args) == 0 {
		return
	}
	v := e.One(ExprRef{file, args[0]})
	if v.Kind != Instance || v.Path != "" || v.Origin.Expr == 0 {
		return
	}
	w.table = e.p.tables().named[v.Def]
	facts := e.p.Files[v.Origin.File]
	for _, arg := range facts.OperandsOf(v.Origin.Expr) {
		if x := &facts.Exprs[arg]; x.Kind == fact.Keyword && x.Text != 0 {
			w.columns = append(w.columns, facts.Text(x.Text))
		}
	}
}

// statementWrite reads a call that takes an SQL statement. path is the canonical name of the callee, "" where it is
// not known.
func (e *Eval) statementWrite(file FileID, call *CallInfo, path string, position int) (write, bool) {
	s := writing(e.statements(file, call.Expr, position))
	if args := e.p.Files[file].OperandsOf(call.Expr); s == nil && position < len(args) {
		s = e.builtStatement(ExprRef{file, args[position]})
	}
	if s == nil {
		return write{}, false
	}
	w := write{to: "database", statement: s, idempotent: idempotentStatement(s), columns: s.Columns, table: s.Table}
	w.what = strings.TrimSpace(verbNames[s.Verb] + " " + s.Table)
	if strings.HasPrefix(path, "sqlite3.") || strings.HasPrefix(path, "aiosqlite.") {
		w.to = "file"
	}
	return w, true
}

var verbNames = map[sql.Verb]string{
	sql.Insert: "INSERT", sql.Update: "UPDATE", sql.Delete: "DELETE", sql.Merge: "MERGE",
}

// modelWrites are the methods of a model's manager that write.
var modelWrites = set(`
create acreate bulk_create abulk_create get_or_create update_or_create aget_or_create aupdate_or_create
`)

// modelWrite reads the writes of object mappers: Model.objects.create(...).
func (e *Eval) modelWrite(file FileID, call *CallInfo, name string) (write, bool) {
	facts := e.p.Files[file]
	if facts.Exprs[facts.Exprs[call.Expr].A].Kind != fact.Attr {
		return write{}, false
	}
	manager := &facts.Exprs[facts.Exprs[facts.Exprs[call.Expr].A].A]
	if manager.Kind != fact.Attr || facts.Text(manager.Text) != "objects" {
		return write{}, false
	}
	w := write{to: "database", what: name}
	switch name {
	case "create", "acreate", "bulk_create", "abulk_create":
	case "get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create":
		w.idempotent = "upsert"
	default:
		return write{}, false
	}
	if value, _ := facts.Argument(call.Expr, "ignore_conflicts", -1); value != 0 && facts.Exprs[value].Kind == fact.TrueConst {
		w.idempotent = "upsert"
	}
	for _, arg := range facts.OperandsOf(call.Expr) {
		if x := &facts.Exprs[arg]; x.Kind == fact.Keyword && x.Text != 0 {
			w.columns = append(w.columns, facts.Text(x.Text))
		}
	}
	if v := e.One(ExprRef{file, manager.A}); v.Kind == Class {
		w.table = e.p.tables().named[v.Def]
	}
	w.what = strings.TrimSpace("INSERT " + w.table)
	return w, true
}

// moneyVerbs move money or send something whatever object they are called on; the others do where the object's name
// speaks of money.
var (
	moneyVerbs = set(`
charge refund payout create_payment create_charge create_refund create_transfer create_payout capture_payment
confirm_payment place_order submit_order create_order send_mail send_email send_sms send_invoice publish
`)
	moneyWhere = set(`capture transfer withdraw deposit debit credit pay confirm submit`)
	moneyWords = []string{"payment", "gateway", "stripe", "bank", "wallet", "ledger", "billing", "paypal", "adyen", "braintree", "merchant"}
)

func (e *Eval) verbWrite(file FileID, callee *fact.ExprInfo, name string) (write, bool) {
	facts := e.p.Files[file]
	w := write{to: "payment", what: name}
	if strings.HasPrefix(name, "send_") {
		w.to = "mail"
	}
	if name == "publish" {
		w.to = "queue"
	}
	if _, ok := moneyVerbs[name]; ok {
		return w, facts.Exprs[callee.A].Kind != fact.Call
	}
	_, ok := moneyWhere[name]
	return w, ok && hasAny(strings.ToLower(e.p.Text(ExprRef{file, callee.A})), moneyWords)
}

// harmful says whether repeating the write by that retry does something twice: nothing makes it harmless, what it is
// repeated on leaves open whether it was done, and it is no question in the form of a write.
func (e *Eval) harmful(site *Site, w *write, by *retriedBy) bool {
	q := &by.retry.policy
	if strings.HasSuffix(w.what, "Session.add") || strings.HasSuffix(w.what, "Session.add_all") {
		return false // nothing is written until the commit
	}
	if w.idempotent != "" || w.to == "file" || q.selective || q.attempts <= 1 {
		return false
	}
	if keyed := site.Guarded(Idempotency); (keyed == nil || keyed.From != "argument") && e.mayHaveKey(site.Func.File, site.Expr, w) {
		return false
	}
	if q.exceptions != nil && allOf(q.exceptions, refusedWords, conflictWords, localWords) {
		return false
	}
	for i := range site.Guards {
		g := &site.Guards[i]
		if g.Kind == Idempotency && g.Weak == "" {
			return false
		}
		if g.Kind == Transaction && w.to == "database" && e.insideRetry(g.Where, by) {
			return false // what failed was rolled back
		}
	}
	return (w.to != "http" || !e.asksOnly(site)) && e.mayRunAgain(site, w, by)
}

// insideRetry says whether a place is repeated as well.
func (e *Eval) insideRetry(at Place, by *retriedBy) bool {
	one := by.retry
	if !by.whole || one.whole() || at.File != one.fn.File {
		return true
	}
	loop := e.p.Files[at.File].Stmts[one.stmt].Span
	return at.Start >= one.at.End && at.End <= loop.End
}

// Beginnings of the words in the names of functions, and in addresses, that are asked and change nothing though the
// request is a POST.
var (
	questionNames = []string{
		"get", "fetch", "find", "list", "read", "is", "has", "load", "download", "poll", "check", "status", "connect", "ask",
	}
	questionWords = []string{
		"query", "search", "login", "signin", "sign_in", "auth", "token", "refresh", "valid", "verify", "lookup", "graphql", "predict",
		"embed", "complet", "infer", "translat", "detect", "generat", "chat", "classif", "summar", "scan", "rerank", "session", "rpc",
	}
)

// asksOnly says whether a POST looks like a question: by the name of the function around it or by its address.
func (e *Eval) asksOnly(site *Site) bool {
	facts := e.p.Files[site.Func.File]
	symbol := e.p.Symbol(site.Func)
	if beginsAny(symbol[strings.LastIndexByte(symbol, '.')+1:], questionNames, questionWords) {
		return true
	}
	for i, arg := range facts.OperandsOf(site.Expr) {
		x := &facts.Exprs[arg]
		if x.Kind == fact.Keyword && facts.Text(x.Text) == "url" {
			arg = x.A
		} else if x.Kind == fact.Keyword || i > 1 {
			continue
		}
		address, _ := e.sqlText(ExprRef{site.Func.File, arg}, 0)
		if beginsAny(address+" "+e.p.Text(ExprRef{site.Func.File, arg}), questionWords) {
			return true
		}
	}
	return false
}

// beginsAny says whether a word of the text, in lower case, begins with one of the words.
func beginsAny(text string, lists ...[]string) bool {
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		for _, list := range lists {
			for _, begin := range list {
				if strings.HasPrefix(word, begin) {
					return true
				}
			}
		}
	}
	return false
}
