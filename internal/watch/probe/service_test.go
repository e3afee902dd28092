//go:build linux

package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/needs"
)

// blocking is a service of either loop whose line 5 blocks it, with five tasks beside.
const blocking = `
import asyncio, time

def block():
    time.sleep(0.3)

async def beside():
    await asyncio.sleep(3600)

async def main():
    tasks = [asyncio.ensure_future(beside()) for _ in range(5)]
    while True:
        await asyncio.sleep(0.2)
        block()

`

// TestUvloop: a loop that is written in C is measured by the same agent.
func TestUvloop(t *testing.T) {
	s := run(t, needs.Python(t, "uvloop"), blocking+"import uvloop\nuvloop.run(main())\n")
	v := s.await(t, "a loop of uvloop that is blocked", func(v *View) bool {
		return len(v.Stats.Loops) == 1 && v.Stats.Loops[0].Tasks >= 6 && counted(&v.Stats.Loops[0]) && len(v.Stats.Blocks) > 0 && v.Stats.Blocks[0].Longest > 0.2
	})
	if l := v.Stats.Loops[0]; l.Impl != "uvloop" || !slices.ContainsFunc(l.Top, func(x Tasks) bool { return x.Func == "beside" && x.Count == 5 }) {
		t.Errorf("loop %+v", l)
	}
	if b := v.Stats.Blocks[0]; b.Line != 5 || b.Func != "block" || v.Stats.Faults != 0 {
		t.Errorf("block %+v, faults %s", b, v.Stats.Fault)
	}
}

// TestGevent: a service that has patched everything works, and its hub is measured like a loop. Tasks of asyncio there
// are none, which is not zero.
func TestGevent(t *testing.T) {
	const code = `
from gevent import monkey; monkey.patch_all()
import gevent, json, sqlite3, subprocess, sys, threading, time
def block():
    end = time.perf_counter() + 0.3
    while time.perf_counter() < end:
        pass
def worker():
    while True:
        time.sleep(0.2)
        block()
def other():
    assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout == b"1\n"
    with open(__file__) as file:
        file.read()
    while True:
        gevent.sleep(0.05)
threading.Thread(target=other, daemon=True).start()
gevent.joinall([gevent.spawn(worker), gevent.spawn(other)])
`
	s := run(t, needs.Python(t, "gevent"), code)
	v := s.await(t, "a hub that is blocked", func(v *View) bool {
		return len(v.Stats.Loops) == 1 && counted(&v.Stats.Loops[0]) && len(v.Stats.Blocks) > 0 && v.Stats.Blocks[0].Longest > 0.2
	})
	if l := v.Stats.Loops[0]; l.Impl != "gevent" || l.Tasks != -1 {
		t.Errorf("loop %+v", l)
	}
	if b := v.Stats.Blocks[0]; b.Func != "block" || b.Line < 5 || b.Line > 7 || v.Stats.Faults != 0 {
		t.Errorf("block %+v, faults %s", b, v.Stats.Fault)
	}
	if printed := s.printed(t); printed != "" {
		t.Errorf("the service printed %s", printed)
	}
}

