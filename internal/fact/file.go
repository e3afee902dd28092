package fact

// Version of the encoding of facts. It is part of every cache key: raise it whenever a field changes its meaning.
const Version = 1

// MaxDepth is the most that expressions and statements nest in any file, so that readers may recurse over them.
const MaxDepth = 30_000

// Index types. They are distinct so that an expression can never be looked up as a statement.
type (
	// Str names an entry of File.Strings; 0 is the empty string.
	Str uint32
	// Expr names an entry of File.Exprs; 0 means there is no expression.
	Expr uint32
	// Stmt names an entry of File.Stmts; 0 means there is no statement.
	Stmt uint32
	// Scope names an entry of File.Scopes; 0 is the module itself, NoScope is none.
	Scope uint32
	// Sym names an entry of File.Symbols; 0 means the name is bound nowhere in the file (a builtin, a star import, or an error).
	Sym uint32
)

// NoScope is the parent of the module scope and the answer where no scope applies.
const NoScope = ^Scope(0)

// Span is a half-open range of byte offsets in the decoded UTF-8 text of the file.
type Span struct{ Start, End uint32 }

// List is a range of File.Operands.
type List struct{ First, Count uint32 }

// File is the facts of one Python file. A File is immutable once extraction has finished and may be read
// concurrently. The zero File is an empty module.
type File struct {
	// Path is the slash-separated path relative to the root of the tree the file came from.
	Path string
	// Size is the length of the decoded UTF-8 text in bytes; every Span lies inside it.
	Size uint32

	Strings  []string
	Scopes   []ScopeInfo  // [0] is the module; the others follow in the order of their definition
	Symbols  []SymbolInfo // [0] is unused; the symbols of one scope are contiguous
	Defs     []Def        // [0] is unused; the definitions of one symbol are contiguous, in source order
	Params   []Param
	Stmts    []StmtInfo // [0] is unused; pre-order, so a statement's body follows it directly
	Exprs    []ExprInfo // [0] is unused; an expression stands after its operands (post-order)
	Operands []Expr
	Imports  []Import
	Comments []Comment
	Problems []Problem
}

// Problem is a place that could not be read, with the functions around it still present in the facts.
type Problem struct {
	Span
	Message Str
}

// Comment is one comment with its "#", without the line end.
type Comment struct {
	Span
	Text Str
	// Alone is true where nothing but white space stands before the comment on its line.
	Alone bool
}

// ScopeKind says what introduces a scope.
type ScopeKind uint8

// The kinds of scope.
const (
	ModuleScope ScopeKind = iota
	ClassScope
	FunctionScope
	LambdaScope
	ComprehensionScope
	// TypeScope is the implicit scope of PEP 695 type parameters and type aliases.
	TypeScope
)

// ScopeFlags are properties of a scope, mostly of functions.
type ScopeFlags uint16

// The properties of a scope.
const (
	Async      ScopeFlags = 1 << iota // async def, or an asynchronous comprehension
	Generator                         // contains yield
	HasStar                           // contains "from x import *"
	UsesLocals                        // calls locals(), vars(), exec or eval: bindings may be incomplete
	IsProperty                        // decorated with property or cached_property by name
	IsStatic                          // decorated with staticmethod by name
	IsClass                           // decorated with classmethod by name
)

// ScopeInfo describes a module, class, function, lambda or comprehension.
type ScopeInfo struct {
	// Span covers the whole definition including its decorators; NameSpan covers the identifier (for a lambda or
	// comprehension it is empty and stands at its first token).
	Span
	NameSpan   Span
	Kind       ScopeKind
	Flags      ScopeFlags
	Name       Str // "<lambda>" and "<comprehension>" for the unnamed; "" for the module
	Qualified  Str // "Class.method", "outer.inner"; "" for the module; that of Parent for the unnamed
	Parent     Scope
	Stmt       Stmt // the FunctionDef or ClassDef statement; 0 for others
	Decorators List
	Arguments  List // bases and keywords of a class
	Returns    Expr // return annotation of a function
	Value      Expr // body of a lambda
	FirstParam uint32
	ParamCount uint32
	FirstSym   Sym
	SymCount   uint32
	// Body is the range of statements [BodyFirst, BodyEnd) in File.Stmts; empty for lambdas and comprehensions.
	BodyFirst, BodyEnd Stmt
}

