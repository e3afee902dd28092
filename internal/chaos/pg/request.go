package pg

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// request reads one message of the client.
func (d *Decoder) request(f frame) {
	if !d.started {
		d.startup(f)
		return
	}
	switch f.kind {
	case 'Q':
		sql, _ := text(f.body)
		d.sent('Q', understand(sql, d.options), nil)
	case 'P':
		name, rest := text(f.body)
		sql, _ := text(rest)
		d.statements.set(name, understand(sql, d.options))
		d.plain(f.kind)
	case 'B':
		d.bind(f)
		d.plain(f.kind)
	case 'E':
		name, _ := text(f.body)
		portal, known := d.portals.get(name)
		if !known {
			portal = &bound{stmt: unseen()}
		}
		d.sent('E', portal.stmt, portal)
	case 'C':
		if len(f.body) > 0 {
			name, _ := text(f.body[1:])
			if f.body[0] == 'S' {
				d.statements.drop(name)
			} else {
				d.portals.drop(name)
			}
		}
		d.plain(f.kind)
	case 'D':
		d.plain(f.kind)
	case 'S':
		d.skipping = false
		d.push(waiting{kind: 'S'})
	case 'F':
		d.sent('F', &statement{op: wire.Op{Protocol: wire.Postgres, Shape: "function call", Class: wire.Unknown, Calls: true}}, nil)
	}
}

// startup reads the first message, which says what the connection is for.
func (d *Decoder) startup(f frame) {
	d.started = true
	d.front.typed = true
	if len(f.body) < 4 {
		d.log.Blinded("a first message without a protocol version", false)
		return
	}
	if version := binary.BigEndian.Uint32(f.body); version>>16 != 3 {
		d.log.Blinded("a protocol other than version 3", false)
		return
	}
	for rest := f.body[4:]; len(rest) > 0 && rest[0] != 0; {
		var name, value string
		name, rest = text(rest)
		value, rest = text(rest)
		if name == "replication" && value != "false" && value != "off" && value != "0" && value != "no" {
			d.log.Blinded("a replication connection", true)
			return
		}
	}
}

// plain is a request of the extended protocol that executes nothing.
func (d *Decoder) plain(kind byte) {
	if !d.skipping {
		d.push(waiting{kind: kind})
	}
}

// sent is a request that executes a statement.
func (d *Decoder) sent(kind byte, s *statement, portal *bound) {
	op := s.op
	if portal != nil {
		op.Values = wire.Hash(op.Values).AddString("").Sum() ^ portal.values
		op.Shown = strings.TrimPrefix(op.Shown+", "+portal.shown, ", ")
		op.Shown = strings.TrimSuffix(op.Shown, ", ")
	}
	d.log.Emit(wire.Event{Kind: wire.Sent, Op: &op})
	if d.skipping && kind == 'E' {
		d.log.Emit(wire.Event{Kind: wire.Done, Op: &op, Failed: true, Note: "not executed after an error"})
		return
	}
	d.push(waiting{kind: kind, op: &op, stmt: s})
}

// unseen stands for a statement that was prepared where nobody looked.
func unseen() *statement {
	return &statement{op: wire.Op{Protocol: wire.Postgres, Shape: "a statement that was never seen", Class: wire.Unknown, Foreign: true}}
}

// bind reads Bind: portal, statement, formats, parameters.
func (d *Decoder) bind(f frame) {
	portal, rest := text(f.body)
	name, rest := text(rest)
	stmt, known := d.statements.get(name)
	if !known {
		stmt = unseen()
	}
	b := &bound{stmt: stmt, values: wire.NewHash(d.options.Salt).Add(rest).Sum()}
	if d.options.Show {
		b.shown = parameters(rest)
	}
	d.portals.set(portal, b)
}

// parameters writes the parameters of a Bind in clear: text as it is, other bytes in hexadecimal.
func parameters(p []byte) string {
	count := func() int {
		if len(p) < 2 {
			p = nil
			return 0
		}
		n := int(binary.BigEndian.Uint16(p))
		p = p[2:]
		return n
	}
	p = p[min(len(p), 2*count()):]
	var out []string
	size := 0
	for range count() {
		if len(p) < 4 || size > maxShown {
			break
		}
		length := int32(binary.BigEndian.Uint32(p))
		p = p[4:]
		if length < 0 {
			out = append(out, "NULL")
			continue
		}
		value := p[:min(int(length), len(p))]
		p = p[len(value):]
		shown := string(value)
		if !utf8.Valid(value) || strings.ContainsRune(shown, 0) {
			shown = "0x" + hex.EncodeToString(value[:min(len(value), 32)])
		}
		size += len(shown)
		out = append(out, shown)
	}
	return wire.Cut(strings.Join(out, ", "), maxShown)
}
