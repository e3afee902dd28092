package proc

import (
	"net/netip"
	"slices"
	"testing"
)

func TestReadTarget(t *testing.T) {
	for _, test := range []struct {
		link   string
		kind   Kind
		inode  uint64
		path   string
		unsure bool
	}{
		{"socket:[4711]", Socket, 4711, "", false},
		{"pipe:[12]", Pipe, 12, "", false},
		{"anon_inode:[eventpoll]", Epoll, 0, "[eventpoll]", false},
		{"anon_inode:inotify", Inotify, 0, "inotify", false},
		{"anon_inode:[eventfd]", Eventfd, 0, "[eventfd]", false},
		{"anon_inode:[io_uring]", Other, 0, "[io_uring]", false},
		{"/dev/pts/0", Device, 0, "/dev/pts/0", false},
		{"/dev/shm/x", File, 0, "/dev/shm/x", false},
		{"/memfd:x (deleted)", Memfd, 0, "/memfd:x", false},
		{"/tmp/a", File, 0, "/tmp/a", false},
		{"/tmp/a (deleted)", File, 0, "/tmp/a (deleted)", true},
		{"/tmp/a\nsocket:[1]", File, 0, "/tmp/a\nsocket:[1]", false},
		{"socket:[]", Other, 0, "socket:[]", false},
		{"socket:[1", Other, 0, "socket:[1", false},
		{"socket:[99999999999999999999999]", Other, 0, "socket:[99999999999999999999999]", false},
		{"", Other, 0, "", false},
	} {
		got := readTarget(test.link)
		if got.kind != test.kind || got.inode != test.inode || got.path != test.path || got.unsure != test.unsure {
			t.Errorf("readTarget(%q) = %+v, want %+v", test.link, got, test)
		}
	}
}

func TestGroupsWiden(t *testing.T) {
	for _, test := range []struct {
		name string
		from Group
		want []Group
	}{
		{"file", Group{true, File, "", "/a/b"}, []Group{{true, File, "", "/a/"}, {true, File, "", ""}, {}}},
		{"at the root", Group{true, File, "", "/b"}, []Group{{true, File, "", "/"}, {true, File, "", ""}, {}}},
		{"socket", Group{true, Socket, "CLOSE_WAIT", "10.0.0.1:80"}, []Group{{true, Socket, "CLOSE_WAIT", ""}, {true, Socket, "", ""}, {}}},
		{"pipe", Group{true, Pipe, "", ""}, []Group{{}}},
	} {
		var got []Group
		for g := test.from; g != (Group{}); {
			g = g.Parent()
			got = append(got, g)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestClassOf(t *testing.T) {
	for addr, want := range map[string]Class{
		"127.0.0.1": Loopback, "::1": Loopback, "::ffff:127.0.0.1": Loopback, "10.1.2.3": Private, "192.168.0.1": Private, "172.16.0.1": Private,
		"172.32.0.1": Public, "100.64.0.1": Private, "100.128.0.1": Public, "fd00::1": Private, "fe80::1": LinkLocal, "169.254.169.254": LinkLocal,
		"8.8.8.8": Public, "2606:4700::1": Public, "0.0.0.0": NoPeer, "::": NoPeer,
	} {
		if got := ClassOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("ClassOf(%s) = %s, want %s", addr, got, want)
		}
	}
	if ClassOf(netip.Addr{}) != NoPeer {
		t.Error("no address has a class")
	}
}

func TestSocketRows(t *testing.T) {
	const line = "   1: 0100007F:1F90 0200A8C0:01BB 08 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0"
	row, ok := inetRow([]byte(line), true)
	if !ok || row.local.String() != "127.0.0.1:8080" || row.remote.String() != "192.168.0.2:443" || row.state != "CLOSE_WAIT" || row.inode != 4711 {
		t.Errorf("read %+v, %v", row, ok)
	}
	const six = "   0: 00000000000000000000000001000000:0050 B80D0120000000000000000001000000:C350 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 0"
	row, ok = inetRow([]byte(six), true)
	if !ok || row.local.String() != "[::1]:80" || row.remote.String() != "[2001:db8::1]:50000" || row.state != "ESTABLISHED" {
		t.Errorf("read %+v, %v", row, ok)
	}
	row, ok = unixRow([]byte("0000000000000000: 00000002 00000000 00010000 0001 01 15893 /run/a b.sock"))
	if !ok || row.inode != 15893 || row.path != "/run/a b.sock" || row.state != "UNIX" {
		t.Errorf("read %+v, %v", row, ok)
	}
	for _, bad := range []string{"", "x", "1: 2 3 4 5 6 7 8 9 10", line[:40], "   1: 0100007F:1F901 0200A8C0:01BB 08 0 0 0 0 0 4711"} {
		if _, ok := inetRow([]byte(bad), true); ok {
			t.Errorf("%q is a row", bad)
		}
	}
}

// FuzzSocketRows: no line of a table makes the readers panic.
func FuzzSocketRows(f *testing.F) {
	f.Add([]byte("   1: 0100007F:1F90 0200A8C0:01BB 08 00000000:00000000 00:00000000 00000000  1000        0 4711 1"))
	f.Add([]byte("0000000000000000: 00000002 00000000 00010000 0001 01 15893 @x"))
	f.Fuzz(func(t *testing.T, line []byte) {
		inetRow(line, true)
		inetRow(line, false)
		unixRow(line)
		readTarget(string(line))
	})
}
