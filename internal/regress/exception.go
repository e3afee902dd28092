package regress

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// class is an exception class as a handler names it.
type class struct {
	// text is the normal form; "" for a bare except.
	text string
	// names are the last parts of the names of the class and of what is known of its bases, itself first.
	names []string
	// own is true for a class of the program that derives from none of a database, as far as is known.
	own bool
}

// name is the last part of the name of the class.
func (c class) name() string { return lastPart(c.text) }

// exceptions gives the exception classes of a handler.
func (b *body) exceptions(i int) []class {
	e := b.Stmts[b.atoms[i].stmt].A
	if e == 0 {
		return []class{{names: []string{""}}}
	}
	if b.Exprs[e].Kind != fact.Tuple {
		return []class{b.class(e)}
	}
	var classes []class
	parts := b.OperandsOf(e)
	for i, part := range parts {
		if i == 1 && len(parts) == 2 && bindsInPython2(b.text(part)) {
			break
		}
		classes = append(classes, b.class(part))
	}
	return classes
}

// bindsInPython2 says whether the second name of "except A, e:" is what Python 2 binds the exception to, and no class.
func bindsInPython2(name string) bool {
	switch name {
	case "e", "ex", "exc", "err", "error", "why", "msg", "inst", "exception", "_":
		return true
	}
	return false
}

// class gives the class that an expression names.
func (b *body) class(e fact.Expr) class {
	c := class{text: b.text(e)}
	c.names = withBases(nil, c.name())
	switch c.text {
	case "socket.error", "select.error", "socket.timeout":
		c.names = withBases(c.names, "OSError")
	case "OSError":
		c.names = append(c.names, "IOError", "EnvironmentError")
	}
	v := b.eval.One(program.ExprRef{File: b.id, Expr: e})
	switch v.Kind {
	case program.Class:
		c.own = true
		for _, base := range b.p.Ancestors(v.Def) {
			c.names = withBases(c.names, lastPart(strings.ReplaceAll(b.p.TypeName(base), ":", ".")))
		}
	case program.External:
		if entry := b.p.Catalog.Lookup(v.Path); entry != nil {
			for _, base := range entry.Bases {
				c.names = withBases(c.names, lastPart(base))
			}
		}
	}
	return c
}

// withBases adds a name and the names of its bases among the builtin exceptions.
func withBases(names []string, name string) []string {
	for name != "" && !slices.Contains(names, name) {
		names = append(names, name)
		name = builtinBase[name]
	}
	return names
}

// builtinBase gives the base of builtin exceptions below Exception, from the hierarchy in the Python documentation;
// other names of OSError count as derived from it.
var builtinBase = map[string]string{
	"IOError": "OSError", "EnvironmentError": "OSError",
	"ConnectionError": "OSError", "TimeoutError": "OSError", "gaierror": "OSError",
	"BrokenPipeError": "ConnectionError", "ConnectionResetError": "ConnectionError", "ConnectionRefusedError": "ConnectionError",
	"ConnectionAbortedError": "ConnectionError", "FileNotFoundError": "OSError", "FileExistsError": "OSError",
	"PermissionError": "OSError", "IsADirectoryError": "OSError", "NotADirectoryError": "OSError", "ProcessLookupError": "OSError",
	"ChildProcessError": "OSError", "BlockingIOError": "OSError", "InterruptedError": "OSError",
	"KeyError": "LookupError", "IndexError": "LookupError", "ModuleNotFoundError": "ImportError",
	"UnicodeDecodeError": "UnicodeError", "UnicodeEncodeError": "UnicodeError", "UnicodeError": "ValueError", "JSONDecodeError": "ValueError",
	"NotImplementedError": "RuntimeError", "RecursionError": "RuntimeError", "ZeroDivisionError": "ArithmeticError",
	"OverflowError": "ArithmeticError",
}

