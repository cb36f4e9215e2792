"""How long a fit takes, and its parts, on one core.

    python benchmarks/fit.py [--fits 300] [--rounds 3] [--json FILE]

Cold fits of BODY_25 keypoints from one start, the Python call included: bodies in random poses of
everyday width before a camera, 3 px of noise. Two bodies: the default one, whose pose blend shapes
are local, and the same with pose blend shapes on every vertex from every joint, as official SMPL
files have them. Fits that try both facing directions (people seen from the side) count apart.
Beside them the default fit on two cores, which tries more starts where one looks doubtful (more
about it: benchmarks/starts.py), and refits from a result: the same picture, and the next frame of
a video by the last stage or by a tracker. Of each fit the best round counts, all kinds in turn.
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

import smplceres as sc
from smplceres.body.parameters import Parameters
from smplceres.synthetic import make_body_model_arrays
from timing import Best, best_of_rounds, least, summary

FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
NOISE_PX = 3.0
# Standard deviations by which people move from a frame of a video to the next: radians, metres.
MOVED = {"global_orient": 0.02, "body_pose": 0.02, "transl": 0.01}
DEFAULT_THREADS = 2
RATE = 30.0  # frames a second


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
    return upright(model, rng.multivariate_normal(prior.mean, prior.covariance), rng)


def upright(model: sc.BodyModel, pose: np.ndarray, rng: np.random.Generator) -> Parameters:
    """Of somebody in a pose, upright in front of the camera, facing anywhere."""
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


def time_fits(
    model: sc.BodyModel, frames: list[tuple[np.ndarray, np.ndarray]], rounds: int
) -> dict[str, object]:
    """Milliseconds of fits: the Python call, and each stage. Of each person the best round of all
    kinds of fit in turn."""
    cold: dict[int, list[Best]] = defaultdict(list)
    stages: dict[str, list[float]] = defaultdict(list)
    others: dict[str, list[Best]] = defaultdict(list)
    iterations: dict[str, list[int]] = defaultdict(list)
    sc.fit(frames[0][0], CAMERA, model=model, keypoint_format=FORMAT)  # makes what is made once
    for keypoints, next_keypoints in frames:
        person = Person(model, keypoints, next_keypoints)
        best = person.time(rounds)
        fits = person.fits
        cold[fits["cold"][0].num_starts].append(best.pop("cold"))
        for name, took in best.items():
            others[name].append(took)
        stage_times = [[stage.time for stage in fitted.stages] for fitted in fits["cold"]]
        for stage, seconds in zip(fits["cold"][0].stages, np.min(stage_times, axis=0), strict=True):
            stages[stage.name].append(float(seconds))
        for name, fitted in fits.items():
            iterations[name].append(sum(stage.iterations for stage in fitted[0].stages))
    return {
        "call_ms": {starts: milliseconds(times) for starts, times in sorted(cold.items())},
        "stage_ms": {name: summary(times, scale=1e3) for name, times in stages.items()},
        **{f"{name}_ms": milliseconds(times) for name, times in others.items()},
        "iterations": {name: summary(counts) for name, counts in iterations.items()},
    }


class Person:
    """The kinds of fit of a person in two frames of a video.

    cold: from one start. default: with more where one looks doubtful, on two cores. again: the same
    picture from its result, by the last stage. warm: the next frame from it. tracked: the next
    frame, by a tracker that has seen the first.
    """

    def __init__(
        self, model: sc.BodyModel, keypoints: np.ndarray, next_keypoints: np.ndarray
    ) -> None:
        self.fits: dict[str, list[sc.FitResult]] = defaultdict(list)
        self.seen = keypoints, next_keypoints
        self.given = {"model": model, "keypoint_format": FORMAT}
        self.first = sc.fit(keypoints, CAMERA, starts=1, **self.given)
        self.last_stage = sc.default_stages()[-1:]

    def time(self, rounds: int) -> dict[str, Best]:
        best = dict.fromkeys(("cold", "default", "again", "warm"), Best(np.inf, np.inf))
        best["tracked"] = Best(np.inf, np.inf)
        for _ in range(rounds):
            tracker = sc.Tracker(CAMERA, rate=RATE, **self.given)
            tracker.update(self.seen[0], 0.0)
            calls = {name: getattr(self, name) for name in ("cold", "default", "again", "warm")}
            calls["tracked"] = partial(tracker.update, self.seen[1], 1 / RATE)
            for name, took in best_of_rounds(calls, 1).items():
                best[name] = least(best[name], took)
        return best

    def cold(self) -> None:
        self._fit("cold", self.seen[0], starts=1)

    def default(self) -> None:
        self._fit("default", self.seen[0], threads=DEFAULT_THREADS)

    def again(self) -> None:
        self._fit_from_first("again", self.seen[0])

    def warm(self) -> None:
        self._fit_from_first("warm", self.seen[1])

    def _fit_from_first(self, name: str, keypoints: np.ndarray) -> None:
        self._fit(
            name,
            keypoints,
            initial=self.first,
            preset=self.last_stage,
            sigma_px=self.first.sigma_px,
            starts=1,
        )

    def _fit(self, name: str, keypoints: np.ndarray, **options: object) -> None:
        self.fits[name].append(sc.fit(keypoints, CAMERA, **self.given, **options))


def milliseconds(times: list[Best]) -> dict[str, object]:
    processor = summary([took.processor for took in times], scale=1e3)
    clock = summary([took.clock for took in times], scale=1e3)
    return {**clock, "processor_median": processor["median"]}


def time_points(model: sc.BodyModel) -> float:
    """Microseconds of 25 keypoints with their Jacobian, called from Python."""
    points = model.keypoint_points(FORMAT).points
    rng = np.random.default_rng(2)
    pose = model.parameters(None, rng.normal(size=3), rng.normal(0, 0.3, (23, 3)), None)
    times = []
    for _ in range(2000):
        begin = time.perf_counter()
        points.evaluate_with_jacobian(model._core, **pose)
        times.append(1e6 * (time.perf_counter() - begin))
    return float(np.median(times))


def report(name: str, fits: dict[str, object], points_us: float) -> None:
    print(f"\n{name}: 25 keypoints with Jacobian {points_us:.1f} us")
    for starts, times in fits["call_ms"].items():
        tried = "one start" if starts == 1 else f"{starts} facing directions"
        print(f"  fit, {tried:20s} {line(times)} ms")
    print(f"  default, {DEFAULT_THREADS} cores          {line(fits['default_ms'])} ms")
    print(f"  again, from its result    {line(fits['again_ms'])} ms")
    print(f"  next frame, from the last {line(fits['warm_ms'])} ms")
    print(f"  next frame, a tracker     {line(fits['tracked_ms'])} ms")
    for stage, times in fits["stage_ms"].items():
        print(f"    {stage:27s} {line(times)} ms")
    print(f"  iterations in all         {line(fits['iterations']['cold'])}")


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
        frames = random_frames(model, arguments.fits)
        fits, points_us = time_fits(model, frames, arguments.rounds), time_points(model)
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
