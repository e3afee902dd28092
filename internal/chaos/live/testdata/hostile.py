"""A command that behaves badly: hostile.py HOW."""
import os
import signal
import subprocess
import sys
import time

HOW = sys.argv[1]
if HOW == "prints":
    block = b"x" * (1 << 20)
    for _ in range(64):
        sys.stdout.buffer.write(block)
elif HOW == "daemon":
    subprocess.Popen([sys.executable, "-c", "import os, time\nopen(os.environ['PIDS'], 'a').write(f'{os.getpid()} ')\ntime.sleep(600)"])
    while not os.path.exists(os.environ["PIDS"]):
        time.sleep(0.01)
elif HOW == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open(os.environ["PIDS"], "a").write(f"{os.getpid()} ")
    time.sleep(600)
elif HOW == "mute":
    os.closerange(0, 100)
elif HOW == "escapes":
    subprocess.Popen([sys.executable, "-c", "import os, time\nopen(os.environ['PIDS'], 'a').write(f'{os.getpid()} ')\ntime.sleep(600)"], start_new_session=True)
    while not os.path.exists(os.environ["PIDS"]) or not open(os.environ["PIDS"]).read():
        time.sleep(0.01)
