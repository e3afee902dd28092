package proc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// diag asks the kernel for sockets by sock_diag(7), which gives the same as /proc/net/tcp and its like for a small part
// of the time: they are sent as they lie in memory and not printed. It answers for our own network only.
type diag struct {
	fd     int
	number uint32
	buffer []byte
	row    socketRow // the one that was read last, so that none is allocated
}

// diagTable is one table of sockets.
type diagTable struct{ family, protocol uint8 }

var (
	diagTCP  = diagTable{unix.AF_INET, unix.IPPROTO_TCP}
	diagTCP6 = diagTable{unix.AF_INET6, unix.IPPROTO_TCP}
	diagUDP  = diagTable{unix.AF_INET, unix.IPPROTO_UDP}
	diagUDP6 = diagTable{unix.AF_INET6, unix.IPPROTO_UDP}
	diagUnix = diagTable{unix.AF_UNIX, 0}
)

// Numbers of linux/sock_diag.h, linux/unix_diag.h and net/tcp_states.h.
const (
	sockDiagByFamily = 20
	showName         = 1 // UDIAG_SHOW_NAME
	attributeName    = 0 // UNIX_DIAG_NAME
	timeWait         = 6 // such a socket belongs to no process any more
	inetLength       = 72
	unixLength       = 16
)

// openDiag gives nil where the process has another network than we have, or that cannot be told, or the kernel does not
// take questions.
func openDiag(dir string) *diag {
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return nil
	}
	if theirs, err := os.Readlink(filepath.Join(dir, "ns", "net")); err != nil || theirs != ours {
		return nil
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil
	}
	// A kernel that does not answer costs one second and not the watch.
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
		unix.Close(fd)
		return nil
	}
	return &diag{fd: fd, buffer: make([]byte, 64<<10)}
}

func (d *diag) close() { unix.Close(d.fd) }

// errDiag says that a table cannot be asked for.
var errDiag = errors.New("sock_diag gives no such table")

// ask hands over each row of a table; the row is valid until the next.
func (d *diag) ask(table diagTable, take func(row *socketRow)) error {
	d.number++
	if err := unix.Sendto(d.fd, d.question(table), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("%w: %w", errDiag, err)
	}
	for {
		n, err := unix.Read(d.fd, d.buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errDiag, err)
		}
		done, err := d.messages(d.buffer[:n], table, take)
		if done || err != nil {
			return err
		}
	}
}

// question is struct nlmsghdr with struct inet_diag_req_v2 or unix_diag_req behind it.
func (d *diag) question(table diagTable) []byte {
	length := unix.SizeofNlMsghdr + 56
	if table == diagUnix {
		length = unix.SizeofNlMsghdr + 24
	}
	q := make([]byte, length)
	binary.NativeEndian.PutUint32(q, uint32(length))
	binary.NativeEndian.PutUint16(q[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(q[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	binary.NativeEndian.PutUint32(q[8:], d.number)
	body := q[unix.SizeofNlMsghdr:]
	body[0], body[1] = table.family, table.protocol
	binary.NativeEndian.PutUint32(body[4:], ^uint32(1<<timeWait))
	if table == diagUnix {
		binary.NativeEndian.PutUint32(body[12:], showName)
	}
	return q
}

// messages reads one answer; done says that it was the last.
func (d *diag) messages(answer []byte, table diagTable, take func(row *socketRow)) (done bool, err error) {
	for len(answer) >= unix.SizeofNlMsghdr {
		length := int(binary.NativeEndian.Uint32(answer))
		if length < unix.SizeofNlMsghdr || length > len(answer) {
			return false, errDiag
		}
		kind, number := binary.NativeEndian.Uint16(answer[4:]), binary.NativeEndian.Uint32(answer[8:])
		body := answer[unix.SizeofNlMsghdr:length]
		answer = answer[min((length+3)&^3, len(answer)):]
		if number != d.number {
			continue // what was left of a question that was given up
		}
		switch kind {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			return false, errDiag
		case sockDiagByFamily:
			var ok bool
			if d.row, ok = diagRow(body, table); ok {
				take(&d.row)
			}
		}
	}
	return false, nil
}

// diagRow reads struct inet_diag_msg or unix_diag_msg. One of another form is no row.
func diagRow(body []byte, table diagTable) (row socketRow, ok bool) {
	if table == diagUnix {
		if len(body) < unixLength {
			return row, false
		}
		return socketRow{state: stateUnix, inode: uint64(binary.NativeEndian.Uint32(body[4:])), path: diagName(body[unixLength:])}, true
	}
	if len(body) < inetLength {
		return row, false
	}
	row.state, row.inode = stateUDP, uint64(binary.NativeEndian.Uint32(body[68:]))
	if table.protocol == unix.IPPROTO_TCP {
		row.state = stateOther
		if n := int(body[1]); n > 0 && n < len(tcpStates) {
			row.state = tcpStates[n]
		}
	}
	// Ports and addresses are as they go over the network.
	near, far := binary.BigEndian.Uint16(body[4:]), binary.BigEndian.Uint16(body[6:])
	if body[0] == unix.AF_INET {
		row.local = netip.AddrPortFrom(netip.AddrFrom4([4]byte(body[8:12])), near)
		row.remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte(body[24:28])), far)
	} else {
		row.local = netip.AddrPortFrom(netip.AddrFrom16([16]byte(body[8:24])), near)
		row.remote = netip.AddrPortFrom(netip.AddrFrom16([16]byte(body[24:40])), far)
	}
	return row, true
}

// diagName reads the path of a Unix socket out of the attributes, with "@" for what is in no file system, as /proc has it.
func diagName(attributes []byte) string {
	for len(attributes) >= 4 {
		length, kind := int(binary.NativeEndian.Uint16(attributes)), binary.NativeEndian.Uint16(attributes[2:])
		if length < 4 || length > len(attributes) {
			return ""
		}
		if name := attributes[4:length]; kind == attributeName && len(name) > 0 {
			if name[0] == 0 {
				return "@" + strings.ReplaceAll(string(name[1:]), "\x00", "@")
			}
			return strings.TrimRight(string(name), "\x00")
		}
		attributes = attributes[min((length+3)&^3, len(attributes)):]
	}
	return ""
}
