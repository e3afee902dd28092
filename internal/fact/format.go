package fact

import "strconv"

// write appends pieces: strings as they are, expressions in their own form.
func (p *printer) write(pieces ...any) {
	for _, piece := range pieces {
		switch piece := piece.(type) {
		case string:
			p.b.WriteString(piece)
		case Str:
			p.b.WriteString(p.f.Strings[piece])
		case Expr:
			p.expr(piece)
		}
	}
}

// joined appends expressions with a separator between them.
func (p *printer) joined(list []Expr, separator string) {
	for i, e := range list {
		if i > 0 {
			p.b.WriteString(separator)
		}
		p.expr(e)
	}
}

// expr appends one expression, operators in parentheses. The depth of an expression is that of the source, which the
// parser bounds.
func (p *printer) expr(e Expr) {
	if e == 0 {
		return
	}
	f := p.f
	x := &f.Exprs[e]
	ops := f.List(x.Ops)
	switch x.Kind {
	case Name:
		p.write(x.Text)
		if x.Sym != 0 {
			p.write("#" + strconv.Itoa(int(x.Sym)))
		}
	case Attr:
		p.write(x.A, ".", x.Text)
	case Subscript:
		p.write(x.A, "[", x.B, "]")
	case Call:
		p.write(x.A, "(")
		p.joined(ops, ", ")
		p.write(")")
	case Keyword:
		if x.Text == 0 {
			p.write("**", x.A)
		} else {
			p.write(x.Text, "=", x.A)
		}
	case Starred:
		p.write("*", x.A)
	case Unary:
		if x.Op == OpNot {
			p.write("(not ", x.A, ")")
		} else {
			p.write("(", x.Op.String(), x.A, ")")
		}
	case Binary, Compare:
		if x.Kind == Compare && x.Flag { // the left operand stands in the comparison before
			p.write("(… "+x.Op.String()+" ", x.B, ")")
		} else {
			p.write("(", x.A, " "+x.Op.String()+" ", x.B, ")")
		}
	case Bool:
		p.write("(")
		p.joined(ops, " "+x.Op.String()+" ")
		p.write(")")
	case IfExp:
		p.write("(", x.B, " if ", x.A, " else ", x.C, ")")
	case Tuple:
		p.write("(")
		p.joined(ops, ", ")
		if len(ops) == 1 {
			p.write(",")
		}
		p.write(")")
	case ListDisplay:
		p.write("[")
		p.joined(ops, ", ")
		p.write("]")
	case SetDisplay:
		p.write("{")
		p.joined(ops, ", ")
		p.write("}")
	case DictDisplay:
		p.write("{")
		p.pairs(ops)
		p.write("}")
	case Lambda:
		p.write("lambda@" + strconv.Itoa(int(x.Inner)))
	case Comp:
		p.comprehension(x, ops)
	case Await:
		p.write("(await ", x.A, ")")
	case Yield:
		p.write("(yield ", x.A, ")")
	case YieldFrom:
		p.write("(yield from ", x.A, ")")
	case Walrus:
		p.write("(", x.A, " := ", x.B, ")")
	case Slice:
		p.write(x.A, ":", x.B, ":", x.C)
	default:
		if x.Kind >= PatternValue {
			p.pattern(x, ops)
		} else {
			p.literal(x, ops)
		}
	}
}

func (p *printer) literal(x *ExprInfo, ops []Expr) {
	switch x.Kind {
	case StrConst:
		p.write(strconv.Quote(p.f.Strings[x.Text]))
	case BytesConst:
		p.write("b" + strconv.Quote(p.f.Strings[x.Text]))
	case IntConst, FloatConst, ComplexConst:
		p.write(x.Text)
	case TrueConst:
		p.write("True")
	case FalseConst:
		p.write("False")
	case NoneConst:
		p.write("None")
	case EllipsisConst:
		p.write("...")
	case FString:
		if x.Flag {
			p.write("t(")
		} else {
			p.write("f(")
		}
		p.joined(ops, " ")
		p.write(")")
	case Formatted:
		p.write("{", x.A)
		if x.B != 0 {
			p.write(" : ", x.B)
		}
		p.write("}")
	}
}

// pairs appends the keys and values of a dictionary or mapping pattern.
func (p *printer) pairs(ops []Expr) {
	for i := 0; i+1 < len(ops); i += 2 {
		if i > 0 {
			p.write(", ")
		}
		if ops[i] == 0 {
			p.write("**", ops[i+1])
		} else {
			p.write(ops[i], ": ", ops[i+1])
		}
	}
}

func (p *printer) comprehension(x *ExprInfo, clauses []Expr) {
	p.write(x.Op.String()+"@"+strconv.Itoa(int(x.Inner))+"(", x.A)
	if x.B != 0 {
		p.write(": ", x.B)
	}
	for _, c := range clauses {
		switch clause := &p.f.Exprs[c]; clause.Kind {
		case CompFor:
			if clause.Flag {
				p.write(" async")
			}
			p.write(" for ", clause.A, " in ", clause.B)
		case CompIf:
			p.write(" if ", clause.A)
		}
	}
	p.write(")")
}

func (p *printer) pattern(x *ExprInfo, ops []Expr) {
	switch x.Kind {
	case PatternValue:
		p.write(x.A)
	case PatternSequence:
		p.write("[")
		p.joined(ops, ", ")
		p.write("]")
	case PatternMapping:
		p.write("{")
		p.pairs(ops)
		if x.Text != 0 {
			p.write(" **", x.Text)
		}
		p.write("}")
	case PatternClass:
		p.write(x.A, "(")
		p.joined(ops, ", ")
		p.write(")")
	case PatternStar:
		p.write("*", x.Text)
	case PatternOr:
		p.write("(")
		p.joined(ops, " | ")
		p.write(")")
	case PatternAs:
		switch {
		case x.A != 0:
			p.write("(", x.A, " as ", x.Text, ")")
		case x.Text != 0:
			p.write("as ", x.Text)
		default:
			p.write("_")
		}
	case Unreadable:
		p.write("<unreadable>")
	}
}