// TestRemoteExec: a Python 3.14 that has been running takes the agent in, with the loop and the pool it has already.
func TestRemoteExec(t *testing.T) {
	for version, python := range interpreters(t) {
		if exec.Command(python, "-c", "import sys; sys.remote_exec").Run() != nil {
			continue
		}
		t.Run(version, func(t *testing.T) {
			s := listen(t)
			s.start(t, python, blocking+"print('runs', flush=True)\nasyncio.run(main())\n", needs.Environment())
			again := time.NewTicker(10 * time.Millisecond)
			defer again.Stop()
			deadline := time.NewTimer(time.Minute)
			defer deadline.Stop()
			for !strings.Contains(s.printed(t), "runs") {
				select {
				case <-again.C:
				case <-deadline.C:
					t.Fatalf("the service does not run: %s", s.printed(t))
				}
			}
			d := describe([]string{python})
			d.PID, d.Executable, d.UID, d.GID = s.command.Process.Pid, python, os.Geteuid(), os.Getegid()
			if err := s.listener.Attach(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			v := s.await(t, "the loop that was there", func(v *View) bool {
				return len(v.Stats.Loops) == 1 && v.Stats.Loops[0].Tasks >= 6 && len(v.Stats.Blocks) > 0
			})
			if b := v.Stats.Blocks[0]; b.Line != 5 || b.Func != "block" || v.Stats.Faults != 0 {
				t.Errorf("block %+v, faults %s", b, v.Stats.Fault)
			}
		})
		return
	}
	t.Skip("no Python has sys.remote_exec: tools/needs/needs brings a 3.14")
}

// TestDescriptorTaken: the number of the agent's socket becomes that of a file. The agent writes nothing to it, lets it be,
// and comes back with another socket.
func TestDescriptorTaken(t *testing.T) {
	const code = `
import os, time, tiebeam_agent
open(os.devnull).close()
def until(what):
    for _ in range(9000):
        if what(): return
        time.sleep(0.01)
    raise SystemExit("never")
state = tiebeam_agent._state
until(lambda: state.socket is not None)
first = state.socket
number = first.fileno()
mine = os.open(__file__ + ".mine", os.O_RDWR | os.O_CREAT)
os.dup2(mine, number)
until(lambda: state.socket not in (None, first))
print(first.fileno(), os.path.sameopenfile(mine, number), os.fstat(number).st_size, state.socket.fileno() != number)
`
	for version, python := range interpreters(t) {
		t.Run(version, func(t *testing.T) {
			s := run(t, python, code)
			if got, want := s.end(t), "-1 True 0 True\n"; got != want {
				t.Errorf("printed %q, want %q", got, want)
			}
		})
	}
}

// closing does as daemons do; what the agent writes after that must not reach what is opened next. The loop is never
// collected: when that happens is chance, and it would close numbers that belong to others by then.
const closing = `
import asyncio, os, socket, time
async def main():
    await asyncio.sleep(1.5)  # the agent has its socket by now
    os.closerange(3, 1024)
loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
except OSError:
    pass  # the loop's own descriptors went as well
` + replaced + `
kept = replace()
time.sleep(2.5)
tell(kept)
os._exit(0)
`

// replaced opens descriptors with the numbers that are free, files or sockets first, and tells what reached them.
const replaced = `
def pair(i):
    near, far = socket.socketpair()
    far.setblocking(False), near.setblocking(False)
    return near, far
def replace():
    files = lambda: [open("%s.%d" % (__file__, i), "w+") for i in range(6)]
    pairs = lambda: [end for i in range(3) for end in pair(i)]
    return files() + pairs() if PLACE else pairs() + files()
def tell(kept):
    for one in kept:
        if isinstance(one, socket.socket):
            try:
                print(one.recv(100))
            except BlockingIOError:
                print("nothing")
        else:
            print(os.path.sameopenfile(one.fileno(), os.open(one.name, os.O_RDONLY)), os.fstat(one.fileno()).st_size)
`

// closingWithin does so while its loop runs: to ask the loop whether it is late would write into what is there instead.
const closingWithin = `
import asyncio, os, socket, time
` + replaced + `
async def main():
    await asyncio.sleep(1.5)  # the agent has its socket by now
    os.closerange(3, 1024)
    kept = replace()
    time.sleep(2.5)
    tell(kept)
    os._exit(0)
asyncio.run(main())
`

// hostile are services that do what an agent must survive without being noticed. Each prints what it sees.
var hostile = map[string]string{
	"closes all descriptors and opens sockets in their place":             "PLACE = False" + closing,
	"closes all descriptors and opens files in their place":               "PLACE = True" + closing,
	"closes all descriptors of its loop and opens sockets in their place": "PLACE = False" + closingWithin,
	"closes all descriptors of its loop and opens files in their place":   "PLACE = True" + closingWithin,
	"counts on the lowest numbers of descriptors": `
import asyncio, os
async def main():
    first = [open(__file__) for _ in range(3)]
    await asyncio.sleep(1.5)  # the agent has its socket by now
    print([open(__file__).fileno() for _ in range(3)], [one.fileno() for one in first])
asyncio.run(main())
`,
	"becomes a daemon": `
import os, socket, time
ready, done = os.pipe()
told = os.dup2(1, 300)
open(os.devnull).close()  # begins the agent
if os.fork():
    os.close(done)
    os.read(ready, 1)
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
end = os.dup2(done, 301)
os.closerange(0, 300)
time.sleep(1.5)  # the agent looks for its watch meanwhile
print = lambda *words: os.write(told, (" ".join(map(str, words)) + "\n").encode())
print(os.open("/dev/null", os.O_RDWR), os.dup(0), os.dup(0))
for _ in range(3):
    open(os.devnull).close()
    time.sleep(0.5)
print(os.open(__file__, os.O_RDONLY))
os._exit(0)
`,
	"ends with files and sockets that are open": `
import socket
class Ring: pass
kept = Ring(); kept.self, kept.file, kept.socket = kept, open(__file__), socket.socket()
file = open(__file__)
print("done")
`,
	"wants to be warned of what is not closed": `
import gc, socket, warnings
def lose():
    open(__file__); socket.socket(); gc.collect()
lose()
with warnings.catch_warnings(record=True) as seen:
    lose()
    print(len(seen))
    warnings.simplefilter("always")
    lose()
    print(len(seen))
warnings.filterwarnings("default", message="unclosed file", category=ResourceWarning)
lose()
warnings.showwarning = lambda message, category, *rest, **more: print(category.__name__)
lose()
warnings.simplefilter("ignore", ResourceWarning)
lose()
`,
	"takes too long where it is followed": `
import signal, socket
class TooLong(Exception): pass
def handler(number, frame):
    signal.signal(number, signal.SIG_IGN)
    raise TooLong("in time")
signal.signal(signal.SIGUSR1, handler)
class Slow(socket.socket):
    __slots__ = ()
    def __hash__(self):
        signal.raise_signal(signal.SIGUSR1)
        return 1
try:
    print(hash(Slow()))  # the agent asks for it as well, and before
except TooLong as error:
    print("too long", error)
`,
	"ends inside a coroutine": `
import asyncio, sys
async def main():
    await asyncio.sleep(0.2)
    sys.exit(5)
asyncio.run(main())
`,
	"ends without saying so": `
import asyncio, os
async def main():
    await asyncio.sleep(0.2)
    print("here", flush=True)
    os._exit(7)
asyncio.run(main())
`,
	"ends while other threads run": `
import threading, time
def spin(open=open, name=__file__):  # no global name: those go away before the threads do
    while True:
        open(name).close()
for _ in range(4):
    threading.Thread(target=spin, daemon=True).start()
time.sleep(0.3)
print("done")
`,
	"is interrupted": `
import asyncio, os, signal
async def main():
    await asyncio.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(5)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
`,
	"patches threading, open and sockets": `
import builtins, _thread, socket, threading, time
class Mine(threading.Thread):
    def start(self):
        super().start()
threading.Thread = Mine
real_open, real_start, real_socket = builtins.open, _thread.start_new_thread, socket.socket
builtins.open = lambda *a, **k: real_open(*a, **k)
time.sleep_, time.sleep = time.sleep, lambda s: (_ for _ in ()).throw(RuntimeError("never"))
class Odd(real_socket):
    __slots__ = ()
    def __eq__(self, other): raise RuntimeError("never")
    def __hash__(self): raise RuntimeError("never")
socket.socket = Odd
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
c = socket.create_connection(s.getsockname())
t = threading.Thread(target=lambda: print("ran")); t.start(); t.join()
with open(__file__) as f: print(len(f.read()) > 0)
c.close(); s.close()
time.sleep_(1.2)
print("done")
`,
	"starts processes of each kind": `
import concurrent.futures, multiprocessing, sys, time
def square(n): return n * n
if __name__ == "__main__":
    open(__file__).close()
    for method in ("spawn", "fork", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(method, pool.map(square, range(4)))
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print(list(pool.map(square, range(4))))
`,
	"recurses to the end": `
import sys
def deep(n):
    try:
        return deep(n + 1)
    except RecursionError:
        with open(__file__) as f:
            return "caught"
def outer():
    try:
        return deep(0)
    except RecursionError:
        return "caught"
print(outer())
sys.setrecursionlimit(200)
print(outer())
`,
	"has a stack without end of warnings": `
import gc, socket, warnings
warnings.simplefilter("error", ResourceWarning)
for _ in range(50):
    socket.socket(); open(__file__)
gc.collect()
warnings.resetwarnings()
warnings.simplefilter("ignore")
for _ in range(50):
    socket.socket(); open(__file__)
gc.collect()
print("done")
`,
	"forks from a thread": `
import os, threading
def work():
    pid = os.fork()
    if pid == 0:
        open(__file__).close()
        os._exit(3)
    print(os.waitpid(pid, 0)[1] >> 8)
for _ in range(5):
    t = threading.Thread(target=work); t.start(); t.join()
`,
	"removes its own folder and standard streams": `
import os, sys, tempfile
d = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)
try:
    open("x")
except OSError as e:
    print(type(e).__name__)
sys.stdout.flush()
sys.stderr = sys.stdout = None
open(__file__).close()
`,
}

// outcome is what somebody outside sees of a program.
func outcome(t *testing.T, err error, printed, script string) string {
	t.Helper()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	printed = regexp.MustCompile(`pid=\d+`).ReplaceAllString(strings.ReplaceAll(printed, script, "app.py"), "pid=1")
	return fmt.Sprintf("%s\nexit %d", strings.TrimSpace(printed), code)
}

// TestHostileServices: what a service does and prints is the same under the agent and without.
func TestHostileServices(t *testing.T) {
	for version, python := range interpreters(t) {
		for name, code := range hostile {
			t.Run(version+" "+name, func(t *testing.T) {
				t.Parallel()
				s := run(t, python, code)
				failed := s.command.Wait()
				script := s.command.Args[len(s.command.Args)-1]
				got := outcome(t, failed, s.printed(t), script)
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				alone := exec.CommandContext(ctx, python, script)
				out, err := os.Create(s.output + ".alone") // a file, as with the agent
				if err != nil {
					t.Fatal(err)
				}
				defer out.Close()
				alone.Env, alone.Stdout, alone.Stderr = needs.Environment(), out, out
				failed = alone.Run()
				printed, err := os.ReadFile(out.Name())
				if err != nil {
					t.Fatal(err)
				}
				if ctx.Err() != nil {
					t.Skipf("the service hangs without the agent: %s", printed)
				}
				if want := outcome(t, failed, string(printed), script); got != want {
					t.Errorf("under the agent:\n%s\nwithout:\n%s", got, want)
				}
				if view, ok := s.listener.View(s.command.Process.Pid); ok && view.Stats.Faults > 0 {
					t.Logf("faults inside the agent: %d, %s", view.Stats.Faults, view.Stats.Fault)
				}
			})
		}
	}
}
