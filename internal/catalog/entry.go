package catalog

import "slices"

// Entry is everything known of one callable or class. A nil part means that the entry has no such property: a call
// without Wait does not wait as far as is known.
type Entry struct {
	// Path is the canonical dotted path.
	Path string `toml:"path"`
	// Paths lets several callables share one row; each is an entry of its own once loaded.
	Paths []string `toml:"paths"`
	// Aliases are other dotted paths by which the same object is reached.
	Aliases []string `toml:"aliases"`
	// Source names the file and line (of the version of the library in Library.Checked), the document or the
	// specification the row was read from. Required.
	Source string `toml:"source"`
	// Since and Until bound the library versions (Since <= version < Until); empty means unbounded.
	Since string `toml:"since"`
	Until string `toml:"until"`

	// Class is true where the path names a class; the row then describes its construction.
	Class bool `toml:"class"`
	// Bases are canonical paths of base classes; rows of a base's methods hold for the class.
	Bases []string `toml:"bases"`
	// Returns is the class of the result: a canonical path, "self" (the receiver's class), "argument" (the first
	// argument itself) or "" where unknown. For a class it is the class.
	Returns string `toml:"returns"`
	// Async is true where calling gives an awaitable and the effect happens when it is awaited.
	Async bool `toml:"async"`
	// Enters is the class bound by "with X as name"; "" means the object itself.
	Enters string `toml:"enters"`
	// Attributes gives the classes of attributes of a class's instances (or members of a module).
	Attributes map[string]string `toml:"attributes"`
	// Decorates is the class of a function decorated by this callable, with or without a call in between
	// (celery.shared_task: "celery.Task"); "" means that the decorated name stays a function.
	Decorates string `toml:"decorates"`

	Wait     *Wait     `toml:"wait"`
	Block    *Block    `toml:"block"`
	Resource *Resource `toml:"resource"`
	Release  *Release  `toml:"release"`
	Owns     *Owns     `toml:"owns"`
	Deadline *Deadline `toml:"deadline"`
	Duration *Duration `toml:"duration"`
	Retry    *Retry    `toml:"retry"`
	Write    *Write    `toml:"write"`
	Offload  *Offload  `toml:"offload"`
	Spawn    *Spawn    `toml:"spawn"`
	Endpoint *Endpoint `toml:"endpoint"`
	Schema   *Schema   `toml:"schema"`
	Bound    *Bound    `toml:"bound"`
	Breaker  *Breaker  `toml:"breaker"`
	Remember *Remember `toml:"remember"`
	Role     []string  `toml:"role"` // plain memberships, see the Role constants

	// Library is the library the row belongs to; set by the loader, never nil in an entry that was looked up.
	Library *Library `toml:"-"`
}

// Has says whether role is one of the entry's plain memberships. A nil entry has none.
func (e *Entry) Has(role string) bool { return e != nil && slices.Contains(e.Role, role) }

