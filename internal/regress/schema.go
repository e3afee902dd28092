package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// constraints is what a schema asks of a field, or, under the empty name, of the whole: the meaning of each
// constraint ("ge", "max_length", "extra") and its value as text.
type constraints map[string]map[string]string

func (c constraints) set(field, meaning, value string) {
	if c[field] == nil {
		c[field] = map[string]string{}
	}
	c[field][meaning] = value
}

// meaningOf are the constraint parameters that the libraries without a row of their own share.
var meaningOf = map[string]string{
	"ge": "ge", "gt": "gt", "le": "le", "lt": "lt", "min_length": "min_length", "max_length": "max_length",
	"min_items": "min_length", "max_items": "max_length", "pattern": "pattern", "regex": "pattern", "multiple_of": "multiple_of",
	"max_digits": "max_digits", "extra": "extra", "frozen": "frozen", "strict": "strict",
}

// schemas compares the constraints of every class that validates what it is made from.
func (c *change) schemas() {
	for _, path := range sortedKeys(c.headPath) {
		if c.headPath[path] == "" {
			continue
		}
		base, head := c.source(0, c.byPath[0][path]), c.source(1, c.byPath[1][c.headPath[path]])
		for _, b := range base.bodies {
			if h := head.byName[b.key]; h != nil && b.kind == fact.ClassScope && !b.isTest() && b.isSchema() {
				c.compareSchema(b, h)
			}
		}
	}
}

// isSchema says whether a base class or decorator of a library makes the class validate its fields.
func (b *body) isSchema() bool {
	for _, v := range b.p.Ancestors(b.fn()) {
		if v.Kind == program.External && validates(b.p.Catalog.Lookup(v.Path)) {
			return true
		}
	}
	for _, d := range b.List(b.info().Decorators) {
		if b.Exprs[d].Kind == fact.Call {
			d = b.Exprs[d].A
		}
		if validates(b.p.Catalog.Lookup(b.eval.One(program.ExprRef{File: b.id, Expr: d}).Path)) {
			return true
		}
	}
	return false
}

func validates(entry *catalog.Entry) bool {
	return entry != nil && entry.Schema != nil && entry.Schema.As == "base"
}

// constraints gives what the class asks.
func (b *body) constraints() constraints {
	found := constraints{}
	for s := range b.BodyOf(b.scope) {
		st := &b.Stmts[s]
		switch st.Kind {
		case fact.AnnAssign:
			b.fieldConstraints(found, b.fieldName(st.B), st.C, st.A)
			b.declared(found, st)
		case fact.Assign:
			if targets := b.List(st.Targets); len(targets) == 1 {
				b.fieldConstraints(found, b.fieldName(targets[0]), 0, st.A)
			}
		case fact.ClassDef:
			if name := b.Text(b.Scopes[st.Inner].Name); name == "Config" || name == "Meta" {
				b.configConstraints(found, st.Inner)
			}
		}
	}
	for _, e := range append(b.List(b.info().Arguments), b.List(b.info().Decorators)...) {
		switch x := &b.Exprs[e]; x.Kind {
		case fact.Keyword:
			b.constrain(found, "", b.Text(x.Text), x.A, nil)
		case fact.Call:
			b.callConstraints(found, "", e)
		}
	}
	return found
}

// declared notes the type of a field and that it has no default, where a base class checks both.
func (b *body) declared(found constraints, st *fact.StmtInfo) {
	name := b.fieldName(st.B)
	if name == "" || !b.checksTypes() {
		return
	}
	found.set(name, "type", b.source.text(st.C))
	if st.A == 0 || b.source.text(st.A) == "..." || b.onlyDescribes(st.A) {
		found.set(name, "required", "yes")
	}
}

// onlyDescribes says whether what a field is given says more of it and is no default: Field(ge=1).
func (b *body) onlyDescribes(e fact.Expr) bool {
	if b.Exprs[e].Kind != fact.Call || b.keyword(e, "default") != 0 || b.keyword(e, "default_factory") != 0 {
		return false
	}
	args := b.positional(e)
	return lastPart(b.callee(e)) == "Field" && (len(args) == 0 || b.source.text(args[0]) == "...")
}

