"""Looks for the input that tells a mutant from the original: calls seen in the tests, changed until both operands are equal.

A knob is what of a call can be turned: an argument, the length of one, an attribute, an argument of the constructor. The
comparison itself says how far a turn leads, so `amount * 2 > limit` and `now - created > timedelta(days=1)` are solved alike.
"""
import ast
import asyncio
import copy
import datetime
import decimal
import fractions
import inspect
import itertools
import sys
import time
import types
import weakref

from . import forks, literal, probe

NUMBERS = (int, float, decimal.Decimal, fractions.Fraction)
SECONDS = 3
MOST_OBJECTS = 5  # of a class, whose constructor's arguments are kept in each test


def all_targets(scheduler, data):
    """Adds to the data of each target the best witness that can be found."""
    jobs = (forks.Job(search, SECONDS, 4 * SECONDS, [target.number], target.number) for target in probe.targets
            if target.kind == "compare" and target.samples and target.function is not None)
    for job in scheduler.run(jobs):
        if job.tried:
            continue  # what a call does that is held back is no example for a test
        for message in job.messages:
            if message.get("witness"):
                data[job.label]["witness"] = message["witness"]


def search(say, number):
    say({"witness": Search(probe.targets[number]).best()})


# Constructors: how the objects that tests made can be made again.

_made = {}


def watch_constructors():
    """Remembers the arguments of the objects whose methods hold targets."""
    for target in probe.targets:
        owner = _owner(target)
        if owner is None or "_tiebeam_watched" in vars(owner):
            continue
        try:
            _watch(owner)
        except (AttributeError, TypeError):
            pass


def _watch(owner):
    original = owner.__init__
    test, objects = None, 0

    def __init__(self, *args, **kwargs):
        nonlocal test, objects
        if test is not probe.current:
            test, objects = probe.current, 0
        if objects < MOST_OBJECTS and (id(self) not in _made or _made[id(self)][0]() is not self):
            objects += 1
            try:
                _made[id(self)] = (weakref.ref(self), copy.deepcopy(args), copy.deepcopy(kwargs))
            except Exception:  # code of anybody's
                pass
        original(self, *args, **kwargs)
    __init__.__wrapped__ = original
    owner.__init__ = __init__
    owner._tiebeam_watched = True


def made(value):
    entry = _made.get(id(value))
    return entry[1:] if entry is not None and entry[0]() is value else None


def _owner(target):
    parts = target.symbol.split(".")
    module = sys.modules.get(target.module)
    if module is None or len(parts) < 2:
        return None
    found = module
    for part in parts[:-1]:
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None


class Callee:
    """The function around a target as a test would call it."""

    def __init__(self, target):
        self.module = sys.modules.get(target.module)
        self.name = target.symbol.split(".")[-1]
        self.owner = _owner(target)
        holder = self.owner if self.owner is not None else self.module
        if holder is None or target.function is None or target.function.name != self.name or (
                self.owner is None and "." in target.symbol):
            raise LookupError("it stands inside of another function")
        raw = inspect.getattr_static(holder, self.name)
        self.kind = "function"
        if self.owner is not None:
            self.kind = {staticmethod: "static", classmethod: "class", property: "property"}.get(type(raw), "method")
        arguments = target.function.args
        self.parameters = [a.arg for a in getattr(arguments, "posonlyargs", []) + arguments.args + arguments.kwonlyargs]
        self.by_keyword = {a.arg for a in arguments.kwonlyargs}
        self.by_position = {a.arg for a in getattr(arguments, "posonlyargs", [])}
        if self.kind in ("method", "class", "property"):
            self.parameters = self.parameters[1:]
        self.first = (getattr(arguments, "posonlyargs", []) + arguments.args)[0].arg if self.kind in ("method", "property") and (
            arguments.args or getattr(arguments, "posonlyargs", [])) else None

    def call(self, instance, arguments):
        if self.kind == "property":
            return getattr(instance, self.name)
        holder = instance if self.kind == "method" else self.owner if self.owner is not None else self.module
        positional = [arguments[p] for p in self.parameters if p in arguments and p in self.by_position]
        named = {p: arguments[p] for p in self.parameters if p in arguments and p not in self.by_position}
        result = getattr(holder, self.name)(*positional, **named)
        if inspect.iscoroutine(result):
            return asyncio.run(result)
        if isinstance(result, types.GeneratorType):
            return list(itertools.islice(result, 50))
        return result