// Roles are plain properties that need no parameters.
const (
	RoleLock            = "lock"             // a mutual exclusion object (class): with, acquire, release
	RoleAsyncLock       = "async-lock"       // the same for tasks of one loop
	RoleSemaphore       = "semaphore"        // bounds how many run at once
	RoleTransaction     = "transaction"      // a context manager or decorator that makes the enclosed writes atomic
	RoleCommit          = "commit"           // ends a transaction keeping its writes
	RoleRollback        = "rollback"         // ends a transaction dropping its writes
	RoleCopy            = "copy"             // gives an independent copy of its first argument or receiver
	RoleImmutable       = "immutable"        // gives an object that cannot be changed
	RoleAuthorization   = "authorization"    // decorator, dependency or mixin that refuses the unauthorised
	RoleBreaker         = "breaker"          // circuit breaker: decorator or context manager
	RoleShield          = "shield"           // protects from cancellation
	RoleTestClient      = "test-client"      // calls the application in this process: neither network nor unbounded
	RoleMutates         = "mutates"          // method changes its receiver in place
	RoleRandomKey       = "random"           // a new value on every call (uuid4, token_hex)
	RoleRequestBody     = "request-body"     // gives raw outside input
	RoleNarrow          = "narrow"           // type narrowing only (isinstance, callable)
	RoleConstantCompare = "constant-compare" // compares secrets in constant time
	RoleOwnsTasks       = "owns-tasks"       // TaskGroup: create_task on it is owned
	RolePersistent      = "persistent"       // lives as long as the process by design
	RolePause           = "pause"            // sleeps for its first argument (time.sleep, asyncio.sleep): the pause of a retry loop
	RoleContextManager  = "context-manager"  // decorator that makes a generator function a factory of context managers
	RolePartial         = "partial"          // binds arguments of the callable given first (functools.partial)
	RoleTransparent     = "transparent"      // decorator that leaves what the function does unchanged (functools.wraps, lru_cache)
	RoleCache           = "cache"            // decorator that remembers results: the function runs once for equal arguments
	RoleSuppress        = "suppress"         // context manager that swallows the exceptions given to it
	RoleNullContext     = "null-context"     // context manager that does nothing and gives its argument
	RoleSettings        = "settings"         // gives a value from the configuration of the process (environment, settings object)
	RoleClock           = "clock"            // gives the current time
	RoleNeverReturns    = "never-returns"    // ends the process or raises always
	RoleLog             = "log"              // writes a log record and goes on
	RoleUnique          = "unique"           // declares that a column or set of columns is unique in the database
	RoleIdempotent      = "idempotent"       // decorator that runs the function once for a key, however often it is called
	RoleException       = "exception"        // an exception class; Bases give the hierarchy
	RoleTransient       = "transient"        // an exception that says "try again" (time-out, lost connection)
	RoleCancellation    = "cancellation"     // an exception that asks the task to end (asyncio.CancelledError)
	RoleTestBase        = "test-base"        // base class, decorator or assertion of a test framework
	RoleMock            = "mock"             // replaces a remote party inside this process
	RoleFuture          = "future"           // class of objects that stand for a result to come
	RoleThreads         = "threads"          // a class for use between threads, whose methods need no lock (queue.Queue)
	RoleCallback        = "callback"         // registers a function to be called later on the event loop
)

// Wait says that a call waits for something outside its own computation.
type Wait struct {
	// For is what is waited for: "network", "database", "subprocess", "user", "queue", "future", "lock", "task", "file".
	// Connecting to anything is "network"; "database" is a statement on an open connection. The in-process kinds
	// (queue, future, lock, task) are judged in strict mode only; a statement, a file and a user are not asked for a
	// deadline, but one that a change removes counts.
	For string `toml:"for"`
	// Unless lists arguments that turn the wait off; see Condition for how they are written.
	Unless []string `toml:"unless"`
	// UnlessMade lists arguments of the receiver's construction that do ("type@1=SOCK_DGRAM").
	UnlessMade []string `toml:"unless_made"`
}

// Settings are the names that rows may give as the setting of a deadline.
var Settings = []string{"EMAIL_TIMEOUT"}

// Deadline says which parameter bounds the waits of a call, or, on a class, of every call through its instances.
type Deadline struct {
	Parameters []Parameter `toml:"parameters"`
	// Defaults hold when no parameter is given, by library version.
	Defaults []Default `toml:"defaults"`
	// Receiver is true where the receiver's construction may carry the deadline (client, session, pool); the call's
	// own parameter wins over it, and Defaults apply when neither says anything.
	Receiver bool `toml:"receiver"`
	// Scope is true for a context manager that bounds what it encloses (asyncio.timeout, anyio.fail_after).
	Scope bool `toml:"scope"`
	// Wraps is the 0-based position of the awaitable argument that is bounded (asyncio.wait_for: 0), else -1 or absent.
	Wraps *int `toml:"wraps"`
	// Process is true where the call sets the default of the whole process (socket.setdefaulttimeout).
	Process bool `toml:"process"`
	// Attribute names an attribute of the instance whose assignment sets the deadline ("timeout").
	Attribute string `toml:"attribute"`
	// Setter names a method of the instance that sets it (socket.socket: "settimeout").
	Setter string `toml:"setter"`
	// NonBlocking names a method of the instance that, given False, lets nothing wait or block any more
	// (socket.socket: "setblocking").
	NonBlocking string `toml:"non_blocking"`
	// Global is true where, when nothing is said, the default of the process holds (socket.setdefaulttimeout), and
	// the wait is infinite only while that is not set.
	Global bool `toml:"global"`
	// Setting names a setting of the project that bounds the wait when nothing is said (Django's EMAIL_TIMEOUT): a name
	// that some module of the program assigns.
	Setting string `toml:"setting"`
}

