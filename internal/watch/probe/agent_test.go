//go:build linux

package probe

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/needs"
)

// interpreters are the Pythons of this machine, one of each version from 3.8 on; "3.13t" is one without the global lock.
func interpreters(t *testing.T) map[string]string {
	t.Helper()
	found, err := allInterpreters()
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skip("no Python 3.8 or later")
	}
	if os.Getenv("TIEBEAM_SOAK") != "" {
		return found
	}
	// All of them take minutes: the oldest and the newest of either kind are enough for every day.
	minor := func(version string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(version, "3."), "t"))
		return n
	}
	versions := slices.SortedFunc(maps.Keys(found), func(a, b string) int { return minor(a) - minor(b) })
	chosen := map[string]string{}
	for _, free := range []bool{false, true} {
		those := slices.DeleteFunc(slices.Clone(versions), func(version string) bool { return freeThreaded(version) != free })
		if len(those) > 0 {
			oldest, newest := those[0], those[len(those)-1]
			chosen[oldest], chosen[newest] = found[oldest], found[newest]
		}
	}
	return chosen
}

// freeThreaded says whether a Python runs without its global lock.
func freeThreaded(version string) bool { return strings.HasSuffix(version, "t") }

// allInterpreters asks each Python that there may be what it is, once: to start a dozen of them takes seconds.
var allInterpreters = sync.OnceValues(func() (map[string]string, error) {
	var candidates []string
	if home, err := os.UserHomeDir(); err == nil {
		candidates, err = filepath.Glob(filepath.Join(home, ".pyenv", "versions", "3.*", "bin", "python"))
		if err != nil {
			return nil, err
		}
	}
	if cache, err := os.UserCacheDir(); err == nil {
		candidates = append(candidates, filepath.Join(cache, "tiebeam-needs", "python3.14", "bin", "python3"))
	}
	for minor := 8; minor <= 15; minor++ {
		candidates = append(candidates, fmt.Sprintf("python3.%d", minor), fmt.Sprintf("python3.%dt", minor))
	}
	found := map[string]string{}
	for _, candidate := range append(candidates, "python3") {
		out, err := exec.Command(candidate, "-c", `import sys; free = not getattr(sys, "_is_gil_enabled", lambda: True)()
print("%d.%d" % sys.version_info[:2] + "t" * free, sys.executable)`).Output()
		version, executable, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
		if err == nil && ok && found[version] == "" && !slices.Contains([]string{"3.6", "3.7"}, version) {
			found[version] = executable
		}
	}
	return found, nil
})

// service is a Python program under the agent.
type service struct {
	listener *Listener
	command  *exec.Cmd
	output   string // a file, as what the program has started may hold a pipe open
	changed  chan struct{}
}

// listen begins to hear agents.
func listen(t *testing.T) *service {
	t.Helper()
	s := &service{output: filepath.Join(t.TempDir(), "output"), changed: make(chan struct{}, 1)}
	listener, err := Listen(func() time.Time {
		select {
		case s.changed <- struct{}{}:
		default:
		}
		return time.Now()
	})
	if err != nil {
		t.Fatal(err)
	}
	s.listener = listener
	t.Cleanup(func() { listener.Close() })
	return s
}

// start starts a program in a group of its own, which the test ends.
func (s *service) start(t *testing.T, python, code string, environment []string, flags ...string) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "app.py")
	if err := os.WriteFile(script, []byte(code), 0o644); err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(s.output)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	s.command = exec.Command(python, append(flags, script)...)
	s.command.Env, s.command.Stdout, s.command.Stderr = environment, output, output
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-s.command.Process.Pid, syscall.SIGKILL)
		s.command.Wait()
	})
}

// run starts a program under the agent.
func run(t *testing.T, python, code string, flags ...string) *service {
	t.Helper()
	s := listen(t)
	s.start(t, python, code, s.listener.Environment(needs.Environment()), flags...)
	return s
}

