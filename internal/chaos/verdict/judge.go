package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/state"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Judgement is what a run with a fault showed.
type Judgement struct {
	Point fault.Point `json:"point"`
	Kind  fault.Kind  `json:"kind"`
	// Reached is true where the fault was injected; otherwise nothing was shown.
	Reached bool `json:"reached"`
	// Faulted is the operation at which it was, nil where it was not reached.
	Faulted *ledger.Record `json:"faulted,omitempty"`
	// Outcome is how the test ended.
	Outcome    string      `json:"outcome"`
	Duplicates []Duplicate `json:"duplicates,omitempty"`
	// Endless is true where somebody waited for an answer as long as he was let.
	Endless bool          `json:"endless,omitempty"`
	Waited  time.Duration `json:"waited,omitempty"`
	// Attempts is how often the program came to a service that was out, and Within the time from the first to the last.
	Attempts int           `json:"attempts,omitempty"`
	Within   time.Duration `json:"within,omitempty"`
	// Unreturned are pools from which more connections are out than without the fault.
	Unreturned []ledger.Pool `json:"unreturned,omitempty"`
	// Withheld says what could not be decided.
	Withheld []string `json:"withheld,omitempty"`
	// Timeline are the operations of the test in this run.
	Timeline []*ledger.Record `json:"timeline,omitempty"`
}

// Duplicate is an effect that happened more often than without the fault.
type Duplicate struct {
	// First and Again are the two executions.
	First *ledger.Record `json:"first"`
	Again *ledger.Record `json:"again"`
	// Was and Is are how often it happened, or how many rows it wrote.
	Was int64 `json:"was"`
	Is  int64 `json:"is"`
	// Renewed is true where each attempt carried an idempotency key of its own.
	Renewed bool `json:"renewed,omitempty"`
	// Difference is what the end state shows where the wire could not decide, nil where it could.
	Difference *state.Difference `json:"difference,omitempty"`
}

// Judge compares a run with a fault with the test as it is without one.
func (b *Basis) Judge(run *Run, plan fault.Plan) *Judgement {
	j := &Judgement{Point: plan.Point, Kind: plan.Kind, Reached: run.Trace.Reached}
	if t := run.Trace.Test(b.Test.ID); t != nil {
		j.Outcome = t.Outcome
		j.Unreturned = unreturned(b.Test.Pools, t.Pools)
	}
	records := run.Trace.Of(b.Test.ID)
	j.Timeline = records
	for _, r := range records {
		if r.Fault != "" {
			j.Faulted = r
			j.Endless, j.Waited = r.Endless, r.Waited
		}
	}
	if !j.Reached || j.Faulted == nil {
		j.Reached = false
		return j
	}
	if n := len(run.Trace.Attempts); n > 0 {
		j.Attempts, j.Within = n, run.Trace.Attempts[n-1]-run.Trace.Attempts[0]
	}
	for _, blind := range run.Trace.Blind {
		if blind.Test == b.Test.ID && !b.knewBlind() {
			j.Withheld = append(j.Withheld, "a connection could not be read: "+blind.Reason)
			break
		}
	}
	b.duplicates(j, run, records)
	return j
}

func (b *Basis) knewBlind() bool {
	return slices.ContainsFunc(b.Withheld, func(why string) bool { return strings.Contains(why, "could not be read") })
}

// duplicates finds what happened more often.
func (b *Basis) duplicates(j *Judgement, run *Run, records []*ledger.Record) {
	now := count(records)
	ends := b.ends(run)
	for _, e := range sorted(now) {
		was, is := b.effects[e], now[e]
		if was.count+int64(len(was.keys)) == 0 {
			continue // what only a failure brings about: a log, a compensation
		}
		more := is.distinct() > was.distinct()
		switch is.class {
		case wire.Effect:
			if e.protocol == wire.Postgres {
				more = is.rows > was.rows
			}
			if more && !ends.vetoes(e.protocol, is.target) {
				j.Duplicates = append(j.Duplicates, pair(e, was, is, records, nil))
			}
		case wire.Idempotent:
			// Twice with the same values is once; with others only the end can tell.
			if is.count > was.count && len(is.values) > len(was.values) && e.protocol == wire.Postgres {
				b.undecided(j, ends, pair(e, was, is, records, nil), is.target)
			}
		default:
			if is.count > was.count {
				b.undecided(j, ends, pair(e, was, is, records, nil), "")
			}
		}
	}
}

