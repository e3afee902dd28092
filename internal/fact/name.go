package fact

// String gives the name of the kind as it stands in this package.
func (k ExprKind) String() string { return nameOf(exprKindNames[:], int(k)) }

// String gives the operator as Python spells it; for the kinds of comprehension the name of the display.
func (o Op) String() string { return nameOf(opNames[:], int(o)) }

// String gives the keyword or the name of the kind in lower case.
func (k StmtKind) String() string { return nameOf(stmtKindNames[:], int(k)) }

// String gives the kind as one word.
func (k ScopeKind) String() string { return nameOf(scopeKindNames[:], int(k)) }

// String gives the kind as one word.
func (k ParamKind) String() string { return nameOf(paramKindNames[:], int(k)) }

// String gives the kind as one word.
func (k DefKind) String() string { return nameOf(defKindNames[:], int(k)) }

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

var exprKindNames = [...]string{
	NoExpr: "none", Name: "Name", Attr: "Attr", Subscript: "Subscript", Call: "Call", Keyword: "Keyword",
	Starred: "Starred", StrConst: "StrConst", BytesConst: "BytesConst", IntConst: "IntConst",
	FloatConst: "FloatConst", ComplexConst: "ComplexConst", TrueConst: "TrueConst", FalseConst: "FalseConst",
	NoneConst: "NoneConst", EllipsisConst: "EllipsisConst", FString: "FString", Formatted: "Formatted",
	Tuple: "Tuple", ListDisplay: "ListDisplay", SetDisplay: "SetDisplay", DictDisplay: "DictDisplay",
	Unary: "Unary", Binary: "Binary", Bool: "Bool", Compare: "Compare", IfExp: "IfExp", Lambda: "Lambda",
	Comp: "Comp", CompFor: "CompFor", CompIf: "CompIf", Await: "Await", Yield: "Yield", YieldFrom: "YieldFrom",
	Walrus: "Walrus", Slice: "Slice", PatternValue: "PatternValue", PatternSequence: "PatternSequence",
	PatternMapping: "PatternMapping", PatternClass: "PatternClass", PatternStar: "PatternStar",
	PatternAs: "PatternAs", PatternOr: "PatternOr", Unreadable: "Unreadable",
}

var opNames = [...]string{
	NoOp: "", OpNot: "not", OpNegate: "-", OpPlus: "+", OpInvert: "~",
	OpAdd: "+", OpSub: "-", OpMul: "*", OpMatMul: "@", OpDiv: "/", OpMod: "%", OpPow: "**", OpLShift: "<<",
	OpRShift: ">>", OpBitOr: "|", OpBitXor: "^", OpBitAnd: "&", OpFloorDiv: "//",
	OpAnd: "and", OpOr: "or",
	OpEq: "==", OpNotEq: "!=", OpLt: "<", OpLtE: "<=", OpGt: ">", OpGtE: ">=", OpIs: "is", OpIsNot: "is not",
	OpIn: "in", OpNotIn: "not in",
	CompList: "list", CompSet: "set", CompDict: "dict", CompGenerator: "generator",
}

var stmtKindNames = [...]string{
	NoStmt: "none", ExprStmt: "expr", Assign: "assign", AnnAssign: "annassign", AugAssign: "augassign",
	Return: "return", Raise: "raise", Assert: "assert", Delete: "del", Pass: "pass", Break: "break",
	Continue: "continue", Global: "global", Nonlocal: "nonlocal", ImportStmt: "import", TypeAlias: "type",
	If: "if", While: "while", For: "for", Try: "try", With: "with", Match: "match", FunctionDef: "def",
	ClassDef: "class", Body: "body", Else: "else", Finally: "finally", Arm: "arm", Handler: "except", Case: "case",
	Item: "item", UnreadableStmt: "unreadable",
}

var scopeKindNames = [...]string{
	ModuleScope: "module", ClassScope: "class", FunctionScope: "function", LambdaScope: "lambda",
	ComprehensionScope: "comprehension", TypeScope: "types",
}

var paramKindNames = [...]string{
	PositionalOnly: "positional-only", Positional: "positional", VarPositional: "var-positional",
	KeywordOnly: "keyword-only", VarKeyword: "var-keyword",
}

var defKindNames = [...]string{
	0: "none", DefAssign: "assign", DefAugment: "augment", DefAnnotation: "annotation", DefUnpack: "unpack",
	DefFor: "for", DefWith: "with", DefImport: "import", DefFunction: "function", DefClass: "class",
	DefParam: "param", DefExcept: "except", DefNamed: "named", DefDelete: "delete", DefMatch: "match",
	DefTypeParam: "typeparam", DefTypeAlias: "typealias", DefComprehension: "comprehension",
}
