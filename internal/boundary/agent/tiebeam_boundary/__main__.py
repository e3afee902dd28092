"""python -m tiebeam_boundary PLAN FD: does what the plan says and tells what it finds on the descriptor FD."""
import importlib.util
import json
import mmap
import os
import sys


def main():
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
    from . import coverage, forks, probe, rewrite, sandbox
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
    from . import forks, probe
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
        os.close(reader)
        collect(plan, place, watch, tell, finder, writer)
        os._exit(0)
    os.close(writer)
    fresh = b""
    while True:
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            break
        fresh += chunk
    _, status = os.waitpid(pid, 0)
    if status != 0 or not fresh:
        how = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit code %d" % os.WEXITSTATUS(status)
        tell({"event": "broken", "what": "import", "test": "", "how": how})
        return
    mutants, _, seconds = json.loads(fresh)

    def import_time(number, mutant):
        def work(say):
            probe.rest()
            probe.activate(number, mutant)
            watch.start(lambda what: say({"tried": what}), mmap.mmap(-1, 4))
            code, outcomes = play(plan, place, finder)
            failed = sorted(t for t, o in outcomes.items() if o[0] == "failed")
            say({"code": code, "failed": failed, "how": outcomes[failed[0]][2] if failed else ""})
        return forks.Job(work, int(seconds), int(seconds) * 3, mutant)
    for job in zygote.run(import_time(n, m) for n, m in mutants):
        judge(job, plan, tell)
    tell({"event": "end"})


def judge(job, plan, tell):
    """The verdict on a mutant that acts while modules are imported."""
    answer = next((m for m in job.messages if "code" in m), None)
    told = {"event": "verdict", "mutant": job.label, "tried": sorted(job.tried)}
    bad = set(plan.get("known_failures", ()))
    if job.timed_out:
        told["verdict"] = "timeout"
    elif answer is None:
        told.update(verdict="killed", by="", how="the run " + job.died)
    elif [t for t in answer["failed"] if t not in bad]:
        told.update(verdict="killed", by=[t for t in answer["failed"] if t not in bad][0], how=answer["how"])
    elif answer["code"] in (2, 3, 4):
        told.update(verdict="killed", by="", how="the tests cannot be collected any more")
    else:
        told.update(verdict="survived", near=[], reach=0)
    tell(told)


def arguments(plan, place):
    given = ["--capture=sys", "-p", "no:cacheprovider", "--rootdir", place.root]
    for module, extra in (("xdist", ["-n0"]), ("pytest_cov", ["--no-cov"]), ("pytest_randomly", ["-p", "no:randomly"]),
                          ("pytest_rerunfailures", ["--reruns", "0"]), ("hypothesis", ["--hypothesis-seed=0"])):
        if importlib.util.find_spec(module) is not None:
            given += extra
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(place.tmp, "hypothesis")
    return given + plan["pytest"] + ["-q", "--no-header", "--basetemp", os.path.join(place.tmp, "pytest")]


def collect(plan, place, watch, tell, finder, writer):
    import pytest

    from . import probe, session as own
    probe.record()
    tried = set()
    run = own.Run(plan, place, watch, tell, finder)

    def collected(plugin, session):
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
    code = pytest.main(arguments(plan, place), plugins=[plugin])
    said, sys.stdout = sys.stdout.getvalue() + sys.stderr.getvalue(), caught
    sys.stderr = errors
    if not hasattr(run, "items"):
        tell({"event": "uncollected", "code": int(code), "broken": plugin.broken, "said": said[-2000:]})
    total = sum(o[1] for o in getattr(run, "before", {"outcomes": {}})["outcomes"].values())
    os.write(writer, json.dumps([run.fresh, 0, 10 + 10 * total]).encode())


def play(plan, place, finder):
    """A whole run of the tests in this process."""
    import pytest

    from . import session as own
    outcomes = {}

    def collected(plugin, session):
        plugin.play(session.items, True)
        outcomes.update(plugin.outcomes)
        if plugin.broken:
            outcomes[plugin.broken[0][0]] = ["failed", 0.0, plugin.broken[0][1]]
    code = pytest.main(arguments(plan, place), plugins=[own.Plugin(collected)])
    return int(code), outcomes


if __name__ == "__main__":
    main()
