"""Mutants that act while modules are imported.

    collecting ──┬─▶ goes on as the code is, and judges all other mutants
                 └─ fork before a mutant acts for the first time: waits, then goes on from there with the mutant
                    and runs all tests until one fails

Up to that point nothing differs, so that it does not have to be done again. Where nothing can wait there, because threads
run or a file is half read, which a fork would not share, the mutant has a run of its own from the beginning.
"""
import os
import stat
import threading

from . import codes, forks, probe

MOST = 32  # that wait at once


class Partings:
    """The processes that wait while the tests are collected. In one of them that goes on, `inside` is its lane."""

    def __init__(self, sandbox, watch, done):
        self.sandbox, self.watch = sandbox, watch
        self.met = set(done)
        self.lanes = {}  # mutant -> where it waits
        self.inside = None

    def part(self, target, mutant):
        """Says whether the calling process is that of the mutant from here on. It returns in both."""
        if mutant in self.met:
            return False
        self.met.add(mutant)
        if len(self.lanes) >= MOST or threading.active_count() > 1 or _half_read():
            return False
        busy = self.watch.pause(True)
        lane = forks.Lane(self.sandbox, self.watch, None)
        if lane.inside is None:
            self.lanes[mutant] = lane
            self.watch.pause(busy)
            return False
        self.inside = lane
        codes.read(lane.inside[0])
        probe.rest()
        probe.activate(target.number, mutant)
        return True

    def end(self, plugin, code):
        """Ends the process of a mutant, when it has run the tests."""
        tell(self.inside.say, plugin, code, self.inside.inside[2])
        self.inside.say({"done": True})
        os._exit(0)

    def take(self, mutant):
        """The lane in which a mutant waits, None where it does not. Whoever takes it closes it."""
        return self.lanes.pop(mutant, None)

    def close(self):
        busy = self.watch.pause(True)
        while self.lanes:
            self.lanes.popitem()[1].close()
        self.watch.pause(busy)


def _half_read():
    """Says whether a file is open that has been read in part: all forks would go on reading at one place."""
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        return False
    for name in names:
        try:
            seen = os.fstat(int(name))
            if stat.S_ISREG(seen.st_mode) and 0 < os.lseek(int(name), 0, os.SEEK_CUR) < seen.st_size:
                return True
        except OSError:
            pass
    return False


def whole(plugin, session, order):
    """Runs the tests in the order given until one fails."""
    items = {item.nodeid: item for item in session.items}
    plugin.play([items[test] for test in order if test in items], True)


def tell(say, plugin, code, broken):
    """Says how a whole run went, of which `broken` could not be collected before."""
    failed = [(test, o[2]) for test, o in sorted(plugin.outcomes.items()) if o[0] == "failed"]
    failed += [tuple(one) for one in plugin.broken if one[0] not in broken]
    say({"code": int(code), "failed": [test for test, _ in failed[:1]], "how": failed[0][1] if failed else ""})


def judge(job, tell):
    """The verdict on a mutant that acts while modules are imported."""
    answer = next((m for m in job.messages if "code" in m), None)
    told = {"event": "verdict", "mutant": job.label, "tried": sorted(job.tried)}
    if job.timed_out:
        told["verdict"] = "timeout"
    elif answer is None:
        told.update(verdict="killed", by="", how="the run " + job.died)
    elif answer["failed"]:
        told.update(verdict="killed", by=answer["failed"][0], how=answer["how"])
    elif answer["code"] in (2, 3, 4):
        told.update(verdict="killed", by="", how="the tests cannot be collected any more")
    else:
        told.update(verdict="survived", near=[], reach=0)
    tell(told)
