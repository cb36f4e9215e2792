"""How long a fit takes, and its parts, on one core.

    python benchmarks/fit.py [--fits 300] [--rounds 3] [--json FILE]

Cold fits of BODY_25 keypoints from one start, the Python call included: bodies in random poses of
everyday width before a camera, 3 px of noise. Two bodies: the default one, whose pose blend shapes
are local, and the same with pose blend shapes on every vertex from every joint, as official SMPL
files have them. Fits that try both facing directions (people seen from the side) count apart.
Beside them the default fit on two cores, which tries more starts where one looks doubtful (more
about it: benchmarks/starts.py), and the next frame of a video, fitted from the result of the last
by the last stage alone. Of each fit the best round counts, the three kinds in turn.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from collections import defaultdict
from dataclasses import replace
from functools import partial

import numpy as np
from timing import best_of_rounds, summary

import smplceres as sc
from smplceres.body import Parameters
from smplceres.synthetic import make_body_model_arrays

FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
NOISE_PX = 3.0
# Standard deviations by which people move from a frame of a video to the next: radians, metres.
MOVED = {"global_orient": 0.02, "body_pose": 0.02, "transl": 0.01}
DEFAULT_THREADS = 2


def dense_body() -> sc.BodyModel:
    """The default body with small pose blend shapes of every joint on every vertex."""
    arrays = make_body_model_arrays(0)
    rng = np.random.default_rng(0)
    everywhere = arrays.posedirs + rng.normal(0, 1e-4, arrays.posedirs.shape)
    return sc.BodyModel(replace(arrays, name="dense pose blend shapes", posedirs=everywhere))


def random_people(model: sc.BodyModel, count: int) -> list[np.ndarray]:
    """[K, 3] keypoints of people upright in front of the camera, facing anywhere."""
    return [keypoints for keypoints, _ in random_frames(model, count)]


def random_frames(model: sc.BodyModel, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The keypoints of such people, and of the same a video's frame later."""
    rng, later = np.random.default_rng(1), np.random.default_rng(2)
    people = []
    for _ in range(count):
        parameters = random_parameters(model, rng)
        first = picture(model, parameters, rng)
        for name, step in MOVED.items():
            parameters[name] = parameters[name] + later.normal(0, step, parameters[name].shape)
        people.append((first, picture(model, parameters, later)))
    return people


def random_parameters(model: sc.BodyModel, rng: np.random.Generator) -> Parameters:
    """Of somebody upright in front of the camera, facing anywhere."""
    prior = sc.anatomical_prior(model.num_joints)
    pose = rng.multivariate_normal(prior.mean, prior.covariance)
    facing = rng.uniform(-np.pi, np.pi)  # about the vertical, after a half turn about x
    return model.parameters(
        rng.normal(size=model.num_betas),
        np.pi * np.array([np.cos(facing / 2), 0, np.sin(facing / 2)]),
        pose,
        [rng.normal(0, 0.2), rng.normal(0, 0.2), rng.uniform(2.5, 5)],
    )


def picture(
    model: sc.BodyModel,
    parameters: Parameters,
    rng: np.random.Generator,
    keypoint_format: sc.KeypointFormat = FORMAT,
    camera: sc.Camera = CAMERA,
) -> np.ndarray:
    """[K, 3] keypoints of a posed body, with noise."""
    points = model.keypoint_points(keypoint_format).points
    pixels = camera.project(points.evaluate(model._core, **parameters))
    return np.c_[pixels + rng.normal(0, NOISE_PX, pixels.shape), np.ones(len(pixels))]


def time_fits(model: sc.BodyModel, count: int, rounds: int) -> dict[str, object]:
    """Milliseconds of fits: the Python call, and each stage. Of each person the best round of the
    three kinds of fit in turn: cold from one start, the default, the next frame from the result."""
    given = {"camera": CAMERA, "model": model, "keypoint_format": FORMAT}
    last_stage = sc.default_stages()[-1:]
    cold: dict[int, list[float]] = defaultdict(list)
    stages: dict[str, list[float]] = defaultdict(list)
    others: dict[str, list[float]] = defaultdict(list)
    iterations: list[int] = []
    for keypoints, next_keypoints in random_frames(model, count):
        result = sc.fit(keypoints, starts=1, **given)  # the first also builds the keypoint points
        stage_times: list[list[float]] = []

        def fit_cold(keypoints=keypoints, stage_times=stage_times) -> None:
            fitted = sc.fit(keypoints, starts=1, **given)
            stage_times.append([stage.time for stage in fitted.stages])

        calls = {
            "cold": fit_cold,
            "default": partial(sc.fit, keypoints, threads=DEFAULT_THREADS, **given),
            "warm": partial(
                sc.fit,
                next_keypoints,
                initial=result,
                preset=last_stage,
                sigma_px=result.sigma_px,
                starts=1,
                **given,
            ),
        }
        best = best_of_rounds(calls, rounds)
        cold[result.num_starts].append(best.pop("cold"))
        for name, seconds in best.items():
            others[name].append(seconds)
        for stage, seconds in zip(result.stages, np.min(stage_times, axis=0), strict=True):
            stages[stage.name].append(float(seconds))
        iterations.append(sum(stage.iterations for stage in result.stages))
    return {
        "call_ms": {starts: summary(times, scale=1e3) for starts, times in sorted(cold.items())},
        "stage_ms": {name: summary(times, scale=1e3) for name, times in stages.items()},
        "default_ms": summary(others["default"], scale=1e3),
        "warm_ms": summary(others["warm"], scale=1e3),
        "iterations": summary(iterations),
    }


def time_points(model: sc.BodyModel) -> float:
    """Microseconds of 25 keypoints with their Jacobian, called from Python."""
    points = model.keypoint_points(FORMAT).points
    rng = np.random.default_rng(2)
    pose = model.parameters(None, rng.normal(size=3), rng.normal(0, 0.3, (23, 3)), None)
    times = []
    for _ in range(2000):
        begin = time.perf_counter()
        points.evaluate(model._core, **pose, jacobian=True)
        times.append(1e6 * (time.perf_counter() - begin))
    return float(np.median(times))


def report(name: str, fits: dict[str, object], points_us: float) -> None:
    print(f"\n{name}: 25 keypoints with Jacobian {points_us:.1f} us")
    for starts, times in fits["call_ms"].items():
        tried = "one start" if starts == 1 else f"{starts} facing directions"
        print(f"  fit, {tried:20s} {line(times)} ms")
    print(f"  default, {DEFAULT_THREADS} cores          {line(fits['default_ms'])} ms")
    print(f"  next frame, from the last {line(fits['warm_ms'])} ms")
    for stage, times in fits["stage_ms"].items():
        print(f"    {stage:27s} {line(times)} ms")
    print(f"  iterations in all         {line(fits['iterations'])}")


def line(values: dict[str, float]) -> str:
    return f"median {values['median']:6.2f}  p95 {values['p95']:6.2f}  (n = {values['count']})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=int, default=300, help="fits per body")
    parser.add_argument("--rounds", type=int, default=3, help="of which each fit's best counts")
    parser.add_argument("--json", help="also write the figures here")
    arguments = parser.parse_args()
    figures: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "build": sc.build_info(),
        "numpy": np.__version__,
    }
    for model in (sc.load_body_model(), dense_body()):
        fits, points_us = time_fits(model, arguments.fits, arguments.rounds), time_points(model)
        report(model.name, fits, points_us)
        figures[model.name] = {**fits, "points_with_jacobian_us": points_us}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures["peak_memory_mb_of_both"] = memory
    print(f"\npeak memory of this process, both bodies: {memory:.0f} MB")
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
