"""Runs functions in forks, several at once, each with its own place, limits and deadline, and leaves nothing running.

    scheduler ── fork ── keeper (own processes) ── fork ── first (ends all with it) ── fork a job ── worker (own mounts)
         ▲                                                   │                                       │
         └───────────── one JSON object a line ◀─────────────┴────────────────◀──────────────────────┘
"""
import json
import mmap
import os
import select
import signal
import sys
import time

from . import sandbox as place


class Job:
    """A function to run in a fork. It is given a function that sends a value to the scheduler, and `args`, which JSON can say.

    Jobs of the same function share a lane, where processes have a namespace of their own: what the function reads besides
    its arguments is as it was for the first of them. A lane that waits has a job of its own, which goes on where it was made."""

    def __init__(self, work, cpu_seconds, wall_seconds, args=(), label=None, nested=False, lane=None):
        self.work, self.cpu, self.wall, self.args, self.label, self.nested = work, cpu_seconds, wall_seconds, args, label, nested
        self.lane = lane
        self.messages, self.tried, self.status, self.timed_out = [], [], None, False
        self.ended = False

    def take(self, message):
        if "tried" in message:
            self.tried.append(message["tried"])
        else:
            self.messages.append(message)

    @property
    def died(self):
        """How the worker ended before it had said its last word: a sentence, empty where it did not."""
        if any("done" in m for m in self.messages):
            return ""
        if self.status is None:
            return "was ended from outside"
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            try:
                return "was ended by " + signal.Signals(number).name
            except ValueError:
                return "was ended by signal %d" % number
        return "ended the process with exit code %d" % os.WEXITSTATUS(self.status)


class Lane:
    """Processes of their own in which one job runs after another. Before the next one begins, nothing of the last is left.

    Without work to do it waits, and the worker of its job goes on where the lane was made: there, `inside` has the arguments."""

    open = []  # all of this process

    def __init__(self, sandbox, watch, work):
        self.sandbox, self.watch, self.work = sandbox, watch, work
        self.place, self.inside = None, None
        if work is not None and sandbox.free:
            self.place = sandbox.free.pop()
        self.job, self.deadline, self.refused, self.first = None, 0.0, 0, 0
        self.said, self.told = Lines(), Lines()  # what workers say, and what the first process tells of them
        asked, self.ask = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.ask)
                self.keep(asked)
            finally:
                if self.inside is None:
                    os._exit(71)
            return
        os.close(asked)
        self.said.reading()
        self.told.reading()
        Lane.open.append(self)

    def wake(self):
        """Bounds the processes of a lane that has waited, as those of one that has not are from the beginning."""
        if self.sandbox.free:
            self.place = self.sandbox.free.pop()
            try:
                self.place.enter(self.pid)
            except OSError:  # the group is gone; what else holds the worker still does
                pass

    def start(self, job):
        self.job, self.deadline = job, time.monotonic() + job.wall * crowded()
        self.refused = self.place.refused() if self.place is not None else 0
        send(self.ask, [job.cpu, job.nested, job.args])

    # In the scheduler.

    def read(self, ready):
        """Takes what is there. The job has ended when the first process says so, or is no more."""
        if self.said.fd in ready:
            self.hear()
        if self.told.fd not in ready:
            return
        told = self.told.read()
        for message in told or ():
            self.first = message.get("first", self.first)
            if "status" in message:
                self.job.status = message["status"]
                self.hear()
                self.finish()
        if told is None:
            self.hear()
            self.finish()

    def hear(self):
        for message in self.said.read() or ():
            if self.job is not None and isinstance(message, dict):
                self.job.take(message)

    def finish(self):
        job, self.job = self.job, None
        if job is None:
            return
        # What is done in the lanes that a job made itself is told by those.
        if not job.nested and self.place is not None and self.place.refused() > self.refused and place.Watch.TOO_MANY not in job.tried:
            job.tried.append(place.Watch.TOO_MANY)
        if job.status is not None and os.WIFSIGNALED(job.status) and os.WTERMSIG(job.status) == signal.SIGXCPU:
            job.timed_out = True
        job.ended = True

    def late(self):
        """Ends a job whose time is over: first what it runs in, then, five seconds later, the keeper."""
        if self.job.timed_out:
            self.kill(self.pid)
            self.finish()
            return
        self.job.timed_out = True
        self.deadline += 5
        self.kill(self.first)

    def kill(self, pid):
        if not pid:
            return
        for end in (os.killpg, os.kill):
            try:
                end(pid, signal.SIGKILL)
            except OSError:
                pass

    def close(self):
        Lane.open.remove(self)
        os.close(self.ask)
        self.kill(self.first or self.pid)
        os.waitpid(self.pid, 0)
        self.said.close()
        self.told.close()
        if self.place is not None:
            self.sandbox.free.append(self.place)

    # In the lane.

    def keep(self, asked):
        os.setpgid(0, 0)
        place.die_with_parent()
        place.adopt_orphans()
        for fd in [self.said.fd, self.told.fd] + [fd for lane in Lane.open for fd in (lane.ask, lane.said.fd, lane.told.fd)]:
            if fd >= 0:
                os.close(fd)
        Lane.open = []
        if self.work is None:
            select.select([asked], [], [])
        if self.place is not None:
            try:
                self.place.enter()
            except OSError:  # the group is gone; what else holds the worker still does
                pass
        for one in self.sandbox.places:
            one.close()
        self.sandbox.places, self.sandbox.free = [], []
        self.sandbox.own_processes()
        first = os.fork()
        if first == 0:
            os.setpgid(0, 0)
            place.die_with_parent()
            self.serve(asked)
            return
        os.close(asked)
        send(self.told.writer, {"first": first})
        os.waitpid(first, 0)
        if self.sandbox.level != "namespaces":
            end_orphans()
        os._exit(0)

    def serve(self, asked):
        """The first process: it forks a worker for each request, and ends with it all that the worker has left behind."""
        requests = os.fdopen(asked, "rb")
        for line in iter(requests.readline, b""):
            worker = os.fork()
            if worker == 0:
                os.close(asked)
                os.close(self.told.writer)
                self.run(*json.loads(line))
                return
            status = None
            while status is None:
                pid, code = os.waitpid(-1, 0)
                if pid == worker:
                    status = code
            self.sandbox.end_others()
            send(self.told.writer, {"status": status})
        os._exit(0)

    def run(self, cpu, nested, args):
        """The worker. It ends here, unless it goes on where the lane was made."""
        code = 70
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            self.sandbox.own_files()
            self.sandbox.limit(cpu, nested)
            if self.watch is not None:
                self.watch.start(lambda what: self.say({"tried": what}), mmap.mmap(-1, 4))
            if self.work is None:
                code, self.inside = None, args
                return
            self.work(self.say, *args)
            self.say({"done": True})
            code = 0
        except BaseException as err:  # whatever the code under test raises ends here
            self.say({"fault": "%s: %s" % (type(err).__name__, err)})
        finally:
            if code is not None:
                os._exit(code)

    def say(self, message):
        send(self.said.writer, message)


