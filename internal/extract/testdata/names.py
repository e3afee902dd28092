import os
import a.b, c.d as e
LIMIT = 10

class Box:
    LIMIT = 20

    def get(self, n=LIMIT):
        return LIMIT + n + os.x + len(n)

def count():
    total = 0
    def add():
        nonlocal total
        global LIMIT, fresh
        total += 1
        LIMIT = fresh = 2
        del total
    return add, __class__