// Default gives the bound of the call when nothing is said: that of the whole wait, or where the rows speak of phases
// only, the longest of them. What bounds later statements on a connection ("statement") counts only where nothing else
// is known. ok is false where nothing is known at all; seconds is negative for an infinite wait.
func (d *Deadline) Default() (row Default, ok bool) {
	if d == nil {
		return Default{}, false
	}
	for _, candidate := range d.Defaults {
		switch {
		case candidate.Covers == "" || candidate.Covers == "total":
			return candidate, true
		case !ok, row.Covers == "statement":
			row, ok = candidate, true
		case candidate.Covers == "statement":
		case candidate.Seconds < 0, row.Seconds >= 0 && candidate.Seconds > row.Seconds:
			row = candidate
		}
	}
	return row, ok
}

// Parameter is one parameter that carries a duration, count or function.
type Parameter struct {
	// Name is the parameter's name. A dotted name is a key of the dictionary given for a parameter
	// ("connect_args.connect_timeout").
	Name string `toml:"name"`
	// Position is 0-based without the receiver; -1 (or absent in the data) means by keyword only.
	Position *int `toml:"position"`
	// Unit of a number given for it: "s", "ms", "us", "min", "h", "count"; "" where it takes an object, not a number.
	Unit string `toml:"unit"`
	// Covers is the phase bounded: "total", "connect", "read", "write", "pool" (getting a connection out of one),
	// "statement" (later statements on the connection that the call makes, not the call itself); "" counts as the
	// whole wait.
	Covers string `toml:"covers"`
	// NoneIs says what None means: "infinite" (the default), "default" (the library default applies).
	NoneIs string `toml:"none_is"`
	// Infinite lists other spellings that mean no bound ("0", "-1", "float('inf')").
	Infinite []string `toml:"infinite"`
	// Tuple names the phases of a tuple given for it, in order (requests: "connect", "read"). A None in it leaves
	// that phase unbounded.
	Tuple []string `toml:"tuple"`
	// Conninfo is true where the name may also stand in a connection string or URL that is the first argument
	// ("host=db connect_timeout=3", "redis://cache?socket_timeout=2").
	Conninfo bool `toml:"conninfo"`
}

// Default is what holds when nothing is said, for a range of versions.
type Default struct {
	Since string `toml:"since"`
	Until string `toml:"until"`
	// Seconds is the bound; negative means infinite, zero that the call does not wait.
	Seconds float64 `toml:"seconds"`
	// Covers is the phase bounded, as in Parameter.
	Covers string `toml:"covers"`
	Source string `toml:"source"`
}

// Duration says that the callable builds a deadline value from parameters (httpx.Timeout, aiohttp.ClientTimeout).
type Duration struct {
	Parameters []Parameter `toml:"parameters"`
	// Default in seconds when none is given; negative means infinite.
	Default float64 `toml:"default"`
}

// Block says that a call keeps the calling thread busy or asleep, so that an event loop cannot run.
type Block struct {
	// By is "network", "database", "subprocess", "sleep", "file", "lock", "input", "dns", "cpu".
	By string `toml:"by"`
	// Unless lists arguments that turn the blocking off, and UnlessMade those of the receiver's construction.
	Unless     []string `toml:"unless"`
	UnlessMade []string `toml:"unless_made"`
	// Strict is true where it is usually short (small file reads) and judged in strict mode only.
	Strict bool `toml:"strict"`
}

// Resource says that the result (or for a method such as acquire the receiver) must be released.
type Resource struct {
	// Kind is "file", "socket", "connection", "session", "lock", "process", "executor", "pool", "temporary", "descriptor", "client".
	Kind string `toml:"kind"`
	// Release names the methods of the result that release it; for functions on a descriptor, dotted paths ("os.close").
	Release []string `toml:"release"`
	// With is "releases" (the default for a context manager), "does-not-release" (sqlite3.connect) or "none" (no context manager).
	With string `toml:"with"`
	// Receiver is true where the receiver is what must be released (lock.acquire / pool.getconn are not: getconn's result is).
	Receiver bool `toml:"receiver"`
	// Unless lists arguments that make the result need no release.
	Unless []string `toml:"unless"`
	// Strict is true where a leak is usually harmless and judged in strict mode only.
	Strict bool `toml:"strict"`
	// Finalizes is true where the object is documented to release itself when nothing refers to it any more
	// (tempfile.TemporaryDirectory): an owner need not.
	Finalizes bool `toml:"finalizes"`
	// Elements are the 0-based places of the resources in a tuple that is the result (tempfile.mkstemp: 0,
	// asyncio.open_connection: 1); empty where the result itself is the resource.
	Elements []int `toml:"elements"`
}

