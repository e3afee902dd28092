"""What stands in place of each target: a call that compares as before, records, or compares as a mutant does.

The rewritten code says `__tiebeam__[n](left, right)`. An entry of the table is an operator of C where nothing is asked
of the target, so that a target costs one call.
"""
import builtins
import copy
import datetime
import decimal
import fractions
import operator
import re
import sys

OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
PLAIN = {int, float, bool, str, bytes, type(None), decimal.Decimal, fractions.Fraction, datetime.date, datetime.datetime,
         datetime.time, datetime.timedelta}
UNCHANGING = PLAIN.copy()
AS_THESE = (int, float, str, bytes, object)
HERE = __file__.rsplit(".", 1)[0].rsplit("/", 1)[0]
MOST_SAMPLES = 4

table = []
targets = []
current = None  # the test that runs, None outside of any
constructed = lambda value: None  # the arguments with which an object was made, where somebody keeps them
part = None  # asked while modules are imported, before a mutant acts for the first time: whether it does so in this process


class Target:
    """One comparison, bound, min or max, statement of SQL, or lookup of an ORM, and what was seen of it."""

    def __init__(self, number, plan):
        self.number, self.kind, self.op = number, plan["kind"], plan.get("op", "")
        self.path, self.symbol = plan["path"], plan.get("symbol", "")
        self.line, self.column = plan["line"], plan["column"]
        self.mutants = {m["id"]: m["to"] for m in plan["mutants"]}
        self.node = None      # the operands, for those who look for an input
        self.function = None  # the definition around it
        self.module = ""      # under which name it was imported
        self.tests = {}       # test -> Seen
        self.seen = None      # that of the current test, None before it comes here
        self.recorder = None
        self.samples = []
        self.fits = set()     # mutants that mean something for a value that was seen
        self.original = ORIGINALS[self.kind](self)

    def mutated(self, mutant):
        return MUTATED[self.kind](self, self.mutants[mutant])


class Seen:
    """What was seen of a target in one test: the mutants that gave something else, and those of which nobody can say."""
    __slots__ = ("differs", "unknown", "sides")

    def __init__(self):
        self.differs, self.unknown, self.sides = set(), set(), set()

    def settled(self, mutants):
        return len(self.differs | self.unknown) == len(mutants)


class Sample:
    """The arguments of a function in one call that reached its target."""
    __slots__ = ("arguments", "made", "test", "differs")

    def __init__(self, arguments, made, test, differs):
        self.arguments, self.made, self.test, self.differs = arguments, made, test, differs


SLOTS = ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__")
_known = dict.fromkeys(PLAIN | {set, frozenset}, True)


def _compares_as_built_in(kind):
    """Says whether a class compares as one of Python's own does, as members of an IntEnum do, or by identity."""
    if kind not in _known:
        _known[kind] = any(all(getattr(kind, slot, None) is getattr(own, slot) for slot in SLOTS) for own in AS_THESE)
    return _known[kind]


def plain(value, depth=3):
    """Says whether comparing the value runs no code of anybody's."""
    kind = type(value)
    if isinstance(value, (tuple, list)) and kind.__lt__ in (tuple.__lt__, list.__lt__) and kind.__eq__ in (tuple.__eq__, list.__eq__) and depth:
        return all(plain(v, depth - 1) for v in value[:50])
    return _compares_as_built_in(kind)


def shifted(value, by):
    """The value one unit further, None where a unit means nothing."""
    kind = type(value)
    if kind is int or kind in (decimal.Decimal, fractions.Fraction):
        return value + by
    if kind is datetime.date:
        return value + datetime.timedelta(days=by)
    return None


def install(plans):
    """Makes the table."""
    for number, plan in enumerate(plans):
        target = Target(number, plan)
        targets.append(target)
        table.append(target.original)
    builtins.__tiebeam__ = table
    builtins.__tiebeam_link__ = Link
    builtins.__tiebeam_range__, builtins.__tiebeam_slice__ = _range, _slice


def record(samples):
    global recording, sampling
    recording, sampling = True, samples
    for target in targets:
        table[target.number] = target.recorder = recorder(target)


def rest():
    global recording
    recording = False
    for target in targets:
        table[target.number] = target.original


def activate(number, mutant):
    global part
    part = None
    table[number] = targets[number].mutated(mutant)


# How each kind behaves. An original takes what the rewritten code hands it and gives what the code gave.