// ParamKind is the way in which a parameter takes its argument.
type ParamKind uint8

// The kinds of parameter.
const (
	PositionalOnly ParamKind = iota
	Positional               // positional or by keyword
	VarPositional            // *args
	KeywordOnly
	VarKeyword // **kwargs
)

// Param is one parameter of a function or lambda, in source order.
type Param struct {
	Name       Str
	Kind       ParamKind
	Symbol     Sym
	Annotation Expr
	Default    Expr
	Span
}

// SymbolFlags say how a name is bound and used in its scope.
type SymbolFlags uint16

// The ways in which a symbol is bound or used.
const (
	BoundParam    SymbolFlags = 1 << iota // is a parameter
	BoundImport                           // has an import among its definitions
	DeclGlobal                            // declared global here: the definitions are those of the module's symbol
	DeclNonlocal                          // declared nonlocal here
	Captured                              // read or written by an inner scope
	WrittenInside                         // assigned by an inner scope through global or nonlocal
	Exported                              // named in a literal __all__
)

// SymbolInfo is one name bound in one scope.
type SymbolInfo struct {
	Name     Str
	Scope    Scope
	Flags    SymbolFlags
	FirstDef uint32
	DefCount uint32
}

// DefKind is the statement form that binds a name.
type DefKind uint8

// The forms of definition.
const (
	DefAssign        DefKind = iota + 1 // name = value, name: T = value
	DefAugment                          // name += value
	DefAnnotation                       // name: T without a value
	DefUnpack                           // a, b = value: Value is the whole right side
	DefFor                              // for name in value
	DefWith                             // with value as name
	DefImport                           // Index is the entry of File.Imports
	DefFunction                         // Inner is the function's scope
	DefClass                            // Inner is the class's scope
	DefParam                            // Index is the entry of File.Params
	DefExcept                           // except value as name
	DefNamed                            // (name := value)
	DefDelete                           // del name
	DefMatch                            // captured by a pattern: Value is the subject of the match
	DefTypeParam                        // PEP 695 type parameter: Annotation is the bound, Value the default
	DefTypeAlias                        // type name = value
	DefComprehension                    // for name in value, inside a comprehension
)

// Def is one definition of a symbol.
type Def struct {
	Kind DefKind
	// Unpacked is true where the name receives a part of Value: an element of a tuple or list target of =, for,
	// with or a comprehension, or a capture below the top of a pattern.
	Unpacked   bool
	Symbol     Sym
	Stmt       Stmt  // the statement that binds; 0 inside lambdas' parameter lists
	Scope      Scope // the scope whose code binds (differs from the symbol's under global and nonlocal)
	Value      Expr
	Annotation Expr
	// Index is the entry of File.Imports or File.Params of those two kinds. Where Unpacked is set it is the
	// position of the name in the unpacked target, -1 when starred or nested.
	Index int32
	Inner Scope
	Span  // the name as it stands at the definition
}

// Import is one imported name: "import a.b as c" or one name of "from a import b as c".
type Import struct {
	Span
	Module Str   // "a.b" in both forms, without leading dots
	Name   Str   // the name imported by "from"; "" for plain import; "*" for star
	As     Str   // the name bound ("a" for "import a.b" without as)
	Level  uint8 // leading dots of a relative import
	// HasAs is true where "as" is written; then "import a.b as c" binds the module a.b and not the package a.
	HasAs        bool
	TypeChecking bool // inside "if TYPE_CHECKING"
	Guarded      bool // inside a try that survives ImportError, or an if on the version or platform
	Symbol       Sym
	Scope        Scope
	Stmt         Stmt
}
