package agent

import (
	"bufio"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

//go:embed python/sitecustomize.py python/tiebeam_chaos.py python/tiebeam_chaos_plugin.py
var modules embed.FS

// Module is the name under which pytest loads the plugin.
const Module = "tiebeam_chaos_plugin"

// Write puts the modules into a folder.
func Write(folder string) error {
	for _, name := range []string{"sitecustomize.py", "tiebeam_chaos.py", "tiebeam_chaos_plugin.py"} {
		source, err := modules.ReadFile("python/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), source, 0o600); err != nil {
			return fmt.Errorf("write the agent: %w", err)
		}
	}
	return nil
}

// Listener is told what tests do.
type Listener interface {
	// Worker gives the environment of a worker process of a test run.
	Worker(worker string) map[string]string
	// Begin, Enter, Called and Finish follow one test; see ledger.Ledger.
	Begin(worker, test, file string, line int)
	Enter(worker string, phase ledger.Phase)
	Called(worker string, pools []ledger.Pool)
	Finish(worker, outcome string)
}

// Server hears agents and plugins.
type Server struct {
	listener net.Listener
	token    string
	to       Listener

	mu     sync.Mutex
	agents []*agent // in the order in which they came
	done   sync.WaitGroup
	closed bool
	conns  map[net.Conn]bool
}

// agent is one process that answers questions.
type agent struct {
	worker string
	pid    int
	mu     sync.Mutex
	conn   net.Conn
	lines  *bufio.Reader
	// asked numbers questions, and silent counts those in a row that were not answered in time.
	asked, silent int
}

// Limits of what a program under test may send us.
const (
	maxLine = 4 << 20
	// answerLimit is how long a process may take to say what it waits for: one that computes without a break says nothing.
	answerLimit = 2 * time.Second
	// mostSilent is how often in a row a process may say nothing before it is not asked any more.
	mostSilent = 3
)

// NewServer listens on the loopback interface.
func NewServer(to Listener) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the agent: %w", err)
	}
	var secret [16]byte
	if _, err := rand.Read(secret[:]); err != nil {
		l.Close()
		return nil, fmt.Errorf("make a token: %w", err)
	}
	s := &Server{listener: l, token: hex.EncodeToString(secret[:]), to: to, conns: map[net.Conn]bool{}}
	s.done.Go(s.accept)
	return s, nil
}

// Environment is what lets a program find the server.
func (s *Server) Environment() map[string]string {
	return map[string]string{"TIEBEAM_CHAOS_ADDRESS": s.listener.Addr().String(), "TIEBEAM_CHAOS_TOKEN": s.token}
}

