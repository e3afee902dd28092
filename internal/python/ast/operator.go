package ast

// Operator is the operator of a BinOp or AugAssign. The zero value is no
// operator.
type Operator uint8

// Binary operators.
const (
	NoOperator Operator = iota
	Add
	Sub
	Mult
	MatMult
	Div
	Mod
	Pow
	LShift
	RShift
	BitOr
	BitXor
	BitAnd
	FloorDiv
)

// String returns CPython's class name of the operator.
func (o Operator) String() string { return operatorNames[o] }

var operatorNames = [...]string{
	"", "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift",
	"RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv",
}

// UnaryOperator is the operator of a UnaryOp.
type UnaryOperator uint8

// Unary operators.
const (
	Invert UnaryOperator = iota
	Not
	UAdd
	USub
)

// String returns CPython's class name of the operator.
func (o UnaryOperator) String() string { return unaryNames[o] }

var unaryNames = [...]string{"Invert", "Not", "UAdd", "USub"}

// BoolOperator is the operator of a BoolOp.
type BoolOperator uint8

// Boolean operators.
const (
	And BoolOperator = iota
	Or
)

// String returns CPython's class name of the operator.
func (o BoolOperator) String() string { return boolNames[o] }

var boolNames = [...]string{"And", "Or"}

// CmpOperator is one operator of a Compare. The zero value is no operator.
type CmpOperator uint8

// Comparison operators.
const (
	NoCmp CmpOperator = iota
	Eq
	NotEq
	Lt
	LtE
	Gt
	GtE
	Is
	IsNot
	In
	NotIn
)

// String returns CPython's class name of the operator.
func (o CmpOperator) String() string { return cmpNames[o] }

var cmpNames = [...]string{
	"", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn",
}

// Context says what an expression that can be a target is used for.
type Context uint8

// Contexts.
const (
	Load Context = iota
	Store
	Del
)

// String returns CPython's class name of the context.
func (c Context) String() string { return contextNames[c&3] }

var contextNames = [4]string{"Load", "Store", "Del", ""}

// ConstKind is the type of a Constant or MatchSingleton.
type ConstKind uint8

// Kinds of constants. Numbers keep their source text; strings and bytes are
// decoded by [Tree.Str].
const (
	ConstNone ConstKind = iota
	ConstTrue
	ConstFalse
	ConstEllipsis
	ConstInt
	ConstFloat
	ConstImag
	ConstStr
	ConstBytes
)

// ParamKind says how arguments reach a parameter.
type ParamKind uint8

// Kinds of parameters, in the order in which they must stand.
const (
	ParamPosOnly ParamKind = iota // before "/"
	ParamNormal                   // by position or by name
	ParamVarArg                   // *args
	ParamKwOnly                   // after "*" or "*args"
	ParamKwArg                    // **kwargs
)

// Conversion is the conversion of a FormattedValue or Interpolation: 0 for
// none, otherwise 's', 'r' or 'a'.
type Conversion uint8
