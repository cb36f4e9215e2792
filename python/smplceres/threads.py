"""How many threads work."""

from __future__ import annotations

import os
from functools import cache
from operator import index


@cache
def _num_cores() -> int:
    return os.cpu_count() or 1  # read from files of the system: 20 us


def checked_threads(threads: int | None) -> int:
    """As many as there are cores where none are given."""
    if threads is None:
        return _num_cores()
    try:
        number = index(threads)
    except TypeError:
        number = 0
    if number < 1 or isinstance(threads, bool):
        raise ValueError(f"threads: expected a whole number >= 1 or None, got {threads!r}")
    return number
