"""A live stream: time, accuracy, memory and recovery of `sc.Tracker`.

    python benchmarks/tracker.py poses.npz [--updates 10000] [--lag 2] [--long 100000] [--json FILE]

poses.npz: motions at 30 Hz as tools/train_pose_prior.py takes them, one after the other on bodies
of random shape, upright before a camera, turned by a yaw of the motion's own, BODY_25 with 3 px of
noise in a picture of 1000 px. Updates are timed with the Python call and all that it returns, by
the clock and, on a machine with other work, by the CPU time of their thread; errors are of joints,
pelvis on pelvis. "smoothed": of each frame as it leaves the window of --lag, and "newest" of the
same frames when they were that. "alone": each frame a fit of its own. "inside 90 %": of the joints
of every 20th update, the part whose true place (and velocity) is in the 90 % ellipsoid of the
tracker's covariance. Memory is what the process holds after each tenth of --long updates. Recovery:
after each motion 30 frames without detections, then how many updates until the median reprojection
error is under 10 px.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

import smplceres as sc
from cases import pictures
from cases.errors import root_aligned
from smplceres.body.motion_files import read_motions

FORMAT = sc.FORMATS["openpose_body25"]
CAMERA = sc.Camera(fx=1200, fy=1200, cx=499.5, cy=499.5, width=1000, height=1000)
RATE = 30.0


def resident_mb() -> float:
    """Of this process; Linux."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def seen_motion(model, clip, rng) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Keypoints (K, 3) and true joints of each frame."""
    betas = rng.normal(size=model.num_betas)
    upright = pictures.turn(0, np.pi) @ pictures.turn(1, rng.uniform(-np.pi, np.pi))
    points = model.keypoint_points(FORMAT)
    keypoints, joints = [], []
    for pose in clip.poses:
        body_pose = np.zeros((model.num_joints - 1, 3))
        body_pose[: len(pose) - 1] = pose[1:]
        rest = model.parameters(betas, None, body_pose, None)
        at = model.joints(**rest)
        moved = upright @ pictures.matrix_of(pose[0])
        place = np.array([0, 0, 4.0])
        joints.append((at - at[0]) @ moved.T + place)
        where = (points.points.evaluate(model._core, **rest) - at[0]) @ moved.T + place
        pixels = CAMERA.project(where)[np.array(points.point_of_keypoint)]
        keypoints.append(np.c_[pixels + rng.normal(0, 3, pixels.shape), np.ones(len(pixels))])
    return keypoints, joints


def inside(tracked: sc.Tracked, truth: np.ndarray) -> np.ndarray:
    """(J,) whether each joint's true place is in the 90 % ellipsoid about the tracked one."""
    return in_ellipsoids(tracked.joints - truth, tracked.joint_covariance)


