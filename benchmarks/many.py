"""How fit_many scales with threads: people a second, against one thread in the same run.

    python benchmarks/many.py [--people 400] [--rounds 3]

The people of benchmarks/fit.py. Each number of threads from 1 to that of the cores is measured in
turn, several rounds; medians.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from functools import partial

import numpy as np

import fit as one
import smplceres as sc
from timing import time_in_rounds


def time_people(
    people: Sequence[np.ndarray], threads: Sequence[int], rounds: int
) -> dict[int, list[float]]:
    """Seconds of each round, by the number of threads."""
    given = {"model": sc.load_body_model(), "keypoint_format": one.FORMAT, "starts": 1}
    return time_in_rounds(
        {
            number: partial(sc.fit_many, people, one.CAMERA, threads=number, **given)
            for number in threads
        },
        rounds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    people = one.random_people(sc.load_body_model(), arguments.people)
    seconds = time_people(people, range(1, (os.cpu_count() or 1) + 1), arguments.rounds)
    alone = np.median(seconds[1])
    for threads, times in seconds.items():
        took = np.median(times)
        print(
            f"{threads} threads: {len(people) / took:6.0f} people/s, {alone / took:.2f} times one"
        )


if __name__ == "__main__":
    main()
