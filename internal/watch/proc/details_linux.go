package proc

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Limits of one look.
const (
	// maxDescriptors is up to which number descriptors are looked at one by one; those above are counted.
	maxDescriptors = 1 << 20
	// leastShare is how many known descriptors are looked at again each time; of more, a tenth. One that is new is
	// looked at at once.
	leastShare = 1000
	// maxChildren is how many children are asked whether they are zombies.
	maxChildren = 128
)

// entry is what is known of one descriptor number.
type entry struct {
	target
	dir   string // of a file
	seen  uint32 // the round in which the number was listed last
	known bool
}

// details keeps what it knows of each descriptor from one look to the next: to list ten thousand costs a few
// milliseconds, to read where each leads costs twenty.
type details struct {
	dir     string
	pid     int
	fds     int // the open folder /proc/PID/fd, -1 before and after
	round   uint32
	table   []entry
	listed  []int32
	next    int // where in listed the next part to be looked at again begins
	open    int
	rows    map[uint64]socketRow
	buffer  *bufio.Reader
	dirents []byte
	link    []byte
	paths   map[string]place // one for each path, however many descriptors lead there
	family  struct{ children, zombies int }
}

// place is a path and its directory.
type place struct{ path, dir string }

func newDetails(root string, pid int) (*details, error) {
	return &details{
		dir: filepath.Join(root, strconv.Itoa(pid)), pid: pid, fds: -1, rows: map[uint64]socketRow{},
		buffer: bufio.NewReaderSize(nil, 64<<10), dirents: make([]byte, 64<<10), link: make([]byte, 4096), paths: map[string]place{},
	}, nil
}

func (d *details) close() {
	if d.fds >= 0 {
		unix.Close(d.fds)
		d.fds = -1
	}
}

// count says how many descriptors are open; since Linux 6.2 the size of the folder is that number.
func (d *details) count() (int, error) {
	if err := d.openFolder(); err != nil {
		return 0, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(d.fds, &stat); err != nil {
		return 0, err
	}
	if stat.Size > 0 {
		return int(stat.Size), nil
	}
	if err := d.list(); err != nil {
		return 0, err
	}
	return len(d.listed), nil
}

func (d *details) openFolder() error {
	if d.fds >= 0 {
		return nil
	}
	fds, err := unix.Open(filepath.Join(d.dir, "fd"), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: filepath.Join(d.dir, "fd"), Err: err}
	}
	d.fds = fds
	return nil
}

// read looks at the descriptors and says what that cost of this thread's time.
func (d *details) read() (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	if err := d.list(); err != nil {
		return 0, err
	}
	d.open = len(d.listed)
	d.lookUp()
	d.sockets()
	d.findChildren()
	return threadTime() - before, nil
}

func threadTime() time.Duration {
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		return 0
	}
	return time.Duration(used.Nano())
}

// list reads the numbers of the open descriptors.
func (d *details) list() error {
	if err := d.openFolder(); err != nil {
		return err
	}
	if _, err := unix.Seek(d.fds, 0, unix.SEEK_SET); err != nil {
		return err
	}
	d.round++
	d.listed = d.listed[:0]
	for {
		n, err := unix.ReadDirent(d.fds, d.dirents)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n <= 0 {
			return err
		}
		d.listed = appendNumbers(d.listed, d.dirents[:n])
	}
}

// appendNumbers takes the names that are numbers out of a buffer of struct linux_dirent64: inode 8, offset 8, length 2,
// type 1, name.
func appendNumbers(numbers []int32, dirents []byte) []int32 {
	for len(dirents) > 19 {
		size := int(binary.NativeEndian.Uint16(dirents[16:]))
		if size < 19 || size > len(dirents) {
			return numbers
		}
		n, digits := 0, 0
		for _, c := range dirents[19:size] {
			if c < '0' || c > '9' || digits > 9 {
				break
			}
			n, digits = n*10+int(c-'0'), digits+1
		}
		if digits > 0 && n < 1<<31-1 {
			numbers = append(numbers, int32(n))
		}
		dirents = dirents[size:]
	}
	return numbers
}

// lookUp reads where new descriptors lead, and those of the part whose turn it is.
func (d *details) lookUp() {
	again := max(leastShare, len(d.listed)/10)
	first := d.next
	if first >= len(d.listed) {
		first = 0
	}
	d.next = first + again
	for i, fd := range d.listed {
		if int(fd) >= maxDescriptors {
			continue
		}
		for int(fd) >= len(d.table) {
			d.table = append(d.table, entry{})
		}
		e := &d.table[fd]
		if e.known && e.seen == d.round-1 && (i < first || i >= first+again) {
			e.seen = d.round
			continue
		}
		e.seen = d.round
		d.lookAt(fd, e)
	}
	if len(d.paths) > maxPaths {
		clear(d.paths)
	}
}

// maxPaths is how many paths are kept to share their text.
const maxPaths = 1 << 16

// lookAt reads where one descriptor leads. One that is closed meanwhile is not known.
func (d *details) lookAt(fd int32, e *entry) {
	name := strconv.Itoa(int(fd))
	n, err := unix.Readlinkat(d.fds, name, d.link)
	if err != nil {
		e.known = false
		return
	}
	e.known, e.dir = true, ""
	if n == 0 || d.link[0] != '/' {
		e.target = readTarget(string(d.link[:n]))
		return
	}
	where := d.place(d.link[:n])
	e.target, e.dir = readTarget(where.path), where.dir
	if e.unsure {
		var stat unix.Stat_t
		if err := unix.Fstatat(d.fds, name, &stat, 0); err == nil && stat.Nlink == 0 {
			e.kind, e.path = Deleted, e.path[:len(e.path)-len(deletedMark)]
		}
	}
}

