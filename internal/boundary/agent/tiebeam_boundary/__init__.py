"""Mutates comparisons in memory and runs the tests that reach them; started by `tiebeam boundary`, installed nowhere."""
