"""python -m tiebeam_boundary PLAN OUT LIFE: does what the plan says and tells what it finds on the descriptor OUT.

    guard ── fork ── zygote ──┬─ fork: pytest, collected once (session), also for mutants that act before (parting)
                              └─ fork per mutant that could not part there: pytest from its beginning

All end when the pipe LIFE does, which is when whoever started this is no more.
"""
import gc
import importlib.util
import json
import mmap
import os
import select
import shutil
import signal
import sys

from . import sandbox


def main():
    life = int(sys.argv[3])
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    own, pid = os.getpid(), os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in (life, woken, wake):
            os.close(fd)
        sandbox.die_with_parent()
        if os.getppid() == own:
            work()
        return 0
    return guard(pid, life, woken)


def guard(pid, life, woken):
    """Waits for the one that works. When nobody is left to be told of it, ends it and takes its files away."""
    ready, _, _ = select.select([life, woken], [], [])
    if woken not in ready:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if woken not in ready:
        shutil.rmtree(os.path.dirname(sys.argv[1]), ignore_errors=True)
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def work():
    with open(sys.argv[1]) as f:
        plan = json.load(f)
    out = int(sys.argv[2])

    def tell(message):
        data = json.dumps(message, sort_keys=True).encode() + b"\n"
        while data:
            data = data[os.write(out, data):]
    os.set_inheritable(out, False)
    if importlib.util.find_spec("pytest") is None:
        tell({"event": "absent", "what": "pytest"})
        return
    os.chdir(plan["root"])
    sys.path[:] = [p for p in sys.path if os.path.realpath(p or ".") != os.path.realpath(plan["agent"])]
    sys.path.append(plan["agent"])
    if "" not in sys.path and plan["root"] not in sys.path:
        sys.path.insert(0, "")
    run(plan, tell)


def run(plan, tell):
    from . import coverage, probe, rewrite
    place = sandbox.Sandbox(plan["root"], plan["scratch"], plan["limits"], plan.get("sandbox", ""),
                            plan.get("places", ()))
    tell({"event": "sandbox", "sandbox": place.describe(), "python": sys.version.split()[0]})
    if plan.get("coverage"):
        if not coverage.choose(plan, tell):
            return
    watch = sandbox.Watch(place)
    probe.install(plan["targets"])
    finder = rewrite.install(place.root)
    session(plan, place, watch, tell, finder)


def session(plan, place, watch, tell, finder):
    from . import codes, forks, parting, probe
    for name, text in plan.get("files", {}).items():  # tests that were written, in the copy only
        full = os.path.join(place.root if place.files == "copies" else place.tmp, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(text)
        plan["pytest"] = plan["pytest"] + [full]
    zygote = forks.Scheduler(place, None, plan["jobs"])
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        sandbox.die_with_parent()
        os.close(reader)
        collect(plan, place, watch, tell, finder, writer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as f:
        fresh = f.read()
    _, status = os.waitpid(pid, 0)
    if status != 0 or not fresh:
        how = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit code %d" % os.WEXITSTATUS(status)
        tell({"event": "broken", "what": "import", "test": "", "how": how})
        return
    fresh = json.loads(fresh)

    def import_time(say, number, mutant):
        probe.rest()
        probe.activate(number, mutant)
        watch.start(lambda what: say({"tried": what}), mmap.mmap(-1, 4))
        codes.read(fresh["codes"])
        play(plan, place, fresh["order"], fresh["broken"], say)
    seconds = fresh["seconds"]
    for job in zygote.run(forks.Job(import_time, seconds, seconds * 3, [n, m], m) for n, m in fresh["mutants"]):
        parting.judge(job, tell)
    zygote.close()
    tell({"event": "end"})


def arguments(plan, place):
    given = ["--capture=sys", "-p", "no:cacheprovider", "--rootdir", place.root]
    for module, extra in (("xdist", ["-n0"]), ("pytest_cov", ["--no-cov"]), ("pytest_randomly", ["-p", "no:randomly"]),
                          ("pytest_rerunfailures", ["--reruns", "0"])):
        if importlib.util.find_spec(module) is not None:
            given += extra
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(place.tmp, "hypothesis")
    return given + plan["pytest"] + ["-q", "--no-header", "--tb=no", "--basetemp", os.path.join(place.tmp, "pytest")]


def collect(plan, place, watch, tell, finder, writer):
    import pytest

    from . import codes, parting, probe, session as own
    probe.record(plan["explore"])
    tried = set()
    partings = parting.Partings(place, watch, plan.get("done", ()))
    probe.part = partings.part
    codes.rewritten_once()
    run = own.Run(plan, place, watch, tell, finder, partings)

    def collected(plugin, session):
        gc.enable()
        if partings.inside is not None:
            parting.whole(plugin, session, partings.inside.inside[1])
            return
        probe.part = None
        if tried:
            tell({"event": "imports", "tried": sorted(tried)})
        watch.start(None)
        try:
            run.collected(plugin, session)
        except Exception as err:  # a fault of ours, which pytest would only print
            trace = err.__traceback__
            while trace.tb_next is not None:
                trace = trace.tb_next
            tell({"event": "fault", "how": "%s: %s (%s:%d)" % (type(err).__name__, err, trace.tb_frame.f_code.co_name, trace.tb_lineno)})
    # Many libraries ask a program something when they are imported, which harms nothing where that is allowed.
    watch.start(lambda what: None if what == watch.START and not watch.refuse else tried.add(what))
    plugin = own.Plugin(collected)
    import io
    caught, sys.stdout = sys.stdout, io.StringIO()
    errors, sys.stderr = sys.stderr, io.StringIO()
    gc.disable()  # nothing of what is collected goes away
    code = pytest.main(arguments(plan, place), plugins=[plugin])
    if partings.inside is not None:
        partings.end(plugin, code)
    partings.close()
    said, sys.stdout = sys.stdout.getvalue() + sys.stderr.getvalue(), caught
    sys.stderr = errors
    if not hasattr(run, "items"):
        tell({"event": "uncollected", "code": int(code), "broken": plugin.broken, "said": said[-2000:]})
    with os.fdopen(writer, "w") as f:
        json.dump(run.fresh, f)


def play(plan, place, order, broken, say):
    """A whole run of the tests in this process, in the order given, until one fails."""
    import pytest

    from . import codes, parting, session as own
    codes.rewritten_once()
    plugin = own.Plugin(lambda plugin, session: parting.whole(plugin, session, order))
    parting.tell(say, plugin, pytest.main(arguments(plan, place), plugins=[plugin]), broken)


if __name__ == "__main__":
    sys.exit(main())