// place gives the one string for a path.
func (d *details) place(link []byte) place {
	if known, ok := d.paths[string(link)]; ok {
		return known
	}
	path := string(link)
	where := place{path, dirOf(path)}
	d.paths[path] = where
	return where
}

// sockets finds the rows of the process's sockets. Tables are those of the process's own network, which need not be
// ours; each is read only while some socket is not found yet.
func (d *details) sockets() {
	clear(d.rows)
	for _, fd := range d.listed {
		if e := d.at(fd); e != nil && e.kind == Socket {
			d.rows[e.inode] = socketRow{}
		}
	}
	missing := len(d.rows)
	for _, table := range []struct {
		name string
		row  func(line []byte) (socketRow, bool)
	}{
		{"tcp", func(line []byte) (socketRow, bool) { return inetRow(line, true) }},
		{"tcp6", func(line []byte) (socketRow, bool) { return inetRow(line, true) }},
		{"unix", unixRow},
		{"udp", func(line []byte) (socketRow, bool) { return inetRow(line, false) }},
		{"udp6", func(line []byte) (socketRow, bool) { return inetRow(line, false) }},
	} {
		if missing == 0 {
			return
		}
		missing -= d.socketTable(table.name, table.row)
	}
}

// socketTable keeps the rows of one table that are the process's and says how many there were.
func (d *details) socketTable(name string, row func(line []byte) (socketRow, bool)) (found int) {
	file, err := os.Open(filepath.Join(d.dir, "net", name))
	if err != nil {
		return 0 // a kernel without IPv6 has no such table
	}
	defer file.Close()
	err = eachLine(file, d.buffer, func(line []byte) {
		r, ok := row(line)
		if !ok {
			return
		}
		if known, ours := d.rows[r.inode]; ours && known.state == "" {
			d.rows[r.inode] = r
			found++
		}
	})
	if err != nil {
		return found // the process ended while the table was read; the next look says so
	}
	return found
}

func (d *details) at(fd int32) *entry {
	if int(fd) >= len(d.table) || !d.table[fd].known || d.table[fd].seen != d.round {
		return nil
	}
	return &d.table[fd]
}

// end is what sockets are grouped by: the other end, and our port.
type end struct {
	state  string
	remote netip.AddrPort
	local  uint16
	path   string
}

// group counts what was looked at.
func (d *details) group() (map[Group]int, map[SocketClass]int) {
	var byKind [kinds]int
	counts, ends := make(map[Group]int, 64), make(map[end]int, 64)
	for _, fd := range d.listed {
		e := d.at(fd)
		if e == nil {
			continue
		}
		byKind[e.kind]++
		switch e.kind {
		case Socket:
			ends[d.end(e.inode)]++
		case File, Deleted:
			counts[Group{Narrow: true, Kind: e.kind, Where: e.dir}]++
			counts[Group{Narrow: true, Kind: e.kind, Where: e.path}]++
		}
	}
	sockets := addSockets(counts, ends)
	for kind, n := range byKind {
		if n > 0 {
			counts[Group{Narrow: true, Kind: Kind(kind)}] = n
		}
	}
	if len(counts) > maxGroups {
		maps.DeleteFunc(counts, func(g Group, n int) bool { return n == 1 && g.Where != "" && !g.IsDir() })
	}
	counts[Group{}] = d.open
	return counts, sockets
}

// maxGroups is from how many groups on those with a single member are left out: they say nothing about a leak.
const maxGroups = 512

// end describes the socket with an inode.
func (d *details) end(inode uint64) end {
	row := d.rows[inode]
	if row.state == "" {
		return end{state: stateUnbound}
	}
	return end{row.state, row.remote, row.local.Port(), row.path}
}

// addSockets counts sockets by state and other end, and by state and class of it.
func addSockets(counts map[Group]int, ends map[end]int) map[SocketClass]int {
	listening := map[uint16]bool{}
	for e := range ends {
		if e.state == stateListen {
			listening[e.local] = true
		}
	}
	sockets := make(map[SocketClass]int, 16)
	for e, n := range ends {
		where, class := e.path, Local
		switch e.state {
		case stateUnbound, stateListen:
			class = NoPeer
		case stateUnix:
		default:
			where, class = whereOf(e.remote, e.local, listening[e.local]), ClassOf(e.remote.Addr())
		}
		sockets[SocketClass{e.state, class}] += n
		counts[Group{Narrow: true, Kind: Socket, State: e.state}] += n
		if where != "" {
			counts[Group{Narrow: true, Kind: Socket, State: e.state, Where: where}] += n
		}
	}
	return sockets
}

// findChildren counts the processes that the first thread has started, and those that have ended without being waited
// for. A kernel without CONFIG_PROC_CHILDREN has no such file, and they count as none.
func (d *details) findChildren() {
	d.family.children, d.family.zombies = 0, 0
	raw, err := os.ReadFile(filepath.Join(d.dir, "task", strconv.Itoa(d.pid), "children"))
	if err != nil {
		return
	}
	numbers := strings.Fields(string(raw))
	d.family.children = len(numbers)
	for _, number := range numbers[:min(len(numbers), maxChildren)] {
		stat, err := os.ReadFile(filepath.Join(filepath.Dir(d.dir), number, "stat"))
		if err != nil {
			continue
		}
		// The name before it may hold anything, also brackets and blanks.
		if at := bytes.LastIndexByte(stat, ')'); at >= 0 && bytes.HasPrefix(stat[at:], []byte(") Z")) {
			d.family.zombies++
		}
	}
}

func (d *details) kin() (children, zombies int) { return d.family.children, d.family.zombies }
