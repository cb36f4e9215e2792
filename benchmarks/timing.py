"""How benchmarks time: rivals in turn within a round, the best round of a case, then medians and
95th percentiles over cases. What else the machine does then hits all alike, or is left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

Name = TypeVar("Name", str, int)


class Best(NamedTuple):
    """Seconds by the clock, and of all threads by the processor: what others do on the machine
    lengthens the second less."""

    clock: float
    processor: float


def best_of_rounds(calls: Mapping[Name, Callable[[], object]], rounds: int) -> dict[Name, Best]:
    """Of each call the least of the rounds."""
    best = dict.fromkeys(calls, Best(np.inf, np.inf))
    for _ in range(rounds):
        for name, call in calls.items():
            begin = Best(time.perf_counter(), time.process_time())
            call()
            took = Best(time.perf_counter() - begin.clock, time.process_time() - begin.processor)
            best[name] = least(best[name], took)
    return best


def least(one: Best, other: Best) -> Best:
    return Best(min(one.clock, other.clock), min(one.processor, other.processor))


def time_in_rounds(
    calls: Mapping[Name, Callable[[], object]], rounds: int, repeats: int = 1
) -> dict[Name, list[float]]:
    """Seconds a call, of each round: `repeats` calls in a row, for those that take microseconds."""
    times: dict[Name, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            begin = time.perf_counter()
            for _ in range(repeats):
                call()
            times[name].append((time.perf_counter() - begin) / repeats)
    return times


def summary(values: Sequence[float], *, scale: float = 1.0) -> dict[str, object]:
    """Figures of a sample, and the sample itself to four digits; `scale` to the unit wanted."""
    scaled = scale * np.asarray(values, dtype=np.float64)
    return {
        "median": _rounded(np.median(scaled)),
        "p95": _rounded(np.percentile(scaled, 95)),
        "min": _rounded(scaled.min()),
        "count": len(scaled),
        "samples": [_rounded(value) for value in scaled],
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
