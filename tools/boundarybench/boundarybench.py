"""Time `tiebeam boundary` beside mutmut and cosmic-ray on the same comparisons of the same packages, and compare verdicts.

    python tools/boundarybench/boundarybench.py --tiebeam bin/tiebeam [--most 8] [--check] [--cache FOLDER] [PACKAGE...]

Needs Python 3.11 and network access once: the packages and the tools, pinned in packages.toml, go into the cache folder.
Each tool has a copy of the package of its own. Time is that of the whole command, from nothing kept, and is given as
elapsed time and as CPU time of the command with all its children; the latter is what compares on a busy machine.
Before that the tests run once with plain pytest, which leaves the byte code of the installed libraries where it is on any
developer's machine; variables that keep Python from writing it are taken out, as they would slow down the other tools.

 - tiebeam judges every comparison with three mutants (the operator that differs at the limit, the limit moved by one,
   the opposite): once with --verdicts-only, which is what the others do, and once looking for inputs and writing tests.
 - cosmic-ray is given the first and the last of these on the first --most comparisons, as it runs the whole suite for each.
 - mutmut has the first only, and is given it for every comparison that it can mutate.

Verdicts are compared mutant by mutant where two tools have both decided. The exit code is 1 where they differ.

--check times nothing: it compares the verdicts of tiebeam with those that it gives with --run-all, where also those mutants
are run of which one run of the tests has shown that they change nothing. The exit code is 1 where they differ.
"""
import argparse
import ast
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
import tomllib

HERE = pathlib.Path(__file__).parent
SYMBOLS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
COSMIC = {"<": "Lt", "<=": "LtE", ">": "Gt", ">=": "GtE"}
DECIDED = {"killed", "survived"}


def main():
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("--tiebeam", required=True, help="the program to measure")
    flags.add_argument("--most", type=int, default=8, help="comparisons of a package that cosmic-ray is given (default 8)")
    flags.add_argument("--check", action="store_true", help="compare tiebeam with itself when it runs all mutants")
    flags.add_argument("--cache", default=os.path.expanduser("~/.cache/tiebeam-boundary"), help="where packages and tools are kept")
    flags.add_argument("package", nargs="*", help="names in packages.toml (default: all)")
    given = flags.parse_args()
    with open(HERE / "packages.toml", "rb") as f:
        wanted = tomllib.load(f)
    cache = pathlib.Path(given.cache)
    chosen = [p for p in wanted["package"] if not given.package or p["name"] in given.package]
    python = install(cache, wanted["tools"] + [need for p in chosen for need in p.get("needs", ())])
    differ = 0
    if given.check:
        sys.exit(1 if sum(check(p, python, cache, os.path.abspath(given.tiebeam)) for p in chosen) else 0)
    print("| package | tool | mutants | elapsed | CPU | CPU a mutant | times tiebeam |\n|---|---|---:|---:|---:|---:|---:|")
    for package in chosen:
        differ += compare(package, python, cache, os.path.abspath(given.tiebeam), given.most)
    sys.exit(1 if differ else 0)


def install(cache, tools):
    python = cache / "venv/bin/python"
    if not python.exists():
        run([sys.executable, "-m", "venv", str(cache / "venv")])
    run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"] + tools)
    return python


def unpack(package, python, cache, tool):
    """A fresh copy of the package's source distribution."""
    name = "%s-%s" % (package["name"], package["version"])
    archive = cache / "sdist" / (name + ".tar.gz")
    if not archive.exists():
        run([str(python), "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:",
             "-d", str(archive.parent), "%s==%s" % (package["name"], package["version"])])
    folder = cache / "run" / tool
    shutil.rmtree(folder / name, ignore_errors=True)
    with tarfile.open(archive) as f:
        f.extractall(folder, filter="data")
    return folder / name


class Measured:
    """What a tool said: (path, line, column of the left operand, operator, new operator) -> verdict, and what it took."""

    def __init__(self, verdicts, mutants, spent, every=None):
        self.verdicts, self.mutants, (self.elapsed, self.cpu) = verdicts, mutants, spent
        self.every = every  # of tiebeam: all mutants as they read -> verdict


def compare(package, python, cache, tiebeam, most):
    warm(package, python, cache)
    ours = with_tiebeam(package, python, cache, tiebeam, ["--verdicts-only"])
    places = sorted({key[:4] for key in ours.verdicts})
    whole = with_tiebeam(package, python, cache, tiebeam, [])
    if whole.verdicts != ours.verdicts:
        print("tiebeam: other verdicts where it looks for inputs and writes tests", file=sys.stderr)
    results = {"tiebeam": ours, "tiebeam, with inputs and tests": whole, "mutmut": with_mutmut(package, python, cache, places),
               "cosmic-ray": with_cosmic_ray(package, python, cache, places[:most])}
    own = ours.cpu / ours.mutants
    for tool, m in results.items():
        each = m.cpu / m.mutants if m.mutants else 0.0
        print("| %s %s | %s | %d | %.1f s | %.1f s | %.2f s | %.1f |" % (
            package["name"], package["version"], tool, m.mutants, m.elapsed, m.cpu, each, each / own), flush=True)
    return sum(disagreements(ours, theirs, tool) for tool, theirs in results.items() if not tool.startswith("tiebeam"))


