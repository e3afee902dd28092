package ledger

import (
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// State says what became of an operation.
type State string

// The states.
const (
	// Sent: no answer came.
	Sent State = "sent"
	// Undelivered: the fault kept it from the peer.
	Undelivered State = "undelivered"
	// Answered: executed, and it wrote nothing that counts, or its transaction is still open.
	Answered State = "answered"
	// Failed: the peer refused.
	Failed State = "failed"
	// Committed: what it wrote is durable.
	Committed State = "committed"
	// RolledBack: what it wrote was taken back.
	RolledBack State = "rolled back"
)

// Phase is the part of a test in which something happens.
type Phase string

// The phases of a test; Call is also all of a command that is no test run.
const (
	Setup    Phase = "setup"
	Call     Phase = "call"
	Teardown Phase = "teardown"
	Outside  Phase = "outside"
)

// Frame is one line of a Python stack.
type Frame struct {
	// File is the path as Python names it.
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
	// Loops are those around Line in the same function, the outermost first.
	Loops []Loop `json:"loops,omitempty"`
	// Own is true for code of the project, false for that of libraries.
	Own bool `json:"own,omitempty"`
	// Call tells one call of a library's function from another, 0 where it is not known: two operations under one call are
	// the library's doing.
	Call int `json:"call,omitempty"`
	// Library is the package that the code belongs to, where it is not the project's.
	Library string `json:"library,omitempty"`
}

// Loop is a loop of a program.
type Loop struct {
	Line int `json:"line"`
	// Tries is true where a try stands in it around the line in question, as in a loop that repeats what failed.
	Tries bool `json:"tries,omitempty"`
}

// Way is how an operation came to us. The zero value is that of a program that was told our address for its service.
type Way struct {
	// TLS is true where it was encrypted on one hop at least.
	TLS bool `json:"tls,omitempty"`
	// Proxy is true where the program asked us for the service as it asks a proxy for HTTP.
	Proxy bool `json:"proxy,omitempty"`
}

// Record is one operation of a run. Times count from the start of the run.
type Record struct {
	Seq        int           `json:"seq"`
	Test       string        `json:"test"`
	Phase      Phase         `json:"phase"`
	Worker     string        `json:"worker,omitempty"`
	Conn       int           `json:"conn"`
	Protocol   wire.Protocol `json:"protocol"`
	Shape      string        `json:"shape"`
	Target     string        `json:"target,omitempty"`
	Class      wire.Class    `json:"class"`
	Shown      string        `json:"shown,omitempty"`
	Calls      bool          `json:"calls,omitempty"`
	Foreign    bool          `json:"foreign,omitempty"`
	Key        uint64        `json:"key,omitempty"`
	Values     uint64        `json:"values,omitempty"`
	Occurrence int           `json:"occurrence"`
	Way        Way           `json:"way,omitzero"`

	State State  `json:"state"`
	Rows  int64  `json:"rows,omitempty"`
	Note  string `json:"note,omitempty"`
	// Decider is the Seq of the operation whose answer decided State, such as a COMMIT.
	Decider int           `json:"decider,omitempty"`
	Start   time.Duration `json:"start"`
	End     time.Duration `json:"end"`
	// Stack is the Python stack of who sent it, the innermost frame last; empty where it is not known.
	Stack []Frame `json:"stack,omitempty"`

	// Fault is the kind that was injected here, empty for none.
	Fault fault.Kind `json:"fault,omitempty"`
	// Waited is how long the client waited for an answer that did not come; Endless is true where it still waited when
	// the patience of the plan ended.
	Waited  time.Duration `json:"waited,omitempty"`
	Endless bool          `json:"endless,omitempty"`
}

// Point names the operation as a place for a fault.
func (r *Record) Point() fault.Point {
	return fault.Point{Test: r.Test, Protocol: r.Protocol, Shape: r.Shape, Occurrence: r.Occurrence}
}

// Pool is what is out of a pool of connections when a test ends.
type Pool struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Out  int    `json:"out"`
}

// Test is the account of one test.
type Test struct {
	ID     string `json:"id"`
	Worker string `json:"worker,omitempty"`
	// Outcome is passed, failed, error or skipped, empty where it did not end.
	Outcome string        `json:"outcome,omitempty"`
	Start   time.Duration `json:"start"`
	End     time.Duration `json:"end"`
	Pools   []Pool        `json:"pools,omitempty"`
	// File and Line say where the test is defined; File is absolute.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Blindness is a connection that could not be read.
type Blindness struct {
	Test     string        `json:"test"`
	Protocol wire.Protocol `json:"protocol"`
	Upstream string        `json:"upstream"`
	Reason   string        `json:"reason"`
}

// Trace is the account of a run that has ended. Nobody changes it.
type Trace struct {
	Records []Record    `json:"records"`
	Tests   []Test      `json:"tests"`
	Blind   []Blindness `json:"blind,omitempty"`
	Refused []string    `json:"refused,omitempty"`
	// Reached is true where the fault of the plan was injected.
	Reached bool `json:"reached"`
	// Attempts are the times at which the program came to a service that was out (fault.Outage).
	Attempts []time.Duration `json:"attempts,omitempty"`
	// Connections counts what was opened, also what carried no operation.
	Connections int `json:"connections"`
}

// Test finds the account of a test, nil where it did not run.
func (t *Trace) Test(id string) *Test {
	for i := range t.Tests {
		if t.Tests[i].ID == id {
			return &t.Tests[i]
		}
	}
	return nil
}

// Of gives the records of a test in the order in which they were sent.
func (t *Trace) Of(test string) []*Record {
	var own []*Record
	for i := range t.Records {
		if t.Records[i].Test == test {
			own = append(own, &t.Records[i])
		}
	}
	return own
}
