"""How long a fit takes, and its parts, on one core.

    python benchmarks/fit.py [--fits 300] [--json FILE]

Cold fits of BODY_25 keypoints from one start, the Python call included: bodies in random poses of
everyday width before a camera, 3 px of noise. Two bodies: the default one, whose pose blend shapes
are local, and the same with pose blend shapes on every vertex from every joint, as official SMPL
files have them. Fits that try both facing directions (people seen from the side) count apart.
benchmarks/starts.py has the time of the default fit, which tries more where one looks doubtful.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from collections import defaultdict
from dataclasses import replace

import numpy as np

import smplceres as sc
from smplceres.synthetic import make_body_model_arrays

FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
NOISE_PX = 3.0


def dense_body() -> sc.BodyModel:
    """The default body with small pose blend shapes of every joint on every vertex."""
    arrays = make_body_model_arrays(0)
    rng = np.random.default_rng(0)
    everywhere = arrays.posedirs + rng.normal(0, 1e-4, arrays.posedirs.shape)
    return sc.BodyModel(replace(arrays, name="dense pose blend shapes", posedirs=everywhere))


def random_people(model: sc.BodyModel, count: int) -> list[np.ndarray]:
    """[K, 3] keypoints of people upright in front of the camera, facing anywhere."""
    rng = np.random.default_rng(1)
    points = model.keypoint_points(FORMAT).points
    prior = sc.anatomical_prior(model.num_joints)
    people = []
    for _ in range(count):
        pose = rng.multivariate_normal(prior.mean, prior.covariance)
        facing = rng.uniform(-np.pi, np.pi)  # about the vertical, after a half turn about x
        parameters = model.parameters(
            rng.normal(size=model.num_betas),
            np.pi * np.array([np.cos(facing / 2), 0, np.sin(facing / 2)]),
            pose,
            [rng.normal(0, 0.2), rng.normal(0, 0.2), rng.uniform(2.5, 5)],
        )
        pixels = CAMERA.project(points.evaluate(model._core, **parameters))
        people.append(np.c_[pixels + rng.normal(0, NOISE_PX, pixels.shape), np.ones(len(pixels))])
    return people


def time_fits(model: sc.BodyModel, count: int) -> dict[str, object]:
    """Milliseconds of cold fits: the Python call, and each stage."""
    people = random_people(model, count)
    sc.fit(people[0], CAMERA, model=model, keypoint_format=FORMAT)  # builds the keypoint points
    calls: dict[int, list[float]] = defaultdict(list)
    stages: dict[str, list[float]] = defaultdict(list)
    iterations: list[int] = []
    for keypoints in people:
        begin = time.perf_counter()
        result = sc.fit(keypoints, CAMERA, model=model, keypoint_format=FORMAT, starts=1)
        calls[result.num_starts].append(1e3 * (time.perf_counter() - begin))
        for stage in result.stages:
            stages[stage.name].append(1e3 * stage.time)
        iterations.append(sum(stage.iterations for stage in result.stages))
    return {
        "call_ms": {starts: percentiles(times) for starts, times in sorted(calls.items())},
        "stage_ms": {name: percentiles(times) for name, times in stages.items()},
        "iterations": percentiles(iterations),
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


def percentiles(values: list[float] | list[int]) -> dict[str, float]:
    return {
        "median": float(np.median(values)),
        "p95": float(np.percentile(values, 95)),
        "count": len(values),
    }


def report(name: str, fits: dict[str, object], points_us: float) -> None:
    print(f"\n{name}: 25 keypoints with Jacobian {points_us:.1f} us")
    for starts, times in fits["call_ms"].items():
        tried = "one start" if starts == 1 else f"{starts} facing directions"
        print(f"  fit, {tried:20s} {line(times)} ms")
    for stage, times in fits["stage_ms"].items():
        print(f"    {stage:27s} {line(times)} ms")
    print(f"  iterations in all         {line(fits['iterations'])}")


def line(values: dict[str, float]) -> str:
    return f"median {values['median']:6.2f}  p95 {values['p95']:6.2f}  (n = {values['count']})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=int, default=300, help="fits per body")
    parser.add_argument("--json", help="also write the figures here")
    arguments = parser.parse_args()
    figures: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "build": sc.build_info(),
        "numpy": np.__version__,
    }
    for model in (sc.load_body_model(), dense_body()):
        fits, points_us = time_fits(model, arguments.fits), time_points(model)
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