// printed is what the program has printed so far.
func (s *service) printed(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(s.output)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// await waits until the agent has told something.
func (s *service) await(t *testing.T, what string, is func(v *View) bool) *View {
	t.Helper()
	deadline := time.NewTimer(90 * time.Second)
	defer deadline.Stop()
	for {
		view, ok := s.listener.View(s.command.Process.Pid)
		if ok && !view.At.IsZero() && is(&view) {
			return &view
		}
		select {
		case <-s.changed:
		case <-deadline.C:
			t.Fatalf("the agent does not tell %s: %+v\n%s", what, view, s.printed(t))
		}
	}
}

// end waits for the program and gives what it printed.
func (s *service) end(t *testing.T) string {
	t.Helper()
	if err := s.command.Wait(); err != nil {
		t.Errorf("the service ended with %v\n%s", err, s.printed(t))
	}
	return s.printed(t)
}

const everything = `
import asyncio, gc, os, socket, sys, tempfile, threading, time, warnings
keep = []
NAME = os.path.abspath(__file__) + ".txt"; open(NAME, "w").close(); open(NAME + "2", "w").close()

def block():
    time.sleep(0.3)

async def forgotten():
    await asyncio.sleep(3600)

def lose():
    open(NAME)

def hold():
    keep.append(open(NAME + "2", "rb"))

def listen():
    s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(16)
    return s

async def main():
    server = listen()
    for _ in range(3):
        keep.append(socket.create_connection(server.getsockname()))
    for _ in range(4):
        keep.append(asyncio.ensure_future(forgotten()))
    done = threading.Event()
    threading.Thread(target=done.wait, daemon=True).start()
    while True:
        block(); hold(); hold(); lose(); gc.collect()
        await asyncio.sleep(0.2)

asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main()) if len(sys.argv) > 9 else asyncio.run(main())
`

// TestAgentTells: on each Python that is here, lag, the line that blocks, tasks, what was lost and who opened what.
func TestAgentTells(t *testing.T) {
	for version, python := range interpreters(t) {
		t.Run(version, func(t *testing.T) {
			s := run(t, python, everything)
			s.await(t, "everything", func(v *View) bool {
				st := &v.Stats
				if len(st.Loops) == 0 || len(st.Unclosed) == 0 {
					return false
				}
				// Frames of other threads may not be looked at without the lock, so lag is all there is.
				blamed := freeThreaded(version) && len(st.Blocks) == 0 || slices.ContainsFunc(st.Blocks, func(b Block) bool {
					return b.Line == 7 && b.Func == "block" && b.Count > 0 && b.Longest > 0.2 && strings.HasPrefix(b.Running, "block ")
				})
				l := &st.Loops[0]
				return l.Impl == "asyncio" && l.Tasks >= 5 && l.Lag.Max > 0.1 && counted(l) &&
					slices.ContainsFunc(l.Top, func(x Tasks) bool { return x.Func == "forgotten" && x.Line == 9 && x.Count == 4 }) &&
					blamed &&
					slices.ContainsFunc(st.Unclosed, func(u Unclosed) bool {
						return u.Line == 13 && u.Func == "lose" && strings.HasSuffix(u.Where, "app.py.txt")
					}) &&
					slices.ContainsFunc(st.Opened, func(o Opened) bool {
						return o.Kind == "socket" && o.Line == 25 && o.Open == 3 && strings.HasPrefix(o.Where, "127.0.0.1:")
					}) &&
					slices.ContainsFunc(st.Opened, func(o Opened) bool {
						return o.Kind == "file" && o.Line == 16 && o.Count >= 2 && strings.HasSuffix(o.Where, "app.py.txt2")
					}) &&
					slices.ContainsFunc(st.Opened, func(o Opened) bool { return o.Kind == "thread" && o.Line == 29 && o.Open == 1 })
			})
			view, _ := s.listener.View(s.command.Process.Pid)
			if !strings.HasPrefix(view.Hello.Python, strings.TrimSuffix(version, "t")) || view.Hello.NoGIL != freeThreaded(version) || view.Stats.Faults != 0 {
				t.Errorf("hello %+v, faults %d %s", view.Hello, view.Stats.Faults, view.Stats.Fault)
			}
		})
	}
}

// TestWaitingIsNoBlock: a loop that waits for events keeps nobody, however late it comes to run on a busy machine.
func TestWaitingIsNoBlock(t *testing.T) {
	const code = `
import asyncio, sys, threading, time
import tiebeam_agent
def wait_in(frame, name):
    while frame is not None and frame.f_code.co_name != name: frame = frame.f_back
    return frame is not None
def look(name):
    while not wait_in(sys._current_frames()[thread.ident], name): time.sleep(0.01)
    return tiebeam_agent._blocking_place(sys._current_frames()[thread.ident])
go = threading.Event()
async def main():
    await asyncio.get_running_loop().run_in_executor(None, go.wait)
    time.sleep(60)
thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
thread.start()
print(look("select"))
go.set()
place, running = look("main")
print(place[2], running)
`
	for version, python := range interpreters(t) {
		t.Run(version, func(t *testing.T) {
			if freeThreaded(version) {
				// No frame of another thread may be looked at there, and the agent has to know it.
				if got := run(t, python, "import tiebeam_agent\nprint(tiebeam_agent._frames_safe())\n").end(t); got != "False\n" {
					t.Errorf("frames are safe: %q", got)
				}
				return
			}
			s := run(t, python, code)
			if got, want := s.end(t), "(None, '')\nmain main (app.py)\n"; got != want {
				t.Errorf("printed %q, want %q", got, want)
			}
		})
	}
}

// TestManyThreads: what threads open, lose and start at the same time is counted without a fault, also where they really
// run at the same time, and the service does what it does.
func TestManyThreads(t *testing.T) {
	const code = `
import gc, os, socket, sys, threading, time
sys.setswitchinterval(1e-5)
NAME = os.path.abspath(__file__) + ".txt"; open(NAME, "w").close()
def work(n):
    for i in range(400):
        open(NAME).close()
        open("%s.%d" % (NAME, n * 400 + i), "w").close()  # more places than are kept
        socket.socket().close()
        open(NAME)
        t = threading.Thread(target=time.sleep, args=(0,)); t.start(); t.join()
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
gc.collect()
print("done", flush=True)
time.sleep(60)
`
	for version, python := range interpreters(t) {
		t.Run(version, func(t *testing.T) {
			s := run(t, python, code)
			s.await(t, "the file that is opened most", func(v *View) bool {
				return s.printed(t) == "done\n" && slices.ContainsFunc(v.Stats.Unclosed, func(u Unclosed) bool { return u.Count > 1000 }) &&
					slices.ContainsFunc(v.Stats.Opened, func(o Opened) bool {
						return o.Kind == "file" && strings.HasSuffix(o.Where, "app.py.txt") && o.Count > 500
					})
			})
			if view, _ := s.listener.View(s.command.Process.Pid); view.Stats.Faults != 0 {
				t.Errorf("faults %d: %s", view.Stats.Faults, view.Stats.Fault)
			}
		})
	}
}

// counted says whether a block of 0.3 s is in the histogram as what callers meanwhile would have waited.
func counted(l *Loop) bool {
	late := uint64(0)
	for _, n := range l.Lag.Counts[6:] { // above 0.1 s
		late += n
	}
	return late > 0 && l.Lag.Count > 0 && l.Lag.Sum > 0
}

// TestAgentIsNotNoticed: a service that warns of everything and turns warnings into errors runs under the agent as it
// does without: the same output, no exception, whatever it does at the same time.
func TestAgentIsNotNoticed(t *testing.T) {
	const code = `
import asyncio, gc, os, signal, subprocess, sys, threading, time, warnings
async def main():
    await asyncio.sleep(0.1)
    return 7
print(asyncio.run(main()))
pid = os.fork()
if pid == 0:
    print("child", asyncio.run(main()), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print(subprocess.run([sys.executable, "-c", "print('sub')"], capture_output=True, text=True).stdout.strip())
with warnings.catch_warnings(record=True) as seen:
    open(__file__); gc.collect()
print("recorded", len(seen))
open(__file__); gc.collect()
print([t.name for t in threading.enumerate()])
signal.signal(signal.SIGALRM, lambda *a: print("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(0.3)
try:
    open("/none/such")
except FileNotFoundError as error:
    print(error)
`
	for version, python := range interpreters(t) {
		for _, flags := range [][]string{nil, {"-W", "error"}, {"-X", "dev"}} {
			t.Run(version+strings.Join(flags, " "), func(t *testing.T) {
				s := run(t, python, code, flags...)
				got := s.end(t)
				script := s.command.Args[len(s.command.Args)-1]
				alone := exec.Command(python, append(flags, script)...)
				alone.Env = needs.Environment()
				want, err := alone.CombinedOutput()
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("under the agent:\n%s\nwithout:\n%s", got, want)
				}
			})
		}
	}
}