// checksTypes says whether a base class validates the types of the fields. A dataclass does not.
func (b *body) checksTypes() bool {
	return slices.ContainsFunc(b.p.Ancestors(b.fn()), func(v program.Value) bool {
		return v.Kind == program.External && validates(b.p.Catalog.Lookup(v.Path))
	})
}

// fieldName gives the name of a field; that of the configuration of the class is the empty one.
func (b *body) fieldName(target fact.Expr) string {
	name := b.source.text(target)
	if name == "model_config" {
		return ""
	}
	return name
}

// configConstraints reads the assignments of a nested class Config.
func (b *body) configConstraints(found constraints, scope fact.Scope) {
	for s := range b.BodyOf(scope) {
		st := &b.Stmts[s]
		if st.Kind != fact.Assign {
			continue
		}
		for _, target := range b.List(st.Targets) {
			b.constrain(found, "", b.source.text(target), st.A, nil)
		}
	}
}

// fieldConstraints reads the annotation and the value of one field.
func (b *body) fieldConstraints(found constraints, field string, annotation, value fact.Expr) {
	for _, e := range []fact.Expr{annotation, value} {
		b.constraintsIn(found, field, e, 0)
	}
}

// maxAliases bounds through how many names the meaning of a field is followed.
const maxAliases = 4

// constraintsIn reads an expression and, through names that stand for another one, what that says: Adult = Annotated[int,
// Field(ge=18)].
func (b *body) constraintsIn(found constraints, field string, e fact.Expr, depth int) {
	eachExpr(b.source, []fact.Expr{e}, func(e fact.Expr) {
		switch x := &b.Exprs[e]; x.Kind {
		case fact.Call:
			b.callConstraints(found, field, e)
		case fact.Name, fact.Attr:
			b.typeConstraints(found, field, e)
			if made := b.eval.Origin(program.ExprRef{File: b.id, Expr: e}); made.Expr != e || made.File != b.id {
				if k := b.p.Files[made.File].Exprs[made.Expr].Kind; (k == fact.Call || k == fact.Subscript) && depth < maxAliases {
					b.elsewhere(made.File).constraintsIn(found, field, made.Expr, depth+1)
				}
			}
		case fact.DictDisplay:
			if field == "" {
				b.entryConstraints(found, x)
			}
		}
	})
}

// elsewhere gives a body for reading expressions of a file of the same snapshot.
func (b *body) elsewhere(file program.FileID) *body {
	if file == b.id {
		return b
	}
	return &body{source: &source{File: b.p.Files[file], p: b.p, id: file, eval: b.p.Eval(file), texts: map[fact.Expr]string{}}}
}

func (b *body) callConstraints(found constraints, field string, call fact.Expr) {
	entry := b.p.Catalog.Lookup(b.eval.One(program.ExprRef{File: b.id, Expr: b.Exprs[call].A}).Path)
	for _, k := range b.keywords(call) {
		b.constrain(found, field, k.name, k.value, entry)
	}
}

// typeConstraints reads what a type such as PositiveInt stands for.
func (b *body) typeConstraints(found constraints, field string, e fact.Expr) {
	entry := b.p.Catalog.Lookup(b.eval.One(program.ExprRef{File: b.id, Expr: e}).Path)
	if entry == nil || entry.Schema == nil {
		return
	}
	for _, implied := range entry.Schema.Implies {
		meaning, value, _ := strings.Cut(implied, "=")
		addConstraint(found, field, meaning, value)
	}
}

func (b *body) entryConstraints(found constraints, x *fact.ExprInfo) {
	operands := b.List(x.Ops)
	for i := 0; i+1 < len(operands); i += 2 {
		if key := &b.Exprs[operands[i]]; key.Kind == fact.StrConst {
			b.constrain(found, "", b.Text(key.Text), operands[i+1], nil)
		}
	}
}

// constrain notes one constraint parameter.
func (b *body) constrain(found constraints, field, name string, value fact.Expr, entry *catalog.Entry) {
	meaning := meaningOf[name]
	if entry != nil && entry.Schema != nil && entry.Schema.Bounds[name] != "" {
		meaning = entry.Schema.Bounds[name]
	}
	if meaning == "" {
		return
	}
	text := b.source.text(value)
	if n := b.eval.Number(program.ExprRef{File: b.id, Expr: value}); n.Known && !n.None && b.Exprs[value].Kind != fact.TrueConst && b.Exprs[value].Kind != fact.FalseConst {
		text = number(n.Value)
	}
	if name == "allow_mutation" {
		text = map[string]string{"False": "True", "True": "False"}[text]
	}
	addConstraint(found, field, meaning, text)
}

