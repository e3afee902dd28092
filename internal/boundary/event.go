package boundary

import (
	"encoding/json"
	"fmt"
)

// event is one line of the agent. Which fields are used depends on Event.
type event struct {
	Event string `json:"event"`

	// sandbox
	Sandbox *Sandbox `json:"sandbox"`
	Python  string   `json:"python"`
	// collected, uncollected
	Tests     int         `json:"tests"`
	Broken    [][2]string `json:"broken"`
	Threads   []string    `json:"threads"`
	Missing   []int       `json:"missing"`
	Strangers [][2]string `json:"strangers"`
	Code      int         `json:"code"`
	Said      string      `json:"said"`
	// baseline
	Data json.RawMessage `json:"data"`
	// broken, absent, dependent, nocontexts
	Test  string `json:"test"`
	How   string `json:"how"`
	What  string `json:"what"`
	Files int    `json:"files"`
	// verdict
	Mutant  string   `json:"mutant"`
	Verdict string   `json:"verdict"`
	By      string   `json:"by"`
	Reason  string   `json:"reason"`
	Reach   int      `json:"reach"`
	Near    []string `json:"near"`
	Spoiled []string `json:"spoiled"`
	Tried   []string `json:"tried"`
	// verified
	File   string              `json:"file"`
	Ran    int                 `json:"ran"`
	Failed map[string]string   `json:"failed"`
	Killed map[string][]string `json:"killed"`
}

// Sandbox says what held the mutants. Level is "namespaces" or "hooks", Files "copies", "read-only" or "hooks"; Why says
// why it is not more. Processes says who counts them: "group" or "limit" for the kernel, "hooks" where nobody but Python
// does.
type Sandbox struct {
	Level     string `json:"level"`
	Files     string `json:"files"`
	Processes string `json:"processes"`
	Why       string `json:"why"`
}

// Bounded reports whether the kernel itself bounds how many processes a mutant can have.
func (s *Sandbox) Bounded() bool { return s.Processes != "hooks" }

// String describes it for people.
func (s *Sandbox) String() string {
	switch s.Processes {
	case "group":
		return fmt.Sprintf("%s; at most %d processes and threads (control group)", s.place(), tasks)
	case "limit":
		return fmt.Sprintf("%s; at most %d processes (RLIMIT_NPROC)", s.place(), processes)
	}
	return s.place() + "; processes are counted where Python starts them only, as no control group can be made here"
}

func (s *Sandbox) place() string {
	switch {
	case s.Level != "namespaces":
		return "Python's audit hooks (no namespaces: " + s.Why + "); C code can get around them"
	case s.Files == "copies":
		return "Linux namespaces: own processes, no network, files are copies that vanish"
	case s.Files == "read-only":
		return "Linux namespaces: own processes, no network, files are read-only (no copies: " + s.Why + ")"
	}
	return "Linux namespaces: own processes, no network; files are guarded by audit hooks (" + s.Why + ")"
}

// baseline is what the tests do as the code is.
type baseline struct {
	// Outcomes are "passed", "failed" or "skipped", the seconds, and how it failed.
	Outcomes map[string]outcome `json:"outcomes"`
	Targets  []observation      `json:"targets"`
	Flaky    []string           `json:"flaky"`
	Tried    []string           `json:"tried"`
	// Hypothesis says that the package is there.
	Hypothesis bool `json:"hypothesis"`
}

type outcome struct {
	Verdict string
	Seconds float64
	How     string
}

// UnmarshalJSON reads ["passed", 0.1, ""].
func (o *outcome) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, &[]any{&o.Verdict, &o.Seconds, &o.How})
}

// observation is what was seen of one target.
type observation struct {
	Tests   map[string]json.RawMessage `json:"tests"`
	Witness *witness                   `json:"witness"`
}

// witness is an input that leads to the limit, with what the function does there and beside it.
type witness struct {
	Why       string              `json:"why"`
	Module    string              `json:"module"`
	Name      string              `json:"name"`
	Owner     string              `json:"owner"`
	Kind      string              `json:"kind"` // function, method, static, class, property
	Async     bool                `json:"async"`
	Generator bool                `json:"generator"`
	Keyword   []string            `json:"by_keyword"`
	Knob      [3]string           `json:"knob"` // argument, length, constructor or attribute; its name; the attribute
	Limit     string              `json:"limit"`
	Type      string              `json:"type"`
	Rows      []row               `json:"rows"`
	Apart     map[string][]change `json:"apart"`
	Clock     [][2]string         `json:"clock"`
}

// mark stands in the arguments of a row for the value that is turned.
const mark = "\x00"

// row is one call.
type row struct {
	Value      string      `json:"value"`
	At         bool        `json:"at"`
	Arguments  [][2]string `json:"arguments"`
	Instance   string      `json:"instance"`
	Filler     string      `json:"filler"`
	Attributes [][2]string `json:"attributes"`
	Imports    [][2]string `json:"imports"`
	Unwritable string      `json:"unwritable"`
	Shown      string      `json:"shown"`
	Compared   []string    `json:"compared"`
	Outcome    result      `json:"outcome"`
}

// result is what a call gave.
type result struct {
	Kind    string            `json:"kind"` // return or raise
	Type    string            `json:"type"`
	Module  string            `json:"module"`
	Text    string            `json:"text"`
	Repr    string            `json:"repr"`
	Message string            `json:"message"`
	Imports [][2]string       `json:"imports"`
	State   map[string]string `json:"state"`
}

// change is what a mutant gives in one row instead.
type change struct {
	Row    int
	Result result
}

// UnmarshalJSON reads [1, {...}].
func (c *change) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, &[]any{&c.Row, &c.Result})
}
