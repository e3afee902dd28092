package proc

import (
	"bufio"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
)

// sock is one socket of the process.
type sock struct {
	row socketRow
	// used is the round in which a descriptor led there last, found that in which the kernel told its row last.
	used, found uint32
}

// sockets finds the rows of the process's sockets in the kernel's tables. The tables are those of the process's own
// network, which need not be ours; each is read only while some socket is not found yet.
type sockets struct {
	dir     string
	byInode map[uint64]*sock
	counted map[end]int
	diag    *diag // asks the kernel itself; nil where it does not answer for this network
	asked   bool
	buffer  *bufio.Reader
}

func newSockets(dir string) sockets {
	return sockets{dir: dir, byInode: map[uint64]*sock{}, counted: map[end]int{}}
}

func (s *sockets) close() {
	if s.diag != nil {
		s.diag.close()
	}
}

// at gives the socket with an inode.
func (s *sockets) at(inode uint64) *sock {
	found := s.byInode[inode]
	if found == nil {
		found = &sock{}
		s.byInode[inode] = found
	}
	return found
}

// tables are the kernel's, those of most sockets first.
var tables = []struct {
	name string
	row  func(line []byte) (socketRow, bool)
	diagTable
}{
	{"tcp", tcpRow, diagTCP}, {"tcp6", tcpRow, diagTCP6}, {"unix", unixRow, diagUnix}, {"udp", udpRow, diagUDP}, {"udp6", udpRow, diagUDP6},
}

// find looks for the rows of all sockets that descriptors lead to.
func (s *sockets) find(round uint32, each func(use func(e *entry))) {
	missing := 0
	each(func(e *entry) {
		if e.sock != nil && e.sock.used != round {
			e.sock.used = round
			missing++
		}
	})
	if len(s.byInode) > missing {
		maps.DeleteFunc(s.byInode, func(_ uint64, one *sock) bool { return one.used != round })
	}
	take := func(row *socketRow) {
		if one := s.byInode[row.inode]; one != nil && one.found != round {
			one.row, one.found = *row, round
			missing--
		}
	}
	if missing > 0 && !s.asked {
		s.asked, s.diag = true, openDiag(s.dir)
	}
	for i := range tables {
		if missing == 0 {
			return
		}
		if s.diag == nil || s.diag.ask(tables[i].diagTable, take) != nil {
			s.read(tables[i].name, tables[i].row, take)
		}
	}
}

// read takes the rows of one table as /proc shows it, which costs several times as much as to ask.
func (s *sockets) read(name string, read func(line []byte) (socketRow, bool), take func(row *socketRow)) {
	file, err := os.Open(filepath.Join(s.dir, "net", name))
	if err != nil {
		return // a kernel without IPv6 has no such table
	}
	defer file.Close()
	if s.buffer == nil {
		s.buffer = bufio.NewReaderSize(nil, 64<<10)
	}
	// Where the process ends while the table is read, the next look says so.
	row, ok := socketRow{}, false
	eachLine(file, s.buffer, func(line []byte) {
		if row, ok = read(line); ok {
			take(&row)
		}
	})
}

// end is what sockets have in common: state, the other end, and our port where that is who connects to us.
type end struct {
	state  string
	remote netip.Addr
	port   uint16 // of the other end, 0 where that connected to us
	local  uint16 // of ours, where the other end connected to us or nobody did
	path   string
}

// ends counts the sockets of a round. The map is valid until the next call.
func (s *sockets) ends(round uint32, each func(use func(e *entry))) map[end]int {
	listening := map[uint16]bool{}
	for _, one := range s.byInode {
		if one.found == round && one.row.state == stateListen {
			listening[one.row.local.Port()] = true
		}
	}
	clear(s.counted)
	each(func(e *entry) {
		if e.sock == nil {
			return
		}
		if e.sock.found != round {
			s.counted[end{state: stateUnbound}]++
			return
		}
		row := &e.sock.row
		one := end{state: row.state, remote: row.remote.Addr(), path: row.path}
		if local := row.local.Port(); listening[local] {
			one.local = local
		} else {
			one.port = row.remote.Port()
		}
		s.counted[one]++
	})
	return s.counted
}

// where names the other end. Who connects to us comes from a new port each time, so that the port is left out and ours is
// named.
func (e *end) where() string {
	if e.state == stateUnix {
		return e.path
	}
	return whereOf(netip.AddrPortFrom(e.remote, e.port), e.local, e.local != 0)
}

// addSockets counts sockets by state and other end, and by state and class of it. Ends with fewer than least are left
// out.
func addSockets(counts map[Group]int, ends map[end]int, least int) map[SocketClass]int {
	classes := make(map[SocketClass]int, 16)
	for e, n := range ends {
		class := Local
		switch e.state {
		case stateUnbound, stateListen:
			class = NoPeer
		case stateUnix:
		default:
			class = ClassOf(e.remote)
		}
		classes[SocketClass{e.state, class}] += n
		counts[Group{Narrow: true, Kind: Socket, State: e.state}] += n
		if n < least || class == NoPeer {
			continue
		}
		if where := e.where(); where != "" {
			counts[Group{Narrow: true, Kind: Socket, State: e.state, Where: where}] += n
		}
	}
	return classes
}
