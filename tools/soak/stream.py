"""People followed live for hours of stream, as fast as it goes: memory, time of updates, numbers.

    python tools/soak/stream.py HOURS [--seed N]

A `PeopleTracker` at 30 Hz sees people who come, cross, are hidden and go, and a clock that jumps
ahead or back. Prints JSON: memory (MB) after the first hour and at the end, the worst update in
seconds of CPU, and updates that were not finite. The exit status is 1 if memory grew by over 2 MB
from hour 1 on, or a number is not finite.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from pathlib import Path

import numpy as np

import smplceres as sc

RATE = 30.0
MAX_GROWTH = 2.0  # MB
_CAMERA = sc.Camera(fx=1000, fy=1000, cx=640, cy=360, width=1280, height=720)


def memory() -> float:
    """MB of this process."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("expected VmRSS in /proc/self/status")


def person() -> np.ndarray:
    """(K, 3) metres: joints of BODY_25 that a body has, in front of the camera."""
    model = sc.load_body_model()
    pose = np.zeros((model.num_joints - 1, 3))
    joints = model(global_orient=(np.pi, 0, 0), body_pose=pose).joints
    return np.asarray(joints[:24] + np.array([0, 0, 4]))


def seen(points: np.ndarray, x: float, turn: float, rng: np.random.Generator) -> sc.Keypoints:
    """Keypoints of smpl24 of the person at x, some of them missing."""
    moved = points + np.array([x, 0, 0.5 * np.sin(turn)])
    pixels = 1000 * moved[:, :2] / moved[:, 2:] + [640, 360] + rng.normal(0, 2, (24, 2))
    confidence = (rng.uniform(size=24) > 0.1).astype(float)
    return sc.Keypoints(pixels, confidence, sc.FORMATS["smpl24"])


def soak(hours: float, seed: int) -> dict[str, float | int]:
    rng = np.random.default_rng(seed)
    tracker = sc.PeopleTracker(_CAMERA, rate=RATE)
    points = person()
    frames = int(hours * 3600 * RATE)
    first = int(min(3600.0, hours * 1800) * RATE)  # of short runs the half
    clock = worst = at_first = 0.0
    updates = refused = wrong = 0
    here = [True, True]
    for frame in range(frames):
        for number in range(2):
            if rng.integers(300) == 0:
                here[number] = not here[number]
        turn = frame / 90.0
        people = [
            seen(points, (-1) ** number * np.cos(turn), turn, rng)
            for number in range(2)
            if here[number] and rng.integers(10) > 0
        ]
        jump = rng.integers(2000)
        clock += 1 / RATE + (5.0 if jump == 0 else -3.0 if jump == 1 else 0.0)
        begin = time.process_time()
        try:
            tracked = tracker.update(people, clock)
        except ValueError:  # the clock is behind: the caller waits or begins anew
            refused += 1
            continue
        worst = max(worst, time.process_time() - begin)
        updates += 1
        wrong += any(
            not (np.isfinite(each.transl).all() and np.isfinite(each.body_pose).all())
            for each in tracked.values()
            if each.status == "tracked"
        )
        if frame == first:
            at_first = memory()
    growth = memory() - at_first
    return {
        **{"updates": updates, "refused": refused, "not_finite": wrong},
        **{"worst_ms": round(1e3 * worst, 2), "memory_mb": round(at_first, 1)},
        "growth_mb": round(growth, 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hours", type=float)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    result = soak(options.hours, options.seed)
    print(json.dumps(result))
    return 1 if result["growth_mb"] > MAX_GROWTH or result["not_finite"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
