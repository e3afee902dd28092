package http1

import (
	"errors"
	"strings"
)

// Forward turns what a client says to a forward proxy into what the origin server expects: the target of a request line
// loses its scheme and host, and fields that are meant for the proxy go. All else passes as it is. The zero value is a
// connection that has not begun.
type Forward struct{ m message }

// Piece is a part of the stream for one server.
type Piece struct {
	// Host is the host and port that a request names, empty for what goes on with the request before.
	Host string
	// Connect is true for a CONNECT, which has no Data.
	Connect bool
	// Data is what the server is to get.
	Data []byte
}

// errTooLong is returned for a head that is larger than any that we read.
var errTooLong = errors.New("a request head over 64 KiB")

// Feed takes what the client sent. After a CONNECT, what follows on the connection is no HTTP, and rest holds it.
// An error says why the connection is to be closed.
func (f *Forward) Feed(p []byte) (pieces []Piece, rest []byte, err error) {
	for len(p) > 0 {
		if f.m.phase != inHead {
			used, complete, reason := f.m.body(p, func([]byte) {})
			if reason != "" {
				return pieces, nil, errors.New(reason)
			}
			pieces = append(pieces, Piece{Data: p[:used]})
			p = p[used:]
			if complete {
				f.m.phase = inHead
			}
			continue
		}
		used, complete, tooLong := f.m.fill(p)
		p = p[used:]
		switch {
		case tooLong:
			return pieces, nil, errTooLong
		case !complete:
			return pieces, nil, nil
		}
		piece, err := f.rewrite()
		if err != nil {
			return pieces, nil, err
		}
		pieces = append(pieces, piece)
		if piece.Connect {
			return pieces, p, nil
		}
	}
	return pieces, nil, nil
}

// rewrite makes a piece of a complete head.
func (f *Forward) rewrite() (Piece, error) {
	raw := string(f.m.line)
	f.m.line = f.m.line[:0]
	h, reason := parse([]byte(raw))
	if reason != "" {
		return Piece{}, errors.New(reason)
	}
	method, after, _ := strings.Cut(h.first, " ")
	target, version, versioned := strings.Cut(after, " ")
	if !versioned {
		return Piece{}, errors.New("a request line that is not HTTP/1")
	}
	if method == "CONNECT" {
		return Piece{Host: target, Connect: true}, nil
	}
	host := h.get("host")
	if i := strings.Index(target, "://"); i >= 0 {
		if !strings.EqualFold(target[:i], "http") {
			return Piece{}, errors.New("a scheme other than http")
		}
		rest := target[i+3:]
		slash := strings.IndexAny(rest, "/?")
		if slash < 0 {
			slash = len(rest)
		}
		host, target = rest[:slash], rest[slash:]
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			host = host[at+1:]
		}
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
	}
	switch {
	case h.chunked:
		f.m.phase = inChunkSize
	case h.length > 0:
		f.m.phase, f.m.left = inBody, h.length
	}
	end := strings.IndexByte(raw, '\n') + 1
	return Piece{Host: host, Data: []byte(method + " " + target + " " + version + "\r\n" + forOrigin(raw[end:]))}, nil
}

// forOrigin leaves out the fields that a client addresses to its proxy.
func forOrigin(lines string) string {
	var out strings.Builder
	for line := range strings.SplitAfterSeq(lines, "\n") {
		if name, _, _ := strings.Cut(line, ":"); strings.HasPrefix(strings.ToLower(name), "proxy-") {
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}