// undecided lets the end state decide about something that was done again.
func (b *Basis) undecided(j *Judgement, ends *ends, d Duplicate, table string) {
	reads := d.Again.Class == wire.Read
	if !ends.known {
		if !reads {
			j.Withheld = append(j.Withheld, fmt.Sprintf("%s was done again, what it does is not seen on the wire, and the end state is not known (%s)", d.Again.Shape, ends.reason))
		}
		return
	}
	for _, difference := range ends.differences {
		if table != "" && !names(difference.Table, table) || reads && difference.Is <= difference.Was {
			continue
		}
		if difference.Is < difference.Was || j.Outcome != "passed" && difference.Is == difference.Was && reads {
			continue
		}
		d.Difference = &difference
		d.Was, d.Is = difference.Was, difference.Is
		j.Duplicates = append(j.Duplicates, d)
		return
	}
}

// ends are the end states of a run beside those of the baseline.
type ends struct {
	known       bool
	reason      string
	differences []state.Difference
	tables      []string
}

// ends compares the end states of the databases.
func (b *Basis) ends(run *Run) *ends {
	e := &ends{reason: cmp.Or(run.Unknown, "the program's connection string is not known")}
	states := run.States[b.Test.ID]
	var databases []string
	for name := range states {
		databases = append(databases, name)
	}
	slices.Sort(databases)
	for _, name := range databases {
		first, second, now := b.states[0][name], b.states[1][name], states[name]
		if first == nil || second == nil || now == nil {
			continue
		}
		differences, comparable := state.Compare(first, second, now)
		if !comparable {
			e.reason = "it differs between two runs without a fault"
			continue
		}
		e.known = true
		e.differences = append(e.differences, differences...)
		for _, t := range first {
			e.tables = append(e.tables, t.Name)
		}
	}
	return e
}

// vetoes says whether the end state shows that nothing came of what looks like a duplicate: the table holds what it
// holds without the fault, as what the first attempt wrote was taken away again.
func (e *ends) vetoes(protocol wire.Protocol, table string) bool {
	if !e.known || protocol != wire.Postgres || table == "" {
		return false
	}
	if !slices.ContainsFunc(e.tables, func(t string) bool { return names(t, table) }) {
		return false
	}
	return !slices.ContainsFunc(e.differences, func(d state.Difference) bool { return names(d.Table, table) })
}

// names says whether a table of a snapshot is the one that a statement names, without its schema.
func names(table, named string) bool {
	return strings.EqualFold(table[strings.LastIndexByte(table, '.')+1:], named)
}

// pair finds the two executions of an effect that are told: the first, and the first that is too many.
func pair(e effect, was, is amount, records []*ledger.Record, difference *state.Difference) Duplicate {
	var all []*ledger.Record
	for _, r := range records {
		if counts(r) && r.Protocol == e.protocol && r.Shape == e.shape {
			all = append(all, r)
		}
	}
	at := min(int(was.count)+len(was.keys), len(all)-1)
	d := Duplicate{First: all[0], Again: all[max(at, 0)], Was: was.distinct(), Is: is.distinct(), Difference: difference}
	// Told is the pair that is most alike: the same values, or else the operation at which the fault was.
	for _, r := range slices.Backward(all) {
		if r.Seq < d.Again.Seq && (r.Values == d.Again.Values || r.Fault != "") {
			d.First = r
		}
	}
	if e.protocol == wire.Postgres && is.rows > was.rows {
		d.Was, d.Is = was.rows, is.rows
	}
	d.Renewed = len(is.keys) > len(was.keys) && is.count == was.count
	return d
}

// unreturned says of which pools more connections are out than without the fault.
func unreturned(was, is []ledger.Pool) []ledger.Pool {
	var out []ledger.Pool
	for _, p := range sum(is) {
		before := 0
		for _, q := range sum(was) {
			if q.Kind == p.Kind && q.Name == p.Name {
				before = q.Out
			}
		}
		if p.Out > before {
			p.Out -= before
			out = append(out, p)
		}
	}
	return out
}

// sum adds up pools of the same kind.
func sum(pools []ledger.Pool) []ledger.Pool {
	var out []ledger.Pool
	for _, p := range pools {
		i := slices.IndexFunc(out, func(q ledger.Pool) bool { return q.Kind == p.Kind && q.Name == p.Name })
		if i < 0 {
			out = append(out, p)
			continue
		}
		out[i].Out += p.Out
	}
	return out
}

// Found says whether the run showed a fault of the program.
func (j *Judgement) Found() bool {
	return len(j.Duplicates) > 0 || j.Endless || len(j.Unreturned) > 0 || j.Storm()
}

// mostAttempts is how often a program may come to a service that is out before that is a storm.
const mostAttempts = 10

// Storm says whether the program came to a service that was out again and again.
func (j *Judgement) Storm() bool { return j.Attempts > mostAttempts }
