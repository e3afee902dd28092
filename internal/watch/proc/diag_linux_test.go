package proc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tiebeam/tiebeam/internal/needs"
)

// both reads the rows of some sockets by either way.
func both(t *testing.T, inodes []uint64) (asked, shown map[uint64]socketRow) {
	t.Helper()
	read := func(ask bool) map[uint64]socketRow {
		s := newSockets("/proc/self")
		defer s.close()
		s.asked = !ask
		for _, inode := range inodes {
			s.at(inode)
		}
		s.find(1, func(use func(e *entry)) {
			for _, inode := range inodes {
				use(&entry{kind: Socket, sock: s.at(inode)})
			}
		})
		if ask && s.diag == nil {
			t.Skip("this kernel does not answer questions about sockets")
		}
		rows := map[uint64]socketRow{}
		for _, inode := range inodes {
			if one := s.at(inode); one.found == 1 {
				rows[inode] = one.row
			}
		}
		return rows
	}
	return read(true), read(false)
}

// inodeOf is the number of a connection's or listener's socket.
func inodeOf(t *testing.T, socket interface{ File() (*os.File, error) }) uint64 {
	t.Helper()
	file, err := socket.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		t.Fatal(err)
	}
	return stat.Ino
}

// TestAskedIsShown: what the kernel answers is what its tables show, for sockets of each family.
func TestAskedIsShown(t *testing.T) {
	var inodes []uint64
	want := map[uint64]string{} // state, and what names the other end or the socket itself
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Log(err)
			continue
		}
		t.Cleanup(func() { listener.Close() })
		near, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { near.Close() })
		far, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		datagram, err := net.Dial("udp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { datagram.Close() })
		for socket, text := range map[interface{ File() (*os.File, error) }]string{
			listener.(*net.TCPListener): "LISTEN", near.(*net.TCPConn): "ESTABLISHED " + listener.Addr().String(),
			far.(*net.TCPConn): "ESTABLISHED " + near.LocalAddr().String(), datagram.(*net.UDPConn): "UDP " + listener.Addr().String(),
		} {
			inode := inodeOf(t, socket)
			inodes, want[inode] = append(inodes, inode), text
		}
	}
	name := filepath.Join(needs.ShortDir(t), "a b.sock")
	for _, address := range []string{name, fmt.Sprint("@tiebeam test ", os.Getpid())} {
		listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		inode := inodeOf(t, listener)
		inodes, want[inode] = append(inodes, inode), "UNIX "+address
	}
	asked, shown := both(t, inodes)
	for inode, text := range want {
		a, s := asked[inode], shown[inode]
		if a != s {
			t.Errorf("asked %+v, shown %+v", a, s)
		}
		got := a.state
		switch a.state {
		case stateUnix:
			got += " " + a.path
		case stateListen:
		default:
			got += " " + a.remote.String()
		}
		if got != text {
			t.Errorf("%s, want %s", got, text)
		}
	}
}

// answer makes one message as the kernel does.
func answer(kind uint16, number uint32, body []byte) []byte {
	raw := make([]byte, unix.SizeofNlMsghdr, unix.SizeofNlMsghdr+len(body)+3)
	binary.NativeEndian.PutUint32(raw, uint32(unix.SizeofNlMsghdr+len(body)))
	binary.NativeEndian.PutUint16(raw[4:], kind)
	binary.NativeEndian.PutUint32(raw[8:], number)
	raw = append(raw, body...)
	return append(raw, make([]byte, -len(raw)&3)...)
}

func TestAnswers(t *testing.T) {
	row := make([]byte, inetLength+3)
	row[0], row[1] = unix.AF_INET, 8
	copy(row[4:], []byte{0x1f, 0x90, 0x01, 0xbb})
	copy(row[8:], []byte{127, 0, 0, 1})
	copy(row[24:], []byte{192, 168, 0, 2})
	binary.NativeEndian.PutUint32(row[68:], 4711)
	d := &diag{number: 7}
	var got []socketRow
	take := func(r *socketRow) { got = append(got, *r) }
	all := bytes.Join([][]byte{answer(sockDiagByFamily, 6, row), answer(sockDiagByFamily, 7, row), answer(sockDiagByFamily, 7, row[:70]), answer(unix.NLMSG_DONE, 7, nil)}, nil)
	if done, err := d.messages(all, diagTCP, take); !done || err != nil || len(got) != 1 {
		t.Fatalf("done %v, %v, rows %+v", done, err, got)
	}
	if r := got[0]; r.state != "CLOSE_WAIT" || r.inode != 4711 || r.local.String() != "127.0.0.1:8080" || r.remote.String() != "192.168.0.2:443" {
		t.Errorf("row %+v", r)
	}
	for _, bad := range [][]byte{answer(unix.NLMSG_ERROR, 7, make([]byte, 4)), append(answer(sockDiagByFamily, 7, nil), bytes.Repeat([]byte{0xff}, 20)...), make([]byte, 16)} {
		if done, err := d.messages(bad, diagTCP, take); done || err == nil {
			t.Errorf("%x: done %v, %v", bad, done, err)
		}
	}
}

// FuzzAnswers: no answer makes the reader panic or run for ever.
func FuzzAnswers(f *testing.F) {
	f.Add(answer(sockDiagByFamily, 7, make([]byte, inetLength)))
	f.Add(answer(sockDiagByFamily, 7, append(make([]byte, unixLength), 8, 0, 0, 0, 0, 'a', 'b', 0)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, table := range []diagTable{diagTCP, diagTCP6, diagUnix} {
			d := &diag{number: 7}
			d.messages(raw, table, func(*socketRow) {})
		}
	})
}
