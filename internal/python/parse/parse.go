package parse

import (
	"strings"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// Version is a minor version of Python 3. The zero value stands for [Newest].
type Version uint8

// Versions whose grammar is known.
const (
	Oldest Version = 8
	Newest Version = 14
)

// Options say how a file is read.
type Options struct {
	// Version is the grammar to hold the file to. Syntax that only later
	// versions have gets a diagnostic, but is read all the same. The zero value
	// accepts all that some version from 3.8 to 3.14 does.
	Version Version
}

// MaxDepth is the greatest depth of a tree without diagnostics. Long chains such
// as a.b.c…, a+b+c… or elif are as deep as they are long.
const MaxDepth = 25_000

// maxNesting bounds the recursion of the parser; CPython's own limits are
// between 200 brackets and some thousand operators.
const maxNesting = 1000

// File parses src into t, which it resets first. Syntax errors are in
// t.Diagnostics. A byte order mark at the start of src is skipped.
func File(t *ast.Tree, src string, o Options) {
	t.Reset(src)
	switch {
	case o.Version == 0:
		o.Version = Newest
	case o.Version < Oldest:
		o.Version = Oldest
	}
	p := parser{t: t, src: src, names: t.Names(), version: o.Version, scanner: scanner{fieldDepth: -1}}
	p.file()
}

type parser struct {
	t       *ast.Tree
	src     string
	names   *ast.Names
	version Version

	scanner

	// failed is set between a syntax error and the end of its statement; then
	// the current token is Newline or EndOfFile.
	failed bool
	// reported is set once the statement has a diagnostic.
	reported bool
	nesting  int
	indents  [maxIndents]margin
	brackets [maxBrackets]uint32 // offsets of the open ones
	// openUntil is the end of a stretch in which brackets are known not to be
	// closed, so that it is not searched again for every error in it.
	openUntil int
	// inHeader is set in the brackets of the header of a function or class.
	inHeader bool
	// wentBack is set if recovery has gone back to a point before what was made
	// of those brackets, which must then be dropped.
	wentBack bool
	// long is set when a chain has become so long that the depth of the whole
	// tree must be looked at.
	long bool
	// lastSimple is where the last simple statement of the last logical line
	// ends, lastSemicolon where the semicolon after it does if there is one.
	lastSimple, lastSemicolon uint32
}

// scanner is the state that mark saves: the current token and where the scan
// goes on. Offsets fit in 32 bits; longer files are refused.
type scanner struct {
	tok     token.Kind
	id      ast.Ident // of a Name
	literal literal   // of a String or FString
	pos     uint32
	end     uint32
	prevEnd uint32 // end of the token before
	off     int    // where the next token is looked for

	lineStart bool // layout is due: the next token may be Indent or Dedent
	skipping  bool // recovering: report nothing
	tooDeep   bool // lines were skipped for being indented too deeply
	level     int  // open blocks
	dedents   int  // blocks that end before the next token
	depth     int  // open brackets
	// fieldDepth is the depth directly inside the innermost replacement field
	// of an f-string, -1 outside.
	fieldDepth int
	fstring    *fstring
	unclosed   int // brackets open where skipLine gave up
}

// Limits of CPython's tokenizer (MAXINDENT and MAXLEVEL in Parser/tokenizer.h).
const (
	maxIndents  = 100
	maxBrackets = 200
)

func (p *parser) file() {
	if len(p.src) > 1<<31 {
		p.t.AddDiagnostic(0, 0, "file is larger than 2 GiB")
		p.t.SetRoot(p.t.NewModule(0, ast.Chain{}))
		return
	}
	if strings.HasPrefix(p.src, "\uFEFF") {
		p.off = len("\uFEFF")
		p.t.SetStart(uint32(p.off))
	}
	p.checkText()
	p.lineStart = true
	p.next()
	body := p.statements()
	p.t.SetRoot(p.t.NewModule(uint32(len(p.src)), body))
	if p.long {
		p.checkDepth()
	}
	p.t.SortDiagnostics()
}

// checkText reports what makes the whole text unreadable for Python; parsing
// goes on, so that the tree still has what there is.
func (p *parser) checkText() {
	if i := strings.IndexByte(p.src, 0); i >= 0 {
		p.t.AddDiagnostic(uint32(i), uint32(i+1), "source contains a null byte")
	}
	if !utf8.ValidString(p.src) {
		i := invalidUTF8(p.src)
		p.t.AddDiagnostic(uint32(i), uint32(i+1), "source is not valid UTF-8")
	}
}

func invalidUTF8(src string) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRuneInString(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// at reports whether the current token is of the given kind.
func (p *parser) at(k token.Kind) bool { return p.tok == k }

// got consumes the current token if it is of the given kind.
func (p *parser) got(k token.Kind) bool {
	if p.tok != k {
		return false
	}
	p.next()
	return true
}

// want consumes a token of the given kind or fails with a message that tells
// where it was expected, such as "after the condition".
func (p *parser) want(k token.Kind, where string) bool {
	if p.tok == k {
		p.next()
		return true
	}
	p.failExpected(k, where)
	return false
}

// wantEnd consumes the bracket that ends a list, or fails.
func (p *parser) wantEnd(k token.Kind, where string) {
	if p.tok == k {
		p.next()
		return
	}
	if !p.failed {
		p.failToken("expected ',' or '" + k.String() + "' " + where)
	}
}

// mark is a point to which the parser can go back.
type mark struct {
	scanner  scanner
	tree     ast.Mark
	failed   bool
	reported bool
	nesting  int
	bracket  uint32 // the innermost open one, which may be closed and replaced
}

// mark saves the state. It is valid within one logical line, and with at most one
// open bracket.
func (p *parser) mark() mark {
	m := mark{p.scanner, p.t.Mark(), p.failed, p.reported, p.nesting, 0}
	if p.depth > 0 {
		m.bracket = p.brackets[p.depth-1]
	}
	return m
}

// rewind goes back to m and forgets everything since, diagnostics included.
func (p *parser) rewind(m mark) {
	p.scanner = m.scanner
	p.t.Rewind(m.tree)
	p.failed, p.reported, p.nesting = m.failed, m.reported, m.nesting
	if p.depth > 0 {
		p.brackets[p.depth-1] = m.bracket
	}
}

// enter counts one level of recursion; if there are too many it fails and
// returns false. Every call is followed by leave.
func (p *parser) enter() bool {
	p.nesting++
	if p.nesting > maxNesting {
		p.fail(p.pos, p.end, "nested too deeply")
		return false
	}
	return true
}

func (p *parser) leave() { p.nesting-- }