def check(package, python, cache, tiebeam):
    """How many verdicts are others when nothing is decided without a run."""
    spared, run_all = (with_tiebeam(package, python, cache, tiebeam, more).every for more in (["--verdicts-only"], ["--verdicts-only", "--run-all"]))
    apart = [key for key in spared if spared[key] != run_all[key]]
    print("%s %s: %d mutants, %d survived, %d have another verdict with --run-all" % (
        package["name"], package["version"], len(spared), list(spared.values()).count("survived"), len(apart)), flush=True)
    for key in apart:
        print("  %s:%d:%d %s: %s, with --run-all %s" % (*key[:4], spared[key], run_all[key]))
    return len(apart)


def disagreements(ours, theirs, tool):
    both = [k for k in ours.verdicts if k in theirs.verdicts and ours.verdicts[k] in DECIDED and theirs.verdicts[k] in DECIDED]
    apart = [k for k in both if ours.verdicts[k] != theirs.verdicts[k]]
    print("%s: %d mutants decided by both, %d apart" % (tool, len(both), len(apart)), file=sys.stderr)
    for key in apart:
        print("  %s:%d:%d %s -> %s: tiebeam %s, %s %s" % (*key, ours.verdicts[key], tool, theirs.verdicts[key]), file=sys.stderr)
    return len(apart)


def environment(package, root, python):
    path = os.path.join(root, package["path"])
    env = dict(os.environ, PYTHONPATH=os.path.normpath(path), PATH="%s%s%s" % (python.parent, os.pathsep, os.environ["PATH"]))
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
        env.pop(name, None)
    env["PYTEST_ADDOPTS"] = " ".join("--deselect=" + test for test in package.get("deselect", ()))
    return env


def warm(package, python, cache):
    """Runs the tests as a developer does before anything is timed."""
    root = unpack(package, python, cache, "warm")
    subprocess.run([str(python), "-m", "pytest", "-q"], cwd=root, env=environment(package, root, python), capture_output=True)