class Setting:
    """One call: the arguments, and how the object it is made on comes about."""

    def __init__(self, callee, sample):
        self.callee = callee
        self.arguments = {p: sample.arguments[p] for p in callee.parameters if p in sample.arguments}
        self.instance = sample.arguments.get(callee.first) if callee.first else None
        self.constructor = sample.made
        self.attributes = {}

    def copy(self):
        other = copy.copy(self)
        other.arguments = {k: probe.kept(v) for k, v in self.arguments.items()}
        other.attributes = dict(self.attributes)
        if self.constructor is not None:
            other.constructor = (list(self.constructor[0]), dict(self.constructor[1]))
        return other

    def make(self):
        if self.callee.first is None:
            return None
        if self.constructor is not None:
            instance = self.callee.owner(*copy.deepcopy(self.constructor[0]), **copy.deepcopy(self.constructor[1]))
        else:
            instance = probe.kept(self.instance)
        for name, value in self.attributes.items():
            setattr(instance, name, value)
        return instance


class Search:
    def __init__(self, target):
        self.target = target
        self.clock = []

    def best(self):
        try:
            self.callee = Callee(self.target)
        except (LookupError, AttributeError) as err:
            return {"why": str(err)}
        self.freeze()
        found, reason = None, "no argument or attribute leads to the limit"
        ends = time.monotonic() + SECONDS / 2
        for sample in self.samples():
            for setting in self.settings(sample):
                for knob in self.knobs(setting):
                    if time.monotonic() > ends:
                        return found or {"why": reason}
                    witness = self.turn(setting, knob)
                    if witness is not None and (found is None or _score(witness) > _score(found)):
                        found = witness
                    if found is not None and _score(found) == (1, 1, len(self.target.mutants)):
                        return found
        return found or {"why": reason}

    def samples(self):
        return sorted(self.target.samples, key=lambda s: not s.differs)[:6]

    def settings(self, sample):
        setting = Setting(self.callee, sample)
        yield setting
        if setting.constructor is not None:
            plain = setting.copy()
            plain.constructor = None
            yield plain

    def freeze(self):
        """Stops the clock that the function asks, as its limit is nowhere while it runs."""
        scope = vars(self.callee.module)
        clocks = {getattr(time, n): n for n in ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns")}
        for node in ast.walk(self.target.function):
            if not isinstance(node, ast.Call):
                continue
            f = node.func
            if isinstance(f, ast.Name) and scope.get(f.id) in list(clocks):
                self.stop(self.callee.module, f.id, "%s.%s" % (self.callee.module.__name__, f.id))
            elif isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name) and scope.get(f.value.id) is time and hasattr(time, f.attr):
                if f.attr in clocks.values():
                    self.stop(time, f.attr, "time." + f.attr)

    def stop(self, holder, name, path):
        if any(path == p for p, _ in self.clock):
            return
        value = 1000 * 10 ** 9 if name.endswith("_ns") else 1000.0
        setattr(holder, name, lambda: value)
        self.clock.append((path, repr(value)))

    # What can be turned.

    def knobs(self, setting):
        seen = []
        for operand in self.target.node:
            self.leaves(operand, seen, 3)
        found = []
        for kind, name, attribute in seen:
            if kind == "attribute" and name == self.callee.first and setting.constructor is not None:
                for parameter in _constructor_names(self.callee.owner):
                    if parameter in (attribute, attribute.lstrip("_")):
                        found.append(("constructor", parameter, ""))
            if kind == "attribute" or name in setting.arguments:
                found.append((kind, name, attribute))
        order = {"argument": 0, "length": 1, "constructor": 2, "attribute": 3}
        return sorted(dict.fromkeys(found), key=lambda k: order[k[0]])

    def leaves(self, node, seen, depth):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args and isinstance(node.args[0], ast.Name):
            seen.append(("length", node.args[0].id, ""))
            return
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            seen.append(("attribute", node.value.id, node.attr))
            return
        if isinstance(node, ast.Name):
            if node.id in self.callee.parameters:
                seen.append(("argument", node.id, ""))
            elif depth:
                for value in _assigned(self.target.function, node.id):
                    self.leaves(value, seen, depth - 1)
            return
        for child in ast.iter_child_nodes(node):
            self.leaves(child, seen, depth)

    def value(self, setting, knob):
        kind, name, attribute = knob
        if kind == "argument":
            return setting.arguments[name]
        if kind == "length":
            return len(setting.arguments[name])
        if kind == "constructor":
            bound = inspect.signature(self.callee.owner).bind(*setting.constructor[0], **setting.constructor[1])
            bound.apply_defaults()
            return bound.arguments[name]
        holder = setting.make() if name == self.callee.first else setting.arguments[name]
        return getattr(holder, attribute)

    def turned(self, setting, knob, value):
        kind, name, attribute = knob
        new = setting.copy()
        if kind == "argument":
            new.arguments[name] = value
        elif kind == "length":
            new.arguments[name] = _of_length(setting.arguments[name], value)
        elif kind == "constructor":
            bound = inspect.signature(self.callee.owner).bind(*setting.constructor[0], **setting.constructor[1])
            bound.arguments[name] = value
            new.constructor = (list(bound.args), dict(bound.kwargs))
        elif name == self.callee.first:
            new.attributes[attribute] = value
        else:
            setattr(new.arguments[name], attribute, value)
        return new

    # Turning.

    def turn(self, setting, knob):
        try:
            start = self.value(setting, knob)
            if isinstance(start, bool) or start is None:
                return None
            limit = self.solve(setting, knob, start)
            return None if limit is None else self.witness(setting, knob, limit)
        except Exception:  # whatever the code under test raises when it is used in a new way
            return None

    def operands(self, setting):
        """What the target compares in this call, None where it is not reached."""
        seen = []
        original = self.target.original

        def spy(left, right):
            seen.append((left, right))
            return original(left, right)
        self.outcome(setting, spy)
        return seen[0] if seen else None

    def solve(self, setting, knob, start):
        at = self.operands(self.turned(setting, knob, start))
        if at is None:
            return None
        for other in (at[1], at[0]):
            if type(other) is type(start) or isinstance(other, NUMBERS) and isinstance(start, NUMBERS):
                if isinstance(start, int) and isinstance(other, float) and other != int(other):
                    continue
                candidate = type(start)(other) if isinstance(start, (int, float)) and isinstance(other, NUMBERS) else other
                seen = self.operands(self.turned(setting, knob, candidate))
                if seen is not None and seen[0] == seen[1]:
                    return candidate
        value = start
        for _ in range(4):
            here, there = at[0] - at[1], None
            if not here:
                return value
            after = self.operands(self.turned(setting, knob, _step(value, 1)))
            if after is None:
                return None
            slope = (after[0] - after[1]) - here
            if not slope:
                return None
            value = _step(value, -(here / slope))
            at = self.operands(self.turned(setting, knob, value))
            if at is None:
                return None
            if at[0] == at[1]:
                return value
        return None

    def outcome(self, setting, behaviour):
        """What a call gives, with the target behaving in a given way."""
        setting = setting.copy()
        probe.table[self.target.number] = behaviour
        instance = None
        try:
            instance = setting.make()
            result = self.callee.call(instance, setting.arguments)
            told = {"kind": "return", "type": type(result).__name__}
            imports = set()
            try:
                told["text"] = literal.write(result, imports)
                told["imports"] = sorted(imports)
            except literal.Unwritable:
                told["repr"] = _shortened(repr(result)) if " at 0x" not in repr(result) else "<%s>" % type(result).__name__
        except Exception as err:
            kind = type(err)
            told = {"kind": "raise", "type": kind.__qualname__, "module": kind.__module__, "message": str(err)[:120]}
        finally:
            probe.table[self.target.number] = self.target.original
        told["state"] = _state(instance)
        return told

    def witness(self, setting, knob, limit):
        unit = _unit(limit)
        values = [limit] if unit is None else [limit - unit, limit, limit + unit]
        if knob[0] == "length" and values[0] < 0:
            values = values[1:]
        rows, apart = [], {}
        for value in values:
            turned = self.turned(setting, knob, value)
            compared = self.operands(turned)
            original = self.outcome(turned, self.target.original)
            if original != self.outcome(turned, self.target.original):
                return None
            row = self.written(turned, knob, value)
            row.update(outcome=original, compared=[_short(v) for v in compared] if compared else None, at=value == limit)
            for mutant in self.target.mutants:
                other = self.outcome(turned, self.target.mutated(mutant))
                if other != original:
                    apart.setdefault(mutant, []).append([len(rows), other])
            rows.append(row)
        if not apart:
            return None
        c = self.callee
        return {"module": c.module.__name__, "name": c.name, "owner": c.owner.__qualname__ if c.owner is not None else "",
                "kind": c.kind, "async": isinstance(self.target.function, ast.AsyncFunctionDef),
                "generator": any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(self.target.function)),
                "by_keyword": sorted(c.by_keyword), "knob": list(knob), "limit": _short(limit), "type": type(limit).__name__,
                "rows": rows, "apart": apart, "clock": self.clock, "by": {m: self.target.mutants[m] for m in apart}}

    def written(self, setting, knob, value):
        """The call as it would stand in a test, with MARK for the value that is turned; why it cannot, where it cannot."""
        imports, row = set(), {}
        kind, name, attribute = knob
        try:
            row["value"] = literal.write(value, imports)
            row["arguments"] = [[n, MARK if kind in ("argument", "length") and n == name else literal.write(v, imports)]
                                for n, v in setting.arguments.items()]
            if kind == "length":
                row["filler"] = _filler(setting.arguments[name])
            if self.callee.first:
                row["instance"] = self.written_instance(setting, knob, imports)
            row["attributes"] = [[n, MARK if kind == "attribute" and n == attribute else literal.write(v, imports)]
                                 for n, v in setting.attributes.items()]
            row["imports"] = sorted(imports)
        except literal.Unwritable as err:
            row["unwritable"] = str(err)
            row["shown"] = ", ".join("%s=%s" % (n, _short(v)) for n, v in list(setting.arguments.items()) + list(setting.attributes.items()))
        return row

    def written_instance(self, setting, knob, imports):
        if setting.constructor is None:
            return literal.write(setting.instance, imports)
        positional, named = setting.constructor
        at = -1
        if knob[0] == "constructor" and knob[1] not in named:
            at = _constructor_names(self.callee.owner).index(knob[1])
        parts = [MARK if i == at else literal.write(v, imports) for i, v in enumerate(positional)]
        parts += ["%s=%s" % (n, MARK if knob[0] == "constructor" and n == knob[1] else literal.write(v, imports)) for n, v in named.items()]
        return "%s(%s)" % (self.callee.owner.__qualname__, ", ".join(parts))


