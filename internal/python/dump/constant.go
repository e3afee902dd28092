package dump

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// constant writes the value of a Constant or MatchSingleton.
func (d *dumper) constant(n ast.Node) {
	t := d.t
	switch t.ConstKind(n) {
	case ast.ConstNone:
		d.buf = append(d.buf, "None"...)
	case ast.ConstTrue:
		d.buf = append(d.buf, "True"...)
	case ast.ConstFalse:
		d.buf = append(d.buf, "False"...)
	case ast.ConstEllipsis:
		d.buf = append(d.buf, "Ellipsis"...)
	case ast.ConstInt:
		d.buf = appendInt(d.buf, t.Number(n))
	case ast.ConstFloat:
		d.buf = appendFloat(d.buf, t.Float(n), ".0")
	case ast.ConstImag:
		d.buf = append(appendFloat(d.buf, t.Float(n), ""), 'j')
	case ast.ConstStr:
		d.repr(t.Str(n))
	case ast.ConstBytes:
		d.buf = appendBytes(d.buf, t.Str(n))
	}
}

// appendInt appends the decimal form of an integer literal of any base. The cost for a large one that is not decimal is
// that of a conversion between bases, which is below quadratic.
func appendInt(buf []byte, literal string) []byte {
	digits := strings.ReplaceAll(literal, "_", "")
	if len(digits) > 1 && digits[0] == '0' && (digits[1] < '0' || digits[1] > '9') {
		if value, ok := new(big.Int).SetString(digits, 0); ok {
			return value.Append(buf, 10)
		}
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		digits = "0"
	}
	return append(buf, digits...)
}

// appendFloat appends what repr shows of a float: the shortest digits that give the same value, with an exponent below
// 1e-4 and from 1e16 on; a value without exponent and fraction gets the given fraction.
func appendFloat(buf []byte, value float64, fraction string) []byte {
	if math.IsInf(value, 0) {
		return append(buf, "inf"...)
	}
	if value != 0 && (value < 1e-4 || value >= 1e16) {
		return strconv.AppendFloat(buf, value, 'e', -1, 64)
	}
	start := len(buf)
	buf = strconv.AppendFloat(buf, value, 'f', -1, 64)
	if strings.IndexByte(string(buf[start:]), '.') < 0 {
		buf = append(buf, fraction...)
	}
	return buf
}
