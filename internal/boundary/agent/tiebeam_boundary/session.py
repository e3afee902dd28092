"""One pytest session: collected once, then forked for every run.

    collected ──┬─ fork: all tests, recording       which tests reach which target, and where a mutant would differ
                ├─ fork: those that may decide, again    what passes now and fails then proves nothing
                └─ fork per mutant: only the tests in which it differs, until one fails
"""
import importlib.util
import mmap
import os
import sys
import time

import pytest

from . import codes, equal, forks, parting, probe

SLOWER = 10  # how many times slower than without a mutant a test may be
TWICE = 8  # how many tests for each mutant are at most run twice before any mutant, to see whether they are flaky
FIRST = 5  # how many of the quickest tests, and of those that noticed a neighbour, are run before all others


class Plugin:
    """Takes over from pytest when the tests are collected."""

    def __init__(self, collected):
        self.collected, self.broken = collected, []
        self.failed, self.outcomes = None, {}
        self.stop_at_failure = False
        self.started = {}

    def pytest_collectreport(self, report):
        if report.failed:
            self.broken.append([report.nodeid, last_line(report.longrepr)])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self.collected(self, session)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid):
        probe.enter(nodeid)
        same_examples()
        self.started[nodeid] = time.perf_counter()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid):
        probe.enter(None)
        entry = self.outcomes.setdefault(nodeid, ["passed", 0.0, ""])
        entry[1] = time.perf_counter() - self.started.get(nodeid, time.perf_counter())

    def pytest_runtest_logreport(self, report):
        entry = self.outcomes.setdefault(report.nodeid, ["passed", 0.0, ""])
        if report.failed and entry[0] != "failed":
            entry[0], entry[2] = "failed", last_line(report.longrepr)
        elif report.skipped and entry[0] == "passed":
            entry[0] = "skipped"

    def play(self, items, stop):
        """Runs items in the calling process. Gives the first that failed, None where none did."""
        self.outcomes = {}
        for i, item in enumerate(items):
            following = items[i + 1] if i + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            outcome = self.outcomes.get(item.nodeid)
            if stop and outcome and outcome[0] == "failed":
                return item.nodeid
        return None


