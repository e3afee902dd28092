package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/tiebeam/tiebeam/internal/text"
)

// reader reads one block of YAML into typed fields and notes every fault with its line. The language is a small part of
// YAML: mappings, lists and plain values, without anchors, aliases, tags and merges, so that what is read is what stands
// there.
type reader struct {
	path   string
	block  block
	faults []Fault
}

// value is the value of a field and the line of the document on which its key stands.
type value struct {
	node ast.Node
	line int
}

// fields are the entries of a mapping, in the order of the text.
type fields struct {
	y      *reader
	what   string
	line   int
	values map[string]value
	order  []string
}

// Limits of a block. The parser recurses, and its cost grows with the square of the depth.
const (
	maxBlockBytes = 64 << 10
	maxBlockDepth = 12
	maxIndent     = 60
)

func (y *reader) fault(line int, field, format string, args ...any) {
	y.faults = append(y.faults, Fault{Path: y.path, Line: line, Field: field, Reason: fmt.Sprintf(format, args...)})
}

// at gives the line of the document of a node.
func (y *reader) at(node ast.Node) int {
	if node == nil {
		return y.block.line
	}
	if mapping, ok := node.(*ast.MappingNode); ok && len(mapping.Values) > 0 {
		node = mapping.Values[0].Key // the mapping's own token is the colon
	}
	if entry, ok := node.(*ast.MappingValueNode); ok {
		node = entry.Key
	}
	token := node.GetToken()
	if token == nil || token.Position == nil {
		return y.block.line
	}
	return y.block.line + token.Position.Line - 1
}

// parse reads the block; ok is false, with a fault, where it is no YAML of ours. A block of comments gives a nil node.
func (y *reader) parse() (root ast.Node, ok bool) {
	if line := tooDeep(y.block.text); line > 0 {
		y.fault(y.block.line+line-1, "", "block is nested deeper than %d levels", maxBlockDepth)
		return nil, false
	}
	if len(y.block.text) > maxBlockBytes {
		y.fault(y.block.line, "", "block has %d bytes, more than the limit of %d", len(y.block.text), maxBlockBytes)
		return nil, false
	}
	defer func() {
		if problem := recover(); problem != nil { // a fault of the parser costs this block
			y.fault(y.block.line, "", "block is not YAML that can be read")
			root, ok = nil, false
		}
	}()
	file, err := parser.ParseBytes([]byte(y.block.text), 0)
	if err != nil {
		y.syntax(err)
		return nil, false
	}
	for _, document := range file.Docs {
		if document.Body == nil || document.Body.Type() == ast.CommentType {
			continue
		}
		if root != nil {
			y.fault(y.at(document.Body), "", "block holds several documents, expected one")
			return nil, false
		}
		root = document.Body
	}
	return root, true
}

// syntax words the parser's complaint, which names its place as "[line:column] message" and shows the source after it.
func (y *reader) syntax(err error) {
	message, _, _ := strings.Cut(err.Error(), "\n")
	line, column := 1, 0
	if n, _ := fmt.Sscanf(message, "[%d:%d]", &line, &column); n == 2 {
		_, message, _ = strings.Cut(message, "] ")
	}
	y.fault(y.block.line+line-1, "", "block is not YAML that can be read: %s", text.Visible(message))
}

// tooDeep gives the 1-based line on which a block nests too deep, 0 where nowhere: by brackets, by indentation, or by lists
// in lists on one line.
func tooDeep(block string) int {
	brackets, number := 0, 0
	for l := range strings.Lines(block) {
		number++
		trimmed := strings.TrimLeft(l, " ")
		marks := 0
		for rest := trimmed; strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "? "); marks++ {
			rest = strings.TrimLeft(rest[2:], " ")
		}
		for _, b := range l {
			switch b {
			case '[', '{':
				brackets++
			case ']', '}':
				brackets = max(brackets-1, 0)
			}
		}
		if brackets > maxBlockDepth || marks > maxBlockDepth || len(l)-len(trimmed) > maxIndent {
			return number
		}
	}
	return 0
}

