package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/agent"
)

// maxConnections is how many processes are listened to at once.
const maxConnections = 64

// Listener waits for agents. Its methods may be called by several goroutines.
type Listener struct {
	dir     string
	sockets []*net.UnixListener
	now     func() time.Time

	mu      sync.Mutex
	views   map[int]*View
	open    map[net.Conn]bool
	refused int
	closed  bool
}

// View is what the agent of one process said last.
type View struct {
	PID   int
	Hello Hello
	Stats Stats
	// At is when that was; the zero time where only the greeting came.
	At time.Time
	// Connected is false once the agent has gone.
	Connected bool
}

// Listen makes a folder of our own with the agent's files and a socket, for a command that is started with
// Environment. Close removes it.
func Listen(now func() time.Time) (*Listener, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	l := &Listener{dir: dir, now: now, views: map[int]*View{}, open: map[net.Conn]bool{}}
	if err = l.unpack(); err == nil {
		err = l.listen(l.socketPath())
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// maxSocketPath is how long the path of a socket may be: 103 bytes on macOS, 107 on Linux.
const maxSocketPath = 103

// folder makes one where temporary files are, or in /tmp where those have a path too long for a socket.
func folder() (string, error) {
	dir, err := os.MkdirTemp("", "tiebeam-watch-")
	if err == nil && len(filepath.Join(dir, socketName)) > maxSocketPath {
		if err = os.Remove(dir); err == nil {
			dir, err = os.MkdirTemp("/tmp", "tiebeam-watch-")
		}
	}
	if err != nil {
		return "", fmt.Errorf("make a folder for the agent: %w", err)
	}
	return dir, nil
}

// socketName is that of the socket in its folder.
const socketName = "agent.sock"

func (l *Listener) socketPath() string { return filepath.Join(l.dir, socketName) }

// unpack writes the agent's files side by side.
func (l *Listener) unpack() error {
	for _, name := range []string{"tiebeam_agent.py", "inject/sitecustomize.py"} {
		content, err := agent.Files.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(l.dir, path.Base(name)), content, 0o600)
		}
		if err != nil {
			return fmt.Errorf("write the agent: %w", err)
		}
	}
	return nil
}

// Own makes the folder readable for the user that a process belongs to, where that is not ours.
func (l *Listener) Own(uid, gid int) error {
	if uid < 0 || uid == os.Geteuid() {
		return nil
	}
	for _, name := range []string{"", "tiebeam_agent.py", "sitecustomize.py", socketName} {
		if err := os.Chown(filepath.Join(l.dir, name), uid, gid); err != nil {
			return fmt.Errorf("give the agent to user %d: %w", uid, err)
		}
	}
	return nil
}

// listen opens a socket that only its owner may connect to.
func (l *Listener) listen(name string) error {
	if len(name) > maxSocketPath {
		return fmt.Errorf("listen for the agent: %s is longer than the path of a socket may be (%d bytes)", name, maxSocketPath)
	}
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return fmt.Errorf("listen for the agent: %w", err)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		socket.Close()
		return fmt.Errorf("listen for the agent: %w", err)
	}
	l.sockets = append(l.sockets, socket)
	go l.accept(socket)
	return nil
}

// ListenFor also waits for the installed agent of a process that is running already, at the place where it looks for a
// watch: a folder of its user that nobody else can write to.
func (l *Listener) ListenFor(pid, uid, gid int, runtimeDir string) error {
	if uid < 0 {
		return fmt.Errorf("the user of process %d is not known", pid)
	}
	if runtimeDir == "" {
		runtimeDir = "/tmp"
	}
	dir := filepath.Join(runtimeDir, "tiebeam-agent-"+strconv.Itoa(uid))
	if err := os.Mkdir(dir, 0o700); err == nil {
		if err := chown(dir, uid, gid); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make a folder for the agent: %w", err)
	}
	if err := trusted(dir, uid); err != nil {
		return err
	}
	name := filepath.Join(dir, strconv.Itoa(pid)+".sock")
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what a watch left behind: %w", err)
	}
	if err := l.listen(name); err != nil {
		return err
	}
	return chown(name, uid, gid)
}

func chown(name string, uid, gid int) error {
	if uid == os.Geteuid() {
		return nil
	}
	if err := os.Chown(name, uid, gid); err != nil {
		return fmt.Errorf("give the agent to user %d: %w", uid, err)
	}
	return nil
}

// Environment puts the agent in front of what a command imports first.
func (l *Listener) Environment(environment []string) []string {
	out := make([]string, 0, len(environment)+2)
	python := l.dir
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case "PYTHONPATH":
			if value != "" {
				python += string(os.PathListSeparator) + value
			}
		case "TIEBEAM_AGENT_SOCKET":
		default:
			out = append(out, variable)
		}
	}
	return append(out, "PYTHONPATH="+python, "TIEBEAM_AGENT_SOCKET="+l.socketPath())
}

func (l *Listener) accept(socket *net.UnixListener) {
	for {
		conn, err := socket.AcceptUnix()
		if err != nil {
			return
		}
		pid, err := peer(conn)
		l.mu.Lock()
		if err != nil || l.closed || len(l.open) >= maxConnections {
			l.refused++
			l.mu.Unlock()
			conn.Close()
			continue
		}
		l.open[conn] = true
		l.mu.Unlock()
		go l.serve(conn, pid)
	}
}

// serve reads lines until the first that is too long or none of ours.
func (l *Listener) serve(conn *net.UnixConn, pid int) {
	defer func() {
		conn.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, conn)
		if view := l.views[pid]; view != nil {
			view.Connected = false
		}
	}()
	lines := bufio.NewReaderSize(conn, maxLine)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		m, err := decode(line)
		if err != nil || m.Type == "bye" {
			return
		}
		l.take(pid, m)
	}
}

func (l *Listener) take(pid int, m *message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	view := l.views[pid]
	if view == nil {
		view = &View{PID: pid}
		l.views[pid] = view
	}
	view.Connected = true
	switch m.Type {
	case "hello":
		view.Hello = m.Hello
	case "stats":
		view.Stats, view.At = m.Stats, l.now()
	}
}

// View gives what the agent of a process said last; ok is false where none has spoken. The lists are not changed any
// more and may be kept.
func (l *Listener) View(pid int) (view View, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.views[pid]
	if found == nil {
		return View{}, false
	}
	return *found, true
}

// PIDs are the processes whose agents have spoken.
func (l *Listener) PIDs() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []int
	for pid := range l.views {
		all = append(all, pid)
	}
	return all
}

// Close ends all connections and removes the folder and the sockets.
func (l *Listener) Close() error {
	l.mu.Lock()
	l.closed = true
	for conn := range l.open {
		conn.Close()
	}
	l.mu.Unlock()
	var failed error
	for _, socket := range l.sockets {
		failed = errors.Join(failed, socket.Close())
	}
	return errors.Join(failed, os.RemoveAll(l.dir))
}