def last_line(longrepr):
    crash = getattr(longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(longrepr)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if crash is None:
        marked = [line for line in lines if line.startswith("E ")]
        lines = marked[-1:] or lines[-1:]
        return lines[0].lstrip("E ")[:200] if lines else ""
    return lines[0][:200] if lines else ""


class Run:
    """All that is done with the collected tests of one plan."""

    def __init__(self, plan, sandbox, watch, tell, finder, partings):
        self.plan, self.sandbox, self.watch, self.tell, self.finder = plan, sandbox, watch, tell, finder
        self.partings = partings
        self.scheduler = forks.Scheduler(sandbox, watch, plan["jobs"])
        self.at = mmap.mmap(-1, 4)  # which test runs, for the scheduler, of those that are recorded
        self.alone = {}   # test -> whether it passes when it runs alone and nothing is changed
        self.noticed = {}  # (path, symbol) -> tests that noticed a mutant there, the last one last
        # Mutants that act while modules are imported and do not wait where they part, and what their runs need.
        self.fresh = {"mutants": [], "order": [], "broken": [], "seconds": 0, "codes": ""}
        self.parted = []  # those that wait

    def collected(self, plugin, session):
        self.plugin = plugin
        self.items = {item.nodeid: item for item in session.items}
        for item in session.items:
            no_shrinking(item)
            item.location  # which is worked out once, and not in each fork
        self.order = [item.nodeid for item in session.items]
        self.sharing = {item.nodeid for item in session.items if shares(item)}
        quiet = session.config.pluginmanager.get_plugin("terminalreporter")
        if quiet is not None:
            session.config.pluginmanager.unregister(quiet)
        import gc
        gc.collect()
        gc.freeze()
        self.tell({"event": "collected", "tests": len(self.order), "broken": plugin.broken, "threads": _threads(),
                   "missing": self.finder.missing, "strangers": self.strangers()})
        if self.plan.get("verify"):
            self.verify()
            return
        before = self.plan.get("baseline")
        if before is None:
            before = self.baseline()
            if before is None:
                return
            self.tell({"event": "baseline", "data": before})
        self.before = before
        self.mutate()

    def strangers(self):
        """Files with targets that were not imported from this tree though a module of their name was."""
        found = []
        for real in self.finder.files:
            if real in self.finder.loaded:
                continue
            relative = os.path.relpath(real, self.sandbox.root).replace(os.sep, "/")
            tail = relative[4:] if relative.startswith("src/") else relative
            for module in list(sys.modules.values()):
                name = getattr(module, "__file__", None) or ""
                if name.replace(os.sep, "/").endswith("/" + tail) and os.path.realpath(name) != real:
                    found.append([relative, name])
        return sorted(found)

    # What the tests do as the code is.

    def baseline(self):
        chosen, seconds = self.chosen(), self.plan["suite_seconds"]
        job = self.scheduler.one(forks.Job(lambda say: self.record(say, chosen, True), seconds, seconds, nested=True))
        data = next((m["baseline"] for m in job.messages if "baseline" in m), None)
        if data is None:
            test = chosen[int.from_bytes(self.at[:4], "little")] if chosen else ""
            how = "ran longer than %d s" % seconds if job.timed_out else (
                job.died + "".join(": " + m["fault"] for m in job.messages if "fault" in m))
            self.tell({"event": "broken", "test": test, "how": how})
            return None
        data["tried"] = job.tried
        data["hypothesis"] = importlib.util.find_spec("hypothesis") is not None
        deciding = self.deciding(data)
        again = self.scheduler.one(forks.Job(lambda say: self.record(say, deciding, False), seconds, seconds))
        second = next((m["baseline"] for m in again.messages if "baseline" in m), None)
        data["flaky"], data["twice"] = [], []
        if second is not None:
            merge(data, second, deciding)
        return data

    def deciding(self, data):
        """The tests that are likely to decide about mutants, the likeliest for each first, as many as a tenth of the time allows."""
        outcomes = data["outcomes"]
        told = [quickest([t for t, seen in data["targets"][number]["tests"].items()
                          if mutant in seen[0] + seen[1] and outcomes.get(t, [""])[0] == "passed"], outcomes)
                for number, target in enumerate(probe.targets) for mutant in target.mutants]
        left = max(1.0, sum(o[1] for o in outcomes.values()) / 10)
        found = {}
        for nth in range(TWICE):
            for tests in told:
                if nth < len(tests) and tests[nth] not in found and left > 0:
                    found[tests[nth]] = True
                    left -= outcomes[tests[nth]][1]
        return [t for t in self.order if t in found]

    def chosen(self):
        """The tests to run: all, or those that a coverage file says reach the files."""
        wanted = self.plan.get("tests")
        if wanted is None:
            return self.order
        wanted = set(wanted)
        return [t for t in self.order if t in wanted or any(d in wanted for d in dotted(t))]

    def record(self, say, tests, look):
        look = look and self.plan["explore"]
        if look:
            from . import explore
            explore.watch_constructors()
            probe.constructed = explore.made
        for i, test in enumerate(tests):
            probe.enter(test)
            self.at[:4] = i.to_bytes(4, "little")
            item, following = self.items[test], self.items[tests[i + 1]] if i + 1 < len(tests) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        probe.enter(None)
        targets = []
        for target in probe.targets:
            tests = {("" if test is None else test): [sorted(seen.differs), sorted(seen.unknown)]
                     for test, seen in target.tests.items()}
            targets.append({"tests": tests, "fits": sorted(target.fits)})
        outcomes = {test: self.plugin.outcomes[test] for test in self.plugin.outcomes}
        if look:
            probe.rest()
            inner = forks.Scheduler(self.sandbox, self.watch, self.plan["jobs"])
            explore.all_targets(inner, targets)
            inner.close()
        say({"baseline": {"outcomes": outcomes, "targets": targets}})

    # What they do when a mutant stands in it.

    def mutate(self):
        for job in self.scheduler.run(self.jobs()):
            self.judge(job)
        while self.retry:
            again, self.retry = self.retry, []
            for job in self.scheduler.run(iter(again)):
                self.judge(job)
        if self.parted or self.fresh["mutants"]:
            self.import_time()
        self.scheduler.close()

    def import_time(self):
        """Judges the mutants that wait, and says what those need that have to begin anew."""
        name = os.path.join(self.sandbox.tmp, "tiebeam-codes")
        codes.save(name)
        order, broken = list(filter(self.usable, self.order)), [one[0] for one in self.plugin.broken]
        seconds = int(10 + SLOWER * self.seconds(self.order))
        self.fresh.update(order=order, broken=broken, seconds=seconds, codes=name)
        jobs = (forks.Job(None, seconds, 3 * seconds, [name, order, broken], mutant, lane=self.partings.take(mutant)) for mutant in self.parted)
        for job in self.scheduler.run(jobs):
            parting.judge(job, self.tell)

    def seconds(self, tests):
        return sum(self.before["outcomes"][t][1] for t in tests if t in self.before["outcomes"])

    def usable(self, test):
        outcome = self.before["outcomes"].get(test)
        return test in self.items and outcome is not None and outcome[0] == "passed" and test not in self.before["flaky"]

    def jobs(self):
        self.retry = []
        done = set(self.plan.get("done", ()))
        for number, target in enumerate(probe.targets):
            data = self.before["targets"][number]
            for mutant in target.mutants:
                if mutant in done:
                    continue
                job = self.job(number, mutant, data)
                if job is not None:
                    yield job

    def job(self, number, mutant, data):
        target = probe.targets[number]
        reached = {t: seen for t, seen in data["tests"].items() if t == "" or self.usable(t)}
        if not reached:
            spoiled = sorted(data["tests"])
            self.verdict(mutant, "not reached", spoiled=spoiled[:3])
            return None
        if mutant not in data["fits"]:
            self.verdict(mutant, "not applicable")
            return None
        at_import = reached.get("")
        if at_import is not None and mutant in at_import[0] + at_import[1]:
            proof = equal.proof(target, target.mutants[mutant], self.finder)
            if proof:
                self.verdict(mutant, "equivalent", reason=proof)
            elif mutant in self.partings.lanes:
                self.parted.append(mutant)
            else:
                self.fresh["mutants"].append([number, mutant])
            return None
        told = [t for t in reached if t and (mutant in reached[t][0] + reached[t][1] or self.plan.get("run_all"))]
        if not told:
            self.survived(number, mutant, reached, 0)
            return None
        return self.prepare(number, mutant, self.ordered(target, told), reached)

    def ordered(self, target, tests):
        """Those that are likely to notice soon: what noticed a mutant of the same function, the quickest, one of each
        function of tests. Then the others. Where tests share fixtures, they keep the order of the session."""
        rest = set(tests)
        near = [t for t in self.noticed.get((target.path, target.symbol), ()) if t in rest]
        first = list(dict.fromkeys(near[:-FIRST - 1:-1] + quickest(tests, self.before["outcomes"], self.alone)[:FIRST]))
        rest.difference_update(first)
        ones = {t.split("[")[0]: t for t in quickest(rest, self.before["outcomes"])[::-1]}
        spread = set(ones.values())
        return first + self.by_cost(spread) + self.by_cost(rest - spread)

    def by_cost(self, tests):
        """The quickest first, and behind them those that share fixtures with others, in the order of the session."""
        sharing = tests & self.sharing
        return quickest(tests - sharing, self.before["outcomes"]) + [t for t in self.order if t in sharing]

    def prepare(self, number, mutant, tests, reached):
        cpu = int(2 + SLOWER * self.seconds(tests))
        return forks.Job(self.attempt, cpu, 4 * cpu + 5, [tests, number, mutant], (number, mutant, tests, reached))

    def attempt(self, say, tests, number=-1, mutant=None, times=1):
        """Runs tests until one fails, with a mutant or without one."""
        probe.rest()
        if mutant is not None:
            probe.activate(number, mutant)
        for _ in range(times):
            killer = self.plugin.play([self.items[t] for t in tests], True)
            if killer is not None:
                say({"killer": killer, "how": self.plugin.outcomes[killer][2]})
                return
        say({"passed": True})

    def judge(self, job):
        number, mutant, tests, reached = job.label
        strange = sorted(set(job.tried) - set(self.before.get("tried", ())))
        killer = next((m for m in job.messages if "killer" in m), None)
        if job.timed_out:
            self.verdict(mutant, "timeout", tests=len(tests), tried=strange)
        elif killer is not None:
            if not self.passes_alone(killer["killer"]):
                left = [t for t in tests if t != killer["killer"]]
                if left:
                    self.retry.append(self.prepare(number, mutant, left, reached))
                else:
                    self.survived(number, mutant, reached, len(tests), strange)
                return
            target = probe.targets[number]
            noticed = self.noticed.setdefault((target.path, target.symbol), [])
            if killer["killer"] in noticed:
                noticed.remove(killer["killer"])
            noticed.append(killer["killer"])
            self.verdict(mutant, "killed", by=killer["killer"], how=killer["how"], tests=len(tests), tried=strange)
        elif job.died:
            fault = next((m["fault"] for m in job.messages if "fault" in m), "")
            self.verdict(mutant, "killed", by="", how="the run " + (fault or job.died), tests=len(tests), tried=strange)
        else:
            self.survived(number, mutant, reached, len(tests), strange)

    def passes_alone(self, test):
        """Whether the test passes when it runs alone and nothing is changed; twice, unless it has passed twice already."""
        if test not in self.alone:
            cpu = int(5 + SLOWER * self.seconds([test]))
            times = 1 if test in self.before["twice"] else 2
            job = self.scheduler.one(forks.Job(self.attempt, cpu, 4 * cpu, [[test], -1, None, times]))
            self.alone[test] = any(m.get("passed") for m in job.messages)
            if not self.alone[test]:
                self.tell({"event": "dependent", "test": test})
        return self.alone[test]

    def survived(self, number, mutant, reached, ran, tried=()):
        proof = equal.proof(probe.targets[number], probe.targets[number].mutants[mutant], self.finder)
        nearest = quickest([t for t in reached if t], self.before["outcomes"])[:1]
        if proof:
            self.verdict(mutant, "equivalent", reason=proof, tests=ran)
        else:
            self.verdict(mutant, "survived", tests=ran, reach=len([t for t in reached if t]), near=nearest, tried=list(tried))

    def verdict(self, mutant, verdict, **more):
        self.tell(dict(more, event="verdict", mutant=mutant, verdict=verdict))

    # Whether tests that were written do what they are for.

    def verify(self):
        for wanted in self.plan["verify"]:
            tests = [t for t in self.order if t.split("::")[0].endswith(wanted["file"])]
            if wanted.get("names"):
                tests = [t for t in tests if t.split("::")[-1].split("[")[0] in wanted["names"]]
            result = {"event": "verified", "file": wanted["file"], "ran": len(tests), "failed": {}, "killed": {}}
            plain = self.scheduler.one(forks.Job(self.try_written, 60, 120, [tests, -1, None]))
            for message in plain.messages:
                result["failed"].update(message.get("failed", {}))
            if plain.died or plain.timed_out:
                result["failed"] = {wanted["file"]: "timed out" if plain.timed_out else plain.died}
            for number, mutant in wanted["mutants"]:
                job = self.scheduler.one(forks.Job(self.try_written, 60, 120, [tests, number, mutant]))
                failing = sorted(t for m in job.messages for t in m.get("failed", ()))
                if failing or job.died or job.timed_out:
                    result["killed"][mutant] = failing
            self.tell(result)
        self.scheduler.close()

    def try_written(self, say, tests, number, mutant):
        probe.rest()
        if mutant is not None:
            probe.activate(number, mutant)
        self.plugin.play([self.items[t] for t in tests], mutant is not None)
        say({"failed": {t: o[2] for t, o in self.plugin.outcomes.items() if o[0] == "failed"}})


def quickest(tests, outcomes, proven=()):
    """Orders tests by how soon they decide; one that is known to pass alone need not be tried alone any more."""
    def cost(test):
        seconds = outcomes[test][1]
        return (seconds if test in proven else 2 * seconds + 0.02, test)
    return sorted(tests, key=cost)


def shares(item):
    """Says whether a test has fixtures that are set up once for several, and taken down where others follow."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None) or {}
    return any(getattr(d, "scope", "function") in ("class", "module", "package") for found in known.values() for d in found)


def merge(data, second, tests):
    """Adds what a second run of some tests has seen to the first."""
    data["twice"] = tests
    data["flaky"] = sorted(t for t in tests if t in second["outcomes"]
                           and (data["outcomes"][t][0] == "failed") != (second["outcomes"][t][0] == "failed"))
    for one, two in zip(data["targets"], second["targets"]):
        for test, seen in two["tests"].items():
            old = one["tests"].setdefault(test, [[], []])
            one["tests"][test] = [sorted(set(a) | set(b)) for a, b in zip(old, seen)]
        one["fits"] = sorted(set(one["fits"]) | set(two["fits"]))


def same_examples():
    """Has Hypothesis try the same examples in each run, from the moment that a test uses it: it takes long to import."""
    core = sys.modules.get("hypothesis.core")
    if core is not None:
        core.global_force_seed = 0


def no_shrinking(item):
    """Keeps Hypothesis from looking for the least example, and for why it fails: that it fails is all that is asked."""
    function = getattr(item, "obj", None)
    function = getattr(function, "__func__", function)
    own = getattr(function, "_hypothesis_internal_use_settings", None)
    if own is None:
        return
    try:
        quick = tuple(phase for phase in own.phases if phase.name not in ("shrink", "explain"))
        function._hypothesis_internal_use_settings = type(own)(own, phases=quick)
    except Exception:  # another version of Hypothesis: its tests take longer then
        pass


def dotted(test):
    """The names that coverage.py itself (dynamic_context = test_function) may give the context of a test."""
    parts = test.split("[")[0].split("::")
    parts[:1] = parts[0][:-3].split("/") if parts[0].endswith(".py") else parts[0].split("/")
    return [".".join(parts[i:]) for i in range(len(parts) - 1)]


def _threads():
    import threading
    return sorted(t.name for t in threading.enumerate() if t is not threading.main_thread())