// Release says that a call releases something.
type Release struct {
	// Argument is the 0-based argument released (os.close: 0, pool.putconn: 0); absent means the receiver.
	Argument *int `toml:"argument"`
}

// Owns says that a callable takes over the release of arguments given to it (contextlib.closing, ExitStack.enter_context,
// io.TextIOWrapper) or, with Not, that it looks as if it did and does not (gzip.GzipFile(fileobj=...)). Where the
// argument is a method of the resource (stack.callback(handle.close)) the resource is its receiver.
type Owns struct {
	Parameters []Parameter `toml:"parameters"`
	Not        bool        `toml:"not"`
}

// Retry describes a retry decorator, context or helper.
type Retry struct {
	// Attempts and Total bound it; Backoff, Jitter and Exceptions shape it. Names of parameters.
	Attempts   []Parameter `toml:"attempts"`
	Total      []Parameter `toml:"total"`
	Backoff    []string    `toml:"backoff"`
	Jitter     []string    `toml:"jitter"`
	Exceptions []string    `toml:"exceptions"`
	Stop       []string    `toml:"stop"` // parameters that take a stop condition (tenacity)
	// Base is the parameter that takes a class whose attributes say what the call does not (celery's base=).
	Base string `toml:"base"`
	// What holds when nothing is said: attempts (negative: for ever), whether there is a pause and jitter.
	DefaultAttempts int  `toml:"default_attempts"`
	DefaultBackoff  bool `toml:"default_backoff"`
	DefaultJitter   bool `toml:"default_jitter"`
	// As is "decorator", "iterator", "call" (the function is an argument) or "value" (a policy object).
	As string `toml:"as"`
	// Function is the parameter that takes the function repeated, for As "call".
	Function *Parameter `toml:"function"`
	// Stops is set on a stop condition: "attempts", "delay" or "never"; Waits on a wait condition: "none", "fixed", "exponential", "random".
	Stops string `toml:"stops"`
	Waits string `toml:"waits"`
}

// Write says that a call changes something outside the process.
type Write struct {
	// To is "http", "database", "queue", "mail", "payment", "storage", "cache".
	To string `toml:"to"`
	// Idempotent is true where repeating it has no further effect (PUT, DELETE, SET).
	Idempotent bool `toml:"idempotent"`
	// Key names parameters, header names or columns that make a repetition harmless.
	Key []string `toml:"key"`
	// SQL is the 0-based argument that holds a statement which decides; absent means none.
	SQL *int `toml:"sql"`
	// Method is the parameter that names the HTTP method which decides; position in MethodPosition.
	Method         string `toml:"method"`
	MethodPosition *int   `toml:"method_position"`
}

// Offload says that a function given as argument runs in another thread or process.
type Offload struct {
	// Argument is the 0-based position of the function (asyncio.to_thread: 0, loop.run_in_executor: 1).
	Argument int `toml:"argument"`
	// Keyword names it when it is given by name (threading.Thread: "target").
	Keyword string `toml:"keyword"`
	// To is "thread", "process" or "loop" (call_soon and friends stay on the loop).
	To string `toml:"to"`
	// Decorator is true where the callable decorates the function that is offloaded (sync_to_async).
	Decorator bool `toml:"decorator"`
}

// Spawn says that a call starts something concurrent.
type Spawn struct {
	// What is "task", "thread", "process" or "gather".
	What string `toml:"what"`
	// Owned is true where the receiver or callee keeps and awaits it (TaskGroup.create_task, gather).
	Owned bool `toml:"owned"`
	// Limit names the parameter that bounds how many run at once.
	Limit string `toml:"limit"`
	// Starts is true where the call itself starts it; false where another method does (threading.Thread).
	Starts bool `toml:"starts"`
}

