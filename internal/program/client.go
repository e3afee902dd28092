package program

import (
	"math"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// receiverBound is the deadline that the object a call is made through carries: from its construction, from an
// attribute or method assigned to it, from an adapter mounted on it, or from a subclass of the program.
func (e *Eval) receiverBound(recv *Value, d *catalog.Deadline) (bound, bool) {
	if recv.Kind != Instance {
		return bound{}, false
	}
	if recv.Path == "" {
		if b, ok := e.subclassBound(recv.Def); ok {
			return b, true
		}
	}
	if recv.Origin.Expr == 0 {
		return e.classDefault(recv)
	}
	if b, ok := e.customisedBound(recv); ok {
		return b, true
	}
	for origin := recv; origin != nil && origin.Origin.Expr != 0; origin = origin.Recv {
		made := e.p.CallAt(origin.Origin.File, origin.Origin.Expr)
		if made == nil || made.Entry == nil || made.Entry.Deadline == nil {
			continue
		}
		if b, ok := e.argumentBound(origin.Origin, made.Entry.Deadline, "client"); ok {
			return b, true
		}
		if made.Bound.Expr != 0 {
			if b, ok := e.argumentBound(made.Bound, made.Entry.Deadline, "client"); ok {
				return b, true
			}
		}
		if carrier := delegate(e.p.Files[origin.Origin.File], origin.Origin.Expr); carrier != 0 {
			if b, ok := e.carriedBound(ExprRef{origin.Origin.File, carrier}); ok {
				return b, true
			}
			return bound{seconds: math.NaN(), where: e.p.PlaceOf(origin.Origin), from: "client", name: "delegate"}, true
		}
		if b, ok := defaultBound(made.Entry.Deadline); ok {
			return b, true
		}
	}
	return bound{}, false
}

// carriedBound is the deadline of a pool that a client is given, where its construction is seen.
func (e *Eval) carriedBound(carrier ExprRef) (bound, bool) {
	v := e.One(carrier)
	made := e.p.CallAt(v.Origin.File, v.Origin.Expr)
	if v.Kind != Instance || v.Origin.Expr == 0 || made == nil || made.Entry == nil || made.Entry.Deadline == nil || made.Entry.Deadline.Receiver {
		return bound{}, false
	}
	if b, ok := e.argumentBound(v.Origin, made.Entry.Deadline, "client"); ok {
		return b, true
	}
	return defaultBound(made.Entry.Deadline)
}

// delegate gives an object that a construction is given and that may carry the deadline instead: a pool, transport,
// configuration or client; 0 where there is none.
func delegate(facts *fact.File, call fact.Expr) fact.Expr {
	for _, arg := range facts.OperandsOf(call) {
		x := &facts.Exprs[arg]
		if x.Kind != fact.Keyword {
			continue
		}
		switch facts.Text(x.Text) {
		case "connection_pool", "pool", "transport", "connector", "config", "http_client", "client", "session", "opener", "adapter", "mounts":
			return x.A
		}
	}
	return 0
}

// ClientAttempts is how often the client that a site's call is made through tries at most by itself, the first time
// included: what its construction says, else the default of the installed version. It is NaN where the call is made
// through no client that repeats, or the number cannot be shown.
func (p *Program) ClientAttempts(s *Site) float64 {
	call := p.callOf(s)
	if call == nil || call.Receiver.Kind != Instance {
		return math.NaN()
	}
	eval := p.Eval(s.At.File)
	for made := call.Receiver; made != nil; made = made.Recv {
		if made.Path == "" {
			continue
		}
		entry := p.entry(made.Path)
		if entry == nil || entry.Retry == nil || entry.Retry.As != "value" {
			continue
		}
		if origin := made.Origin; origin.Expr != 0 && p.CallAt(origin.File, origin.Expr) != nil {
			return eval.policyOf(origin, entry.Retry).attempts
		}
		return float64(entry.Retry.DefaultAttempts)
	}
	return math.NaN()
}

// ClientConnections is how many calls can be under way at once through the client of a site's call: what its construction
// says of its pool, else the default of the installed version. It is NaN where the call is made through no client whose
// construction is seen, or the number cannot be shown, and +Inf where there is no bound.
func (p *Program) ClientConnections(s *Site) float64 {
	call := p.callOf(s)
	if call == nil {
		return math.NaN()
	}
	eval := p.Eval(s.At.File)
	for made := call.Receiver; made != nil && made.Origin.Expr != 0; made = made.Recv {
		maker := p.CallAt(made.Origin.File, made.Origin.Expr)
		if maker == nil || maker.Entry == nil || maker.Entry.Bound == nil || maker.Entry.Bound.Of != "connections" {
			continue
		}
		b := maker.Entry.Bound
		if n, _, given := eval.countArgument(made.Origin, &b.Parameter); given {
			return n
		}
		for _, standard := range b.Defaults {
			if standard.Count < 0 {
				return math.Inf(1)
			}
			return float64(standard.Count)
		}
	}
	return math.NaN()
}

// ClientText is the call that made the client of a site, as text: "httpx.Client(base_url="http://stock")"; empty where that is
// not seen.
func (p *Program) ClientText(s *Site) string {
	call := p.callOf(s)
	if call == nil {
		return ""
	}
	for made := call.Receiver; made != nil && made.Origin.Expr != 0; made = made.Recv {
		if maker := p.CallAt(made.Origin.File, made.Origin.Expr); maker != nil && maker.Entry != nil {
			return p.Text(made.Origin)
		}
	}
	return ""
}

// classDefault is the default of the class where the construction is not seen: what a client without arguments does.
func (e *Eval) classDefault(recv *Value) (bound, bool) {
	if recv.Path == "" {
		return bound{}, false
	}
	entry := e.p.entry(recv.Path)
	if entry == nil || entry.Deadline == nil {
		return bound{}, false
	}
	if e.p.customises(entry.Path) {
		// Somewhere the program gives such an object a deadline of its own; this one may be that.
		return bound{seconds: math.NaN(), from: "client", name: "adapter"}, true
	}
	return defaultBound(entry.Deadline)
}

// subclassBound looks for a method of the program's own subclass that puts a deadline on what it sends.
func (e *Eval) subclassBound(class Func) (bound, bool) {
	for _, base := range e.p.Ancestors(class) {
		if base.Kind != Class {
			continue
		}
		for _, name := range []string{"send", "request", "__init__"} {
			facts := e.p.Files[base.Def.File]
			sym := facts.Lookup(base.Def.Scope, name)
			if sym == 0 {
				continue
			}
			for _, def := range facts.DefsOf(sym) {
				if def.Kind != fact.DefFunction {
					continue
				}
				if b, ok := e.bodyBound(Func{base.Def.File, def.Inner}); ok {
					return b, true
				}
			}
		}
	}
	return bound{}, false
}

// bodyBound finds a deadline that a function sets on what it passes on: kwargs["timeout"] = 4,
// kwargs.setdefault("timeout", 4), self.timeout = 4, or super().request(..., timeout=4).
func (e *Eval) bodyBound(fn Func) (bound, bool) {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	for s := scope.BodyFirst; s < scope.BodyEnd; s++ {
		st := &facts.Stmts[s]
		if st.Kind != fact.Assign {
			continue
		}
		for _, target := range facts.List(st.Targets) {
			if namesTimeout(facts, target) {
				return e.plainBound(ExprRef{fn.File, st.A}, "adapter")
			}
		}
	}
	for _, expr := range e.p.index[fn.File].calls {
		x := &facts.Exprs[expr]
		if x.Start < scope.Start || x.End > scope.End {
			continue
		}
		if a := &facts.Exprs[x.A]; a.Kind == fact.Attr && facts.Text(a.Text) == "setdefault" {
			if args := facts.OperandsOf(expr); len(args) == 2 && isTimeoutKey(facts, args[0]) {
				return e.plainBound(ExprRef{fn.File, args[1]}, "adapter")
			}
		}
		if value, _ := facts.Argument(expr, "timeout", -1); value != 0 {
			return e.plainBound(ExprRef{fn.File, value}, "adapter")
		}
	}
	return bound{}, false
}

func namesTimeout(facts *fact.File, target fact.Expr) bool {
	x := &facts.Exprs[target]
	switch x.Kind {
	case fact.Attr:
		return strings.Contains(facts.Text(x.Text), "timeout")
	case fact.Subscript:
		return isTimeoutKey(facts, x.B)
	}
	return false
}

func isTimeoutKey(facts *fact.File, e fact.Expr) bool {
	x := &facts.Exprs[e]
	return x.Kind == fact.StrConst && strings.Contains(facts.Text(x.Text), "timeout")
}

// plainBound evaluates a value in seconds; None is no bound, and what cannot be shown is one of unknown length.
func (e *Eval) plainBound(ref ExprRef, from string) (bound, bool) {
	b, ok := e.durationOf(ref, &catalog.Parameter{Name: "timeout", Unit: "s", Tuple: []string{"connect", "read"}})
	b.from, b.name = from, "timeout"
	return b, ok
}

// customisedBound looks at what is done to an object after its construction, through the name or attribute that the
// construction is assigned to: session.request = partial(session.request, timeout=5), session.mount(..., adapter),
// client.timeout = 5, sock.settimeout(5).
func (e *Eval) customisedBound(recv *Value) (bound, bool) {
	key := customised{recv.Origin, recv.Path}
	if b, known := e.customised[key]; known {
		return b.bound, b.found
	}
	b, found := e.findCustomised(recv)
	e.customised = put(e.customised, key, foundBound{b, found})
	return b, found
}

// customised is an object of a library's class whose deadline was looked for, and foundBound the one it was given.
type customised struct {
	origin ExprRef
	path   string
}

type foundBound struct {
	bound bound
	found bool
}

func (e *Eval) findCustomised(recv *Value) (bound, bool) {
	file := recv.Origin.File
	facts := e.p.Files[file]
	entry := e.p.entry(recv.Path)
	for _, i := range e.storesOn(recv.Origin) {
		s := &e.p.index[file].stores[i]
		name := facts.Text(s.Name)
		if entry != nil && entry.Deadline != nil && entry.Deadline.Attribute == name {
			return e.plainBound(ExprRef{file, s.Value}, "client")
		}
		if b, ok := e.partialBound(ExprRef{file, s.Value}); ok {
			return b, true
		}
	}
	for _, i := range e.p.callsOn(recv.Origin) {
		call := &e.p.calls[file][i]
		method := call.Path[strings.LastIndexByte(call.Path, '.')+1:]
		args := facts.OperandsOf(call.Expr)
		switch {
		case entry != nil && entry.Deadline != nil && entry.Deadline.Setter == method && len(args) > 0:
			if own := call.Entry; own == nil || own.Deadline == nil || len(own.Deadline.Parameters) == 0 {
				return e.plainBound(ExprRef{file, args[0]}, "client")
			} else if b, ok := e.argumentBound(ExprRef{file, call.Expr}, own.Deadline, "client"); ok {
				return b, true // FTP.connect(host, port, timeout) holds for all that follows
			}
		case method == "mount" && len(args) == 2:
			if v := e.One(ExprRef{file, args[1]}); v.Kind == Instance && v.Path == "" {
				if b, ok := e.subclassBound(v.Def); ok {
					return b, true
				}
			}
		}
	}
	return bound{}, false
}

// partialBound finds the timeout that functools.partial or a lambda binds.
func (e *Eval) partialBound(ref ExprRef) (bound, bool) {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if x.Kind == fact.Lambda {
		ref.Expr = facts.Scopes[x.Inner].Value
	}
	if facts.Exprs[ref.Expr].Kind != fact.Call {
		return bound{}, false
	}
	if value, _ := facts.Argument(ref.Expr, "timeout", -1); value != 0 {
		return e.plainBound(ExprRef{ref.File, value}, "client")
	}
	return bound{}, false
}

// customisation remembers, once for the program, what is found by looking at every file.
type customisation struct {
	once    sync.Once
	classes map[string]bool // library classes whose instances the program gives deadlines in ways of its own
	process bound
	global  bool // the process-wide default is set

	settings table[string, foundBound] // the bounds that settings give
}

// customises says whether the program anywhere mounts an adapter on, or assigns a bounded method to, an object of
// the library class.
func (p *Program) customises(class string) bool {
	p.custom.once.Do(p.findCustomisation)
	return p.custom.classes[class]
}

// processDeadline is the finite default that the program sets for every socket.
func (p *Program) processDeadline() (bound, bool) {
	p.custom.once.Do(p.findCustomisation)
	return p.custom.process, p.custom.global
}

// settingDeadline is the greatest bound that a module of the program assigns to a setting of this name.
func (p *Program) settingDeadline(name string) (bound, bool) {
	if found := p.custom.settings.get(0, name); found != nil {
		return found.bound, found.found
	}
	var most foundBound
	for file := range p.Files {
		sym := p.Files[file].Lookup(0, name)
		if sym == 0 || p.IsTest(FileID(file)) {
			continue
		}
		for _, def := range p.Files[file].DefsOf(sym) {
			if def.Value == 0 {
				continue
			}
			b, ok := p.Eval(FileID(file)).durationOf(ExprRef{FileID(file), def.Value}, &catalog.Parameter{Unit: "s"})
			if ok && !math.IsInf(b.seconds, 1) && (!most.found || b.seconds > most.bound.seconds) {
				b.from, b.name = "settings", name
				most = foundBound{b, true}
			}
		}
	}
	p.custom.settings.put(0, name, most)
	return most.bound, most.found
}

// setsDeadline gives the class whose object the call gives a deadline for all that follows: FTP.connect(host, port,
// timeout); "" where it does not.
func (p *Program) setsDeadline(file FileID, call *CallInfo) string {
	if call.Entry == nil || call.Entry.Deadline == nil || len(call.Entry.Deadline.Parameters) == 0 {
		return ""
	}
	class, method := methodOf(call.Entry.Path)
	entry := p.entry(class)
	if entry == nil || entry.Deadline == nil || entry.Deadline.Setter != method {
		return ""
	}
	if _, given := p.Eval(file).argumentBound(ExprRef{file, call.Expr}, call.Entry.Deadline, "client"); !given {
		return ""
	}
	return class
}

// methodOf splits the path of a method into those of its class and its name.
func methodOf(path string) (class, method string) {
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return "", path
	}
	return path[:dot], path[dot+1:]
}