def _compare(target):
    return OPERATORS[target.op]


def _compare_mutated(target, to):
    own = OPERATORS[target.op]
    if to in OPERATORS:
        return OPERATORS[to]
    by = int(to)

    def off(left, right):
        bound = shifted(right, by)
        return own(left, right if bound is None else bound)
    return off


def _bound(target):
    return lambda value: value


def _bound_mutated(target, to):
    by = int(to)

    def off(value):
        return value + by if type(value) is int else value
    return off


def _extreme(target):
    return {"min": min, "max": max}[target.op]


def _extreme_mutated(target, to):
    return {"min": min, "max": max}[to]


SQL = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|(?<![<>=!@~|&#?*^/%+-])(<=|>=|<|>)(?![<>=@~|&#?*^/%-])")


def _sql(target):
    return lambda text: text


def _sql_mutated(target, to):
    nth, op = to.split(":")
    nth = int(nth)

    def swapped(text):
        count = -1
        for found in SQL.finditer(text):
            if found.group(1):
                count += 1
                if count == nth:
                    return text[:found.start()] + op + text[found.end():]
        return text
    return swapped


def _lookup(target):
    return lambda arguments: arguments


def _lookup_mutated(target, to):
    def swapped(arguments):
        return {(key[:-len(target.op)] + to if key.endswith("__" + target.op) else key): v for key, v in arguments.items()}
    return swapped


ORIGINALS = {"compare": _compare, "bound": _bound, "extreme": _extreme, "sql": _sql, "lookup": _lookup}
MUTATED = {"compare": _compare_mutated, "bound": _bound_mutated, "extreme": _extreme_mutated, "sql": _sql_mutated, "lookup": _lookup_mutated}


class Link:
    """The left operand of one comparison of a chain, so that `a < b < c` evaluates b once, as before."""
    __slots__ = ("number", "value")
    __hash__ = None

    def __init__(self, number, value):
        self.number, self.value = number, value

    def _do(self, plain_operator, other):
        right = other.value if type(other) is Link else other
        if self.number < 0:
            return plain_operator(self.value, right)
        return table[self.number](self.value, right)

    def __lt__(self, other):
        return self._do(operator.lt, other)

    def __le__(self, other):
        return self._do(operator.le, other)

    def __gt__(self, other):
        return self._do(operator.gt, other)

    def __ge__(self, other):
        return self._do(operator.ge, other)

    def __eq__(self, other):
        return self._do(operator.eq, other)

    def __ne__(self, other):
        return self._do(operator.ne, other)


# Bounds, with what they are the bounds of: most that move change nothing, as what is cut is not that long.

SEQUENCES = {str, bytes, bytearray, list, tuple, memoryview}


def _range(numbers, build, *bounds):
    if recording and build is range:
        _look_at_bounds(numbers, bounds, lambda *changed: range(*changed))
    if not recording or build is not range:
        bounds = _moved(numbers, bounds)
    return build(*bounds)


def _slice(numbers, value, lower, upper, step):
    if recording and type(value) in SEQUENCES:
        size = len(value)
        _look_at_bounds(numbers, (lower, upper), lambda start, end: range(*slice(start, end, step).indices(size)))
    if not recording or type(value) not in SEQUENCES:
        lower, upper = _moved(numbers, (lower, upper))
    return value[lower:upper:step]


def _moved(numbers, bounds):
    return tuple(table[n](bound) if n >= 0 else bound for n, bound in zip(numbers, bounds)) + bounds[len(numbers):]


def _look_at_bounds(numbers, bounds, indices):
    """Sees which mutants make other indices than the bounds do. Nothing is recorded any more where one of them acts from now on."""
    for i, number in enumerate(numbers):
        if number < 0 or type(bounds[i]) is not int:
            continue
        target = targets[number]
        seen = target.seen or _begin(target)
        target.fits.update(target.mutants)
        for mutant, by in target.mutants.items():
            changed = list(bounds)
            changed[i] += int(by)
            try:
                acts = seen.differs if mutant not in seen.differs and indices(*changed) != indices(*bounds) else None
            except (TypeError, ValueError):  # the original may fail alike
                acts = seen.unknown
            if acts is None:
                continue
            if part is not None and part(target, mutant):
                return
            acts.add(mutant)


# Recording.

recording = False
sampling = False  # whether calls are kept, to look for inputs
asleep = []  # targets of which nothing new can be seen in the current test


def enter(test):
    """Says which test runs from now on, None for none."""
    global current
    current = test
    for target in targets:
        target.seen = None
    for target in asleep:
        table[target.number] = target.recorder
    asleep.clear()


def recorder(target):
    original = target.original
    alternatives = {m: target.mutated(m) for m in target.mutants}
    if target.kind == "compare":
        return _comparing(target, original, alternatives)

    def recording(*operands, **named):
        if part is not None and _parts(target, alternatives, operands, named):
            return table[target.number](*operands, **named)
        result = original(*operands, **named)
        seen = target.seen or _begin(target)
        _judge(target, seen, alternatives, operands, named, result)
        if seen.settled(alternatives):
            _sleep(target)
        return result
    return recording


def _comparing(target, original, alternatives):
    def recording(left, right):
        if part is not None and _parts(target, alternatives, (left, right), None):
            return table[target.number](left, right)
        result = original(left, right)
        seen = target.seen or _begin(target)
        side, kind = 0, type(left)
        if kind is type(right) and (kind is int or kind is float):
            # Further apart than a mutant shifts, all that counts is which of the two is greater.
            apart = left - right
            side = 1 if apart > 1 else -1 if apart < -1 else 0
            if side in seen.sides:
                return result
            if side:
                seen.sides.add(side)
        new = _judge(target, seen, alternatives, (left, right), None, result)
        enough = not sampling or len(target.samples) >= MOST_SAMPLES
        if sampling and (new or not enough):
            _sample(target, (left, right), new)
        if enough and seen.settled(alternatives):
            _sleep(target)
        return result
    return recording


def _parts(target, alternatives, operands, named):
    """Lets each mutant part that would act here, before anything has been done. Says whether it does so in this process."""
    seen, result = Seen(), None
    if target.kind in ("compare", "extreme") and not named and all(plain(v) for v in operands):
        try:
            result = target.original(*operands)
        except (TypeError, ValueError):
            return False  # which is what the original does here
    _judge(target, seen, alternatives, operands, named, result)
    return any(part(target, mutant) for mutant in alternatives if mutant in seen.differs or mutant in seen.unknown)


def _begin(target):
    seen = target.tests.get(current)
    if seen is None:
        seen = target.tests[current] = Seen()
    target.seen = seen
    return seen


def _sleep(target):
    table[target.number] = target.original
    asleep.append(target)


def _judge(target, seen, alternatives, operands, named, result):
    """Which mutants give something else here that gave the same before in this test."""
    if target.kind in ("sql", "lookup"):
        target.fits.update(alternatives)
        seen.unknown.update(alternatives)
        return set()
    if target.kind == "bound":  # of something that nobody can look into
        if type(operands[0]) is int:
            target.fits.update(alternatives)
            seen.unknown.update(alternatives)
        return set()
    if named or not all(plain(v) for v in operands):
        target.fits.update(m for m in alternatives if target.mutants[m] in OPERATORS or target.kind == "extreme")
        seen.unknown.update(m for m in target.fits if m not in seen.differs)
        return set()
    new = set()
    for mutant, alternative in alternatives.items():
        if mutant in seen.differs:
            continue
        to = target.mutants[mutant]
        if target.kind == "compare" and to not in OPERATORS and shifted(operands[1], 1) is None:
            continue
        target.fits.add(mutant)
        try:
            other = alternative(*operands)
        except (TypeError, OverflowError):
            seen.unknown.add(mutant)
            continue
        if other is not result and (other != result or type(other) is not type(result)):
            seen.differs.add(mutant)
            new.add(mutant)
    return new


def _sample(target, operands, differs):
    known = {m for s in target.samples for m in s.differs}
    if len(target.samples) >= MOST_SAMPLES and not differs - known or len(target.samples) > 4 * MOST_SAMPLES:
        return
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(HERE):
        frame = frame.f_back
    arguments, first = {}, None
    if frame is not None:
        code = frame.f_code
        names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
        values = frame.f_locals
        arguments = {name: kept(values[name]) for name in names if name in values}
        first = values.get(names[0]) if names else None
    target.samples.append(Sample(arguments, constructed(first), current, set(differs)))


def kept(value):
    """A copy that what comes later does not change, the value itself where there can be none."""
    if type(value) in UNCHANGING:
        return value
    try:
        return copy.deepcopy(value)
    except Exception:  # code of anybody's may run here
        return value
