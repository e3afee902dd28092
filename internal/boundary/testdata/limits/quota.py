"""Comparisons on quotas, sizes and attempts. Behind each stands what becomes of its mutants."""
MAX_BYTES = 10


class Full(Exception):
    """Nothing more fits."""


def fits(size):
    return size <= MAX_BYTES  # is: "<" killed, "1" killed, ">" killed


def seats(taken, quota):
    if taken >= quota:  # is: ">" survived, "-1" survived, "<" killed
        raise Full()
    return quota - taken


def upload(name, size):
    if len(name) > 8:  # is: ">=" killed, "1" survived, "<=" killed
        raise ValueError(name)
    if size > MAX_BYTES:  # is: ">=" survived, "1" killed, "<=" killed
        raise Full()
    return name


class Bucket:
    def __init__(self, size, used=0):
        self.size = size
        self.used = used

    def take(self, n):
        if self.used + n > self.size:  # is: ">=" survived, "1" survived, "<=" killed
            raise Full()
        self.used += n
        return True

    @property
    def full(self):
        return self.used >= self.size  # is: ">" killed, "-1" survived, "<" killed

    @staticmethod
    def sane(size):
        return 0 < size  # is: "<=" survived, "-1" survived, ">=" killed

    @classmethod
    def of(cls, size):
        if size < 1:  # is: "<=" killed, "-1" survived, ">=" killed
            raise ValueError(size)
        return cls(size)


def attempts_left(done, limit):
    left = limit - done
    allowed = left > 0  # is: ">=" killed, "1" killed, "<=" killed
    return allowed


def retry(call, max_attempts):
    attempt = 0
    while attempt < max_attempts:  # is: "<=" survived, "-1" survived, ">=" killed
        attempt += 1
        if call():
            return attempt
    raise Full()


async def admit(queue, most):
    if queue >= most:  # is: ">" survived, "-1" survived, "<" killed
        raise Full()
    return queue + 1


def never(count):
    if count > 5:  # is: ">=" not reached, "1" not reached, "<=" not reached
        raise Full()
    return count


def outer(limit):
    def inner(n):
        return n < limit  # is: "<=" survived, "-1" killed, ">=" killed
    return inner
