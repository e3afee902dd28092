"""Shuffles the tests with another seed in each run, as plugins for random order do, and notes the order."""
import os
import random


def pytest_collection_modifyitems(items):
    with open(os.environ["ORDERS"], "a+") as file:
        file.seek(0)
        random.Random(len(file.readlines())).shuffle(items)
        file.write(",".join(item.name for item in items) + "\n")