// Endpoint says that a decorator, registration call or base class makes a function an entry point for outside input.
// On a class of kind "view" its Methods are the entry points of every class that derives from it; on any other class
// (fastapi.APIRouter) and on a call without a handler (include_router) it speaks of all routes registered through it,
// and Dependencies then guards them all.
type Endpoint struct {
	// Kind is "http", "websocket", "task", "message", "command", "lambda", "view".
	Kind string `toml:"kind"`
	// SyncIn is where a plain def runs: "threadpool" (FastAPI, Starlette), "worker" (Flask, Django, Celery), "loop".
	SyncIn string `toml:"sync_in"`
	// Validates is true where annotated parameters are validated by the framework.
	Validates bool `toml:"validates"`
	// Dependencies names the parameter that lists guards (FastAPI: "dependencies").
	Dependencies string `toml:"dependencies"`
	// Redelivers lists arguments of the callable with which the framework calls again for the same message when the
	// first call did not come to its end ("acks_late=True"); see Condition for how they are written.
	Redelivers []string `toml:"redelivers"`
	// Handler is the parameter that takes the function, for a registration call (app.add_url_rule); absent where
	// the callable decorates the function or is a base class.
	Handler *Parameter `toml:"handler"`
	// Methods names the methods of a view class that are entry points (get, post); for a base class only.
	Methods []string `toml:"methods"`
	// Guards names the class attributes that list guards of a view class (permission_classes, decorators).
	Guards []string `toml:"guards"`
}

// Schema says that a class, base class or call validates data.
type Schema struct {
	// As is "base" (classes deriving from it validate), "call" (validates its argument), "field" (constraints of a field),
	// "type" (an annotation that constrains, pydantic.PositiveInt).
	As string `toml:"as"`
	// Bounds gives the meaning of constraint parameters: "ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "multiple_of".
	Bounds map[string]string `toml:"bounds"`
	// Implies is the constraint a type stands for ("gt=0").
	Implies []string `toml:"implies"`
	// Requires names parameters of which one must be given, or nothing is validated (msgspec.json.decode: "type").
	Requires []string `toml:"requires"`
}

// Bound says that a callable takes a parameter that limits how many: entries of a queue or cache, workers,
// connections, tasks at once.
type Bound struct {
	// Parameter is the zero value where nothing can be given (functools.cache).
	Parameter Parameter `toml:"parameter"`
	// Defaults hold when the parameter is not given, by library version.
	Defaults []Count `toml:"defaults"`
	// Of is what is limited: "queue", "cache", "workers", "connections", "tasks", "size".
	Of string `toml:"of"`
	// Needs is the argument without which more than the amount are let through all the same and only not kept, see
	// Condition ("block=True" of urllib3's pools); empty where it always limits.
	Needs string `toml:"needs"`
}

// Breaker says when a circuit breaker opens, which refuses what is called through it for a time. It stands on what makes
// the breaker: its class, or a decorator that does.
type Breaker struct {
	// Failures is the parameter that says after how many failures in a row it opens, Open how long it stays so, Fallback
	// the one that takes what answers meanwhile.
	Failures Parameter `toml:"failures"`
	Open     Parameter `toml:"open"`
	Fallback Parameter `toml:"fallback"`
	// What holds when nothing is said.
	DefaultFailures    int     `toml:"default_failures"`
	DefaultOpenSeconds float64 `toml:"default_open_seconds"`
}

// Remember says how long a cache keeps an answer. It stands on what makes the cache, and on a decorator that is given one
// or makes its own.
type Remember struct {
	// Lifetime is the parameter that says how long, Jitter the one that makes it longer by a random part, In the one that
	// takes the cache that says it.
	Lifetime Parameter `toml:"lifetime"`
	Jitter   Parameter `toml:"jitter"`
	In       Parameter `toml:"in"`
	// DefaultSeconds holds when nothing is said; negative means for ever.
	DefaultSeconds float64 `toml:"default_seconds"`
	// Coalesces is true where callers that miss the same answer wait for the one that fetches it; CoalescesWith is the
	// parameter that makes them.
	Coalesces     bool      `toml:"coalesces"`
	CoalescesWith Parameter `toml:"coalesces_with"`
}

// Count is how many are allowed when nothing is said, for a range of versions.
type Count struct {
	Since string `toml:"since"`
	Until string `toml:"until"`
	// Count is the limit; negative means none.
	Count  int    `toml:"count"`
	Source string `toml:"source"`
}
