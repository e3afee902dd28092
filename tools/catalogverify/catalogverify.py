"""Compares the rows of internal/catalog/data with the libraries installed beside this interpreter.

    python tools/catalogverify/catalogverify.py [--fill] [--absent] [FILE...]

For every row whose path can be imported it checks: a class is a class; a coroutine function is marked async and
nothing else is; each parameter exists and stands at the position said; a default that the signature spells as a number
or None is the one said; bases are bases. It prints one line a difference and exits 1 where there was any. With --fill,
rows without a source get the file and line of the object (the first one, of a row for several) or, for a function of
the interpreter itself, the address of its documentation.

Nothing is called, only imported and looked at.
"""

import argparse
import importlib
import importlib.metadata
import importlib.util
import inspect
import io
import contextlib
import pathlib
import re
import sys
import sysconfig
import tomllib
import warnings

DATA = pathlib.Path(__file__).resolve().parents[2] / "internal" / "catalog" / "data"
STANDARD = pathlib.Path(sysconfig.get_paths()["stdlib"]).resolve()
SITE = [pathlib.Path(p).resolve() for p in sys.path if p.endswith(("site-packages", "dist-packages"))]

# Classes that offer the methods of their base without deriving from it.
STAND_INS = {
    "logging.LoggerAdapter", "sqlalchemy.orm.scoped_session", "redis.RedisCluster", "redis.asyncio.RedisCluster",
    "aiohttp_retry.RetryClient", "django.db.models.Manager", "rest_framework.request.Request",
}