// Close ends all conversations.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closed {
			c.Close()
		}
		s.conns[c] = true
		s.mu.Unlock()
		s.done.Go(func() {
			if s.serve(c) {
				return
			}
			c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// greeting is the first line of a conversation.
type greeting struct {
	Token  string `json:"token"`
	Role   string `json:"role"`
	Worker string `json:"worker"`
	Pid    int    `json:"pid"`
}

// serve hears one conversation; keep is true where the other side waits for questions from now on.
func (s *Server) serve(c net.Conn) (keep bool) {
	lines := bufio.NewReaderSize(c, 64<<10)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	var hello greeting
	if err := readLine(lines, &hello); err != nil || subtle.ConstantTimeCompare([]byte(hello.Token), []byte(s.token)) != 1 {
		return false
	}
	c.SetReadDeadline(time.Time{})
	if hello.Role != "agent" {
		s.plugin(c, lines, hello)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agents = append(s.agents, &agent{worker: hello.Worker, pid: hello.Pid, conn: c, lines: lines})
	return true
}

// event is what a plugin tells.
type event struct {
	Event   string        `json:"event"`
	Test    string        `json:"test"`
	File    string        `json:"file"`
	Line    int           `json:"line"`
	Phase   ledger.Phase  `json:"phase"`
	Outcome string        `json:"outcome"`
	Pools   []ledger.Pool `json:"pools"`
}

// plugin hears a test run until it ends.
func (s *Server) plugin(c net.Conn, lines *bufio.Reader, hello greeting) {
	worker := hello.Worker
	s.adopt(hello.Pid, worker)
	for {
		var e event
		if err := readLine(lines, &e); err != nil {
			return
		}
		answer := map[string]any{}
		switch e.Event {
		case "worker":
			answer["environment"] = s.to.Worker(worker)
		case "begin":
			s.to.Begin(worker, e.Test, e.File, e.Line)
		case "enter":
			s.to.Enter(worker, e.Phase)
		case "called":
			s.to.Called(worker, e.Pools)
		case "finish":
			s.to.Finish(worker, e.Outcome)
		}
		raw, err := json.Marshal(answer)
		if err != nil {
			return
		}
		if _, err := c.Write(append(raw, '\n')); err != nil {
			return
		}
	}
}

// adopt tells the agent of a process whose worker it is: it began before the process knew.
func (s *Server) adopt(pid int, worker string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.agents {
		if a.pid == pid {
			a.worker = worker
		}
	}
}

// readLine reads one JSON object.
func readLine(lines *bufio.Reader, into any) error {
	var raw []byte
	for {
		part, more, err := lines.ReadLine()
		if err != nil {
			return err
		}
		raw = append(raw, part...)
		if len(raw) > maxLine {
			return fmt.Errorf("a line over %d bytes", maxLine)
		}
		if !more {
			return json.Unmarshal(raw, into)
		}
	}
}

// Capture asks the processes of a worker which line waits for an answer of a protocol, and takes the most telling.
func (s *Server) Capture(worker string, protocol wire.Protocol) []ledger.Frame {
	s.mu.Lock()
	var asked []*agent
	for _, a := range s.agents {
		if a.worker == worker || worker == "" {
			asked = append(asked, a)
		}
	}
	s.mu.Unlock()
	answers := make([][]ledger.Frame, len(asked))
	var all sync.WaitGroup
	for i, a := range asked {
		all.Go(func() {
			stack, err := a.ask(protocol)
			if err != nil {
				s.forget(a)
			}
			answers[i] = stack
		})
	}
	all.Wait()
	var best []ledger.Frame
	for _, stack := range answers {
		if telling(stack) > telling(best) {
			best = stack
		}
	}
	return best
}

// telling says how well a stack explains an operation: the project's own code, and a library below it.
func telling(stack []ledger.Frame) int {
	value := 0
	for _, f := range stack {
		if f.Own {
			value |= 1
		} else if f.Library != "?" && f.Library != "" {
			value |= 2
		}
	}
	if value&1 != 0 {
		value += 4
	}
	return value
}

func (s *Server) forget(a *agent) {
	a.conn.Close()
	s.mu.Lock()
	s.agents = slices.DeleteFunc(s.agents, func(other *agent) bool { return other == a })
	s.mu.Unlock()
}

// ask asks one question. No answer in time is none, and the process is asked again the next time; an error says that it
// is gone.
func (a *agent) ask(protocol wire.Protocol) ([]ledger.Frame, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	a.conn.SetDeadline(time.Now().Add(answerLimit))
	if _, err := fmt.Fprintf(a.conn, "{\"id\":%d,\"protocol\":%q}\n", a.asked, string(protocol)); err != nil {
		return nil, err
	}
	for {
		var answer struct {
			ID    int            `json:"id"`
			Stack []ledger.Frame `json:"stack"`
		}
		err := readLine(a.lines, &answer)
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout() && a.silent < mostSilent && a.lines.Buffered() == 0:
			a.silent++
			return nil, nil
		case err != nil:
			return nil, err
		case answer.ID == a.asked:
			a.silent = 0
			return answer.Stack, nil
		}
	}
}