class Lines:
    """A pipe of JSON objects, one a line. What is no JSON is left out."""

    def __init__(self):
        self.fd, self.writer = os.pipe()
        self.rest = b""

    def reading(self):
        os.close(self.writer)
        os.set_blocking(self.fd, False)

    def read(self):
        """Gives all that is there, None at the end of the pipe where nothing is."""
        found = []
        while self.fd >= 0:
            try:
                chunk = os.read(self.fd, 1 << 16)
            except BlockingIOError:
                return found
            if not chunk:
                self.close()
                break
            *lines, self.rest = (self.rest + chunk).split(b"\n")
            for line in lines:
                try:
                    found.append(json.loads(line))
                except ValueError:
                    pass
        return found or None

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


class Scheduler:
    """Runs jobs in lanes, as many at once as it is told. Whoever is done with it closes it."""

    def __init__(self, sandbox, watch, parallel):
        self.sandbox, self.watch, self.parallel = sandbox, watch, max(1, parallel)
        self.idle = []

    def run(self, jobs):
        """Yields each job when it has ended. `jobs` may be a generator: it is asked when a place is free."""
        source, running, more = iter(jobs), [], True
        while more or running:
            while more and len(running) < self.parallel:
                job = next(source, None)
                if job is None:
                    more = False
                    break
                running.append(self.start(job))
            if not running:
                continue
            jobs = [(lane, lane.job) for lane in running]
            self.wait(running)
            for lane, job in jobs:
                if job.ended:
                    running.remove(lane)
                    self.release(lane, job)
                    yield job

    def one(self, job):
        return next(self.run([job]))

    def start(self, job):
        lane = job.lane or next((one for one in self.idle if one.work == job.work), None)
        if job.lane is not None:
            self.close()  # as below
            lane.wake()
        elif lane is not None:
            self.idle.remove(lane)
        else:
            self.close()  # what is idle may hold the last control group
            lane = self.unwatched(lambda: Lane(self.sandbox, self.watch, job.work))
        lane.start(job)
        return lane

    def release(self, lane, job):
        """Keeps a lane for the next job of its kind where nothing of this one can be left in it."""
        if lane.work is not None and self.sandbox.level == "namespaces" and not job.timed_out and job.status is not None and lane.told.fd >= 0:
            self.idle.append(lane)
        else:
            self.unwatched(lane.close)

    def close(self):
        for lane in self.idle:
            self.unwatched(lane.close)
        self.idle = []

    def wait(self, running):
        nearest = min(lane.deadline for lane in running) - time.monotonic()
        ends = [fd for lane in running for fd in (lane.said.fd, lane.told.fd) if fd >= 0]
        ready, _, _ = select.select(ends, [], [], max(0.0, nearest))
        for lane in running:
            lane.read(ready)
            if lane.job is not None and time.monotonic() >= lane.deadline:
                self.unwatched(lane.late)

    def unwatched(self, do):
        """What we do ourselves is not refused, also where the scheduler runs inside of a worker."""
        busy = self.watch is not None and self.watch.pause(True)
        try:
            return do()
        finally:
            if self.watch is not None:
                self.watch.pause(busy)


def crowded():
    """How many times longer than on an idle machine everything takes, at most ten times."""
    try:
        return min(10.0, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))
    except OSError:
        return 1.0


def send(fd, message):
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(fd, data):]


def end_orphans():
    """Where processes have no namespace of their own, those that left the group were given to us."""
    for _ in range(50):
        mine = []
        for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
            if name.isdigit():
                try:
                    with open("/proc/%s/stat" % name) as f:
                        if int(f.read().rsplit(")", 1)[1].split()[1]) == os.getpid():
                            mine.append(int(name))
                except (OSError, ValueError, IndexError):
                    pass
        if not mine:
            return
        for pid in mine:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
