package ast

// Kind is the kind of a node. The zero Kind is that of the zero Node.
type Kind uint8

// Kinds, grouped as in Python.asdl. The order inside a group has no meaning,
// the order of the groups is used by the predicates.
const (
	KindNone Kind = iota

	KindModule

	KindFunctionDef
	KindAsyncFunctionDef
	KindClassDef
	KindReturn
	KindDelete
	KindAssign
	KindTypeAlias
	KindAugAssign
	KindAnnAssign
	KindFor
	KindAsyncFor
	KindWhile
	KindIf
	KindWith
	KindAsyncWith
	KindMatch
	KindRaise
	KindTry
	KindTryStar
	KindAssert
	KindImport
	KindImportFrom
	KindGlobal
	KindNonlocal
	KindExpr
	KindPass
	KindBreak
	KindContinue
	KindInvalidStmt

	KindBoolOp
	KindNamedExpr
	KindBinOp
	KindUnaryOp
	KindLambda
	KindIfExp
	KindDict
	KindSet
	KindListComp
	KindSetComp
	KindDictComp
	KindGeneratorExp
	KindAwait
	KindYield
	KindYieldFrom
	KindCompare
	KindCall
	KindFormattedValue
	KindInterpolation
	KindJoinedStr
	KindTemplateStr
	KindConstant
	KindAttribute
	KindSubscript
	KindStarred
	KindName
	KindList
	KindTuple
	KindSlice
	KindInvalidExpr

	KindMatchValue
	KindMatchSingleton
	KindMatchSequence
	KindMatchMapping
	KindMatchClass
	KindMatchStar
	KindMatchAs
	KindMatchOr
	KindInvalidPattern

	KindComprehension
	KindExceptHandler
	KindArguments
	KindArg
	KindKeyword
	KindAlias
	KindWithItem
	KindMatchCase
	KindMatchKeyword
	KindTypeVar
	KindParamSpec
	KindTypeVarTuple
	KindIdentifier

	kindCount
)

// IsStmt reports whether k is a statement.
func (k Kind) IsStmt() bool { return k >= KindFunctionDef && k <= KindInvalidStmt }

// IsExpr reports whether k is an expression.
func (k Kind) IsExpr() bool { return k >= KindBoolOp && k <= KindInvalidExpr }

// IsPattern reports whether k is a pattern of a match statement.
func (k Kind) IsPattern() bool { return k >= KindMatchValue && k <= KindInvalidPattern }

// String returns CPython's class name of the kind.
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return "unknown"
}

var kindNames = [kindCount]string{
	KindNone:             "none",
	KindModule:           "Module",
	KindFunctionDef:      "FunctionDef",
	KindAsyncFunctionDef: "AsyncFunctionDef",
	KindClassDef:         "ClassDef",
	KindReturn:           "Return",
	KindDelete:           "Delete",
	KindAssign:           "Assign",
	KindTypeAlias:        "TypeAlias",
	KindAugAssign:        "AugAssign",
	KindAnnAssign:        "AnnAssign",
	KindFor:              "For",
	KindAsyncFor:         "AsyncFor",
	KindWhile:            "While",
	KindIf:               "If",
	KindWith:             "With",
	KindAsyncWith:        "AsyncWith",
	KindMatch:            "Match",
	KindRaise:            "Raise",
	KindTry:              "Try",
	KindTryStar:          "TryStar",
	KindAssert:           "Assert",
	KindImport:           "Import",
	KindImportFrom:       "ImportFrom",
	KindGlobal:           "Global",
	KindNonlocal:         "Nonlocal",
	KindExpr:             "Expr",
	KindPass:             "Pass",
	KindBreak:            "Break",
	KindContinue:         "Continue",
	KindInvalidStmt:      "InvalidStmt",
	KindBoolOp:           "BoolOp",
	KindNamedExpr:        "NamedExpr",
	KindBinOp:            "BinOp",
	KindUnaryOp:          "UnaryOp",
	KindLambda:           "Lambda",
	KindIfExp:            "IfExp",
	KindDict:             "Dict",
	KindSet:              "Set",
	KindListComp:         "ListComp",
	KindSetComp:          "SetComp",
	KindDictComp:         "DictComp",
	KindGeneratorExp:     "GeneratorExp",
	KindAwait:            "Await",
	KindYield:            "Yield",
	KindYieldFrom:        "YieldFrom",
	KindCompare:          "Compare",
	KindCall:             "Call",
	KindFormattedValue:   "FormattedValue",
	KindInterpolation:    "Interpolation",
	KindJoinedStr:        "JoinedStr",
	KindTemplateStr:      "TemplateStr",
	KindConstant:         "Constant",
	KindAttribute:        "Attribute",
	KindSubscript:        "Subscript",
	KindStarred:          "Starred",
	KindName:             "Name",
	KindList:             "List",
	KindTuple:            "Tuple",
	KindSlice:            "Slice",
	KindInvalidExpr:      "InvalidExpr",
	KindMatchValue:       "MatchValue",
	KindMatchSingleton:   "MatchSingleton",
	KindMatchSequence:    "MatchSequence",
	KindMatchMapping:     "MatchMapping",
	KindMatchClass:       "MatchClass",
	KindMatchStar:        "MatchStar",
	KindMatchAs:          "MatchAs",
	KindMatchOr:          "MatchOr",
	KindInvalidPattern:   "InvalidPattern",
	KindComprehension:    "comprehension",
	KindExceptHandler:    "ExceptHandler",
	KindArguments:        "arguments",
	KindArg:              "arg",
	KindKeyword:          "keyword",
	KindAlias:            "alias",
	KindWithItem:         "withitem",
	KindMatchCase:        "match_case",
	KindMatchKeyword:     "MatchKeyword",
	KindTypeVar:          "TypeVar",
	KindParamSpec:        "ParamSpec",
	KindTypeVarTuple:     "TypeVarTuple",
	KindIdentifier:       "Identifier",
}
