package program

import "strings"

// isBuiltin says whether name is a builtin function, class or constant of Python 3.
func isBuiltin(name string) bool {
	_, ok := builtinNames[name]
	return ok
}

// isStandardLibrary says whether name is a top-level module of the standard library (sys.stdlib_module_names of
// CPython 3.8 to 3.14, without the underscored).
func isStandardLibrary(name string) bool {
	_, ok := standardModules[name]
	return ok
}

func set(words string) map[string]struct{} {
	s := map[string]struct{}{}
	for _, w := range strings.Fields(words) {
		s[w] = struct{}{}
	}
	return s
}

// builtinNames are the names of the builtins module of CPython 3.13.
var builtinNames = set(`
ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError 
BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError 
ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning 
EnvironmentError Exception ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError 
FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError 
IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError None 
NotADirectoryError NotImplemented NotImplementedError OSError OverflowError PendingDeprecationWarning 
PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError ResourceWarning 
RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit 
TabError TimeoutError True TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError 
UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError abs aiter all anext any 
ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr 
dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex 
id input int isinstance issubclass iter len license list locals map max memoryview min next object oct open 
ord pow print property quit range repr reversed round set setattr slice sorted staticmethod str sum super 
tuple type vars zip
`)

// standardModules are the top-level modules of the standard library.
var standardModules = set(`
abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb 
binascii binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop 
collections colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg crypt 
csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest dummy_threading email 
encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib 
functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib 
imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging 
lzma macpath mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis 
nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle 
pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile 
pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched 
secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd 
sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau 
symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time 
timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing 
unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml 
xmlrpc zipapp zipfile zipimport zlib zoneinfo 
`)
