package program

import (
	"slices"
	"sync/atomic"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// memory keeps answers that hold for whoever asks, so that a name that thousands of files import is looked at once.
// Only answers that no limit and no cycle cut short are kept: what a cut leaves depends on where the question came
// from. An Eval gets the same answers with and without it, so it does not matter which worker asks first.
type memory struct {
	symbols []slots // by file and symbol
	stores  []slots // by file and entry of fileIndex.stores
	results []slots // by file and scope of a function
}

type slots []atomic.Pointer[answer]

// answer is what a symbol, an attribute store or a call of a function gives.
type answer struct {
	values []Value
	// height is how many steps the question took, so that one that is asked where fewer are left is asked anew.
	height int
}

// newMemory makes room for the answers about all files; those about the same files as another memory has are shared.
func newMemory(files []*fact.File, index []fileIndex, other *memory, same func(FileID) bool) *memory {
	symbols, stores, scopes := 0, 0, 0
	for i, file := range files {
		if !same(FileID(i)) {
			symbols += len(file.Symbols)
			stores += len(index[i].stores)
			scopes += len(file.Scopes)
		}
	}
	all := make(slots, symbols+stores+scopes)
	take := func(n int) (part slots) {
		part, all = all[:n:n], all[n:]
		return part
	}
	m := &memory{symbols: make([]slots, len(files)), stores: make([]slots, len(files)), results: make([]slots, len(files))}
	for i, file := range files {
		if same(FileID(i)) {
			m.symbols[i], m.stores[i], m.results[i] = other.symbols[i], other.stores[i], other.results[i]
			continue
		}
		m.symbols[i] = take(len(file.Symbols))
		m.stores[i] = take(len(index[i].stores))
		m.results[i] = take(len(file.Scopes))
	}
	return m
}

// memories gives the answers that a program keeps, nil for no program.
func (p *Program) memories() *memory {
	if p == nil {
		return nil
	}
	return p.memory
}

func (m *memory) symbol(file FileID, sym fact.Sym) *atomic.Pointer[answer] {
	if m == nil {
		return nil
	}
	return &m.symbols[file][sym]
}

func (m *memory) store(file FileID, index int32) *atomic.Pointer[answer] {
	if m == nil {
		return nil
	}
	return &m.stores[file][index]
}

func (m *memory) result(fn Func) *atomic.Pointer[answer] {
	if m == nil {
		return nil
	}
	return &m.results[fn.File][fn.Scope]
}

// question is what an Eval has to remember while it looks for an answer.
type question struct {
	slot *atomic.Pointer[answer]
	cut  bool
	top  int
}

// recall gives a kept answer, where as many steps are left as it takes.
func (e *Eval) recall(slot *atomic.Pointer[answer]) ([]Value, bool) {
	if slot == nil {
		return nil, false
	}
	kept := slot.Load()
	if kept == nil || e.depth+kept.height >= maxDepth {
		return nil, false
	}
	e.top = max(e.top, e.depth+kept.height)
	return kept.values, true
}

// ask begins a question. The slot may be nil, where there is no memory.
func (e *Eval) ask(slot *atomic.Pointer[answer]) question {
	q := question{slot, e.cut, e.top}
	e.cut, e.top = false, e.depth
	return q
}

// answered ends a question and keeps its answer, unless that was cut short: then it is for this Eval only.
func (e *Eval) answered(q question, values []Value) (kept bool) {
	kept = !e.cut && q.slot != nil
	if kept {
		q.slot.Store(e.newAnswer(values, e.top-e.depth))
	}
	e.cut = e.cut || q.cut
	e.top = max(e.top, q.top)
	return kept
}

// newAnswer makes an answer. An Eval makes many, so it makes room for some at once.
func (e *Eval) newAnswer(values []Value, height int) *answer {
	if len(e.room) == cap(e.room) {
		e.room = make([]answer, 0, min(64, max(8, 2*cap(e.room))))
	}
	e.room = append(e.room, answer{values, height})
	return &e.room[len(e.room)-1]
}

// remembered answers a question about one symbol or store: from memory, or by find; in a circle the answer is circular.
func (e *Eval) remembered(key symbolKey, slot *atomic.Pointer[answer], circular []Value, find func() []Value) []Value {
	if values, ok := e.recall(slot); ok {
		return values
	}
	if values, ok := e.memo[key]; ok {
		e.cut = true
		return values
	}
	if slices.Contains(e.active, key) {
		e.cut = true
		return circular
	}
	e.active = append(e.active, key)
	q := e.ask(slot)
	values := find()
	e.active = e.active[:len(e.active)-1]
	if !e.answered(q, values) {
		if e.memo == nil {
			e.memo = map[symbolKey][]Value{}
		}
		e.memo[key] = values
	}
	return values
}

// enter takes one step of a question; ok is false, and leave must not be called, where it has taken too many.
func (e *Eval) enter() (ok bool) {
	if e.depth >= maxDepth {
		e.cut = true
		return false
	}
	e.depth++
	e.top = max(e.top, e.depth)
	return true
}

func (e *Eval) leave() { e.depth-- }

// begin enters a function, unless that is already being looked into; end leaves it.
func (e *Eval) begin(fn Func) (ok bool) {
	if slices.Contains(e.calls, fn) {
		e.cut = true
		return false
	}
	if !e.enter() {
		return false
	}
	e.calls = append(e.calls, fn)
	return true
}

func (e *Eval) end() {
	e.calls = e.calls[:len(e.calls)-1]
	e.leave()
}
