package catalog

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// roles are the words Role may hold.
var roles = []string{
	RoleLock, RoleAsyncLock, RoleSemaphore, RoleTransaction, RoleCommit, RoleRollback, RoleCopy, RoleImmutable,
	RoleAuthorization, RoleBreaker, RoleShield, RoleTestClient, RoleMutates, RoleRandomKey, RoleRequestBody, RoleNarrow,
	RoleConstantCompare, RoleOwnsTasks, RolePersistent, RolePause, RoleContextManager, RolePartial, RoleTransparent,
	RoleCache, RoleSuppress, RoleNullContext, RoleSettings, RoleClock, RoleNeverReturns, RoleLog, RoleUnique, RoleIdempotent,
	RoleException, RoleTransient, RoleCancellation, RoleTestBase, RoleMock, RoleFuture, RoleThreads, RoleCallback,
}

// The words of the other fields; the doc comments of the fields say what they mean.
var (
	waitWords     = []string{"network", "database", "lock", "queue", "subprocess", "future", "task", "user", "file"}
	blockWords    = []string{"network", "database", "subprocess", "sleep", "file", "lock", "input", "dns", "cpu"}
	unitWords     = []string{"", "s", "ms", "us", "min", "h", "count"}
	coversWords   = []string{"", "total", "connect", "read", "write", "pool", "statement"}
	noneWords     = []string{"", "infinite", "default"}
	resourceWords = []string{
		"file", "socket", "connection", "session", "lock", "process", "executor", "pool", "temporary", "descriptor", "client",
	}
	withWords     = []string{"", "releases", "does-not-release", "none"}
	retryWords    = []string{"decorator", "iterator", "call", "value"}
	stopWords     = []string{"", "attempts", "delay", "never"}
	pauseWords    = []string{"", "none", "fixed", "exponential", "random"}
	writeWords    = []string{"http", "database", "queue", "mail", "payment", "storage", "cache"}
	offloadWords  = []string{"thread", "process", "loop"}
	spawnWords    = []string{"task", "thread", "process", "gather"}
	endpointWords = []string{"http", "websocket", "task", "message", "command", "lambda", "view"}
	syncWords     = []string{"", "threadpool", "worker", "loop"}
	schemaWords   = []string{"base", "call", "field", "type"}
	boundWords    = []string{"queue", "cache", "workers", "connections", "tasks", "size"}
)

// check says everything that is wrong with one row as it stands, without regard to others.
func (e *Entry) check() []error {
	v := &checker{path: e.Path}
	if e.Path == "" && len(e.Paths) > 0 {
		v.path = e.Paths[0]
	}
	if v.path == "" {
		v.wrong("path", "is missing")
	}
	if e.Source == "" {
		v.wrong("source", "is missing: say where the row was read from")
	}
	v.versions("", e.Since, e.Until)
	for _, role := range e.Role {
		v.word("role", role, roles)
	}
	if len(e.Bases) > 0 && !e.Class {
		v.wrong("bases", "holds for a class only: add class = true")
	}
	v.effects(e)
	v.guards(e)
	v.entryPoints(e)
	return v.errs
}

// checker gathers the faults of one row.
type checker struct {
	path string
	errs []error
}

func (v *checker) wrong(field, format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf("row %q: %s %s", v.path, field, fmt.Sprintf(format, args...)))
}

func (v *checker) word(field, word string, words []string) {
	if !slices.Contains(words, word) {
		v.wrong(field, "is %q%s", word, hint(word, words))
	}
}

func (v *checker) versions(field, since, until string) {
	for _, bound := range []struct{ name, text string }{{"since", since}, {"until", until}} {
		if bound.text == "" {
			continue
		}
		if _, err := parseVersion(bound.text); err != nil {
			v.wrong(field+bound.name, "is no version: %q", bound.text)
		}
	}
}

func (v *checker) parameters(field string, parameters ...Parameter) {
	for _, p := range parameters {
		if p.Name == "" && p.Position == nil {
			v.wrong(field, "has a parameter with neither name nor position")
		}
		if p.Position != nil && *p.Position < -1 {
			v.wrong(field, "%q has position %d", p.Name, *p.Position)
		}
		v.word(field+".unit", p.Unit, unitWords)
		v.word(field+".covers", p.Covers, coversWords)
		v.word(field+".none_is", p.NoneIs, noneWords)
		for _, phase := range p.Tuple {
			v.word(field+".tuple", phase, coversWords)
		}
	}
}

func (v *checker) conditions(field string, conditions []string) {
	for _, condition := range conditions {
		if _, err := ParseCondition(condition); err != nil {
			v.wrong(field, "%v", err)
		}
	}
}

