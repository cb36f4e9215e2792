"""The Jacobian by hand against Jets through the whole body: the same cold fits with both, one
start, one thread, in turn."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import numpy as np

import fit
import smplceres as sc
from timing import best_of_rounds, summary

from .given import Given

JACOBIANS = ("fast", "autodiff")


def measure(given: Given) -> dict[str, object]:
    model = sc.load_body_model()
    count, rounds = given.count(40, 2), given.count(3, 1)
    times: dict[str, list[float]] = defaultdict(list)
    apart = []
    for keypoints in fit.random_people(model, count):
        calls = {
            name: partial(
                sc.fit,
                keypoints,
                fit.CAMERA,
                model=model,
                keypoint_format=fit.FORMAT,
                starts=1,
                jacobian=name,
            )
            for name in JACOBIANS
        }
        fast, autodiff = (calls[name]().joints for name in JACOBIANS)
        apart.append(1e3 * np.abs(fast - autodiff).max())
        for name, best in best_of_rounds(calls, rounds).items():
            times[name].append(best.clock)
    return {
        "ms": {name: summary(times[name], scale=1e3) for name in JACOBIANS},
        "ratio": summary(np.divide(times["autodiff"], times["fast"])),
        "joints_apart_mm": summary(apart),
    }
