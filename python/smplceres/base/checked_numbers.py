"""How many there are of something: starts, threads."""

from __future__ import annotations

import os
from functools import cache
from operator import index


def count_of(value: object) -> int | None:
    """A whole number >= 1, which True is not; None of anything else. By `index`: to ask whether it
    is `SupportsIndex` looks at a protocol, which takes a fit 3 us."""
    try:
        number = index(value)  # type: ignore[arg-type]  # or a TypeError
    except TypeError:
        return None
    return None if isinstance(value, bool) or number < 1 else number


@cache
def _num_cores() -> int:
    return os.cpu_count() or 1  # read from files of the system: 20 us


def checked_threads(threads: int | None) -> int:
    """As many as there are cores where none are given."""
    if threads is None:
        return _num_cores()
    number = count_of(threads)
    if number is None:
        raise ValueError(f"threads: expected a whole number >= 1 or None, got {threads!r}")
    return number
