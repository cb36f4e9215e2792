"""How far motions are from the truth: clips fitted as sequences and frame by frame.

    python benchmarks/sequence.py poses.npz [--motions 40] [--frames 100] [--out FILE]

Poses: .npz files as tools/train_pose_prior.py takes them, at --fps frames a second. A motion is
--frames successive frames of a clip, posed on a body of random shape (standard normal betas) that
stands before a camera of known focal length as in benchmarks/accuracy.py, turned by one yaw and
pitch for the whole motion. Its BODY_25 keypoints have noise, a share is missing, and now and then
an arm or a leg is hidden for --hidden frames.

Errors are those of benchmarks/accuracy.py over all frames; "acceleration" is the 95th percentile of
the joints' second differences by time, metres / s^2. Same arguments, same numbers.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from cases.errors import procrustes_aligned, root_aligned
from cases.pictures import (
    DEPTHS,
    FOCAL_OF_SIZE,
    PITCH_DEGREES,
    camera_of,
    matrix_of,
    turn,
)
from smplceres.body.motion_files import Clip, read_motions
from smplceres.fit.sequence.clip import FrameKeypoints

Floats = NDArray[np.float64]
FORMAT = sc.FORMATS["openpose_body25"]
LIMBS = (
    ("left_shoulder", "left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow", "right_wrist"),
    ("left_knee", "left_ankle", "left_heel", "left_big_toe", "left_small_toe"),
    ("right_knee", "right_ankle", "right_heel", "right_big_toe", "right_small_toe"),
)


@dataclass(frozen=True, eq=False)
class Motion:
    """Keypoints (F, K, 3), and where the joints (F, J, 3) truly are."""

    keypoints: Floats
    joints: Floats


def make_motions(
    model: sc.BodyModel, clips: Sequence[Clip], arguments: argparse.Namespace
) -> list[Motion]:
    rng = np.random.default_rng(arguments.seed)
    long_enough = [clip for clip in clips if len(clip.poses) >= arguments.frames]
    if not long_enough:
        raise ValueError(f"--frames: expected clips of {arguments.frames} frames, found none")
    chosen = rng.choice(
        len(long_enough), arguments.motions, replace=arguments.motions > len(long_enough)
    )
    return [make_motion(model, long_enough[clip], arguments, rng) for clip in chosen]


def make_motion(
    model: sc.BodyModel, clip: Clip, arguments: argparse.Namespace, rng: np.random.Generator
) -> Motion:
    betas = rng.normal(size=model.num_betas)
    first = rng.integers(len(clip.poses) - arguments.frames + 1)
    yaw, pitch = rng.uniform(-np.pi, np.pi), rng.normal(0, np.radians(PITCH_DEGREES))
    depth = rng.uniform(*DEPTHS)
    from_world = turn(0, np.pi + pitch) @ turn(1, yaw)
    points = model.keypoint_points(FORMAT)
    camera, joints, keypoints = camera_of(arguments), [], []
    for pose in clip.poses[first : first + arguments.frames]:
        at_rest = model.parameters(betas, None, pose[1:], None)
        moved = from_world @ matrix_of(pose[0])
        body = model.joints(**at_rest)
        places = points.points.evaluate(model._core, **at_rest)
        joints.append((body - body[0]) @ moved.T + [0, 0, depth])
        pixels = camera.project((places - body[0]) @ moved.T + [0, 0, depth])
        keypoints.append(np.c_[pixels, np.ones(len(pixels))])
    seen = np.array(keypoints)
    seen[..., :2] += rng.normal(0, arguments.noise, seen[..., :2].shape)
    seen[..., 2] *= rng.random(seen.shape[:2]) >= arguments.missing
    for _ in range(arguments.frames // 50):
        limb = [FORMAT.names.index(name) for name in LIMBS[rng.integers(len(LIMBS))]]
        begin = rng.integers(max(arguments.frames - arguments.hidden, 1))
        seen[begin : begin + arguments.hidden, limb, 2] = 0
    return Motion(seen, np.array(joints))


def acceleration(joints: Floats, fps: float) -> float:
    """95th percentile, metres / s^2."""
    return float(np.percentile(np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1), 95) * fps**2)


def figures_of(motions: Sequence[Motion], fitted: Sequence[Floats], fps: float) -> dict[str, float]:
    pairs = [
        (frame, truth)
        for motion, joints in zip(motions, fitted, strict=True)
        for frame, truth in zip(joints, motion.joints, strict=True)
    ]
    root = np.array([root_aligned(*pair) for pair in pairs])
    return {
        "root_median_mm": float(np.median(root)),
        "root_mean_mm": float(root.mean()),
        "pa_mean_mm": float(np.mean([procrustes_aligned(*pair) for pair in pairs])),
        "acceleration_m_s2": float(np.mean([acceleration(joints, fps) for joints in fitted])),
    }


def alone(motion: Motion, model: sc.BodyModel, camera: sc.Camera, _: float) -> Floats:
    """Frame by frame; a frame that cannot be fitted is the one before."""
    joints: list[Floats] = []
    for frame in motion.keypoints:
        try:
            joints.append(sc.fit(frame, camera, model=model, keypoint_format=FORMAT).joints)
        except ValueError:
            joints.append(joints[-1])
    return np.array(joints)


def together(motion: Motion, model: sc.BodyModel, camera: sc.Camera, fps: float) -> Floats:
    frames: list[FrameKeypoints] = list(motion.keypoints)
    fitted = sc.fit_sequence(frames, camera, fps=fps, model=model, keypoint_format=FORMAT)
    return fitted.joints


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("poses", nargs="+", help=".npz files of poses")
    add("--motions", type=int, default=40)
    add("--frames", type=int, default=100, help="of a motion (default 100)")
    add("--fps", type=float, default=30.0, help="of the files (default 30)")
    add("--body", help="body model file (default: the built-in body)")
    add("--noise", type=float, default=3.0, help="px a coordinate, standard deviation (default 3)")
    add("--missing", type=float, default=0.1, help="share of keypoints not seen (default 0.1)")
    add("--hidden", type=int, default=15, help="frames that a limb is hidden for (default 15)")
    add("--size", type=int, default=1000, help="side of the picture, px (default 1000)")
    add("--focal", type=float, default=FOCAL_OF_SIZE, help="focal length / side (default 1.2)")
    add("--seed", type=int, default=0)
    add("--out", help="also write figures and settings here, JSON")
    return parser.parse_args(arguments)


def main() -> None:
    arguments = parse()
    try:
        model = sc.load_body_model(arguments.body)
        clips = [clip for path in arguments.poses for clip in read_motions(path)]
        motions = make_motions(model, clips, arguments)
    except (OSError, ValueError) as error:
        sys.exit(f"sequence: {error}")
    camera, rows = camera_of(arguments), []
    print(
        f"{'':14s}{'root-aligned, mm':>18s}{'PA, mm':>9s}{'acceleration':>15s}{'ms a frame':>12s}"
    )
    print(f"{'':14s}{'median':>9s}{'mean':>9s}{'mean':>9s}{'p95, m/s2':>15s}")
    truth = figures_of(motions, [motion.joints for motion in motions], arguments.fps)
    print(f"{'the motion':14s}{'':27s}{truth['acceleration_m_s2']:15.1f}")
    for name, fit in (("frames alone", alone), ("together", together)):
        begin = time.perf_counter()
        fitted = [fit(motion, model, camera, arguments.fps) for motion in motions]
        each = 1e3 * (time.perf_counter() - begin) / (len(motions) * arguments.frames)
        figures = figures_of(motions, fitted, arguments.fps)
        rows.append({"name": name, "ms_a_frame": each, **figures})
        numbers = list(figures.values())
        print(f"{name:14s}" + "".join(f"{mm:9.1f}" for mm in numbers[:3]), end="")
        print(f"{numbers[3]:15.1f}{each:12.1f}", flush=True)
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump(
                {"settings": vars(arguments), "body": model.name, "rows": rows}, file, indent=1
            )


if __name__ == "__main__":
    main()
