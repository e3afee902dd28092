"""Answers what this interpreter's own parser says of a source, for astcompare.

One frame in, one frame out, until the input ends. A frame is a 4-byte big-endian length and that many
bytes. The first byte of a request is b"D" (the digest of the dump is enough) or b"T" (the whole text is
wanted); the rest is the source as read from the file, so that the interpreter decodes it itself.

The first byte of an answer is the kind of the rest:
  b"D"  the SHA-256 of the UTF-8 text of the dump, in hexadecimal
  b"T"  the text of the dump in UTF-8
  b"R"  refused: JSON with class, message, line, column (null where the exception has none)
"""

import ast
import hashlib
import json
import struct
import sys
import threading
import warnings

# ast.dump recurses for each level of the tree; a tree that the parser could build must be dumped.
DUMP_RECURSION_LIMIT = 150_000
STACK_BYTES = 1 << 30
PARSE_RECURSION_LIMIT = sys.getrecursionlimit()


def dump(source):
    """Return the dump of source; the limits that guard repr() are lifted, the parser's own are not."""
    sys.setrecursionlimit(PARSE_RECURSION_LIMIT)
    tree = ast.parse(source)
    sys.setrecursionlimit(DUMP_RECURSION_LIMIT)
    digits = getattr(sys, "get_int_max_str_digits", lambda: None)()
    if digits is not None:
        sys.set_int_max_str_digits(0)
    try:
        return ast.dump(tree, include_attributes=True).encode("utf-8", "surrogatepass")
    finally:
        if digits is not None:
            sys.set_int_max_str_digits(digits)


def refusal(error):
    """Return the JSON that describes why the source was refused."""
    message = getattr(error, "msg", None)
    fields = {
        "class": type(error).__name__,
        "message": message if isinstance(message, str) else str(error),
        "line": getattr(error, "lineno", None),
        "column": getattr(error, "offset", None),
    }
    return json.dumps(fields).encode("ascii")


def answer(request):
    try:
        text = dump(request[1:])
    except Exception as error:
        return b"R" + refusal(error)
    if request[:1] == b"T":
        return b"T" + text
    return b"D" + hashlib.sha256(text).hexdigest().encode("ascii")


def serve(requests, answers):
    while True:
        head = requests.read(4)
        if len(head) < 4:
            return
        body = answer(requests.read(struct.unpack(">I", head)[0]))
        answers.write(struct.pack(">I", len(body)) + body)
        answers.flush()


def main():
    warnings.simplefilter("ignore")
    threading.stack_size(STACK_BYTES)
    worker = threading.Thread(target=serve, args=(sys.stdin.buffer, sys.stdout.buffer))
    worker.start()
    worker.join()


main()