func (p *Program) findCustomisation() {
	p.custom.classes = map[string]bool{}
	for file := range p.Files {
		facts := p.Files[file]
		for _, i := range p.marked[file] {
			call := &p.calls[file][i]
			if strings.HasSuffix(call.Path, ".mount") && call.Receiver.Kind == Instance {
				p.custom.classes[call.Receiver.Path] = true
			}
			if class := p.setsDeadline(FileID(file), call); class != "" {
				p.custom.classes[class] = true
			}
			if call.Entry == nil || call.Entry.Deadline == nil || !call.Entry.Deadline.Process || p.IsTest(FileID(file)) {
				continue
			}
			eval := p.Eval(FileID(file))
			if b, ok := eval.argumentBound(ExprRef{FileID(file), call.Expr}, call.Entry.Deadline, "process"); ok && !math.IsInf(b.seconds, 1) {
				p.custom.process, p.custom.global = b, true
			}
		}
		for i := range p.index[file].stores {
			s := &p.index[file].stores[i]
			switch facts.Text(s.Name) {
			case "request", "send", "get", "post":
				if s.Value == 0 {
					continue
				}
				for _, v := range p.Eval(FileID(file)).Of(ExprRef{FileID(file), facts.Exprs[s.Target].A}) {
					if v.Kind == Instance && v.Path != "" {
						p.custom.classes[v.Path] = true
					}
				}
			}
		}
	}
}
