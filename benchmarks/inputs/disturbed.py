"""What detectors do wrong, and how much worse fits become: errors with and without checks.

    python benchmarks/inputs/disturbed.py --data FOLDER [--motions N] [--poses N] [--only PART ...]

FOLDER has mocap/. Parts: single (one image), several (four cameras, one frame), points (in space),
clip (a sequence of 90 frames), tracker. Each row: the mean root-aligned error of joints, mm, of the
undisturbed input, and of the disturbed one with check=False ("before") and with checks ("now"), and
the ratio of the last to the first. The rows "undisturbed" compare the checks on clean inputs.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import smplceres as sc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import sequence
from cases.errors import root_aligned
from cases.people import Several, ring
from cases.pictures import Floats, camera_of, make_cases, matrix_of, turn
from smplceres.body.motion_files import read_motions

FORMAT = sc.FORMATS["openpose_body25"]
SWAP = FORMAT.left_right_swap
FPS = 30.0
FRAMES = 90
PARTS = ("single", "several", "points", "clip", "tracker")

Disturb = Callable[[Any, np.random.Generator], Any]


def row(part: str, name: str, clean: Floats, before: Floats, now: Floats) -> None:
    figures = [float(np.mean(each)) for each in (clean, before, now)]
    print(
        f"{part:9s}{name:36s}{figures[0]:8.1f}{figures[1]:9.1f}{figures[2]:8.1f}"
        f"{figures[2] / figures[0]:7.2f}",
        flush=True,
    )


# --- One image ---


def at_origin(keypoints: Floats, rng: np.random.Generator) -> Floats:
    keypoints = keypoints.copy()
    keypoints[rng.choice(np.flatnonzero(keypoints[:, 2]), 3, replace=False)] = [0, 0, 1]
    return keypoints


def scaled(factor: float) -> Disturb:
    return lambda keypoints, rng: keypoints * [1, 1, factor]


SINGLE: dict[str, Disturb] = {
    "undisturbed": lambda keypoints, rng: keypoints,
    "three keypoints at (0, 0)": at_origin,
    "confidences of 0.01": scaled(0.01),
    "confidences in percent": scaled(100.0),
}


def single_part(model: sc.BodyModel, arguments: argparse.Namespace) -> None:
    options = options_of(arguments.poses)
    camera = camera_of(options)
    cases = make_cases(model, read_motions(arguments.data / "mocap" / "val.npz"), options)

    def errors(disturb: Disturb, check: bool) -> Floats:
        rng = np.random.default_rng(0)
        return np.array(
            [
                root_aligned(
                    sc.fit(
                        disturb(case.keypoints, rng), camera, keypoint_format=FORMAT, check=check
                    ).joints,
                    case.joints,
                )
                for case in cases
            ]
        )

    clean = errors(SINGLE["undisturbed"], False)
    for name, disturb in SINGLE.items():
        row("single", name, clean, errors(disturb, False), errors(disturb, True))


# --- Four cameras ---


def another_person(several: Several, others: Several) -> Several:
    seen = list(several.keypoints)
    there = others.keypoints[2]
    moved = sc.Keypoints(there.xy + np.array([260.0, 20.0]), there.confidence, there.format)
    return Several([*seen[:2], moved, seen[3]], several.cameras)


def exchanged(several: Several, others: Several) -> Several:
    seen = list(several.keypoints)
    return Several([seen[1], seen[0], *seen[2:]], several.cameras)


def one_views_sides(several: Several, others: Several) -> Several:
    seen = list(several.keypoints)
    turned = sc.Keypoints(seen[1].xy[SWAP], seen[1].confidence[SWAP], FORMAT)
    return Several([seen[0], turned, *seen[2:]], several.cameras)


SEVERAL: dict[str, Disturb] = {
    "undisturbed": lambda several, others: several,
    "another person in one of four": another_person,
    "two cameras exchanged": exchanged,
    "one view's sides exchanged": one_views_sides,
}


def several_part(model: sc.BodyModel, arguments: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    clips = read_motions(arguments.data / "mocap" / "val.npz")
    poses = np.concatenate([clip.poses for clip in clips])
    cases = []
    for pose in poses[rng.choice(len(poses), arguments.poses // 2)]:
        cases.append(seen_by_ring(model, pose, rng))
    partners = cases[1:] + cases[:1]

    def errors(disturb: Disturb, check: bool) -> Floats:
        off = []
        for (several, joints), (other, _) in zip(cases, partners, strict=True):
            changed = disturb(several, other)
            fitted = sc.fit(list(changed.keypoints), list(changed.cameras), check=check)
            off.append(root_aligned(fitted.joints, joints))
        return np.array(off)

    clean = errors(SEVERAL["undisturbed"], False)
    for name, disturb in SEVERAL.items():
        row("several", name, clean, errors(disturb, False), errors(disturb, True))


def seen_by_ring(
    model: sc.BodyModel, pose: Floats, rng: np.random.Generator
) -> tuple[Several, Floats]:
    """Keypoints with 3 px of noise, and the true joints, metres."""
    betas = rng.normal(size=model.num_betas)
    at_rest = model.parameters(betas, None, pose[1:], None)
    points = model.keypoint_points(FORMAT)
    joints, places = (
        about - model.joints(**at_rest)[0]
        for about in (model.joints(**at_rest), points.points.evaluate(model._core, **at_rest))
    )
    moved = turn(0, np.pi) @ turn(1, rng.uniform(-np.pi, np.pi)) @ matrix_of(pose[0])
    numbers = np.array(points.point_of_keypoint)
    seen = []
    for camera in ring():
        pixels = camera.project(places @ moved.T)[numbers] + rng.normal(0, 3, (len(numbers), 2))
        seen.append(sc.Keypoints(pixels, np.ones(len(numbers)), FORMAT))
    return Several(seen, ring()), joints @ moved.T


# --- Points in space ---


def points_part(model: sc.BodyModel, arguments: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    clips = read_motions(arguments.data / "mocap" / "val.npz")
    poses = np.concatenate([clip.poses for clip in clips])
    truth = []
    for pose in poses[rng.choice(len(poses), arguments.poses // 2)]:
        betas = rng.normal(size=model.num_betas)
        truth.append(model.joints(betas=betas, global_orient=pose[0], body_pose=pose[1:]) + 2.0)
    noisy = [joints + rng.normal(0, 0.005, joints.shape) for joints in truth]

    def one_far(joints: Floats, rng: np.random.Generator) -> Floats:
        joints = joints.copy()
        joints[rng.integers(1, len(joints))] += [0.7, 0, 0]
        return joints

    def three_zero(joints: Floats, rng: np.random.Generator) -> Floats:
        joints = joints.copy()
        joints[rng.choice(np.arange(1, len(joints)), 3, replace=False)] = 0
        return joints

    def errors(disturb: Disturb, check: bool) -> Floats:
        rng = np.random.default_rng(1)
        fits = [
            sc.fit_joints3d(disturb(each, rng), keypoint_format="smpl24", check=check)
            for each in noisy
        ]
        return np.array(
            [
                1e3 * np.linalg.norm(f.joints - t, axis=1).mean()
                for f, t in zip(fits, truth, strict=True)
            ]
        )

    disturbed: dict[str, Disturb] = {
        "undisturbed": lambda joints, rng: joints,
        "one point 0.7 m off": one_far,
        "three points at (0, 0, 0)": three_zero,
    }
    clean = errors(disturbed["undisturbed"], False)
    for name, disturb in disturbed.items():
        row("points", name, clean, errors(disturb, False), errors(disturb, True))


# --- Clips and trackers ---


def some_frames(change: Callable[[Floats, Floats], Floats], first: int, count: int) -> Disturb:
    """Changes frames of keypoints (F, K, 3), given those of another motion."""

    def disturb(keypoints: Floats, other: Floats) -> Floats:
        keypoints = keypoints.copy()
        chosen = slice(first, first + count)
        keypoints[chosen] = change(keypoints[chosen], other[chosen])
        return keypoints

    return disturb


def jumped(keypoints: Floats, other: Floats) -> Floats:
    return np.where(keypoints[..., 2:] > 0, keypoints + np.array([150.0, 60.0, 0.0]), keypoints)


CLIP: dict[str, Disturb] = {
    "undisturbed": lambda keypoints, other: keypoints,
    "sides exchanged for 8 frames": some_frames(lambda seen, other: seen[:, SWAP], 40, 8),
    "another person for 10 frames": some_frames(lambda seen, other: other, 40, 10),
    "a jump of 10 frames": some_frames(jumped, 40, 10),
}


def motions_of(model: sc.BodyModel, arguments: argparse.Namespace) -> list[sequence.Motion]:
    options = options_of(arguments.motions, motions=arguments.motions, frames=FRAMES, hidden=15)
    return sequence.make_motions(model, read_motions(arguments.data / "mocap" / "val.npz"), options)


def clip_part(model: sc.BodyModel, arguments: argparse.Namespace) -> None:
    motions, camera = motions_of(model, arguments), camera_of(options_of(1))
    partners = motions[1:] + motions[:1]

    def errors(disturb: Disturb, check: bool, fps: float = FPS) -> Floats:
        off = []
        for motion, other in zip(motions, partners, strict=True):
            seen = disturb(motion.keypoints, other.keypoints)
            fitted = sc.fit_sequence(
                list(seen), camera, fps=fps, keypoint_format=FORMAT, check=check
            )
            off.append(mean_error(fitted.joints, motion.joints))
        return np.array(off)

    clean = errors(CLIP["undisturbed"], False)
    for name, disturb in CLIP.items():
        row("clip", name, clean, errors(disturb, False), errors(disturb, True))
    for name, fps in (("four times the rate", 4 * FPS), ("a quarter of the rate", FPS / 4)):
        same = CLIP["undisturbed"]
        row("clip", name, clean, errors(same, False, fps), errors(same, True, fps))


def tracker_part(model: sc.BodyModel, arguments: argparse.Namespace) -> None:
    motions, camera = motions_of(model, arguments), camera_of(options_of(1))
    partners = motions[1:] + motions[:1]

    def errors(disturb: Disturb, check: bool) -> Floats:
        off = []
        for motion, other in zip(motions, partners, strict=True):
            tracker = sc.Tracker(camera, keypoint_format=FORMAT, rate=FPS, check=check)
            seen = disturb(motion.keypoints, other.keypoints)
            joints = [tracker.update(frame).joints for frame in seen]
            off.append(mean_error(np.array(joints), motion.joints))
        return np.array(off)

    clean = errors(CLIP["undisturbed"], False)
    for name, disturb in CLIP.items():
        row("tracker", name, clean, errors(disturb, False), errors(disturb, True))


def mean_error(fitted: Floats, truth: Floats) -> float:
    return float(np.mean([root_aligned(*pair) for pair in zip(fitted, truth, strict=True)]))


def options_of(fits: int, **more: Any) -> argparse.Namespace:
    return argparse.Namespace(
        **{"size": 1000, "focal": 1.2, "noise": 3.0, "missing": 0.1, "pitch": 10.0, "seed": 0},
        format=FORMAT.name,
        fits=fits,
        **more,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", type=Path, required=True)
    add("--motions", type=int, default=10, help="of clip and tracker (default 10)")
    add("--poses", type=int, default=100, help="of single images, half of the others (default 100)")
    add("--only", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", sc.InputWarning)
    model = sc.load_body_model()
    print(f"{'':45s}{'clean':>8s}{'before':>9s}{'now':>8s}{'ratio':>7s}")
    parts = (single_part, several_part, points_part, clip_part, tracker_part)
    for name, part in zip(PARTS, parts, strict=True):
        if name in arguments.only:
            part(model, arguments)


if __name__ == "__main__":
    main()
