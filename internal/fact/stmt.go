package fact

// StmtKind is the form of a statement.
type StmtKind uint8

// The forms of statement. Statements are stored in pre-order; Next is the index behind the statement and all it
// contains. Compound statements contain Arm, Handler, Case, Item and block statements, and nothing else directly:
//
//	If       Arm+ [Else]           "elif" is a further Arm, so a long chain does not nest
//	While    Body [Else]           A is the test
//	For      Body [Else]           A is the iterable, B the target; Flag async
//	Try      Body Handler* [Else] [Finally]   Flag: except*
//	With     Item+ Body            Flag async
//	Match    Case+                 A is the subject
//	FunctionDef, ClassDef          the body follows directly, without a block; Inner is the scope
const (
	NoStmt StmtKind = iota

	ExprStmt  // A
	Assign    // A value; Targets
	AnnAssign // A value or none; B target; C annotation
	AugAssign // A value; B target; Op
	Return    // A or none
	Raise     // A or none; B cause
	Assert    // A test; B message
	Delete    // Targets
	Pass
	Break
	Continue
	Global     // Targets: Name expressions
	Nonlocal   // Targets: Name expressions
	ImportStmt // the entries FirstImport..FirstImport+ImportCount of File.Imports
	TypeAlias  // A value; B target

	If
	While
	For
	Try
	With
	Match
	FunctionDef
	ClassDef

	Body    // block
	Else    // block
	Finally // block
	Arm     // block of an If; A is the test
	Handler // block of a Try; A the exception type or none; Text the bound name
	Case    // block of a Match; A the pattern; B the guard
	Item    // of a With; A the context expression; B the target or none

	// UnreadableStmt stands for a statement the parser could not read.
	UnreadableStmt
)

// StmtInfo is one statement or block. Which fields are used depends on Kind; see the list of kinds.
type StmtInfo struct {
	Kind StmtKind
	Op   Op
	Flag bool
	Span
	Text    Str
	A, B, C Expr
	Targets List
	// Parent is the enclosing statement or block inside the same function; 0 directly in the body of Scope.
	Parent Stmt
	// Next is the index just behind this statement and everything in it.
	Next Stmt
	// Scope is the module, class or function whose code this is.
	Scope Scope
	// Inner is the scope that a FunctionDef or ClassDef defines.
	Inner                    Scope
	FirstImport, ImportCount uint32
}
