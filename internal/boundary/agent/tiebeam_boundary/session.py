"""One pytest session: collected once, then forked for every run.

    collected ──┬─ fork: all tests, recording       which tests reach which target, and where a mutant would differ
                ├─ fork: those that reach, again    what passes now and fails then proves nothing
                └─ fork per mutant: only the tests in which it differs, until one fails
"""
import importlib.util
import os
import sys
import time

import pytest

from . import equal, explore, forks, probe

SLOWER = 10  # how many times slower than without a mutant a test may be


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
        probe.current = nodeid
        self.started[nodeid] = time.perf_counter()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid):
        probe.current = None
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

    def __init__(self, plan, sandbox, watch, tell, finder):
        self.plan, self.sandbox, self.watch, self.tell, self.finder = plan, sandbox, watch, tell, finder
        self.scheduler = forks.Scheduler(sandbox, watch, plan["jobs"])
        self.alone = {}   # test -> whether it passes when it runs alone and nothing is changed
        self.fresh = []   # mutants that need a new interpreter

    def collected(self, plugin, session):
        self.plugin = plugin
        self.items = {item.nodeid: item for item in session.items}
        self.order = [item.nodeid for item in session.items]
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
        chosen = self.chosen()
        job = self.scheduler.one(forks.Job(lambda say: self.record(say, chosen, True), self.plan["suite_seconds"],
                                           self.plan["suite_seconds"], nested=True))
        data = next((m["baseline"] for m in job.messages if "baseline" in m), None)
        if data is None:
            test = next((m["test"] for m in reversed(job.messages) if "test" in m), "")
            how = "ran longer than %d s" % self.plan["suite_seconds"] if job.timed_out else (
                job.died + "".join(": " + m["fault"] for m in job.messages if "fault" in m))
            self.tell({"event": "broken", "test": test, "how": how})
            return None
        data["tried"] = job.tried
        data["hypothesis"] = importlib.util.find_spec("hypothesis") is not None
        reaching = [t for t in chosen if any(t in target["tests"] for target in data["targets"])]
        again = self.scheduler.one(forks.Job(lambda say: self.record(say, reaching, False), self.plan["suite_seconds"],
                                             self.plan["suite_seconds"]))
        second = next((m["baseline"] for m in again.messages if "baseline" in m), None)
        data["flaky"] = []
        if second is not None:
            data["flaky"] = sorted(t for t in reaching if t in second["outcomes"]
                                   and (data["outcomes"][t][0] == "failed") != (second["outcomes"][t][0] == "failed"))
            for one, two in zip(data["targets"], second["targets"]):
                for test, seen in two["tests"].items():
                    old = one["tests"].setdefault(test, [0, [], []])
                    one["tests"][test] = [max(old[0], seen[0])] + [sorted(set(old[i]) | set(seen[i])) for i in (1, 2)]
                one["fits"] = sorted(set(one["fits"]) | set(two["fits"]))
        return data

    def chosen(self):
        """The tests to run: all, or those that a coverage file says reach the files."""
        wanted = self.plan.get("tests")
        if wanted is None:
            return self.order
        wanted = set(wanted)
        return [t for t in self.order if t in wanted or any(d in wanted for d in dotted(t))]

    def record(self, say, tests, look):
        explore.watch_constructors()
        probe.constructed = explore.made
        for i, test in enumerate(tests):
            probe.current = test
            if i % 50 == 0:
                say({"progress": [i, len(tests)]})
            say({"test": test})
            item, following = self.items[test], self.items[tests[i + 1]] if i + 1 < len(tests) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        probe.current = None
        targets = []
        for target in probe.targets:
            tests = {("" if test is None else test): [seen.hits, sorted(seen.differs), sorted(seen.unknown)]
                     for test, seen in target.tests.items()}
            targets.append({"tests": tests, "fits": sorted(target.fits)})
        outcomes = {test: self.plugin.outcomes[test] for test in self.plugin.outcomes}
        if look and self.plan.get("explore", True):
            probe.rest()
            inner = forks.Scheduler(self.sandbox, self.watch, self.plan["jobs"])
            explore.all_targets(inner, targets, self.finder)
        say({"baseline": {"outcomes": outcomes, "targets": targets}})

    # What they do when a mutant stands in it.

    def mutate(self):
        jobs = self.jobs()
        for job in self.scheduler.run(jobs):
            self.judge(job)
        while self.retry:
            again, self.retry = self.retry, []
            for job in self.scheduler.run(iter(again)):
                self.judge(job)
        self.tell({"event": "fresh", "mutants": self.fresh})

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
        if at_import is not None and (mutant in at_import[1] or mutant in at_import[2]):
            proof = equal.proof(target, target.mutants[mutant], self.finder)
            if proof:
                self.verdict(mutant, "equivalent", reason=proof)
            else:
                self.fresh.append([number, mutant])
            return None
        told = [t for t in reached if t and (mutant in reached[t][1] or mutant in reached[t][2])]
        if not told:
            self.survived(number, mutant, reached, 0)
            return None
        told.sort(key=lambda t: (self.before["outcomes"][t][1], t))
        return self.prepare(number, mutant, told, reached)

    def prepare(self, number, mutant, tests, reached):
        expected = sum(self.before["outcomes"][t][1] for t in tests)
        cpu = int(2 + SLOWER * expected)
        job = forks.Job(lambda say: self.attack(say, number, mutant, tests), cpu, 4 * cpu + 5, (number, mutant, tests, reached))
        return job

    def attack(self, say, number, mutant, tests):
        probe.rest()
        probe.activate(number, mutant)
        killer = self.plugin.play([self.items[t] for t in tests], True)
        if killer is not None:
            say({"killer": killer, "how": self.plugin.outcomes[killer][2]})

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
            self.verdict(mutant, "killed", by=killer["killer"], how=killer["how"], tests=len(tests), tried=strange)
        elif job.died:
            fault = next((m["fault"] for m in job.messages if "fault" in m), "")
            self.verdict(mutant, "killed", by="", how="the run " + (fault or job.died), tests=len(tests), tried=strange)
        else:
            self.survived(number, mutant, reached, len(tests), strange)

    def passes_alone(self, test):
        if test not in self.alone:
            expected = self.before["outcomes"][test][1]
            cpu = int(5 + SLOWER * expected)

            def work(say):
                probe.rest()
                say({"passed": self.plugin.play([self.items[test]], True) is None})
            job = self.scheduler.one(forks.Job(work, cpu, 4 * cpu))
            self.alone[test] = any(m.get("passed") for m in job.messages)
            if not self.alone[test]:
                self.tell({"event": "dependent", "test": test})
        return self.alone[test]

    def survived(self, number, mutant, reached, ran, tried=()):
        proof = equal.proof(probe.targets[number], probe.targets[number].mutants[mutant], self.finder)
        nearest = sorted((t for t in reached if t), key=lambda t: (self.before["outcomes"][t][1], t))[:1]
        if proof:
            self.verdict(mutant, "equivalent", reason=proof, tests=ran)
        else:
            self.verdict(mutant, "survived", tests=ran, reach=len([t for t in reached if t]), near=nearest, tried=list(tried))

    def verdict(self, mutant, verdict, **more):
        self.tell(dict(more, event="verdict", mutant=mutant, verdict=verdict))

    # Whether tests that were written do what they are for.

    def verify(self):
        for wanted in self.plan["verify"]:
            items = [t for t in self.order if t.split("::")[0].endswith(wanted["file"])]
            if wanted.get("names"):
                items = [t for t in items if t.split("::")[-1].split("[")[0] in wanted["names"]]

            def work(say, number=-1, mutant=None, items=items):
                probe.rest()
                if mutant is not None:
                    probe.activate(number, mutant)
                self.plugin.play([self.items[t] for t in items], mutant is not None)
                bad = {t: o[2] for t, o in self.plugin.outcomes.items() if o[0] == "failed"}
                say({"failed": bad, "ran": len(items)})
            plain = self.scheduler.one(forks.Job(work, 60, 120))
            result = {"event": "verified", "file": wanted["file"], "ran": len(items), "failed": {}, "killed": {}}
            for message in plain.messages:
                if "failed" in message:
                    result["failed"] = message["failed"]
            if plain.died or plain.timed_out:
                result["failed"] = {wanted["file"]: "timed out" if plain.timed_out else plain.died}
            for number, mutant in wanted["mutants"]:
                job = self.scheduler.one(forks.Job(lambda say, n=number, m=mutant: work(say, n, m), 60, 120))
                failing = sorted(t for m in job.messages for t in m.get("failed", ()))
                if failing or job.died or job.timed_out:
                    result["killed"][mutant] = failing
            self.tell(result)


def dotted(test):
    """The names that coverage.py itself (dynamic_context = test_function) may give the context of a test."""
    parts = test.split("[")[0].split("::")
    parts[:1] = parts[0][:-3].split("/") if parts[0].endswith(".py") else parts[0].split("/")
    return [".".join(parts[i:]) for i in range(len(parts) - 1)]


def _threads():
    import threading
    return sorted(t.name for t in threading.enumerate() if t is not threading.main_thread())
