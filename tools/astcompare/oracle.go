package main

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
)

//go:embed oracle.py
var oracleScript string

// A Verdict is what one interpreter says of one source.
type Verdict struct {
	// Digest is the SHA-256 of the dump in hexadecimal; empty when the source is refused.
	Digest string
	// Refusal says why the source is refused; nil when it is accepted.
	Refusal *Refusal
}

// A Refusal is the exception that ast.parse raised.
type Refusal struct {
	// Class is the exception's class, "SyntaxError" in most cases.
	Class string `json:"class"`
	// Message is the exception's text without its position.
	Message string `json:"message"`
	// Line and Column are 1-based as CPython counts them; zero when the exception has none.
	Line   int `json:"line"`
	Column int `json:"column"`
}

func (r *Refusal) String() string {
	return fmt.Sprintf("%s: %s (line %d, column %d)", r.Class, r.Message, r.Line, r.Column)
}

// An Oracle is one running interpreter. It answers one question at a time and must not be shared between goroutines.
type Oracle struct {
	command   *exec.Cmd
	questions io.WriteCloser
	answers   *bufio.Reader
}

// startOracle starts the interpreter with the embedded script. The child runs isolated (-I -S), so nothing that is
// installed beside it changes what it says.
func startOracle(i Interpreter) (*Oracle, error) {
	command := exec.Command(i.Path, "-I", "-S", "-c", oracleScript)
	questions, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", i.Path, err)
	}
	answers, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", i.Path, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", i.Path, err)
	}
	return &Oracle{command: command, questions: questions, answers: bufio.NewReaderSize(answers, 1<<16)}, nil
}

// Judge returns what the interpreter says of source.
func (o *Oracle) Judge(source []byte) (Verdict, error) {
	kind, body, err := o.ask('D', source)
	if err != nil {
		return Verdict{}, err
	}
	if kind == 'D' {
		return Verdict{Digest: string(body)}, nil
	}
	return refusalVerdict(body)
}

// Text returns the whole dump of source; it is empty when the source is refused.
func (o *Oracle) Text(source []byte) (string, error) {
	kind, body, err := o.ask('T', source)
	if err != nil || kind != 'T' {
		return "", err
	}
	return string(body), nil
}

// Close ends the interpreter.
func (o *Oracle) Close() error {
	if err := o.questions.Close(); err != nil {
		return fmt.Errorf("close the interpreter's input: %w", err)
	}
	return o.command.Wait()
}

func (o *Oracle) ask(kind byte, source []byte) (byte, []byte, error) {
	request := make([]byte, 5, 5+len(source))
	binary.BigEndian.PutUint32(request, uint32(len(source)+1))
	request[4] = kind
	if _, err := o.questions.Write(append(request, source...)); err != nil {
		return 0, nil, fmt.Errorf("ask the interpreter: %w", err)
	}
	var head [4]byte
	if _, err := io.ReadFull(o.answers, head[:]); err != nil {
		return 0, nil, fmt.Errorf("the interpreter ended without an answer: %w", err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(o.answers, body); err != nil || len(body) == 0 {
		return 0, nil, fmt.Errorf("the interpreter's answer is cut short: %w", err)
	}
	return body[0], body[1:], nil
}

func refusalVerdict(body []byte) (Verdict, error) {
	refusal := &Refusal{}
	if err := json.Unmarshal(body, refusal); err != nil {
		return Verdict{}, fmt.Errorf("read the interpreter's refusal: %w", err)
	}
	return Verdict{Refusal: refusal}, nil
}

// digest returns the SHA-256 of b in hexadecimal.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
