"""Comparisons of which a mutant runs wild. Each function does harm only beyond a limit that its test does not pass."""
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def spin(size):
    while size > 5:
        pass
    return True


def sweep(size):
    if size > 5:
        shutil.rmtree(HERE)
        os.remove(os.environ["VICTIM"])
        raise ValueError(size)
    return True


def leave(size):
    if size > 5:
        os._exit(0)
    return True


def breed(size):
    if size > 5:
        for _ in range(9):  # 512 processes if nobody counts, so that a fault of ours does not take the machine
            os.fork()
        time.sleep(60)
    return True


def hoard(size):
    kept = []
    if size > 5:
        while True:
            kept.append(bytearray(1 << 24))
    return True


def call_home(size):
    if size > 5:
        socket.create_connection(("192.0.2.1", 80), timeout=2)
    return True


def daemon(size):
    if size > 5:
        subprocess.Popen([sys.executable, "-c", "import os, time\nos.setsid()\ntime.sleep(60)\nopen(%r, 'w')" % os.environ["VICTIM"]],
                         start_new_session=True)
        time.sleep(0.1)
        raise ValueError(size)
    return True


def fill(size):
    if size > 5:
        with open(os.path.join(HERE, "big"), "wb") as f:
            while True:
                f.write(b"x" * (1 << 20))
    return True


def kill_all(size):
    if size > 5:
        os.killpg(os.getppid(), 9)
        os.kill(os.getppid(), 9)
    return True


def bomb(size):
    if size > 5:  # no code of ours counts in that program
        subprocess.run([sys.executable, "-c", "import os, time\nfor _ in range(20): os.fork()\ntime.sleep(3)"], check=True)
    return True


def thread(size):
    if size > 5:
        subprocess.run([sys.executable, "-c", "import threading, time\nthreading.stack_size(1 << 16)\nfor _ in range(1000): "
                        "threading.Thread(target=time.sleep, args=(3,), daemon=True).start()"], check=True)
    return True


def whisper(size):
    if size > 5:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(os.environ["VICTIM"] + ".sock")
            s.sendall(b"let me out")
    return True


def thaw(size):
    if size > 5 and open("/proc/self/uid_map").read().split()[2] == "1":  # never where these are the machine's own mounts
        ctypes.CDLL(None).mount(b"none", b"/", None, ctypes.c_ulong(32 | 4096), None)  # MS_REMOUNT | MS_BIND: writable again
        os.remove(os.environ["VICTIM"])
    return size <= 5


def hold(size):
    kept = []
    if size > 5:
        while True:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    return True
