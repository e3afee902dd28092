package token

// Kind is the kind of a token. The zero Kind is no token.
type Kind uint8

// Kinds. Soft keywords (match, case, type, _) are Names.
const (
	None Kind = iota

	False
	NoneKeyword
	True
	And
	As
	Assert
	Async
	Await
	Break
	Class
	Continue
	Def
	Del
	Elif
	Else
	Except
	Finally
	For
	From
	Global
	If
	Import
	In
	Is
	Lambda
	Nonlocal
	Not
	Or
	Pass
	Raise
	Return
	Try
	While
	With
	Yield

	Name
	Int
	Float
	Imag
	String  // one plain string or bytes literal
	FString // the prefix and opening quotes of an f-string or t-string

	EndOfFile
	Newline // end of a logical line
	Indent
	Dedent
	Invalid // a character that starts no token

	LeftParen
	RightParen
	LeftBracket
	RightBracket
	LeftBrace
	RightBrace
	Comma
	Colon
	Semicolon
	Dot
	Ellipsis
	Arrow
	Exclamation // before a conversion, in f-strings only
	Equal
	ColonEqual
	Tilde

	EqualEqual
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual

	Plus
	Minus
	Star
	Slash
	DoubleSlash
	Percent
	At
	Amper
	Bar
	Caret
	LeftShift
	RightShift
	DoubleStar

	PlusEqual
	MinusEqual
	StarEqual
	SlashEqual
	DoubleSlashEqual
	PercentEqual
	AtEqual
	AmperEqual
	BarEqual
	CaretEqual
	LeftShiftEqual
	RightShiftEqual
	DoubleStarEqual

	// Count is the number of kinds, for tables.
	Count
)

// IsKeyword reports whether k is a hard keyword.
func (k Kind) IsKeyword() bool { return k >= False && k <= Yield }

// String returns the spelling of the kind, or for kinds without a fixed one a
// word for it.
func (k Kind) String() string {
	if k < Count {
		return spellings[k]
	}
	return "unknown token"
}

var spellings = [Count]string{
	None:             "no token",
	False:            "False",
	NoneKeyword:      "None",
	True:             "True",
	And:              "and",
	As:               "as",
	Assert:           "assert",
	Async:            "async",
	Await:            "await",
	Break:            "break",
	Class:            "class",
	Continue:         "continue",
	Def:              "def",
	Del:              "del",
	Elif:             "elif",
	Else:             "else",
	Except:           "except",
	Finally:          "finally",
	For:              "for",
	From:             "from",
	Global:           "global",
	If:               "if",
	Import:           "import",
	In:               "in",
	Is:               "is",
	Lambda:           "lambda",
	Nonlocal:         "nonlocal",
	Not:              "not",
	Or:               "or",
	Pass:             "pass",
	Raise:            "raise",
	Return:           "return",
	Try:              "try",
	While:            "while",
	With:             "with",
	Yield:            "yield",
	Name:             "name",
	Int:              "number",
	Float:            "number",
	Imag:             "number",
	String:           "string",
	FString:          "f-string",
	EndOfFile:        "end of file",
	Newline:          "end of line",
	Indent:           "indent",
	Dedent:           "dedent",
	Invalid:          "invalid character",
	LeftParen:        "(",
	RightParen:       ")",
	LeftBracket:      "[",
	RightBracket:     "]",
	LeftBrace:        "{",
	RightBrace:       "}",
	Comma:            ",",
	Colon:            ":",
	Semicolon:        ";",
	Dot:              ".",
	Ellipsis:         "...",
	Arrow:            "->",
	Exclamation:      "!",
	Equal:            "=",
	ColonEqual:       ":=",
	Tilde:            "~",
	EqualEqual:       "==",
	NotEqual:         "!=",
	Less:             "<",
	LessEqual:        "<=",
	Greater:          ">",
	GreaterEqual:     ">=",
	Plus:             "+",
	Minus:            "-",
	Star:             "*",
	Slash:            "/",
	DoubleSlash:      "//",
	Percent:          "%",
	At:               "@",
	Amper:            "&",
	Bar:              "|",
	Caret:            "^",
	LeftShift:        "<<",
	RightShift:       ">>",
	DoubleStar:       "**",
	PlusEqual:        "+=",
	MinusEqual:       "-=",
	StarEqual:        "*=",
	SlashEqual:       "/=",
	DoubleSlashEqual: "//=",
	PercentEqual:     "%=",
	AtEqual:          "@=",
	AmperEqual:       "&=",
	BarEqual:         "|=",
	CaretEqual:       "^=",
	LeftShiftEqual:   "<<=",
	RightShiftEqual:  ">>=",
	DoubleStarEqual:  "**=",
}
