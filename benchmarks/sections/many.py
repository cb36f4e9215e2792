"""`sc.fit_many` by the number of people and of threads: benchmarks/many.py."""

from __future__ import annotations

import os

import fit
import many
import smplceres as sc
from timing import summary

from .given import Given

PEOPLE = (1, 2, 4, 8, 16, 32, 64)


def measure(given: Given) -> dict[str, object]:
    everybody = fit.random_people(sc.load_body_model(), PEOPLE[-1])
    threads = range(1, (os.cpu_count() or 1) + 1)
    times: dict[str, dict[str, object]] = {str(number): {} for number in threads}
    for count in PEOPLE if not given.quick else PEOPLE[:2]:
        seconds = many.time_people(everybody[:count], threads, given.count(6, 1))
        for number, values in seconds.items():
            times[str(number)][str(count)] = summary(values, scale=1e3)
    return {"ms_by_threads_and_people": times}
