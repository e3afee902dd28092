package tree

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/source"
)

// blobReader reads objects through one `git cat-file --batch` that lives as long as the repository. Requests are written
// at once and answers come in their order, so the workers' waits overlap:
//
//	worker ─┐              ┌─ git ─┐
//	worker ─┴ send, enqueue┘       └ collect ─ answer to the first in the queue
type blobReader struct {
	place []string

	mu     sync.Mutex
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	queue  chan *blobRequest
	failed error
	done   chan struct{}
	// wanted are the blobs to ask for ahead, coming the requests made so whose answers nobody has taken yet; both by object
	// name.
	wanted map[string]bool
	coming map[string]*blobRequest
	stop   chan struct{}
}

type blobRequest struct {
	oid      string
	maxBytes int
	raw      []byte
	err      error
	ready    chan struct{}
	room     chan struct{} // of requests made ahead; nil for another
}

// maxPending bounds the requests under way. It is well below what fits into a pipe, so that a write never waits for a
// git that waits for us.
const maxPending = 64

// Requests made ahead go out by aheadWrite, and at most maxAhead of their answers wait to be taken.
const (
	aheadWrite = 16
	maxAhead   = 512
)

var errClosed = errors.New("repository is closed")

func newBlobReader(place []string) *blobReader {
	return &blobReader{place: place, wanted: map[string]bool{}, coming: map[string]*blobRequest{}, stop: make(chan struct{})}
}

// read returns a blob by its object name.
func (b *blobReader) read(ctx context.Context, oid string, maxBytes int) ([]byte, error) {
	if !isObjectName(oid) {
		return nil, fmt.Errorf("%q is not the name of an object", oid)
	}
	request, err := b.request(oid, maxBytes)
	if err != nil {
		return nil, err
	}
	select {
	case <-request.ready:
		return request.raw, request.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// request gives the request for a blob: one that was made ahead, or else a new one.
func (b *blobReader) request(oid string, maxBytes int) (*blobRequest, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if made := b.coming[oid]; made != nil && made.maxBytes == maxBytes {
		delete(b.coming, oid)
		<-made.room
		return made, nil
	}
	delete(b.wanted, oid)
	request := newRequest(oid, maxBytes)
	return request, b.send(request)
}

func newRequest(oid string, maxBytes int) *blobRequest {
	return &blobRequest{oid: oid, maxBytes: maxBytes, ready: make(chan struct{})}
}

// ahead asks for blobs that will be read soon, about in this order, so that nobody waits for git to be asked. What is not
// read in the end costs its memory until the repository is closed.
func (b *blobReader) ahead(oids []string, maxBytes int) {
	b.mu.Lock()
	for _, oid := range oids {
		b.wanted[oid] = isObjectName(oid)
	}
	b.mu.Unlock()
	room := make(chan struct{}, maxAhead)
	for chunk := range slices.Chunk(oids, aheadWrite) {
		for range chunk {
			select {
			case room <- struct{}{}:
			case <-b.stop:
				return
			}
		}
		if b.sendAhead(chunk, maxBytes, room) != nil {
			return
		}
	}
}

func (b *blobReader) sendAhead(oids []string, maxBytes int, room chan struct{}) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var requests []*blobRequest
	for _, oid := range oids {
		if !b.wanted[oid] {
			<-room
			continue
		}
		delete(b.wanted, oid)
		request := newRequest(oid, maxBytes)
		request.room = room
		b.coming[oid] = request
		requests = append(requests, request)
	}
	return b.send(requests...)
}

// send starts git where it does not run yet. Writing and queueing are one step, as the answers come in order. The caller
// holds the lock.
func (b *blobReader) send(requests ...*blobRequest) error {
	if b.failed != nil {
		return b.failed
	}
	if b.cmd == nil {
		if err := b.start(); err != nil {
			b.failed = err
			return err
		}
	}
	var names strings.Builder
	for _, request := range requests {
		b.queue <- request
		names.WriteString(request.oid)
		names.WriteByte('\n')
	}
	if _, err := io.WriteString(b.stdin, names.String()); err != nil {
		// The collector meets the end of git's output and answers all that wait, these requests among them.
		b.failed = fmt.Errorf("git cat-file: %w", err)
	}
	return nil
}

func (b *blobReader) start() error {
	cmd := command(context.Background(), b.place, "cat-file", "--batch")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return gitError("cat-file", "", err)
	}
	b.cmd, b.stdin = cmd, stdin
	b.queue, b.done = make(chan *blobRequest, maxPending), make(chan struct{})
	go b.collect(bufio.NewReaderSize(stdout, 64<<10))
	return nil
}

// collect answers requests in their order until the queue is closed.
func (b *blobReader) collect(stdout *bufio.Reader) {
	defer close(b.done)
	var broken error
	for request := range b.queue {
		if broken == nil {
			request.raw, request.err, broken = answer(stdout, request)
		}
		if broken != nil {
			request.err = fmt.Errorf("git cat-file: %w", broken)
		}
		close(request.ready)
	}
}

// answer reads one answer. An error in broken means that the stream cannot be read any further.
func answer(stdout *bufio.Reader, request *blobRequest) (raw []byte, err, broken error) {
	header, broken := stdout.ReadString('\n')
	if broken != nil {
		return nil, nil, broken
	}
	fields := strings.Fields(header)
	if len(fields) == 2 && fields[1] == "missing" {
		return nil, errors.New("object is missing from the repository: a partial clone, or a damaged one"), nil
	}
	if len(fields) != 3 || fields[0] != request.oid {
		return nil, nil, fmt.Errorf("unexpected answer %q", header)
	}
	size, broken := strconv.ParseInt(fields[2], 10, 64)
	if broken != nil {
		return nil, nil, broken
	}
	switch {
	case fields[1] != "blob":
		err = fmt.Errorf("is a %s, not a file", fields[1])
	case size > int64(request.maxBytes):
		err = source.TooLarge("", size, request.maxBytes)
	default:
		raw = make([]byte, size)
		if _, broken = io.ReadFull(stdout, raw); broken != nil {
			return nil, nil, broken
		}
		size = 0
	}
	if _, broken = io.CopyN(io.Discard, stdout, size+1); broken != nil {
		return nil, nil, broken
	}
	return raw, err, nil
}

// close ends git. Requests that wait are answered first.
func (b *blobReader) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	cmd := b.cmd
	if b.failed != errClosed {
		close(b.stop)
	}
	b.cmd, b.failed = nil, errClosed
	if cmd == nil {
		return nil
	}
	b.stdin.Close()
	close(b.queue)
	<-b.done
	return cmd.Wait()
}
