package contract

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/tiebeam/tiebeam/internal/program"
)

// Kind is the form of a contract.
type Kind uint8

// The forms of contract.
const (
	// Guarded says which guard an effect needs: Effect, Of, To, Scope, Needs, AtMost, AtLeast, Key.
	Guarded Kind = iota + 1
	// Making says where objects of a kind may be made: Of, OnlyIn.
	Making
	// Importing says what may import what: Imports.
	Importing
	// Governing says which symbols may change together with the record only, and which value one has: Symbols, Value.
	Governing
)

// Clause is one contract of a record. Which fields are used depends on Kind.
type Clause struct {
	// Record is the one that holds it.
	Record *Record
	// Name is the sentence that the record gives it, else one made of its fields.
	Name string
	// Line is the 1-based line of the record on which it begins.
	Line int
	Kind Kind

	Effect program.Effect
	// Of narrows the effect: what is waited for or written to ("network", "database"), or the classes that are made.
	Of []string
	// To narrows external writes to a table, queue or party.
	To    []string
	Scope Scope
	Needs program.GuardKind
	// AtMost and AtLeast bound the guard's strength; nil for no bound.
	AtMost, AtLeast *Quantity
	// Key is the field by which writes are keyed.
	Key string
	// Strict has the sites judged as well that are marked strict: in-process waits, short blocks.
	Strict bool

	// OnlyIn are the modules that may make what Of names, each with everything below it.
	OnlyIn []Pattern
	// Imports is what an Importing clause says.
	Imports *Imports
	// Symbols are those of a Governing clause, Value what they must be.
	Symbols []Pattern
	Value   *Quantity

	// Except are the places that need not comply.
	Except []*Exemption
}

// ID tells a clause from the others of its tree, whatever its number of lines: the record's path, its name and its place
// among those of the same name.
func (c *Clause) ID() string {
	nth := 0
	for _, other := range c.Record.Clauses {
		if other == c {
			break
		}
		if other.Name == c.Name {
			nth++
		}
	}
	return fmt.Sprintf("%s|%s|%d", c.Record.Path, c.Name, nth)
}

// readBlock reads the contracts of one block: one mapping, or a list of them.
func readBlock(r *Record, b *block) ([]*Clause, []Fault) {
	y := &reader{path: r.Path, block: *b}
	root, ok := y.parse()
	if !ok {
		return nil, y.faults
	}
	nodes := []ast.Node{root}
	if list, ok := root.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	if root == nil || len(nodes) == 0 {
		y.fault(b.line, "", "block holds no contract")
		return nil, y.faults
	}
	var clauses []*Clause
	for _, node := range nodes {
		f, ok := y.fields(node, "a contract")
		if !ok {
			continue
		}
		before := len(y.faults)
		if c := readClause(r, f); c != nil && len(y.faults) == before {
			clauses = append(clauses, c)
		}
	}
	return clauses, y.faults
}

// forms are the fields that say what kind of contract it is.
var forms = []string{"effect", "imports", "governs"}

// readClause reads one contract; nil, with a fault, where its form is not known.
func readClause(r *Record, f *fields) *Clause {
	c := &Clause{Record: r, Line: f.line, Name: f.text("name")}
	given := 0
	for _, form := range forms {
		if f.has(form) {
			given++
		}
	}
	switch {
	case given == 0:
		// The nearest word is looked for among all fields, as the misspelt one is the form's.
		f.known("name", "effect", "imports", "governs", "except", "scope", "of", "to", "needs", "at-most", "at-least", "key", "strict", "only-in", "value",
			"layers", "containers", "exhaustive", "exhaustive-except", "modules", "from", "importers", "indirect", "as-packages", "type-checking", "ancestors", "depth", "skip")
		f.y.fault(f.line, "", "a contract says one of effect, imports or governs")
		return nil
	case given > 1:
		f.y.fault(f.line, "", "a contract says one of effect, imports or governs, not several")
		return nil
	case f.has("imports"):
		c.readImports(f)
	case f.has("governs"):
		c.readGoverns(f)
	default:
		c.readEffect(f)
	}
	c.Except = readExemptions(f, c)
	if c.Name == "" {
		c.Name = c.sentence()
	}
	return c
}

func (c *Clause) readGoverns(f *fields) {
	f.known("name", "governs", "value", "except")
	c.Kind = Governing
	c.Symbols = f.patterns("governs")
	if f.has("value") {
		c.Value = f.quantity("value")
	}
}

// effects are the words of the field effect. "outbound call" is a wait for the network.
var effects = map[string]program.Effect{
	"wait": program.Wait, "outbound call": program.Wait, "repeat": program.Repeat, "external write": program.Write,
	"block": program.Block, "acquire": program.Acquire, "share": program.Share, "decide": program.Decide,
	"admit": program.Admit, "spawn": program.Spawn, "make": program.NoEffect,
}

// effectWords are the words in the order in which faults list them.
var effectWords = []string{"wait", "outbound call", "repeat", "external write", "block", "acquire", "share", "decide", "admit", "spawn", "make"}

// guardsOf are the guards that can be shown for an effect.
var guardsOf = map[program.Effect][]program.GuardKind{
	program.Wait:    {program.Deadline},
	program.Repeat:  {program.RetryBound},
	program.Write:   {program.Idempotency, program.Transaction},
	program.Block:   {program.Offload},
	program.Acquire: {program.Release},
	program.Share:   {program.Lock, program.Immutability},
	program.Decide:  {program.Boundary},
	program.Admit:   {program.Validation, program.Authorization, program.Bound},
	program.Spawn:   {program.Cancellation, program.Bound},
}

