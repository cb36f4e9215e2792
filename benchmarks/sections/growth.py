"""How the time of a cold fit grows with keypoints, betas and views; one start, one thread.

Keypoints: LSP's 14, BODY_25's 25, and 133 as COCO-WholeBody has, its face and feet on the skin and
its fingers at the hands. Betas: a body whose further directions are small and random. Views:
BODY_25 in as many cameras around the person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

import fit
import smplceres as sc
from smplceres.body.model_arrays import BodyModelArrays
from smplceres.synthetic import make_body_model_arrays
from timing import best_of_rounds, summary

from .given import Given

BETAS = (10, 16, 300)
VIEWS = (1, 4, 16)
WHOLE_BODY = sc.KeypointFormat.from_mapping(
    "whole body, 133",
    [(f"body {name}", name) for name in ("nose", "left_eye", "right_eye", "left_ear", "right_ear")]
    + [
        (f"body {side} {joint}", f"{side}_{joint}")
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ]
    + [
        (f"feet {side} {point}", f"{side}_{point}")
        for side in ("left", "right")
        for point in ("big_toe", "small_toe", "heel")
    ]
    + [(f"face {i}", ("nose", "left_eye", "right_eye", "left_ear")[i % 4]) for i in range(68)]
    + [(f"{side} hand {i}", f"{side}_hand") for side in ("left", "right") for i in range(21)],
)
KEYPOINTS = (sc.FORMATS["lsp14"], fit.FORMAT, WHOLE_BODY)

Fit = Callable[[], sc.FitResult]


def measure(given: Given) -> dict[str, object]:
    body, arrays = sc.load_body_model(), make_body_model_arrays(0)
    series = {
        "keypoints": {len(chosen.keypoints): (body, chosen, 1) for chosen in KEYPOINTS},
        "betas": {count: (with_betas(arrays, count), fit.FORMAT, 1) for count in BETAS},
        "views": {count: (body, fit.FORMAT, count) for count in VIEWS},
    }
    count, rounds = given.count(30, 1), given.count(3, 1)
    return {name: time_series(values, count, rounds) for name, values in series.items()}


def with_betas(arrays: BodyModelArrays, count: int) -> sc.BodyModel:
    """The body, its shape directions cut or continued."""
    more = max(count - arrays.shapedirs.shape[2], 0)
    further = np.random.default_rng(0).normal(0, 1e-4, (*arrays.v_template.shape, more))
    shapedirs = np.concatenate([arrays.shapedirs, further], axis=2)[:, :, :count]
    return sc.BodyModel(replace(arrays, name=f"{count} betas", shapedirs=shapedirs))


def time_series(
    values: dict[int, tuple[sc.BodyModel, sc.KeypointFormat, int]], count: int, rounds: int
) -> dict[str, object]:
    """Person by person, all sizes of the series in turn."""
    pictures = {size: fits_of(*value, count) for size, value in values.items()}
    times: dict[int, list[float]] = {size: [] for size in values}
    iterations: dict[int, list[float]] = {size: [] for size in values}
    for number in range(count):
        calls = {size: fits[number] for size, fits in pictures.items()}
        for size, call in calls.items():
            iterations[size].append(sum(stage.iterations for stage in call().stages))
        for size, best in best_of_rounds(calls, rounds).items():
            times[size].append(best.clock)
    return {
        str(size): {
            "ms": summary(times[size], scale=1e3),
            "iterations": summary(iterations[size]),
            "us_an_iteration": summary(np.divide(times[size], iterations[size]), scale=1e6),
        }
        for size in values
    }


def fits_of(model: sc.BodyModel, chosen: sc.KeypointFormat, views: int, count: int) -> list[Fit]:
    rng = np.random.default_rng(1)
    cameras = [around(2 * np.pi * i / views) for i in range(views)]
    fits = []
    for _ in range(count):
        parameters = fit.random_parameters(model, rng)
        parameters["transl"] = rng.normal([0, 0, MIDDLE], [0.2, 0.2, 0.3])
        seen = [fit.picture(model, parameters, rng, chosen, camera) for camera in cameras]
        fits.append(
            partial(
                sc.fit,
                seen if views > 1 else seen[0],
                cameras if views > 1 else cameras[0],
                model=model,
                keypoint_format=chosen,
                starts=1,
                threads=1,
            )
        )
    return fits


MIDDLE = 3.5  # metres in front of the first camera: what the others are turned about


def around(angle: float) -> sc.Camera:
    """The camera of fit.py, moved about the vertical through the middle."""
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    middle = np.array([0, 0, MIDDLE])
    return replace(fit.CAMERA, rotation=rotation, translation=middle - rotation @ middle)
