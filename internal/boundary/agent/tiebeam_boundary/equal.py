"""Shows of a mutant that no input tells it from the original. What is not shown is not said."""
import ast
import copy
import os

FLIPS = {("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")}
OPERATORS = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq}
COMPARE = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
           "==": lambda a, b: a == b, "!=": lambda a, b: a != b}
# What attributes and methods of dates can be, by the library reference of datetime.
RANGES = {"hour": (0, 23), "minute": (0, 59), "second": (0, 59), "microsecond": (0, 999999), "month": (1, 12), "day": (1, 31),
          "weekday()": (0, 6), "isoweekday()": (1, 7)}


def proof(target, to, finder):
    """A sentence that shows that the mutant is the original, or an empty one."""
    tree = finder.tree(os.path.join(os.path.realpath(finder.root), target.path))
    if tree is None:
        return ""
    if target.kind == "bound":
        return _whole_slice(tree, target, to)
    if target.kind != "compare":
        return ""
    place = _find(tree, target)
    if place is None:
        return ""
    node, link, parents = place
    left = ([node.left] + node.comparators)[link]
    right = node.comparators[link]
    return (_by_range(left, right, target.op, to) or _same_where_equal(node, left, right, target.op, to, parents)
            or _equality_is_gone(node, left, right, target.op, to, parents) or _same_code(node, parents, link, to))


def _find(tree, target):
    """The comparison in a tree, which of its links it is, and what it stands in, from the inside outwards."""
    stack = [(tree, ())]
    while stack:
        node, parents = stack.pop()
        if isinstance(node, ast.Compare):
            for link, right in enumerate(node.comparators):
                if (right.lineno, right.col_offset) == (target.line, target.column):
                    return node, link, parents
        for child in ast.iter_child_nodes(node):
            stack.append((child, (node,) + parents))
    return None


def _text(node):
    return ast.unparse(node) if hasattr(ast, "unparse") else "the operand"


# The value cannot be where the two differ.