MARK = "\0"  # stands for the value that is turned


def _filler(value):
    """One element, as it is written, of which a value of any length can be made; empty where there is none."""
    if isinstance(value, str):
        return '"%s"' % value[-1] if value and value[-1].isalnum() else '"x"'
    if isinstance(value, bytes):
        return 'b"x"'
    try:
        inner = literal.write(value[-1] if len(value) else 0, set())
    except literal.Unwritable:
        return ""
    return "[%s]" % inner if isinstance(value, list) else "(%s,)" % inner if isinstance(value, tuple) else ""


def _score(witness):
    writable = all("unwritable" not in row for row in witness.get("rows", ())) and bool(witness.get("rows"))
    # A limit of 0 with -1 below it tests what nobody calls; another knob may lead to the limit at a value that somebody does.
    lowest = min((row.get("value", "") for row in witness.get("rows", ())), default="")
    return int(writable), int(not lowest.startswith("-")), len(witness.get("apart", ()))


def _short(value):
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _state(instance):
    """The plain attributes of an object after a call."""
    told = {}
    for name, value in sorted(getattr(instance, "__dict__", {}).items())[:20]:
        if probe.plain(value):
            try:
                told[name] = literal.write(value, set())
            except literal.Unwritable:
                pass
    return told


def _unit(value):
    kind = type(value)
    if kind is int:
        return 1
    if kind is float:
        return 1.0 if value == int(value) else 0.01
    if kind is decimal.Decimal:
        exponent = value.as_tuple().exponent
        return decimal.Decimal((0, (1,), exponent)) if isinstance(exponent, int) and exponent < 0 else decimal.Decimal(1)
    if kind is fractions.Fraction:
        return 1
    if kind in (datetime.datetime, datetime.timedelta):
        return datetime.timedelta(seconds=1)
    if kind is datetime.date:
        return datetime.timedelta(days=1)
    return None


def _shortened(text):
    return text if len(text) <= 60 else "%s... (%d characters)" % (text[:40], len(text))


def _step(value, by):
    if type(value) is int:
        return value + (int(by) if by == int(by) else round(by))
    if type(value) is decimal.Decimal:
        return value + decimal.Decimal(str(by))
    if type(value) in (datetime.datetime, datetime.timedelta):
        return value + datetime.timedelta(seconds=float(by))
    if type(value) is datetime.date:
        return value + datetime.timedelta(days=int(by))
    return value + by


def _of_length(value, length):
    if length < 0 or length > 1_000_000:
        raise ValueError(length)
    if len(value) >= length:
        return value[:length]
    if isinstance(value, str):
        return value + (value[-1:] or "x") * (length - len(value))
    if isinstance(value, bytes):
        return value + (value[-1:] or b"x") * (length - len(value))
    filler = value[-1] if len(value) else 0
    return value + type(value)([filler]) * (length - len(value))


def _assigned(function, name):
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and isinstance(node.target, ast.Name) and node.target.id == name and node.value is not None:
            yield node.value


def _constructor_names(owner):
    try:
        return list(inspect.signature(owner).parameters)
    except (TypeError, ValueError):
        return []