func (v *checker) effects(e *Entry) {
	if e.Wait != nil {
		v.word("wait.for", e.Wait.For, waitWords)
		v.conditions("wait.unless", e.Wait.Unless)
		v.conditions("wait.unless_made", e.Wait.UnlessMade)
	}
	if e.Block != nil {
		v.word("block.by", e.Block.By, blockWords)
		v.conditions("block.unless", e.Block.Unless)
		v.conditions("block.unless_made", e.Block.UnlessMade)
	}
	if e.Bound != nil && e.Bound.Needs != "" {
		v.conditions("bound.needs", []string{e.Bound.Needs})
	}
	if e.Resource != nil {
		v.word("resource.kind", e.Resource.Kind, resourceWords)
		v.word("resource.with", e.Resource.With, withWords)
		v.conditions("resource.unless", e.Resource.Unless)
		if len(e.Resource.Release) == 0 && e.Resource.With == "none" {
			v.wrong("resource.release", "is empty and with is \"none\": nothing would release it")
		}
	}
	if e.Write != nil {
		v.word("write.to", e.Write.To, writeWords)
	}
	if e.Spawn != nil {
		v.word("spawn.what", e.Spawn.What, spawnWords)
	}
}

func (v *checker) guards(e *Entry) {
	if d := e.Deadline; d != nil {
		v.parameters("deadline", d.Parameters...)
		v.word("deadline.setting", d.Setting, append([]string{""}, Settings...))
		for _, row := range d.Defaults {
			v.versions("deadline.defaults.", row.Since, row.Until)
			v.word("deadline.defaults.covers", row.Covers, coversWords)
			v.seconds("deadline.defaults", row.Seconds)
		}
		if d.Scope && e.Wait != nil {
			v.wrong("deadline.scope", "bounds what it encloses, and cannot wait itself")
		}
	}
	if d := e.Duration; d != nil {
		v.parameters("duration", d.Parameters...)
		v.seconds("duration.default", d.Default)
	}
	if r := e.Retry; r != nil {
		v.word("retry.as", r.As, retryWords)
		v.word("retry.stops", r.Stops, stopWords)
		v.word("retry.waits", r.Waits, pauseWords)
		v.parameters("retry.attempts", r.Attempts...)
		v.parameters("retry.total", r.Total...)
		if r.Function != nil {
			v.parameters("retry.function", *r.Function)
		}
	}
	if e.Owns != nil {
		v.parameters("owns", e.Owns.Parameters...)
	}
	if e.Offload != nil {
		v.word("offload.to", e.Offload.To, offloadWords)
	}
	if b := e.Breaker; b != nil {
		v.parameters("breaker", b.Failures, b.Open)
		if b.DefaultFailures < 1 || b.DefaultOpenSeconds <= 0 {
			v.wrong("breaker", "opens after %d failures for %v seconds by default: both must be above 0", b.DefaultFailures, b.DefaultOpenSeconds)
		}
	}
	if r := e.Remember; r != nil {
		for _, param := range []Parameter{r.Lifetime, r.Jitter, r.In, r.CoalescesWith} {
			if param.Name != "" || param.Position != nil {
				v.parameters("remember", param)
			}
		}
		v.seconds("remember.default_seconds", r.DefaultSeconds)
	}
	if b := e.Bound; b != nil {
		v.word("bound.of", b.Of, boundWords)
		if b.Parameter.Name != "" || b.Parameter.Position != nil {
			v.parameters("bound", b.Parameter)
		}
		for _, row := range b.Defaults {
			v.versions("bound.defaults.", row.Since, row.Until)
		}
	}
}

func (v *checker) entryPoints(e *Entry) {
	if e.Endpoint != nil {
		v.word("endpoint.kind", e.Endpoint.Kind, endpointWords)
		v.word("endpoint.sync_in", e.Endpoint.SyncIn, syncWords)
		v.conditions("endpoint.redelivers", e.Endpoint.Redelivers)
		if e.Endpoint.Handler != nil {
			v.parameters("endpoint.handler", *e.Endpoint.Handler)
		}
	}
	if e.Schema != nil {
		v.word("schema.as", e.Schema.As, schemaWords)
	}
}

// seconds refuses a bound that no library has: more than ten years.
func (v *checker) seconds(field string, seconds float64) {
	const tenYears = 10 * 366 * 24 * 3600
	if seconds > tenYears {
		v.wrong(field, "is %v seconds: a bound is below ten years, no bound is -1", seconds)
	}
}

// tomlError says line, key and nearest valid key of an error of decoding into a value of type into.
func tomlError(err error, into reflect.Type) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		first := missing.Errors[0]
		line, _ := first.Position()
		key := strings.Join(first.Key(), ".")
		return fmt.Errorf("line %d: unknown field %q%s", line, key, hintField(into, first.Key()))
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, _ := decode.Position()
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}
