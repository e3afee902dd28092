package proc

import (
	"bytes"
	"encoding/binary"
	"errors"
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
	spot  *spot  // of a file
	sock  *sock  // of a socket
	seen  uint32 // the round in which the number was listed last
	kind  Kind
	known bool
}

// details keeps what it knows of each descriptor from one look to the next: to list ten thousand costs a few
// milliseconds, to read where each leads costs forty.
type details struct {
	dir     string
	pid     int
	fds     int // the open folder /proc/PID/fd, -1 before and after
	round   uint32
	table   []entry
	listed  []int32
	next    int // where in listed the next part to be looked at again begins
	open    int
	dirents []byte
	link    []byte
	spots   spots
	sockets sockets
	family  struct{ children, zombies int }
}

func newDetails(root string, pid int) (*details, error) {
	dir := filepath.Join(root, strconv.Itoa(pid))
	return &details{
		dir: dir, pid: pid, fds: -1, dirents: make([]byte, 64<<10), link: make([]byte, 4096), spots: newSpots(), sockets: newSockets(dir),
	}, nil
}

func (d *details) close() {
	d.sockets.close()
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

// read looks at the descriptors, counts them by what they have in common, and says what that cost of this thread's time.
func (d *details) read() (counts map[Group]int, classes map[SocketClass]int, cost time.Duration, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	if err := d.list(); err != nil {
		return nil, nil, 0, err
	}
	d.open = len(d.listed)
	d.lookUp()
	d.sockets.find(d.round, d.each)
	counts, classes = d.group()
	d.findChildren()
	return counts, classes, threadTime() - before, nil
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
			if c == 0 {
				break
			}
			if c < '0' || c > '9' || digits > 9 {
				digits = 0
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
		d.lookAt(fd, e)
		e.seen = d.round
	}
}

// lookAt reads where one descriptor leads. One that is closed meanwhile is not known.
func (d *details) lookAt(fd int32, e *entry) {
	*e = entry{}
	name := strconv.Itoa(int(fd))
	n, err := unix.Readlinkat(d.fds, name, d.link)
	if err != nil {
		return
	}
	e.known = true
	link := d.link[:n]
	if e.spot = d.spots.known(link); e.spot != nil {
		e.kind = e.spot.group.Kind
		return
	}
	to := readTarget(string(link))
	if to.unsure {
		var stat unix.Stat_t
		if err := unix.Fstatat(d.fds, name, &stat, 0); err == nil && stat.Nlink == 0 {
			to.kind, to.path = Deleted, to.path[:len(to.path)-len(deletedMark)]
		}
	}
	switch e.kind = to.kind; to.kind {
	case File, Deleted:
		e.spot = d.spots.at(to.kind, to.path)
	case Socket:
		e.sock = d.sockets.at(to.inode)
	}
}

// each hands over what is known of each descriptor that is open.
func (d *details) each(use func(e *entry)) {
	for _, fd := range d.listed {
		if int(fd) < len(d.table) && d.table[fd].known && d.table[fd].seen == d.round {
			use(&d.table[fd])
		}
	}
}

// maxGroups is from how many groups on those with a single member are left out: they say nothing about a leak.
const maxGroups = 512

// group counts what was looked at.
func (d *details) group() (counts map[Group]int, classes map[SocketClass]int) {
	var byKind [kinds]int
	d.spots.begin()
	d.each(func(e *entry) {
		byKind[e.kind]++
		if e.spot != nil {
			d.spots.count(e.spot, d.round)
		}
	})
	counts = make(map[Group]int, 64)
	ends := d.sockets.ends(d.round, d.each)
	least := 1
	if len(d.spots.counted)+len(ends) > maxGroups {
		least = 2
	}
	d.spots.add(counts, least)
	classes = addSockets(counts, ends, least)
	for kind, n := range byKind {
		if n > 0 {
			counts[Group{Narrow: true, Kind: Kind(kind)}] = n
		}
	}
	counts[Group{}] = d.open
	return counts, classes
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