def _range(node):
    """The least and the greatest value of an expression, None for no end, and whether it is an integer."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id == "len":
            return 0, None, True
        if node.func.id == "abs":
            return 0, None, False
        if node.func.id == "ord":
            return 0, 0x10FFFF, True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        known = RANGES.get(node.func.attr + "()")
        if known:
            return known[0], known[1], True
    if isinstance(node, ast.Attribute) and node.attr in RANGES:
        return RANGES[node.attr] + (True,)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        by = _constant(node.right)
        if by is not None and by > 0 and not isinstance(node.left, (ast.Constant, ast.JoinedStr)):
            return 0, by - 1, True
    return None


def _constant(node):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _constant(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _by_range(left, right, op, to):
    constant = _constant(right)
    known, turned = _range(left), False
    if constant is None:
        constant, known, turned = _constant(left), _range(right), True
    if constant is None or known is None:
        return ""
    least, most, whole = known
    by = 0 if to in COMPARE else int(to)
    changed = COMPARE[to] if to in COMPARE else COMPARE[op]
    values = [v for v in range(constant - 3, constant + 4) if (least is None or v >= least) and (most is None or v <= most)]
    if not whole:
        if to not in COMPARE:
            return ""
        values += [v + 0.5 for v in values]
    for v in values:
        a, b = (constant, v) if turned else (v, constant)
        if COMPARE[op](a, b) != changed(a, b + by):
            return ""
    side = right if turned else left
    if most is None:
        return "%s is never below %d, so the two never differ" % (_text(side), least)
    return "%s is always between %d and %d, where the two do not differ" % (_text(side), least, most)


# Where they differ both operands are equal, and then both ways lead to the same.

def _pure(node):
    return isinstance(node, (ast.Name, ast.Constant)) or isinstance(node, ast.UnaryOp) and _pure(node.operand) or (
        isinstance(node, ast.Attribute) and _pure(node.value))


class _Replace(ast.NodeTransformer):
    def __init__(self, what, by):
        self.what, self.by = ast.dump(what), by

    def visit(self, node):
        if isinstance(node, ast.expr) and _dump(node) == self.what:
            return copy.deepcopy(self.by)
        node = self.generic_visit(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and _constant(node.operand) == 0:
            return ast.Constant(value=0)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _dump(node.left) == _dump(node.right):
            return ast.Constant(value=0)
        return node


def _dump(node):
    return ast.dump(node).replace("Store()", "Load()")


def _equal_when(left, right, one, other):
    if one is None or other is None:
        return one is other
    swap = _Replace(left, right)
    return _dump(swap.visit(copy.deepcopy(one))) == _dump(swap.visit(copy.deepcopy(other)))


def _same_where_equal(node, left, right, op, to, parents):
    if (op, to) not in FLIPS or len(node.ops) != 1 or not _pure(left) or not _pure(right) or not parents:
        return ""
    up = parents[0]
    same = False
    if isinstance(up, ast.IfExp) and up.test is node:
        same = _equal_when(left, right, up.body, up.orelse)
    elif isinstance(up, ast.If) and up.test is node and len(up.body) == 1:
        same = _same_branches(up, left, right, parents)
    if not same:
        return ""
    return "they differ only where %s equals %s, and then both ways lead to the same value" % (_text(left), _text(right))


def _same_branches(statement, left, right, parents):
    one = statement.body[0]
    other = statement.orelse[0] if len(statement.orelse) == 1 else None
    if isinstance(one, ast.Assign) and len(one.targets) == 1:
        if other is None and not statement.orelse:
            return _equal_when(left, right, one.targets[0], one.value)
        return isinstance(other, ast.Assign) and len(other.targets) == 1 and _dump(one.targets[0]) == _dump(other.targets[0]) and (
            _equal_when(left, right, one.value, other.value))
    if isinstance(one, ast.Return):
        if other is None and not statement.orelse:
            other = _following(statement, parents)
        return isinstance(other, ast.Return) and _equal_when(left, right, one.value, other.value)
    return False


def _following(statement, parents):
    block, at = _block(statement, parents[1])
    return block[at + 1] if block and at + 1 < len(block) else None


def _block(statement, parent):
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block, block.index(statement)
    return None, 0


# Equality was dealt with before.

def _is_equality(test, left, right, kind):
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], kind):
        return False
    pair = {ast.dump(test.left), ast.dump(test.comparators[0])}
    return pair == {ast.dump(left), ast.dump(right)}


def _leaves(block):
    return bool(block) and isinstance(block[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _assigns(statement, names):
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)) and node.id in names:
            return True
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            return True
    return False


def _equality_is_gone(node, left, right, op, to, parents):
    simple = (ast.Name, ast.Constant)
    if (op, to) not in FLIPS or len(node.ops) != 1 or not isinstance(left, simple) or not isinstance(right, simple):
        return ""
    told = "%s == %s is dealt with before, and only there do they differ" % (_text(left), _text(right))
    inner, names = node, {n.id for n in (left, right) if isinstance(n, ast.Name)}
    for up in parents:
        if isinstance(up, ast.BoolOp):
            kind = ast.NotEq if isinstance(up.op, ast.And) else ast.Eq
            if any(v is not inner and _is_equality(v, left, right, kind) for v in up.values):
                return "beside %s the two never differ" % _text(next(v for v in up.values if _is_equality(v, left, right, kind)))
        if isinstance(inner, ast.stmt):
            block, at = _block(inner, up)
            for earlier in reversed(block[:at] if block else []):
                if isinstance(earlier, ast.If) and _is_equality(earlier.test, left, right, ast.Eq) and _leaves(earlier.body):
                    return told
                if _assigns(earlier, names):
                    return ""
        if isinstance(up, ast.If) and inner in up.orelse and _is_equality(up.test, left, right, ast.Eq):
            return told
        if isinstance(up, (ast.If, ast.While)) and inner in up.body and _is_equality(up.test, left, right, ast.NotEq):
            return told
        if isinstance(up, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.For, ast.While, ast.ClassDef)):
            return ""
        inner = up
    return ""


# The compiler makes the same of both.

def _same_code(node, parents, link, to):
    outermost = ((node,) + parents[:-1])[-1]  # of the module's statements, the one around it
    statement = ast.Module(body=[outermost], type_ignores=[])
    ops, comparators = node.ops, node.comparators
    try:
        one = compile(statement, "m", "exec", dont_inherit=True)
        if to in OPERATORS:
            node.ops = ops[:link] + [OPERATORS[to]()] + ops[link + 1:]
        else:
            right = ast.BinOp(left=comparators[link], op=ast.Add(), right=ast.Constant(value=int(to)))
            node.comparators = comparators[:link] + [ast.copy_location(right, comparators[link])] + comparators[link + 1:]
            ast.fix_missing_locations(node)
        two = compile(statement, "m", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    finally:
        node.ops, node.comparators = ops, comparators
    return "both compile to the same byte code" if _code(one) == _code(two) else ""


def _code(code):
    return code.co_code, code.co_names, tuple(_code(c) if hasattr(c, "co_code") else repr(c) for c in code.co_consts)


# A slice that ends at the length of what it cuts ends there also when it may go further.

def _whole_slice(tree, target, to):
    if to != "1":
        return ""
    for node in ast.walk(tree):
        cut = getattr(node, "slice", None)
        cut = getattr(cut, "value", cut) if cut is not None and type(cut).__name__ == "Index" else cut
        if not isinstance(node, ast.Subscript) or not isinstance(cut, ast.Slice) or cut.upper is None:
            continue
        upper = cut.upper
        if (upper.lineno, upper.col_offset) != (target.line, target.column):
            continue
        if isinstance(upper, ast.Call) and isinstance(upper.func, ast.Name) and upper.func.id == "len" and len(upper.args) == 1 and (
                isinstance(node.value, ast.Name) and ast.dump(upper.args[0]) == ast.dump(node.value)):
            return "nothing stands behind the end of %s" % node.value.id
    return ""
