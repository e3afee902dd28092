"""Runs functions in forks, several at once, each with its own place, limits and deadline, and leaves nothing running.

    scheduler ── fork ── keeper (own mounts and processes) ── fork ── first (ends all with it) ── fork ── worker
         ▲                                                                                           │
         └──────────────────────────── one JSON object a line, through a pipe ◀──────────────────────┘
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
    """A function to run in a fork. It is given a function that sends a value to the scheduler."""

    def __init__(self, work, cpu_seconds, wall_seconds, label=None, nested=False):
        self.work, self.cpu, self.wall, self.label, self.nested = work, cpu_seconds, wall_seconds, label, nested
        self.place, self.refused = None, 0
        self.messages, self.tried, self.status, self.timed_out = [], [], None, False
        self.pid, self.first, self.fd, self.deadline, self.buffer = 0, 0, -1, 0.0, b""

    def take(self, message):
        if "first" in message:
            self.first = message["first"]
        elif "tried" in message:
            self.tried.append(message["tried"])
        elif "status" in message:
            self.status = message["status"]
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


class Scheduler:
    def __init__(self, sandbox, watch, parallel):
        self.sandbox, self.watch, self.parallel = sandbox, watch, max(1, parallel)

    def run(self, jobs):
        """Yields each job when it has ended. `jobs` may be a generator: it is asked when a place is free."""
        source, running, more = iter(jobs), [], True
        while more or running:
            while more and len(running) < self.parallel:
                job = next(source, None)
                if job is None:
                    more = False
                    break
                self.start(job)
                running.append(job)
            if not running:
                continue
            self.wait(running)
            for job in [j for j in running if j.fd < 0]:
                running.remove(job)
                yield job

    def one(self, job):
        return next(self.run([job]))

    def start(self, job):
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        if self.sandbox.free:
            job.place = self.sandbox.free.pop()
            job.refused = job.place.refused()
        # What we do ourselves is not refused, also where the scheduler runs inside of a worker.
        busy = self.watch is not None and self.watch.pause(True)
        job.pid = os.fork()
        if job.pid == 0:
            try:
                os.close(reader)
                self.keep(job, writer)
            finally:
                os._exit(71)
        os.close(writer)
        if self.watch is not None:
            self.watch.pause(busy)
        job.fd, job.deadline = reader, time.monotonic() + job.wall * crowded()

    def wait(self, running):
        nearest = min(j.deadline for j in running) - time.monotonic()
        ready, _, _ = select.select([j.fd for j in running], [], [], max(0.0, nearest))
        for job in running:
            if job.fd in ready:
                self.read(job)
            elif time.monotonic() >= job.deadline and not job.timed_out:
                job.timed_out = True
                job.deadline += 5  # the pipe closes when all that held it are gone
                self.kill(job)
            elif job.timed_out and time.monotonic() >= job.deadline:
                self.close(job)

    def read(self, job):
        chunk = os.read(job.fd, 1 << 16)
        job.buffer += chunk
        *lines, job.buffer = job.buffer.split(b"\n")
        for line in lines:
            try:
                job.take(json.loads(line))
            except ValueError:
                pass
        if not chunk:
            self.close(job)

    def close(self, job):
        os.close(job.fd)
        job.fd = -1
        self.kill(job)
        os.waitpid(job.pid, 0)
        if job.place is not None:
            # What is done in the places that a job made itself is told by those.
            if not job.nested and job.place.refused() > job.refused and place.Watch.TOO_MANY not in job.tried:
                job.tried.append(place.Watch.TOO_MANY)
            self.sandbox.free.append(job.place)
            job.place = None
        if job.status is not None and os.WIFSIGNALED(job.status) and os.WTERMSIG(job.status) == signal.SIGXCPU:
            job.timed_out = True

    def kill(self, job):
        busy = self.watch is not None and self.watch.pause(True)
        for pid in (job.first, job.pid):
            if pid:
                for send in (os.killpg, os.kill):
                    try:
                        send(pid, signal.SIGKILL)
                    except OSError:
                        pass
        if self.watch is not None:
            self.watch.pause(busy)
        job.first = 0

    def keep(self, job, writer):
        os.setpgid(0, 0)
        place.die_with_parent()
        place.adopt_orphans()
        if job.place is not None:
            try:
                job.place.enter()
            except OSError:  # the group is gone; what else holds the worker still does
                pass
            for one in self.sandbox.places:
                one.close()
            self.sandbox.places, self.sandbox.free = [], []
        self.sandbox.enter_child()
        first = os.fork()
        if first == 0:
            os.setpgid(0, 0)
            place.die_with_parent()
            self.first(job, writer)
        send(writer, {"first": first})
        os.close(writer)
        os.waitpid(first, 0)
        end_orphans()
        os._exit(0)

    def first(self, job, writer):
        worker = os.fork()
        if worker == 0:
            self.work(job, writer)
        status = None
        while status is None:
            pid, code = os.waitpid(-1, 0)
            if pid == worker:
                status = code
        send(writer, {"status": status})
        os._exit(0)

    def work(self, job, writer):
        code = 70
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            self.sandbox.limit(job.cpu, job.nested)
            if self.watch is not None:
                self.watch.start(lambda what: send(writer, {"tried": what}), mmap.mmap(-1, 4))
            job.work(lambda message: send(writer, message))
            send(writer, {"done": True})
            code = 0
        except BaseException as err:  # whatever the code under test raises ends here
            send(writer, {"fault": "%s: %s" % (type(err).__name__, err)})
        finally:
            os._exit(code)


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
