package needs

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"
)

// Ports that are handed out lie below those that the system gives to whoever asks for any, so that no connection of
// another program takes one before the server has it.
const (
	firstPort = 15000
	ports     = 15000
)

// handed counts the ports that this process was given; different processes begin at different ones.
var handed atomic.Int64

// Port gives a port of loopback on which nobody listens.
func Port() (int, error) {
	for range ports {
		port := firstPort + int((int64(os.Getpid())*97+handed.Add(1))%ports)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("all ports are taken")
}

// Server starts a server on a port that is free and waits until it listens there, at most a minute; it ends with the test. Where
// somebody else has taken the port meanwhile the server ends at once, and another port is tried.
func Server(t testing.TB, command func(port int) *exec.Cmd) (port int) {
	t.Helper()
	for range 5 {
		port, err := Port()
		if err != nil {
			t.Fatal(err)
		}
		c := command(port)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		if err = listens(port, ended); err == nil {
			t.Cleanup(func() {
				c.Process.Kill()
				<-ended
			})
			return port
		}
		c.Process.Kill()
		t.Logf("%s on port %d: %v", c.Path, port, err)
	}
	t.Fatal("the server does not start")
	return 0
}

// listens waits until somebody listens on a port.
func listens(port int, ended chan error) error {
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-again.C:
		case err := <-ended:
			return fmt.Errorf("it ended: %v", err)
		case <-deadline.C:
			return err
		}
	}
}

// ShortDir gives a folder that goes away with the test, with a path short enough for a Unix socket wherever temporary
// files are.
func ShortDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if len(dir) < 60 {
		return dir
	}
	dir, err := os.MkdirTemp("/tmp", "needs-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