// fields reads a mapping; what names it in faults.
func (y *reader) fields(node ast.Node, what string) (*fields, bool) {
	f := &fields{y: y, what: what, line: y.at(node), values: map[string]value{}}
	var entries []*ast.MappingValueNode
	switch node := node.(type) {
	case *ast.MappingNode:
		entries = node.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{node}
	default:
		y.fault(f.line, "", "%s must be fields such as `effect: wait`", what)
		return nil, false
	}
	for _, entry := range entries {
		key, ok := scalar(entry.Key)
		if !ok {
			y.fault(y.at(entry), "", "%s has a field whose name is no word", what)
			continue
		}
		if _, twice := f.values[key]; twice {
			y.fault(y.at(entry), key, "is given twice")
			continue
		}
		f.values[key] = value{node: entry.Value, line: y.at(entry)}
		f.order = append(f.order, key)
	}
	return f, true
}

// scalar gives a plain value as it is written, false for what is none.
func scalar(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(node.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// known reports fields that the contract cannot have.
func (f *fields) known(names ...string) {
	for _, key := range f.order {
		if !slices.Contains(names, key) {
			f.y.fault(f.values[key].line, key, "%s has no such field%s (it has %s)", f.what, text.Suggest(key, names), text.List(names))
		}
	}
}

func (f *fields) has(key string) bool {
	_, ok := f.values[key]
	return ok
}

// lineOf is the line of a field, that of the whole where it is not given.
func (f *fields) lineOf(key string) int {
	if v, ok := f.values[key]; ok {
		return v.line
	}
	return f.line
}

// fault notes a fault of a field.
func (f *fields) fault(key, format string, args ...any) {
	f.y.fault(f.lineOf(key), key, format, args...)
}

// text gives the plain value of a field, "" where it is not given.
func (f *fields) text(key string) string {
	v, ok := f.values[key]
	if !ok {
		return ""
	}
	s, plain := scalar(v.node)
	if s = strings.TrimSpace(s); !plain || s == "" {
		f.fault(key, "must be a word or a sentence")
		return ""
	}
	return s
}

// word gives the value of a field that is one of some words.
func (f *fields) word(key string, words []string) string {
	s := f.text(key)
	if s != "" && !f.among(key, s, words) {
		return ""
	}
	return s
}

// among says whether a value is one of some words, and notes the fault where it is not.
func (f *fields) among(key, s string, words []string) bool {
	if slices.Contains(words, s) {
		return true
	}
	f.fault(key, "unknown word %q%s (expected %s)", text.Visible(s), text.Suggest(s, words), text.List(words))
	return false
}

// list gives the values of a field that is one value or a list of them; nil where it is not given.
func (f *fields) list(key string) []string {
	v, ok := f.values[key]
	if !ok {
		return nil
	}
	all, _ := f.y.strings(v.node, key)
	return all
}

// strings reads one value or a list of them.
func (y *reader) strings(node ast.Node, key string) ([]string, bool) {
	if s, ok := scalar(node); ok && strings.TrimSpace(s) != "" {
		return []string{strings.TrimSpace(s)}, true
	}
	list, ok := node.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		y.fault(y.at(node), key, "must be a value or a list of values")
		return nil, false
	}
	all := make([]string, 0, len(list.Values))
	for _, item := range list.Values {
		s, plain := scalar(item)
		if s = strings.TrimSpace(s); !plain || s == "" {
			y.fault(y.at(item), key, "must be a list of plain values")
			return nil, false
		}
		all = append(all, s)
	}
	return all, true
}

// flag gives a field that is true or false.
func (f *fields) flag(key string, standard bool) bool {
	switch s := f.text(key); s {
	case "":
		return standard
	case "true":
		return true
	case "false":
		return false
	default:
		f.fault(key, "must be true or false, not %q", text.Visible(s))
		return standard
	}
}

// items gives the elements of a field that is a list of mappings, or one mapping.
func (f *fields) items(key string) []*fields {
	v, ok := f.values[key]
	if !ok {
		return nil
	}
	nodes := []ast.Node{v.node}
	if list, ok := v.node.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	var all []*fields
	for _, node := range nodes {
		if one, ok := f.y.fields(node, key); ok {
			all = append(all, one)
		}
	}
	return all
}