def resolve(path: str):
    """Gives the object named by a dotted path; raises LookupError."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        name = ".".join(parts[:cut])
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                found = importlib.import_module(name)
        except ModuleNotFoundError as err:
            # The name itself may be no module; a missing dependency is another matter.
            if err.name and not (name + ".").startswith(err.name + "."):
                raise LookupError(f"{name}: needs {err.name}") from err
            continue
        except BaseException as err:  # a library may raise anything while it is imported
            raise LookupError(f"{name}: {type(err).__name__}: {err}") from err
        for attribute in parts[cut:]:
            try:
                found = getattr(found, attribute)
            except Exception as err:
                raise LookupError(f"{path}: no {attribute!r}") from err
        return found
    raise LookupError(f"no module {parts[0]}")


def place(path: str, thing) -> str:
    """Says where thing is defined: file and line in its library, or the page of the standard library."""
    with contextlib.suppress(Exception):
        thing = inspect.unwrap(thing)
        file = pathlib.Path(inspect.getsourcefile(thing)).resolve()
        line = inspect.getsourcelines(thing)[1]
        for root in SITE:
            if file.is_relative_to(root):
                return f"{file.relative_to(root)}:{line}"
        if file.is_relative_to(STANDARD):
            return f"Lib/{file.relative_to(STANDARD)}:{line}"
    if inspect.isclass(thing) and (found := definition(path, thing)):
        return found
    module = path.split(".")[0]
    if module == "builtins":
        name = path.removeprefix("builtins.")
        page = "stdtypes" if "." in name else "functions"
        return f"https://docs.python.org/3/library/{page}.html#{name}"
    if module in sys.stdlib_module_names:
        owner = inspect.getmodule(thing)
        page = path.rsplit(".", 1)[0]
        while page and not is_module(page):
            page = page.rpartition(".")[0]
        return f"https://docs.python.org/3/library/{page or getattr(owner, '__name__', module)}.html#{path}"
    return ""


def definition(path: str, thing) -> str:
    """Searches the library for "class NAME": for classes that hide the module they were defined in."""
    line_start = re.compile(rf"^class {re.escape(thing.__name__)}\b")
    for root in SITE:
        for file in sorted((root / path.split(".")[0]).rglob("*.py")):
            for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                if line_start.match(line):
                    return f"{file.relative_to(root)}:{number}"
    return ""


def is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False


def installed(library: dict) -> tuple:
    """Gives the version beside this interpreter as numbers; that of the data file where the library is not installed."""
    if library["name"] == "python":
        return sys.version_info[:3]
    for name in [library["name"], *library.get("also", [])]:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return numbers(importlib.metadata.version(name))
    return numbers(library["checked"])


def numbers(version: str) -> tuple:
    return tuple(int(n) for n in re.findall(r"\d+", version)[:3])


def holds(row: dict, version: tuple) -> bool:
    since, until = row.get("since"), row.get("until")
    return not (since and version < numbers(since)) and not (until and version >= numbers(until))


def parameters_of(entry: dict):
    """Yields (field, parameter, defaults) for every parameter the row speaks of."""
    deadline = entry.get("deadline", {})
    for parameter in deadline.get("parameters", []):
        yield "deadline", parameter, deadline.get("defaults", []) if len(deadline.get("parameters", [])) == 1 else []
    for parameter in entry.get("duration", {}).get("parameters", []):
        yield "duration", parameter, []
    for parameter in entry.get("owns", {}).get("parameters", []):
        yield "owns", parameter, []
    retry = entry.get("retry", {})
    for field in ("attempts", "total"):
        for parameter in retry.get(field, []):
            yield f"retry.{field}", parameter, []
    for field in ("backoff", "jitter", "exceptions", "stop"):
        for name in retry.get(field, []):
            yield f"retry.{field}", {"name": name, "any": True}, []
    if "parameter" in entry.get("bound", {}):
        yield "bound", entry["bound"]["parameter"], []
    offload = entry.get("offload", {})
    if offload.get("keyword"):
        yield "offload", {"name": offload["keyword"], "position": offload.get("argument", 0)}, []
    handler = entry.get("endpoint", {}).get("handler")
    if handler:
        yield "endpoint.handler", handler, []


def signature_of(thing, is_method: bool):
    signature = inspect.signature(thing)
    found = list(signature.parameters.values())
    with contextlib.suppress(Exception):  # a wrapper may take more than what it wraps
        outer = inspect.signature(thing, follow_wrapped=False).parameters.values()
        if any(p.kind is p.VAR_KEYWORD for p in outer) and not any(p.kind is p.VAR_KEYWORD for p in found):
            found += [p for p in outer if p.kind is p.VAR_KEYWORD]
    if is_method and found and found[0].name in ("self", "cls", "mcs"):
        found = found[1:]
    return found


def check(path: str, entry: dict, version: tuple) -> list[str]:
    thing = resolve(path)
    wrong = []
    # The other way round is right for a factory function whose result has methods (multiprocessing.Pool).
    if inspect.isclass(thing) and not entry.get("class"):
        wrong.append("is a class and not marked class")
    coroutine = False
    with contextlib.suppress(Exception):
        coroutine = callable(thing) and inspect.iscoroutinefunction(inspect.unwrap(thing))
    if coroutine and not entry.get("async") and not path.endswith("__"):
        wrong.append("is a coroutine function and not marked async")
    for base in entry.get("bases", []):
        # These behave as one and do not derive from it (collections.UserDict).
        if base.startswith(("builtins.dict", "builtins.list", "builtins.set", "io.")) or path in STAND_INS:
            continue
        with contextlib.suppress(LookupError):
            if inspect.isclass(thing) and inspect.isclass(resolve(base)) and not issubclass(thing, resolve(base)):
                wrong.append(f"does not derive from {base}")
    owner = None
    with contextlib.suppress(LookupError):
        owner = resolve(path.rpartition(".")[0])
    try:
        signature = signature_of(thing, inspect.isclass(owner) and not inspect.ismethod(thing))
    except Exception:  # no signature, or an object that needs a request to be looked at (werkzeug.local)
        return wrong
    wrong += [f for p in parameters_of(entry) for f in check_parameter(signature, *p, version)]
    return wrong


def check_parameter(signature, field, parameter, defaults, version) -> list[str]:
    name, position = parameter.get("name", ""), parameter.get("position")
    if not name or "." in name:
        return []
    kinds = inspect.Parameter
    places = {p.name: i for i, p in enumerate(signature)}
    if name not in places:
        if any(p.kind is kinds.VAR_KEYWORD for p in signature) and position is None:
            return []
        if position is not None and position < len(signature) and signature[position].kind is kinds.POSITIONAL_ONLY:
            return []
        return [f"{field}: no parameter {name!r}; there are {', '.join(places)}"]
    found = signature[places[name]]
    wrong = []
    by_place = found.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
    want = places[name] if by_place else None
    if position != want and not parameter.get("any"):
        wrong.append(f"{field}: {name} stands at {want}, the row says {position}")
    plain = [d for d in defaults if holds(d, version) and not d.get("covers")]
    if found.default is None and parameter.get("none_is") == "default":
        return wrong
    if len(plain) == 1 and isinstance(found.default, (int, float, type(None))) and parameter.get("unit") and not isinstance(found.default, bool):
        seconds = -1 if found.default is None else found.default
        if parameter.get("unit") == "ms" and seconds > 0:
            seconds /= 1000
        if seconds != plain[0]["seconds"] and not (seconds == 0 and plain[0]["seconds"] == -1):
            wrong.append(f"{field}: {name} defaults to {found.default!r}, the row says {plain[0]['seconds']}")
    return wrong


def fill(file: pathlib.Path) -> int:
    """Adds a source line to every row that has none, and positions all its paths agree on; returns how many sources."""
    text, added = file.read_text(encoding="utf-8"), 0
    blocks = re.split(r"(?m)^(?=\[)", text)
    for i, block in enumerate(blocks):
        if not block.startswith("[[entry]]"):
            continue
        entry = tomllib.loads(block)["entry"][0]
        if not entry.get("until"):
            for name, position in positions(entry):
                block = block.replace(f'{{ name = "{name}",', f'{{ name = "{name}", position = {position},')
        blocks[i] = block
        if re.search(r"(?m)^source = ", block):
            continue
        found = ""
        for path in paths_of(entry):
            with contextlib.suppress(LookupError):
                found = found or place(path, resolve(path))
        if found:
            blocks[i] = re.sub(r"(?m)^(paths? = .*)$", lambda m: m[1] + f'\nsource = "{found}"', block, count=1)
            added += 1
    file.write_text("".join(blocks), encoding="utf-8")
    return added


def paths_of(entry: dict) -> list[str]:
    return ([entry["path"]] if "path" in entry else []) + entry.get("paths", [])


def positions(entry: dict):
    """Yields the name and position of each parameter that has none in the row and one, the same, in every signature."""
    found: dict[str, set] = {}
    for path in paths_of(entry):
        try:
            thing, owner = resolve(path), None
            with contextlib.suppress(LookupError):
                owner = resolve(path.rpartition(".")[0])
            signature = signature_of(thing, inspect.isclass(owner) and not inspect.ismethod(thing))
        except Exception:
            return
        by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        places = {p.name: i if p.kind in by_place else None for i, p in enumerate(signature)}
        for _, parameter, _ in parameters_of(entry):
            if "position" not in parameter and not parameter.get("any"):
                found.setdefault(parameter["name"], set()).add(places.get(parameter["name"]))
    for name, places in found.items():
        if len(places) == 1 and (place := places.pop()) is not None:
            yield name, place


def configure_django() -> None:
    """Most of Django refuses to be imported without settings."""
    with contextlib.suppress(Exception):
        import django
        from django.conf import settings

        settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
        django.setup()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--fill", action="store_true")
    options.add_argument("--absent", action="store_true", help="name what could not be imported")
    options.add_argument("files", nargs="*", type=pathlib.Path)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    configure_django()
    differences = checked = absent = 0
    for file in given.files or sorted(DATA.glob("*.toml")):
        if given.fill:
            print(f"{file.name}: {fill(file)} sources added")
        library = tomllib.loads(file.read_text(encoding="utf-8"))
        version = installed(library["library"])
        for name, bases in library.get("exceptions", {}).items():
            try:
                wrong = check(name, {"class": True, "bases": bases}, version)
            except LookupError as err:
                absent += 1
                if given.absent:
                    print(f"{file.name}: {name}: absent: {err}")
                continue
            checked += 1
            differences += len(wrong)
            for line in wrong:
                print(f"{file.name}: {name}: {line}")
        for entry in library.get("entry", []):
            if not holds(entry, version):
                continue
            for path in paths_of(entry):
                if path.endswith(".*"):
                    continue
                try:
                    wrong = check(path, entry, version)
                except LookupError as err:
                    absent += 1
                    if given.absent:
                        print(f"{file.name}: {path}: absent: {err}")
                    continue
                checked += 1
                differences += len(wrong)
                for line in wrong:
                    print(f"{file.name}: {path}: {line}")
    print(f"{checked} paths compared, {differences} differences, {absent} absent")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