// TestAgentChains: the sitecustomize of the machine or the project still runs.
func TestAgentChains(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), []byte("print('theirs', __name__)\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	all := interpreters(t)
	for version, python := range all {
		t.Run(version, func(t *testing.T) {
			s := listen(t)
			s.start(t, python, "import sys; print(sys.modules['sitecustomize'].__file__, 'tiebeam_agent' in sys.modules)",
				s.listener.Environment(append(needs.Environment(), "PYTHONPATH="+dir)))
			if got, want := s.end(t), fmt.Sprintf("theirs sitecustomize\n%s True\n", filepath.Join(dir, "sitecustomize.py")); got != want {
				t.Errorf("printed %q, want %q", got, want)
			}
		})
	}
}

// TestAgentInChildren: after a fork each process has an agent of its own.
func TestAgentInChildren(t *testing.T) {
	const code = `
import asyncio, os, sys, time
async def main():
    await asyncio.sleep(60)
if os.fork() == 0:
    asyncio.run(main())
asyncio.run(main())
`
	for version, python := range interpreters(t) {
		t.Run(version, func(t *testing.T) {
			s := run(t, python, code)
			s.await(t, "two processes", func(*View) bool { return len(s.listener.PIDs()) == 2 })
		})
	}
}

// TestWhatHoldsTheAgentBack: where the interpreter leaves it out, the service runs and the reason is said.
func TestWhatHoldsTheAgentBack(t *testing.T) {
	for _, test := range []struct{ flags, want string }{
		{"-I", "-I"}, {"-S", "-S"}, {"-E", "-E"}, {"-IS", "-I"}, {"-uE", "-E"}, {"-W ignore -S", "-S"}, {"-u", ""}, {"-X dev", ""},
	} {
		args := append(append([]string{"python3"}, strings.Fields(test.flags)...), "app.py", "-I")
		why := Why(describe(args), true)
		if test.want == "" && strings.Contains(why, "started with") || test.want != "" && !strings.Contains(why, "started with "+test.want) {
			t.Errorf("%v: %s", args, why)
		}
	}
	if why := Why(describe([]string{"nginx"}), true); !strings.Contains(why, "no Python") {
		t.Error(why)
	}
	if why := Why(describe([]string{"/usr/bin/python3.11", "-m", "shop"}), false); !strings.Contains(why, "tiebeam-agent") {
		t.Error(why)
	}
	for version, python := range interpreters(t) {
		for _, flag := range []string{"-I", "-S", "-E"} {
			t.Run(version+flag, func(t *testing.T) {
				s := run(t, python, "import sys; print('tiebeam_agent' in sys.modules)", flag)
				if got := s.end(t); got != "False\n" {
					t.Errorf("printed %q", got)
				}
			})
		}
	}
}