def run(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode not in (0, 1):
        sys.exit("%s: exit code %d\n%s" % (" ".join(command), done.returncode, done.stdout[-3000:]))
    return done.stdout


def timed(command, **more):
    """Runs a command. Gives what it printed, and the seconds elapsed and of CPU."""
    before, started = os.times(), time.monotonic()
    said = run(command, **more)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return said, (time.monotonic() - started, cpu)


# tiebeam

def with_tiebeam(package, python, cache, tiebeam, more):
    root = unpack(package, python, cache, "tiebeam")
    report = root / "report.json"
    command = [tiebeam, "boundary", "--all", "--fresh", "--quiet", "--python", str(python), "-f", "json", "-o", str(report)] + more + [package["sources"]]
    _, spent = timed(command, cwd=root, env=environment(package, root, python))
    verdicts, every = {}, {}
    for c in json.loads(report.read_text())["evidence"]["comparisons"]:
        operator = next((o for o in ("<=", ">=", "<", ">") if " %s " % o in c["text"]), None)
        for m in c["mutants"]:
            if m["verdict"] == "not applicable":
                continue
            every[c["path"], c["line"], c["column"], m["text"], m["to"], c["end"]] = m["verdict"]
            if operator and m["to"] in COSMIC and len(c["mutants"]) == 3:
                verdicts[c["path"], c["line"], c["column"], operator, m["to"]] = m["verdict"]
    return Measured(verdicts, len(every), spent, every)


# Where comparisons stand.

def links(tree):
    """The links of all comparisons below a node, in a fixed order: left operand, operator, right operand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            lefts = [node.left] + node.comparators[:-1]
            yield from zip(lefts, node.ops, node.comparators)


def operator_places(source):
    """The position of each operator -> that of its left operand, 1-based lines and 0-based columns."""
    lines, found = source.splitlines(), {}
    for left, op, right in links(ast.parse(source)):
        symbol = SYMBOLS.get(type(op))
        if symbol is None:
            continue
        for row in range(left.end_lineno, right.lineno + 1):
            start = left.end_col_offset if row == left.end_lineno else 0
            end = right.col_offset if row == right.lineno else len(lines[row - 1])
            at = lines[row - 1].find(symbol, start, end)
            if at >= 0:
                found[row, at] = (left.lineno, left.col_offset + 1, symbol)
                break
    return found


# cosmic-ray

def with_cosmic_ray(package, python, cache, places):
    root = unpack(package, python, cache, "cosmic-ray")
    env = environment(package, root, python)
    (root / "cosmic-ray.toml").write_text(
        '[cosmic-ray]\nmodule-path = "%s"\ntimeout = 120.0\nexcluded-modules = []\n'
        'test-command = "%s -m pytest -x -q -p no:cacheprovider"\n[cosmic-ray.distributor]\nname = "local"\n' % (package["sources"], python))
    program = str(python.parent / "cosmic-ray")
    run([program, "init", "cosmic-ray.toml", "session.sqlite"], cwd=root, env=env)
    jobs = choose_jobs(root, set(places))
    _, spent = timed([program, "exec", "cosmic-ray.toml", "session.sqlite"], cwd=root, env=env)
    verdicts = {}
    with sqlite3.connect(root / "session.sqlite") as db:
        for job, outcome in db.execute("SELECT job_id, test_outcome FROM work_results"):
            verdicts[jobs[job]] = str(outcome).lower()
    return Measured(verdicts, len(jobs), spent)


def choose_jobs(root, places):
    """Leaves only the mutants in the session that tiebeam has too. Gives job -> mutant."""
    jobs, sources = {}, {}
    with sqlite3.connect(root / "session.sqlite") as db:
        rows = db.execute("SELECT job_id, module_path, operator_name, start_pos_row, start_pos_col FROM mutation_specs").fetchall()
        for job, path, operator, row, column in rows:
            if path not in sources:
                sources[path] = operator_places((root / path).read_text())
            place = sources[path].get((row, column))
            to = re.fullmatch(r"core/ReplaceComparisonOperator_(\w+)_(\w+)", operator)
            if place is None or to is None or (path, *place) not in places:
                continue
            flip = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}[place[2]]
            opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[place[2]]
            for symbol in (flip, opposite):
                if to.group(2) == COSMIC[symbol]:
                    jobs[job] = (path, *place, symbol)
        for table in ("mutation_specs", "work_items"):
            db.executemany("DELETE FROM %s WHERE job_id = ?" % table, [(r[0],) for r in rows if r[0] not in jobs])
    return jobs


# mutmut

def with_mutmut(package, python, cache, places):
    root = unpack(package, python, cache, "mutmut")
    with open(root / "setup.cfg", "a") as f:
        f.write("\n[mutmut]\nsource_paths = %s\nalso_copy = README.rst\nprocess_isolation = fork\n" % package["path" if package["path"] != "." else "sources"])
    env, program = dict(environment(package, root, python)), str(python.parent / "mutmut")
    env.pop("PYTHONPATH")  # it has its own copy of the sources
    subprocess.run([program, "run", "nothing.is.named.so"], cwd=root, env=env, capture_output=True)  # writes the mutants
    names = mutant_names(root, set(places), package)
    shutil.rmtree(root / "mutants")
    if not names:
        return Measured({}, 0, (0.0, 0.0))
    _, spent = timed([program, "run"] + sorted(names), cwd=root, env=env)
    verdicts = {}
    for line in run([program, "results", "--all", "true"], cwd=root, env=env).splitlines():
        name, _, verdict = line.strip().rpartition(": ")
        if name in names:
            verdicts[names[name]] = verdict
    if not DECIDED & set(verdicts.values()):
        print("mutmut has judged nothing of %s: do all its tests pass when it runs them?" % package["name"], file=sys.stderr)
        return Measured({}, 0, spent)
    return Measured(verdicts, len(names), spent)


def mutant_names(root, places, package):
    """The names of the mutants that change the operator of one of the places."""
    names = {}
    for path in sorted({p[0] for p in places}):
        original = functions((root / path).read_text())
        mutated = functions((root / "mutants" / path).read_text())
        prefix = path[:-3].removeprefix("src/").replace("/", ".").removesuffix(".__init__")
        for name, tree in mutated.items():
            base, marked, number = name.rpartition("__mutmut_")
            last = base.rpartition(".")[2]
            if not marked or not number.isdigit() or base + "__mutmut_orig" not in mutated:
                continue
            source = original.get(last.removeprefix("x\u01c1").replace("\u01c1", ".") if "\u01c1" in last else last.removeprefix("x_"))
            before, after = (list(links(t)) for t in (mutated[base + "__mutmut_orig"], tree))
            if source is None or len(before) != len(after):
                continue
            changed = [i for i, (one, two) in enumerate(zip(before, after)) if type(one[1]) is not type(two[1])]
            here = list(links(source))
            if len(changed) != 1 or len(here) != len(before):
                continue
            left, op, _ = here[changed[0]]
            to = SYMBOLS.get(type(after[changed[0]][1]))
            key = (path, left.lineno, left.col_offset + 1, SYMBOLS.get(type(op)))
            if key in places and to:
                names["%s.%s" % (prefix, last + marked + number)] = key + (to,)
    return names


def functions(source):
    """Qualified name -> definition; what mutmut made of a method carries the class in its name and stands in it or beside it."""
    found = {}

    def walk(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                name = child.name if "\u01c1" in child.name else prefix + child.name
                found[name] = child
            elif isinstance(child, ast.ClassDef):
                walk(child, prefix + child.name + ".")
            elif isinstance(child, (ast.If, ast.Try, ast.With)):
                walk(child, prefix)
    walk(ast.parse(source), "")
    return found


if __name__ == "__main__":
    main()
