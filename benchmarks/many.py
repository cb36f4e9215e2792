"""How fit_many scales with threads: people a second, against one thread in the same run.

    python benchmarks/many.py [--people 400] [--rounds 3]

The people of benchmarks/fit.py. Each number of threads from 1 to that of the cores is measured in
turn, several rounds; medians.
"""

from __future__ import annotations

import argparse
import os
import time

import fit as one
import numpy as np

import smplceres as sc


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    model = sc.load_body_model()
    people = one.random_people(model, arguments.people)
    given = {"model": model, "keypoint_format": one.FORMAT, "starts": 1}
    sc.fit(people[0], one.CAMERA, **given)  # makes what is made once
    counts = range(1, (os.cpu_count() or 1) + 1)
    seconds: dict[int, list[float]] = {threads: [] for threads in counts}
    for _ in range(arguments.rounds):
        for threads in counts:
            begin = time.perf_counter()
            sc.fit_many(people, one.CAMERA, threads=threads, **given)
            seconds[threads].append(time.perf_counter() - begin)
    alone = np.median(seconds[1])
    for threads, times in seconds.items():
        took = np.median(times)
        print(
            f"{threads} threads: {len(people) / took:6.0f} people/s, {alone / took:.2f} times one"
        )


if __name__ == "__main__":
    main()