// isBroad says whether nearly everything that is raised belongs to the class.
func (c class) isBroad() bool {
	switch c.name() {
	case "", "BaseException", "Exception":
		return true
	}
	return false
}

// neverTaken says whether the handler waits for a key that is missing, and nothing in its try looks for one: to store under
// a key never fails so.
func (b *body) neverTaken(i int, classes []class) bool {
	if slices.ContainsFunc(classes, func(c class) bool { return c.name() != "KeyError" }) {
		return false
	}
	try := b.atoms[i].try
	for k := try + 1; k < b.atoms[try].end; k++ {
		a := &b.atoms[k]
		if a.kind.isNoise() {
			continue
		}
		value := b.value(a)
		if a.kind != assignAtom || b.Exprs[value].Kind != fact.Name && !b.isLiteral(value) {
			return false
		}
	}
	return true
}

// isInterruption says whether an ordinary "except Exception" lets the exception pass.
func (c class) isInterruption() bool {
	switch c.name() {
	case "", "BaseException", "CancelledError", "KeyboardInterrupt", "GeneratorExit", "SystemExit":
		return true
	}
	return false
}

// isConflict says whether the exception tells that something is there already.
func (c class) isConflict() bool {
	if strings.Contains(c.text, "Integrity") && !c.own {
		return true // of the project itself it speaks of broken data
	}
	for _, part := range []string{"AlreadyExists", "Duplicate", "Unique", "Conflict", "DoesNotExist"} {
		if strings.Contains(c.text, part) {
			return true
		}
	}
	return strings.HasSuffix(c.text, "Exists")
}

// isLookup says whether the exception is how Python says that something is not there or of another kind, which code
// asks for as often as it guards against it.
func (c class) isLookup() bool {
	switch c.name() {
	case "AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "KeyError", "IndexError", "LookupError", "StopIteration",
		"StopAsyncIteration", "TypeError", "ValueError", "UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError", "NotImplementedError",
		"AssertionError", "SyntaxError", "Empty", "DoesNotExist", "ObjectDoesNotExist":
		return true
	}
	return false
}

// handled says whether head catches all the classes around the atom j.
func (b *body) handled(j int, classes []class) bool {
	if len(classes) == 0 {
		return true
	}
	for o := b.atoms[j].outer; o >= 0; o = b.atoms[o].outer {
		switch b.atoms[o].kind {
		case withAtom:
			if e := b.atoms[o].exprs[0]; b.Exprs[e].Kind == fact.Call && b.method(e) == "suppress" {
				return true
			}
		case tryAtom:
			if b.catches(o, classes) {
				return true
			}
		}
	}
	return false
}

// handlersOf gives the handlers of a try.
func (b *body) handlersOf(try int) []int {
	var list []int
	for k := range b.atoms {
		if b.atoms[k].kind == exceptAtom && b.atoms[k].try == try {
			list = append(list, k)
		}
	}
	return list
}

// catches says whether the handlers of a try take all the classes.
func (b *body) catches(try int, classes []class) bool {
	caught := map[string]bool{}
	for _, k := range b.handlersOf(try) {
		for _, c := range b.exceptions(k) {
			caught[c.name()] = true
		}
	}
	return !slices.ContainsFunc(classes, func(c class) bool {
		switch {
		case caught[""], caught["BaseException"], caught["Exception"] && !c.isInterruption():
			return false
		}
		return !slices.ContainsFunc(c.names, func(name string) bool { return caught[name] })
	})
}

// missing gives the classes that count as uncaught around the atom j of head: where some are still caught, those by
// which Python says that something is not there do not count, unless the handler complains of them.
func (p *pair) missing(j int, classes []class, complains bool) []class {
	caught := func(c class) bool { return p.head.handled(j, []class{c}) }
	if !slices.ContainsFunc(classes, caught) {
		return classes
	}
	return slices.DeleteFunc(slices.Clone(classes), func(c class) bool { return caught(c) || c.isLookup() && !complains })
}
