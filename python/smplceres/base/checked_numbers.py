"""Numbers, checked: starts, threads, standard deviations."""

from __future__ import annotations

import math
import os
from functools import cache
from operator import index


def count_of(value: object) -> int | None:
    """A whole number >= 1; None for anything else, True and False included.

    Uses `index`: `isinstance(value, SupportsIndex)` would check a protocol, 3 us in every fit.
    """
    try:
        number = index(value)  # type: ignore[arg-type]  # or a TypeError
    except TypeError:
        return None
    return None if isinstance(value, bool) or number < 1 else number


@cache
def _num_cores() -> int:
    return os.cpu_count() or 1  # reads system files: 20 us


def checked_threads(threads: int | None) -> int:
    """The number of threads; None gives the number of cores."""
    if threads is None:
        return _num_cores()
    number = count_of(threads)
    if number is None:
        raise ValueError(f"threads: expected a whole number >= 1 or None, got {threads!r}")
    return number


# Metres. No sensor measures better, and energies, squares of its inverse, stay finite.
MIN_SIGMA = 1e-6


def check_sigma(name: str, sigma: float) -> None:
    """ValueError for a standard deviation in metres that is not finite or below a micrometre."""
    if not MIN_SIGMA <= sigma < math.inf:
        raise ValueError(f"{name}: expected metres > 0, at least {MIN_SIGMA:g}, got {sigma}")