def in_ellipsoids(off: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """(J,) whether errors (J, 3) are in the 90 % ellipsoids of (J, 3, 3)."""
    off = off[..., None]
    squared = (off.transpose(0, 2, 1) @ np.linalg.solve(covariances, off))[:, 0, 0]
    return squared < 6.251  # of chi squared with 3 degrees of freedom


def run(model, clips, updates: int, lag: int, rng) -> dict[str, object]:
    times, errors, alone, recovered, over = [], [], [], [], 0
    held: list[np.ndarray] = []
    held_velocities: list[np.ndarray] = []
    smoothed: list[tuple[float, float]] = []  # errors as it leaves the window, as the newest
    cpu_times: list[float] = []
    tracker = sc.Tracker(CAMERA, model=model, keypoint_format=FORMAT, rate=RATE, lag=lag)
    clock = 0.0
    while len(times) < updates:
        clip = clips[rng.integers(len(clips))]
        keypoints, joints = seen_motion(model, clip, rng)
        found = None
        now: dict[float, tuple[float, np.ndarray]] = {}  # error and true joints of each frame
        for frame, (seen, truth) in enumerate(zip(keypoints, joints, strict=True)):
            clock += 1 / RATE
            begin, cpu = time.perf_counter(), time.thread_time()
            tracked = tracker.update(seen, clock)
            took = 1e3 * (time.perf_counter() - begin)
            took_cpu = 1e3 * (time.thread_time() - cpu)
            if found is None:
                if tracked.status == "tracked" and tracked.fit.reprojection_error() < 10:
                    found = frame + 1
                    recovered.append(found)
                continue
            times.append(took)
            cpu_times.append(took_cpu)
            errors.append(root_aligned(tracked.joints, truth))
            now[clock] = errors[-1], truth
            window = tracker.smoothed()
            if len(window) == lag and window[0][0] in now:
                was, truth_then = now[window[0][0]]
                joints_now = model.joints(**window[0][1])
                smoothed.append((root_aligned(joints_now, truth_then), was))
            if frame % 20 == 10:
                held.append(inside(tracked, truth))
                if frame + 1 < len(joints):
                    velocities = (joints[frame + 1] - joints[frame - 1]) * RATE / 2
                    off = tracked.joint_velocities - velocities
                    held_velocities.append(in_ellipsoids(off, tracked.joint_velocity_covariance))
                fitted = sc.fit(seen, CAMERA, model=model, keypoint_format=FORMAT)
                alone.append((errors[-1], root_aligned(fitted.joints, truth)))
        if found is None:
            over += 1
        for _ in range(30):
            clock += 1 / RATE
            tracker.update(None, clock)
    paired = np.array(alone)
    return {
        "updates": len(times),
        "median_ms": float(np.median(times)),
        "p99_ms": float(np.percentile(times, 99)),
        "median_cpu_ms": float(np.median(cpu_times)),
        "p99_cpu_ms": float(np.percentile(cpu_times, 99)),
        "inside_90_percent": float(np.mean(held)),
        "velocities_inside_90_percent": float(np.mean(held_velocities)),
        "root_median_mm": float(np.median(errors)),
        "root_mean_mm": float(np.mean(errors)),
        "alone_root_mean_mm": float(paired[:, 1].mean()),
        "tracked_root_mean_mm_of_the_same": float(paired[:, 0].mean()),
        "smoothed_root_mean_mm": float(np.mean([at_last for at_last, _ in smoothed])),
        "newest_root_mean_mm_of_the_same": float(np.mean([at_first for _, at_first in smoothed])),
        "motions": len(recovered) + over,
        "recovered_within_5": float(np.sum(np.array(recovered) <= 5) / (len(recovered) + over)),
        "recovered_worst": int(max(recovered, default=0)),
    }


def memory(model, clip, updates: int, rng) -> list[float]:
    """MB held after each tenth."""
    keypoints, _ = seen_motion(model, clip, rng)
    tracker = sc.Tracker(CAMERA, model=model, keypoint_format=FORMAT, rate=RATE)
    held = []
    for number in range(updates):
        tracker.update(keypoints[number % len(keypoints)])
        if (number + 1) % (updates // 10) == 0:
            held.append(resident_mb())
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", nargs="+", help=".npz files of poses")
    parser.add_argument("--updates", type=int, default=10000)
    parser.add_argument("--lag", type=int, default=2, help="frames before the newest")
    parser.add_argument("--long", type=int, default=100000, help="updates of the memory part")
    parser.add_argument("--json", help="also write the figures here")
    options = parser.parse_args()
    model = sc.load_body_model()
    rng = np.random.default_rng(0)
    clips = [clip for path in options.poses for clip in read_motions(path)]
    clips = [clip for clip in clips if len(clip.poses) >= 60]
    figures = run(model, clips, options.updates, options.lag, rng)
    for name, value in figures.items():
        print(f"{name:34s}{value:10.3f}" if isinstance(value, float) else f"{name:34s}{value:10}")
    if options.long >= 10:
        held = memory(model, clips[0], options.long, rng)
        figures["resident_mb"] = held
        print("resident MB after each tenth:", " ".join(f"{mb:.1f}" for mb in held))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
