"""Asks a program for its version; an answer that cannot be read is kept for a report."""

import subprocess
import sys
import time

failures = []


def version(flag):
    child = subprocess.Popen([sys.executable, "-S", "-I", "-c", f"print('{flag}')"], stdout=subprocess.PIPE)
    line = child.stdout.readline()
    number = int(line)
    child.stdout.close()
    child.wait()
    return number


def job(number):
    try:
        return version("x" if number % 2 else "7")
    except ValueError as error:
        failures.append(error)


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.4)
