#!/usr/bin/env python
"""Calls the extension from four threads at once, for ThreadSanitizer.

    tools/sanitize/run.sh thread tools/sanitize/threads.py [ROUNDS]

Threads share the body, the priors and the lifter, which are constant, and one tracker, which
locks. Each fits people, frames in parallel and a clip, poses bodies, computes covariances and
follows people.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

import smplceres as sc

THREADS = 4
CAMERA = sc.Camera(fx=1000, fy=1000, cx=500, cy=500, width=1000, height=1000)


def keypoints(model: sc.BodyModel, rng: np.random.Generator) -> sc.Keypoints:
    """Of a person who stands with bent joints, with 2 px of noise."""
    pose: NDArray[np.float64] = rng.normal(0, 0.15, (model.num_joints - 1, 3))
    body = model(global_orient=[np.pi, 0, 0], body_pose=pose, transl=[0, 0, 4])
    pixels = CAMERA.project(body.joints) + rng.normal(0, 2, (model.num_joints, 2))
    return sc.Keypoints(pixels, np.ones(model.num_joints), "smpl24")


def work(number: int, model: sc.BodyModel, shared: sc.Tracker) -> int:
    """One thread's calls of a round; how many fits converged."""
    rng = np.random.default_rng(number)
    frames = [keypoints(model, rng) for _ in range(4)]
    result = sc.fit(frames[0], CAMERA, model=model, starts=3)
    result.covariance()
    many = sc.fit_many(frames, CAMERA, model=model, threads=2)
    clip = sc.fit_sequence(frames, CAMERA, fps=30.0, model=model, threads=2)
    tracker = sc.Tracker(CAMERA, model=model, rate=30.0)
    for frame, seen in enumerate(frames):
        tracked = tracker.update(seen, frame / 30.0)
        assert np.isfinite(tracked.covariance).all()
        # The order of threads decides whose update is in time; errors about it are right.
        try:
            shared.update(seen)
        except ValueError as error:
            assert "timestamp" in str(error), error
    model(body_pose=result.body_pose).vertices.sum()
    assert np.isfinite(clip.body_pose).all()
    return sum(each.converged for each in many)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    model = sc.load_body_model()
    shared = sc.Tracker(CAMERA, model=model, rate=30.0)
    with ThreadPoolExecutor(THREADS) as pool:
        calls = [pool.submit(work, number, model, shared) for number in range(THREADS * rounds)]
        converged = sum(call.result() for call in calls)
    print(f"{len(calls)} rounds in {THREADS} threads, {converged} fits converged, no report")


if __name__ == "__main__":
    main()
