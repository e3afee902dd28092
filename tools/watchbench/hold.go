package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// holdVariable makes this program one that holds descriptors: "KIND NUMBER FOLDER".
const holdVariable = "TIEBEAM_WATCHBENCH_HOLD"

// kinds are the processes that are watched, and what they are for.
var kinds = []struct{ name, about string }{
	{"files", "files, a hundred in each folder"},
	{"sockets", "both ends of TCP connections"},
	{"mixed", "four tenths files, four sockets, two pipes"},
	{"churning", "the same, and 200 closed and opened each second"},
}

// spare is how many descriptors a process needs beside those that it holds.
const spare = 50

// churned is how many descriptors are closed and opened again each second.
const churned = 200

// holder opens descriptors and keeps them.
type holder struct {
	folder   string
	listener net.Listener
	files    []*os.File
	open     []io.Closer
}

// hold opens as many as it was told, says so in one line, and waits until its input ends.
func hold(what string) error {
	words := strings.SplitN(what, " ", 3)
	if len(words) != 3 {
		return errors.New("expected a kind, a number and a folder")
	}
	n, err := strconv.Atoi(words[1])
	if err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	// The runtime has raised the limit as far as it may already.
	if limit.Cur < uint64(n+spare) {
		return fmt.Errorf("a process may have %d descriptors here, and %d are needed: raise the limit (ulimit -n), or give -descriptors", limit.Cur, n+spare)
	}
	h := &holder{folder: words[2]}
	if h.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	files, pairs, pipes := n, 0, 0
	switch words[0] {
	case "sockets":
		files, pairs = 0, n/2
	case "mixed", "churning":
		files, pairs, pipes = n*4/10, n*2/10, n/10
	}
	if err := errors.Join(h.addFiles(files), h.addPairs(pairs), h.addPipes(pipes)); err != nil {
		return err
	}
	fmt.Println("ready")
	if words[0] == "churning" {
		go h.churn()
	}
	_, err = bufio.NewReader(os.Stdin).ReadByte()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (h *holder) addFiles(n int) error {
	for i := range n {
		name := filepath.Join(h.folder, strconv.Itoa(i/100), strconv.Itoa(i))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		h.files = append(h.files, f)
	}
	return nil
}

func (h *holder) addPairs(n int) error {
	for range n {
		near, err := net.Dial("tcp", h.listener.Addr().String())
		if err != nil {
			return err
		}
		far, err := h.listener.Accept()
		if err != nil {
			return err
		}
		h.open = append(h.open, near, far)
	}
	return nil
}

func (h *holder) addPipes(n int) error {
	for range n {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		h.open = append(h.open, r, w)
	}
	return nil
}

// churn closes files and opens them again, so that numbers and what they mean change.
func (h *holder) churn() {
	at := 0
	for range time.Tick(time.Second) {
		for range churned {
			at = (at + 1) % len(h.files)
			name := h.files[at].Name()
			h.files[at].Close()
			if f, err := os.Create(name + "+"); err == nil {
				h.files[at] = f
			}
		}
	}
}