// kindsOf are the words that the field of may have for an effect; the classes of a make are open.
var kindsOf = map[program.Effect][]string{
	program.Wait:  {"network", "database", "subprocess", "user", "queue", "future", "lock", "task", "file"},
	program.Write: {"http", "database", "queue", "mail", "payment", "storage", "cache", "file"},
	program.Block: {"network", "database", "subprocess", "sleep", "file", "lock", "input", "dns", "cpu"},
}

func (c *Clause) readEffect(f *fields) {
	word := f.word("effect", effectWords)
	if word == "" {
		return
	}
	c.Effect = effects[word]
	if word == "make" {
		c.readMake(f)
		return
	}
	f.known("name", "effect", "of", "to", "scope", "needs", "at-most", "at-least", "key", "strict", "except")
	c.Kind = Guarded
	c.Of = f.kinds(c.Effect)
	if word == "outbound call" {
		if f.has("of") {
			f.fault("of", "an outbound call is a wait for the network and nothing else: say `effect: wait`")
		}
		c.Of = []string{"network"}
	}
	c.Scope = readScope(f)
	c.Strict = f.flag("strict", false)
	c.readNeeds(f, word)
	if c.To = f.list("to"); c.To != nil && c.Effect != program.Write {
		f.fault("to", "only an external write goes to something")
	}
}

// kinds reads the field of.
func (f *fields) kinds(effect program.Effect) []string {
	all := f.list("of")
	known := kindsOf[effect]
	if all != nil && known == nil {
		f.fault("of", "the effect %q has no kinds", effect)
		return nil
	}
	for _, kind := range all {
		f.among("of", kind, known)
	}
	return all
}

// readNeeds reads the guard and what is asked of it.
func (c *Clause) readNeeds(f *fields, effect string) {
	words := make([]string, 0, 3)
	for _, kind := range guardsOf[c.Effect] {
		words = append(words, string(kind))
	}
	if !f.has("needs") {
		f.y.fault(f.line, "needs", "is missing: the guard that %s needs is %s", effect, strings.Join(words, " or "))
		return
	}
	c.Needs = program.GuardKind(f.word("needs", words))
	if c.Needs == "" {
		return
	}
	if c.Needs == program.Immutability && c.Scope.Symbols == nil {
		f.fault("needs", "immutability is of classes: name them in scope, such as {symbol: shop.registry.Registry}")
	}
	for key, to := range map[string]**Quantity{"at-most": &c.AtMost, "at-least": &c.AtLeast} {
		if f.has(key) {
			*to = f.bound(key, c.Needs)
		}
	}
	if c.AtMost != nil && c.AtLeast != nil && c.AtMost.Value < c.AtLeast.Value {
		f.fault("at-least", "is more than at-most, so that nothing can comply")
	}
	if c.Key = f.text("key"); c.Key != "" && c.Needs != program.Idempotency {
		f.fault("key", "only idempotency has a key")
	}
}

// bound reads a bound of a guard, which must be of the guard's measure.
func (f *fields) bound(key string, guard program.GuardKind) *Quantity {
	q := f.quantity(key)
	if q == nil {
		return nil
	}
	switch guard {
	case program.Deadline:
		if q.Measure != Time {
			f.fault(key, "a deadline is measured in time, such as `5 s`, not in %s", q.Measure)
		}
	case program.RetryBound:
		if q.Measure != Time && q.Measure != Count {
			f.fault(key, "retries are measured in attempts or in time, such as `3 attempts` or `30 s`")
		}
	case program.Bound:
		if q.Measure != Count {
			f.fault(key, "a bound is a number, such as `100`")
		}
	default:
		f.fault(key, "the guard %s has no measure", guard)
	}
	return q
}

// httpClients are the classes that the words "http client" stand for.
var httpClients = []string{
	"httpx.Client", "httpx.AsyncClient", "requests.Session", "requests.session", "requests.sessions.Session", "aiohttp.ClientSession",
	"urllib3.PoolManager", "urllib3.HTTPConnectionPool", "urllib3.HTTPSConnectionPool", "http.client.HTTPConnection", "http.client.HTTPSConnection",
}

func (c *Clause) readMake(f *fields) {
	f.known("name", "effect", "of", "only-in", "scope", "except")
	c.Kind = Making
	if c.Of = f.list("of"); c.Of == nil && !f.has("of") {
		f.y.fault(f.line, "of", "is missing: the classes that are made, such as `http client` or `httpx.Client`")
	}
	for _, class := range c.Of {
		if class != "http client" && !strings.Contains(class, ".") {
			f.fault("of", "%q is neither `http client` nor the dotted path of a class", class)
		}
	}
	if c.OnlyIn = f.patterns("only-in"); !f.has("only-in") {
		f.y.fault(f.line, "only-in", "is missing: the modules that may make them")
	}
	c.Scope = readScope(f)
}

// sentence puts the fields into words.
func (c *Clause) sentence() string {
	switch c.Kind {
	case Making:
		return "only " + list(c.OnlyIn) + " makes " + strings.Join(c.Of, ", ")
	case Importing:
		return c.Imports.sentence()
	case Governing:
		s := "the record governs " + list(c.Symbols)
		if c.Value != nil {
			s += " = " + c.Value.Text
		}
		return s
	}
	what := c.Effect.String()
	if len(c.Of) > 0 {
		what += " of " + strings.Join(c.Of, ", ")
	}
	if len(c.To) > 0 {
		what += " to " + strings.Join(c.To, ", ")
	}
	s := "every " + what + c.Scope.words() + " needs " + string(c.Needs)
	for _, bound := range []struct {
		words string
		q     *Quantity
	}{{" of at most ", c.AtMost}, {" of at least ", c.AtLeast}} {
		if bound.q != nil {
			s += bound.words + bound.q.Text
		}
	}
	if c.Key != "" {
		s += " by " + c.Key
	}
	return s
}
