"""How well the articles fit a user."""

import numpy as np

WEIGHTS = np.ones((2000, 2000))


def score(user: str) -> list:
    features = np.full(2000, float(len(user)))
    return np.dot(WEIGHTS, features).tolist()
