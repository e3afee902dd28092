//go:build linux

package proc

import (
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// look takes one sample of this very process.
func look(t *testing.T) Sample {
	t.Helper()
	s, err := Open(os.Getpid(), Options{Share: math.Inf(1)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sample, err := s.Sample(time.Unix(1000, 0))
	if err != nil {
		t.Fatal(err)
	}
	return sample
}

// TestSampleOfItself: what the test opens is seen as what it is.
func TestSampleOfItself(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "data.txt")
	hold := func(name string) *os.File {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	before := look(t)
	hold(name)
	again, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	hold(filepath.Join(dir, "forged (deleted)"))
	gone := hold(filepath.Join(dir, "new\nline"))
	if err := os.Remove(gone.Name()); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	served, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	served.Close() // the client's end is now one that waits to be closed
	after := look(t)
	for kind, more := range map[Kind]int{File: 3, Deleted: 1, Pipe: 2, Socket: 2} {
		if got := after.Kind(kind) - before.Kind(kind); got != more {
			t.Errorf("%d more of %s, want %d", got, kind, more)
		}
	}
	for g, want := range map[Group]int{
		{true, File, "", name}: 2, {true, File, "", filepath.Join(dir, "forged (deleted)")}: 1, {true, Deleted, "", filepath.Join(dir, "new\nline")}: 1,
		{true, File, "", dir + "/"}: 3, {true, Socket, "CLOSE_WAIT", listener.Addr().String()}: 1, {true, Socket, "LISTEN", ""}: 1,
	} {
		if got := after.Counts[g] - before.Counts[g]; got != want { // the test may have inherited some
			t.Errorf("%+v: %d more, want %d", g, got, want)
		}
	}
	if class := (SocketClass{"CLOSE_WAIT", Loopback}); after.Sockets[class]-before.Sockets[class] != 1 {
		t.Errorf("sockets %v", after.Sockets)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || after.MaxOpen != limit.Cur {
		t.Errorf("limit %d, want %d (%v)", after.MaxOpen, limit.Cur, err)
	}
	if after.Open < 9 || after.Threads < 1 || after.RSSBytes == 0 || !after.Detailed || after.Denied != "" {
		t.Errorf("sample %+v", after)
	}
}

// TestCounting agrees with a listing of the folder.
func TestCounting(t *testing.T) {
	sample := look(t)
	sum := 0
	for _, kind := range Kinds() {
		sum += sample.Kind(kind)
	}
	// The sampler's own descriptor of the folder was open while it looked.
	if sum != sample.Open || sample.Counts[Group{}] != sample.Open {
		t.Errorf("kinds add up to %d, the process has %d", sum, sample.Open)
	}
}

func TestLimitsThatChange(t *testing.T) {
	command := exec.Command("sleep", "600")
	if err := command.Start(); err != nil {
		t.Skip("no sleep:", err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	s, err := Open(command.Process.Pid, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Sample(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := setLimit(command.Process.Pid, 77); err != nil {
		t.Skip("limits of another process may not be set:", err)
	}
	sample, err := s.Sample(time.Unix(2, 0))
	if err != nil || sample.MaxOpen != 77 {
		t.Errorf("limit %d, want 77 (%v)", sample.MaxOpen, err)
	}
	if sample.Headroom() <= 0.5 || sample.Headroom() > 1 {
		t.Errorf("headroom %v", sample.Headroom())
	}
}

func TestHeadroom(t *testing.T) {
	for _, test := range []struct {
		open int
		max  uint64
		want float64
	}{{5, Unlimited, 1}, {5, 0, 0}, {512, 1024, 0.5}, {1024, 1024, 0}, {2000, 1024, 0}} {
		if got := (&Sample{Open: test.open, MaxOpen: test.max}).Headroom(); got != test.want {
			t.Errorf("%d of %d: %v, want %v", test.open, test.max, got, test.want)
		}
	}
}

// TestEnd: a process that has ended is gone, also while it is a zombie.
func TestEnd(t *testing.T) {
	command := exec.Command("sleep", "600")
	if err := command.Start(); err != nil {
		t.Skip("no sleep:", err)
	}
	s, err := Open(command.Process.Pid, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Not waited for: it is a zombie from the moment that it has died.
	for err == nil {
		_, err = s.Sample(time.Now())
	}
	if !errors.Is(err, ErrGone) {
		t.Errorf("a zombie: %v", err)
	}
	if _, err := Open(command.Process.Pid, Options{}); !errors.Is(err, ErrGone) {
		t.Errorf("opened a zombie: %v", err)
	}
	command.Wait()
	if _, err := s.Sample(time.Now()); !errors.Is(err, ErrGone) {
		t.Errorf("a process that is no more: %v", err)
	}
	if _, err := Open(command.Process.Pid, Options{}); !errors.Is(err, ErrGone) {
		t.Errorf("opened a process that is no more: %v", err)
	}
}

// fake makes a /proc with one process.
func fake(t *testing.T, start int) (root string, rewrite func(start int, state string)) {
	t.Helper()
	root = t.TempDir()
	dir := filepath.Join(root, "42")
	if err := os.MkdirAll(filepath.Join(dir, "fd"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rewrite = func(start int, state string) {
		write("stat", fmt.Sprintf("42 (a) b) %s 1 42 42 0 -1 0 0 0 0 0 7 5 0 0 20 0 3 0 %d 1000 10%s\n", state, start, strings.Repeat(" 0", 28)))
	}
	rewrite(start, "S")
	write("limits", "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            unlimited            unlimited            files     \n")
	return root, rewrite
}

func TestReusedNumber(t *testing.T) {
	root, rewrite := fake(t, 1000)
	for fd, target := range []string{"/dev/null", "/srv/a", "socket:[1]"} {
		if err := os.Symlink(target, filepath.Join(root, "42", "fd", strconv.Itoa(fd))); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(42, Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sample, err := s.Sample(time.Unix(1, 0))
	if err != nil || sample.MaxOpen != Unlimited || sample.Headroom() != 1 || sample.Threads != 3 {
		t.Errorf("sample %+v, %v", sample, err)
	}
	if sample.Counts[Group{true, File, "", "/srv/a"}] != 1 || sample.Counts[Group{true, Socket, "UNBOUND", ""}] != 1 {
		t.Errorf("counts %v", sample.Counts)
	}
	rewrite(2000, "S")
	if _, err := s.Sample(time.Unix(2, 0)); !errors.Is(err, ErrReused) {
		t.Errorf("another process with the same number: %v", err)
	}
	rewrite(1000, "Z")
	if _, err := s.Sample(time.Unix(3, 0)); !errors.Is(err, ErrGone) {
		t.Errorf("a zombie: %v", err)
	}
}

// TestDenied: what may not be read is said and is no zero. Root may read everything, so it becomes somebody else.
func TestDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		if os.Getenv("TIEBEAM_TEST_DENIED") == "" {
			command := exec.Command(os.Args[0], "-test.run=^TestDenied$", "-test.v")
			dir := t.TempDir()
			program := filepath.Join(dir, "proc.test")
			if raw, err := os.ReadFile(os.Args[0]); err != nil || os.WriteFile(program, raw, 0o755) != nil {
				t.Skip("the test cannot be copied:", err)
			}
			for d := dir; len(d) > len(os.TempDir()); d = filepath.Dir(d) {
				os.Chmod(d, 0o755)
			}
			command.Path, command.Dir = program, "/"
			command.Env = append(os.Environ(), "TIEBEAM_TEST_DENIED=1")
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			out, err := command.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "PASS: TestDenied") {
				t.Errorf("as another user: %v\n%s", err, out)
			}
			return
		}
	}
	s, err := Open(1, Options{})
	if err != nil {
		t.Skip("process 1 cannot be seen:", err)
	}
	defer s.Close()
	sample, err := s.Sample(time.Unix(1, 0))
	if err != nil || !strings.Contains(sample.Denied, "sudo") || sample.Counts != nil {
		t.Errorf("sample %+v, %v", sample, err)
	}
}

// TestDetailsWait: where looking at each descriptor costs more than it may, the count goes on and the details wait.
func TestDetailsWait(t *testing.T) {
	s, err := Open(os.Getpid(), Options{Share: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	detailed, err := s.Sample(time.Unix(999, 0))
	if err != nil || !detailed.Detailed {
		t.Fatalf("detailed %+v, %v", detailed, err)
	}
	// Details take a descriptor of ours as well, where there are sockets to be asked for.
	first, err := s.Sample(time.Unix(1000, 0))
	if err != nil || first.Detailed {
		t.Fatalf("first %+v, %v", first, err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	second, err := s.Sample(time.Unix(1001, 0))
	if err != nil || second.Detailed || second.Open != first.Open+1 || !second.DetailedAt.Equal(detailed.At) {
		t.Errorf("second %+v, %v", second, err)
	}
}

// TestMany: a descriptor number that comes to mean something else is noticed though not all are looked at each time.
func TestMany(t *testing.T) {
	root, _ := fake(t, 1)
	link := func(fd int, target string) {
		name := filepath.Join(root, "42", "fd", strconv.Itoa(fd))
		os.Remove(name)
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	for fd := range 3000 {
		link(fd, "/srv/a")
	}
	s, err := Open(42, Options{Root: root, Share: math.Inf(1)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Sample(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for fd := range 3000 {
		link(fd, "/srv/b")
	}
	for i := range 4 {
		sample, err := s.Sample(time.Unix(int64(2+i), 0))
		if err != nil {
			t.Fatal(err)
		}
		a, b := sample.Counts[Group{true, File, "", "/srv/a"}], sample.Counts[Group{true, File, "", "/srv/b"}]
		if a+b != 3000 || i == 3 && a != 0 {
			t.Errorf("look %d: %d of the old and %d of the new", i, a, b)
		}
	}
}

// TestOtherNetwork: the sockets of a process in a network namespace of its own are found in that one's tables.
func TestOtherNetwork(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	const code = `import socket
s = socket.socket(); s.bind(("0.0.0.0", 4711)); s.listen()
print("ready", flush=True)
input()`
	command := exec.Command("unshare", "--net", python, "-c", code)
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Skip("no unshare:", err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	line := make([]byte, 6)
	if n, err := out.Read(line); n == 0 {
		t.Skip("a network namespace cannot be made here:", err)
	}
	s, err := Open(command.Process.Pid, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sample, err := s.Sample(time.Unix(1, 0))
	if err != nil || sample.Counts[Group{true, Socket, "LISTEN", ""}] != 1 {
		t.Errorf("counts %v, %v", sample.Counts, err)
	}
}

func TestFind(t *testing.T) {
	mark := fmt.Sprintf("600.%d", os.Getpid())
	command := exec.Command("sleep", mark)
	if err := command.Start(); err != nil {
		t.Skip("no sleep:", err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	found, err := Find("", regexp.MustCompile(regexp.QuoteMeta("sleep "+mark)))
	if err != nil || len(found) != 1 || found[0].PID != command.Process.Pid {
		t.Errorf("found %v, %v", found, err)
	}
	// A test does not find itself, nor the go that runs it.
	if found, err := Find("", regexp.MustCompile(`proc\.test`)); err != nil || len(found) > 0 && found[0].PID == os.Getpid() {
		t.Errorf("found %v, %v", found, err)
	}
	d := Describe("", command.Process.Pid)
	if d.UID != os.Getuid() || len(d.Args) != 2 || d.Dir == "" || d.Python() {
		t.Errorf("described %+v", d)
	}
}

// TestNumbersBeyond: names that are no number of a descriptor are none; those above a million are counted and not looked
// at one by one, so that a process with any number of them costs bounded memory.
func TestNumbersBeyond(t *testing.T) {
	root, _ := fake(t, 1)
	for _, name := range []string{"0", "7", "1048575", "1048576", "2147483646", "99999999999", "x", "12x"} {
		if err := os.Symlink("/srv/a", filepath.Join(root, "42", "fd", name)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(42, Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sample, err := s.Sample(time.Unix(1, 0))
	if err != nil || sample.Counts[Group{true, File, "", "/srv/a"}] != 3 || sample.Kind(File) != 3 || len(s.details.listed) != 5 {
		t.Errorf("%v of %v, %v", sample.Counts, s.details.listed, err)
	}
	if n := len(s.details.table); n > maxDescriptors {
		t.Errorf("a table of %d", n)
	}
}
