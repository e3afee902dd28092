package proc

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
)

// socketRow is one line of /proc/PID/net/tcp, tcp6, udp, udp6 or unix.
type socketRow struct {
	local, remote netip.AddrPort
	state         string
	inode         uint64
	path          string // of a Unix socket
}

// tcpStates are the kernel's numbers of states (include/net/tcp_states.h).
var tcpStates = [...]string{
	"", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK",
	"LISTEN", "CLOSING", "NEW_SYN_RECV",
}

// States of sockets that are no TCP connection.
const (
	stateUDP  = "UDP"
	stateUnix = "UNIX"
	// stateUnbound is a socket that no table has: made and not connected yet, or of a family that has no table here.
	stateUnbound = "UNBOUND"
	stateOther   = "OTHER"
	stateListen  = "LISTEN"
)

// SocketStates lists the states that a socket can be in.
func SocketStates() []string {
	return append(append([]string{}, tcpStates[1:]...), stateUDP, stateUnix, stateUnbound, stateOther)
}

// maxTableLine is more than any line of these tables has; a longer one is skipped.
const maxTableLine = 4096

// eachLine hands over each line after the heading, without its end. The slice is valid until the next.
func eachLine(table io.Reader, buffer *bufio.Reader, line func(line []byte)) error {
	buffer.Reset(table)
	for first := true; ; first = false {
		text, err := buffer.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			for err == bufio.ErrBufferFull {
				_, err = buffer.ReadSlice('\n')
			}
			text = nil
		}
		if len(text) > 0 && !first {
			line(bytes.TrimSuffix(text, []byte("\n")))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func tcpRow(line []byte) (socketRow, bool) { return inetRow(line, true) }

func udpRow(line []byte) (socketRow, bool) { return inetRow(line, false) }

// inetRow reads "  sl: local rem st tx:rx tr:tm retrnsmt uid timeout inode …". A line of another form is no row.
func inetRow(line []byte, tcp bool) (row socketRow, ok bool) {
	var words [10][]byte
	for i := range words {
		words[i], line = nextWord(line)
		if len(words[i]) == 0 {
			return row, false
		}
	}
	var state uint64
	localOK, remoteOK, stateOK := false, false, false
	row.local, localOK = hexAddress(words[1])
	row.remote, remoteOK = hexAddress(words[2])
	state, stateOK = number(words[3], 16)
	row.inode, ok = number(words[9], 10)
	switch {
	case !tcp:
		row.state = stateUDP
	case state > 0 && state < uint64(len(tcpStates)):
		row.state = tcpStates[state]
	default:
		row.state = stateOther
	}
	return row, ok && localOK && remoteOK && stateOK
}

// unixRow reads "Num: RefCount Protocol Flags Type St Inode [Path]". A path may hold blanks.
func unixRow(line []byte) (row socketRow, ok bool) {
	var word []byte
	for range 7 {
		word, line = nextWord(line)
	}
	row.inode, ok = number(word, 10)
	row.state, row.path = stateUnix, string(bytes.TrimPrefix(line, []byte(" ")))
	return row, ok
}

func nextWord(line []byte) (word, rest []byte) {
	line = bytes.TrimLeft(line, " ")
	if end := bytes.IndexByte(line, ' '); end >= 0 {
		return line[:end], line[end:]
	}
	return line, nil
}

// number reads digits of base 10 or 16 without making a string of them; at most 16 of them, which fits.
func number(digits []byte, base uint64) (n uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 16 {
		return 0, false
	}
	for _, c := range digits {
		var d uint64
		switch {
		case c >= '0' && c <= '9':
			d = uint64(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			d = uint64(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			d = uint64(c-'A') + 10
		default:
			return 0, false
		}
		n = n*base + d
	}
	return n, true
}

// hexAddress reads "0100007F:1F90" and its IPv6 form. The kernel prints an address as numbers of four bytes as they lie
// in its memory.
func hexAddress(word []byte) (netip.AddrPort, bool) {
	at := bytes.IndexByte(word, ':')
	if at != 8 && at != 32 {
		return netip.AddrPort{}, false
	}
	port, ok := number(word[at+1:], 16)
	if !ok || port > 0xffff {
		return netip.AddrPort{}, false
	}
	var raw [16]byte
	for i := 0; i < at; i += 8 {
		group, ok := number(word[i:i+8], 16)
		if !ok {
			return netip.AddrPort{}, false
		}
		binary.NativeEndian.PutUint32(raw[i/2:], uint32(group))
	}
	if at == 8 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(raw[:4])), uint16(port)), true
	}
	return netip.AddrPortFrom(netip.AddrFrom16(raw), uint16(port)), true
}
