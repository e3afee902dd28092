"""Reads the modules that hold targets and puts a call into the table in place of each. Files are never changed."""
import ast
import importlib.machinery
import importlib.util
import os
import sys

from . import codes, probe

ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
SYMBOLS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class Rewriter(ast.NodeTransformer):
    """Replaces the targets of one file, which are found by the line and the column, in bytes, of a node of theirs."""

    def __init__(self, wanted):
        self.wanted = wanted  # (kind, line, column) -> Target; what is found is taken out
        self.enclosing = []

    def take(self, kind, node):
        key = (kind, getattr(node, "lineno", 0), getattr(node, "col_offset", -1))
        return self.wanted.pop(key, None)

    def visit_FunctionDef(self, node):
        self.enclosing.append(node)
        try:
            return self.generic_visit(node)
        finally:
            self.enclosing.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def keep(self, target, operands):
        target.node = operands
        target.function = self.enclosing[-1] if self.enclosing else None

    # A comparison is known by its right operand, as the links of a chain share their left ones.
    def visit_Compare(self, node):
        links = [self.take("compare", right) for right in node.comparators]
        lefts = [node.left] + node.comparators[:-1]
        for i, target in enumerate(links):
            if target is not None:
                if SYMBOLS.get(type(node.ops[i])) != target.op:
                    links[i] = None
                    continue
                self.keep(target, (lefts[i], node.comparators[i]))
        self.generic_visit(node)
        if not any(links):
            return node
        if len(node.ops) == 1:
            return self.entry(node, links[0], [node.left, node.comparators[0]])
        return self.chain(node, links)

    def chain(self, node, links):
        last = max(i for i, target in enumerate(links) if target is not None)
        while last >= 0 and not all(isinstance(op, ORDER) for op in node.ops[:last]):
            last -= 1
        operands = [node.left] + node.comparators
        for i in range(last + 1):
            number = links[i].number if links[i] is not None else -1
            operands[i] = ast.Call(func=ast.Name(id="__tiebeam_link__", ctx=ast.Load()),
                                   args=[ast.Constant(value=number), operands[i]], keywords=[])
        node.left, node.comparators = operands[0], operands[1:]
        return ast.fix_missing_locations(node)

    def visit_Call(self, node):
        extreme = self.take("extreme", node) if isinstance(node.func, ast.Name) else None
        if extreme is not None:
            self.keep(extreme, tuple(node.args))
            call = self.entry(node, extreme, [self.visit(self.bound(a)) for a in node.args])
            call.keywords = [self.visit(k) for k in node.keywords]
            return call
        if isinstance(node.func, ast.Name) and node.func.id == "range" and not node.keywords:
            bounds = [self.bound_target(a) for a in node.args]
            if any(bounds):
                return self.call(node, "__tiebeam_range__", [_numbers(bounds), node.func] + node.args)
        keywords = []
        for keyword in node.keywords:
            target = self.take("lookup", keyword.value) if keyword.arg else None
            if target is None:
                keywords.append(keyword)
                continue
            pair = ast.Dict(keys=[ast.Constant(value=keyword.arg)], values=[keyword.value])
            keywords.append(ast.keyword(arg=None, value=self.entry(keyword.value, target, [pair])))
        node.keywords = keywords
        node.args = [self.bound(a) for a in node.args]
        return ast.fix_missing_locations(self.generic_visit(node))

    def bound(self, node):
        target = self.bound_target(node)
        return node if target is None else self.entry(node, target, [node])

    def bound_target(self, node):
        target = self.take("bound", node) if node is not None else None
        if target is not None:
            self.keep(target, (node,))
        return target

    def call(self, node, name, arguments):
        """A call of one of ours in place of a node, in whose arguments there may be more targets."""
        call = ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=[self.visit(a) for a in arguments], keywords=[])
        return ast.fix_missing_locations(ast.copy_location(call, node))

    def visit_Subscript(self, node):
        cut = node.slice
        if isinstance(cut, ast.Slice) and isinstance(node.ctx, ast.Load):
            bounds = [self.bound_target(cut.lower), self.bound_target(cut.upper)]
            if any(bounds):
                ends = [end if end is not None else ast.Constant(value=None) for end in (cut.lower, cut.upper, cut.step)]
                return self.call(node, "__tiebeam_slice__", [_numbers(bounds), node.value] + ends)
        return self.generic_visit(node)

    def visit_Slice(self, node):
        node.lower = node.lower and self.bound(node.lower)
        node.upper = node.upper and self.bound(node.upper)
        return self.generic_visit(node)

    def visit_Constant(self, node):
        target = self.take("sql", node) if isinstance(node.value, str) else None
        return self.entry(node, target, [node]) if target is not None else node

    def visit_JoinedStr(self, node):
        for i, part in enumerate(node.values):
            target = self.take("sql", part) if isinstance(part, ast.Constant) else None
            if target is not None:
                node.values[i] = ast.FormattedValue(value=self.entry(part, target, [part]), conversion=-1, format_spec=None)
            elif isinstance(part, ast.FormattedValue):
                node.values[i] = self.visit(part)
        return ast.fix_missing_locations(node)

    def visit_Expr(self, node):
        # A string that stands alone is a comment or a docstring.
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def entry(self, node, target, arguments):
        table = ast.Subscript(value=ast.Name(id="__tiebeam__", ctx=ast.Load()), slice=_index(target.number), ctx=ast.Load())
        call = ast.Call(func=table, args=arguments, keywords=[])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def _numbers(found):
    """The numbers of targets, -1 where there is none."""
    return ast.Tuple(elts=[ast.Constant(value=-1 if t is None else t.number) for t in found], ctx=ast.Load())


def _index(number):
    constant = ast.Constant(value=number)
    return constant if sys.version_info >= (3, 9) else ast.Index(value=constant)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with its targets replaced. No byte code is read or written."""

    finder = None

    def get_code(self, fullname):
        name = self.get_filename(fullname)
        return self.finder.compile(self.get_data(name), name, fullname)


class Finder:
    """Stands before the import system's own finders and takes the files with targets."""

    def __init__(self, root):
        self.root, self.files = root, {}
        self.loaded = set()
        for target in probe.targets:
            self.files.setdefault(os.path.join(root, target.path), []).append(target)
        self.sources = {}  # what is read, and the tree of it where somebody has asked
        self.trees = {}
        self.missing = []  # targets that are not where the plan says

    def find_spec(self, fullname, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not spec.origin or type(spec.loader) is not importlib.machinery.SourceFileLoader:
            return None
        if os.path.realpath(spec.origin) not in self.files:
            return None
        spec.loader = Loader(fullname, spec.origin)
        spec.loader.finder = self
        return spec

    def tree(self, real):
        """The tree of a file as it is written, None where it was not imported."""
        if real not in self.trees:
            data = self.sources.get(real)
            self.trees[real] = None if data is None else ast.parse(data, filename=real)
        return self.trees[real]

    def compile(self, data, name, module):
        real = os.path.realpath(name)
        return codes.once(real, lambda: self.make(data, name, real, module))

    def make(self, data, name, real, module):
        targets = self.files[real]
        wanted = {(t.kind, t.line, t.column): t for t in targets}
        tree = ast.parse(data, filename=name)
        self.sources[real] = data
        rewriter = Rewriter(wanted)
        tree = rewriter.visit(tree)
        for target in targets:
            target.module = module
        self.missing.extend(t.number for t in rewriter.wanted.values())
        self.loaded.add(real)
        return compile(tree, name, "exec", dont_inherit=True)


def install(root):
    finder = Finder(root)
    sys.meta_path.insert(0, finder)
    return finder
