package fact

// ExprKind is the form of an expression.
type ExprKind uint8

// The forms of expression. The letters say which fields of ExprInfo are used.
const (
	NoExpr ExprKind = iota

	Name      // Text: identifier; Sym: the symbol it is bound to
	Attr      // A.Text
	Subscript // A[B]
	Call      // A(operands); operands are positional values, Starred and Keyword expressions in source order
	Keyword   // Text=A in a call or class header; Text is empty for **A
	Starred   // *A

	StrConst   // Text: the decoded value (surrogates kept as WTF-8)
	BytesConst // Text: the decoded bytes
	IntConst   // Text: decimal digits when it fits 64 bits (see File.Int), else the source spelling
	FloatConst // Text: the source spelling without underscores
	ComplexConst
	TrueConst
	FalseConst
	NoneConst
	EllipsisConst

	FString     // operands: StrConst and Formatted; the literal parts and values in order (t-strings as well)
	Formatted   // one replacement field: A value, B format specification (an FString) or none
	Tuple       // operands
	ListDisplay // operands
	SetDisplay  // operands
	DictDisplay // operands: key, value, key, value...; key 0 for **value
	Unary       // Op A
	Binary      // A Op B
	Bool        // operands joined by Op (OpAnd, OpOr); flat
	Compare     // A Op B; "a < b < c" is a Bool of two Compares that share the middle operand
	IfExp       // B if A else C
	Lambda      // Inner; operands: the defaults of its parameters, which are evaluated here
	Comp        // Inner; Op says which (CompList, CompSet, CompDict, CompGenerator); A element (key), B value of a dict; operands: CompFor and CompIf in order
	CompFor     // for A in B; Flag: async
	CompIf      // if A
	Await       // A
	Yield       // A or none
	YieldFrom   // A
	Walrus      // A := B
	Slice       // A:B:C

	// Patterns of match statements.
	PatternValue    // A
	PatternSequence // operands
	PatternMapping  // operands key, pattern...; Text: name of **rest
	PatternClass    // A(operands): patterns and Keyword
	PatternStar     // Text: name, empty for _
	PatternAs       // A as Text; A 0 and Text empty is the wildcard
	PatternOr       // operands

	// Unreadable stands for an expression the parser could not read.
	Unreadable
)

// Op is an operator.
type Op uint8

// The operators of Unary, Binary, Bool and Compare expressions, and the kinds of comprehension.
const (
	NoOp Op = iota
	OpNot
	OpNegate
	OpPlus
	OpInvert

	OpAdd
	OpSub
	OpMul
	OpMatMul
	OpDiv
	OpMod
	OpPow
	OpLShift
	OpRShift
	OpBitOr
	OpBitXor
	OpBitAnd
	OpFloorDiv

	OpAnd
	OpOr

	OpEq
	OpNotEq
	OpLt
	OpLtE
	OpGt
	OpGtE
	OpIs
	OpIsNot
	OpIn
	OpNotIn

	CompList
	CompSet
	CompDict
	CompGenerator
)

// ExprInfo is one expression. Which fields are used depends on Kind; see the list of kinds.
type ExprInfo struct {
	Kind ExprKind
	Op   Op
	// Flag marks: an asynchronous CompFor; a generator that is the only argument of a call and shares its
	// parentheses; a t-string FString; a Name, Attr or Subscript that is being stored to or deleted rather than
	// read; a Compare of a chain whose left operand belongs to the Compare before it (A is then not its child).
	Flag bool
	Span
	Text    Str
	A, B, C Expr
	// Ops holds the operands of the kinds that have a list.
	Ops List
	// Sym is the symbol of a Name.
	Sym Sym
	// Inner is the scope of a Lambda or Comp.
	Inner Scope
	// Parent is the expression this one is an operand of; 0 at the root, and then Stmt is the statement. The
	// parent of a lambda's body is the Lambda. Always behind the expression in File.Exprs.
	Parent Expr
	// Stmt is the statement that evaluates the expression (for a lambda's body, the statement around the lambda).
	Stmt Stmt
	// Scope is the scope whose code evaluates the expression (a comprehension's own scope inside it).
	Scope Scope
}