// TestInstalledAgent: a service with the package finds the watch that waits for its number, also one that comes later.
func TestInstalledAgent(t *testing.T) {
	const code = `
import asyncio, tiebeam_agent
tiebeam_agent.start()
asyncio.run(asyncio.sleep(60))
`
	runtime := needs.ShortDir(t)
	for version, python := range interpreters(t) {
		t.Run(version, func(t *testing.T) {
			s := listen(t)
			s.start(t, python, code, append(needs.Environment(), "PYTHONPATH="+s.listener.dir, "XDG_RUNTIME_DIR="+runtime))
			if err := s.listener.ListenFor(s.command.Process.Pid, os.Geteuid(), os.Getegid(), runtime); err != nil {
				t.Fatal(err)
			}
			s.await(t, "a loop", func(v *View) bool { return len(v.Stats.Loops) == 1 })
		})
	}
	open := filepath.Join(runtime, fmt.Sprintf("tiebeam-agent-%d", os.Geteuid()))
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.ListenFor(1<<22, os.Geteuid(), os.Getegid(), runtime); err == nil || !strings.Contains(err.Error(), "0700") {
		t.Errorf("a folder that anybody may write to: %v", err)
	}
}

// TestAttach: with an interpreter that has no sys.remote_exec the reason is said. What is loaded into one that has it
// works in a process that has been running for a while.
func TestAttach(t *testing.T) {
	all := interpreters(t)
	for version, python := range all {
		if len(version) > 3 && version >= "3.14" {
			continue
		}
		command := exec.Command(python, "-c", "input()")
		in, err := command.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		l, err := Listen(time.Now)
		if err != nil {
			t.Fatal(err)
		}
		d := describe([]string{python})
		d.PID, d.Executable, d.UID, d.GID = command.Process.Pid, python, os.Geteuid(), os.Getegid()
		if err := l.Attach(context.Background(), d); err == nil || !strings.Contains(err.Error(), "3.14") || !strings.Contains(err.Error(), strings.TrimSuffix(version, "t")) {
			t.Errorf("%s: %v", version, err)
		}
		in.Close()
		command.Wait()
		l.Close()
	}
	const code = `
import asyncio, os
async def main():
    await asyncio.sleep(0.1)
    # What sys.remote_exec makes the interpreter do.
    exec(compile(open(os.environ["SCRIPT"]).read(), os.environ["SCRIPT"], "exec"), {})
    await asyncio.sleep(60)
asyncio.run(main())
`
	for version, python := range all {
		t.Run(version, func(t *testing.T) {
			s := listen(t)
			script := filepath.Join(t.TempDir(), "attach.py")
			if err := os.WriteFile(script, []byte(s.listener.attachScript()), 0o600); err != nil {
				t.Fatal(err)
			}
			s.start(t, python, code, append(needs.Environment(), "SCRIPT="+script))
			s.await(t, "the loop that was there", func(v *View) bool { return len(v.Stats.Loops) == 1 && v.Stats.Loops[0].Lag.Count > 3 })
		})
	}
}
