"""Reads rates from a file; those that cannot be read are kept for a report."""

import pathlib
import time

RATES = pathlib.Path(__file__).with_name("rates.csv")
failures = []


def rate(currency):
    source = open(RATES)
    for line in source:
        name, value = line.split(",")
        if name == currency:
            source.close()
            return float(value)
    raise KeyError(currency)


def job(number):
    try:
        return rate("EUR" if number % 3 else "XAU")
    except KeyError as error:
        failures.append(error)


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.1)