// addConstraint brings exclusive whole bounds into the inclusive form: more than 0 is at least 1.
func addConstraint(found constraints, field, meaning, value string) {
	if value == "None" || value == "False" {
		return
	}
	if v, ok := wholeNumber(value); ok {
		switch meaning {
		case "gt":
			meaning, value = "ge", number(v+1)
		case "lt":
			meaning, value = "le", number(v-1)
		}
	}
	found.set(field, meaning, value)
}

func wholeNumber(text string) (float64, bool) {
	var v int64
	if _, err := fmt.Sscanf(text, "%d", &v); err != nil || number(float64(v)) != text {
		return 0, false
	}
	return float64(v), true
}

// compareSchema reports what the class asks less strictly, once for each guard.
func (c *change) compareSchema(b, h *body) {
	was, is := b.constraints(), h.constraints()
	fields := map[string]bool{"": true}
	for s := range h.BodyOf(h.scope) {
		switch st := &h.Stmts[s]; st.Kind {
		case fact.AnnAssign:
			fields[h.fieldName(st.B)] = true
		case fact.Assign:
			for _, target := range h.List(st.Targets) {
				fields[h.fieldName(target)] = true
			}
		}
	}
	lost := map[program.GuardKind][]string{}
	for _, field := range sortedKeys(was) {
		if !fields[field] {
			continue
		}
		for _, meaning := range sortedKeys(was[field]) {
			if meaning == "frozen" && h.isFrozen() || !looser(meaning, was[field][meaning], is[field][meaning]) {
				continue
			}
			guard := program.Validation
			if meaning == "frozen" {
				guard = program.Immutability
			}
			name := meaning + "=" + was[field][meaning]
			if field != "" {
				name += " of " + field
			}
			lost[guard] = append(lost[guard], name)
		}
	}
	for _, guard := range []program.GuardKind{program.Validation, program.Immutability} {
		if len(lost[guard]) == 0 {
			continue
		}
		rule := Weakened
		if guard == program.Immutability {
			rule = Removed
		}
		c.losses = append(c.losses, Loss{
			Rule: rule, Guard: guard, Shape: "schema", Func: h.fn(), Symbol: h.qualified, Confidence: 1, Key: strings.Join(lost[guard], ", "),
			At: program.Place{File: h.id, Span: h.span()}, Base: program.Place{File: b.id, Span: b.span()},
			Message: fmt.Sprintf("%s does not ask for %s any more", h.name, strings.Join(lost[guard], ", ")),
		})
		c.decided[guard] = append(c.decided[guard], program.Place{File: b.id, Span: b.info().Span})
		c.decided[program.Bound] = append(c.decided[program.Bound], program.Place{File: b.id, Span: b.info().Span})
	}
}

// isFormat says whether a type of a field takes only those texts that have a form.
func isFormat(text string) bool {
	switch name := lastPart(text); name {
	case "EmailStr", "NameEmail", "HttpUrl", "AnyUrl", "AnyHttpUrl", "PostgresDsn", "RedisDsn", "IPvAnyAddress", "UUID", "UUID1", "UUID3", "UUID4", "UUID5":
		return true
	}
	return strings.HasPrefix(text, "Literal[") || strings.HasPrefix(text, "typing.Literal[")
}

// looser says whether a constraint is gone or lets more through.
func looser(meaning, was, is string) bool {
	if meaning == "type" {
		return was != is && (is == "Any" || is == "object" || is == "typing.Any" || isFormat(was) && lastPart(is) == "str")
	}
	if is == "" {
		return true
	}
	b, okB := parseNumber(was)
	h, okH := parseNumber(is)
	switch meaning {
	case "ge", "gt", "min_length":
		return okB && okH && h < b
	case "le", "lt", "max_length", "max_digits":
		return okB && okH && h > b
	case "extra":
		return strings.Contains(was, "forbid") && !strings.Contains(is, "forbid")
	}
	return false
}
