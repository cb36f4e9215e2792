"""How far fits are from the truth, by pose prior: single-image fits of recorded poses.

    python benchmarks/accuracy.py poses.npz [--fits 500] [--body FILE] [--out FILE]

Poses: .npz files as tools/train_pose_prior.py takes them; frames are drawn from all clips alike.
Each is posed on a body of random shape (standard normal betas), turned to the camera by any yaw and
a pitch of some degrees, placed in the middle of a square picture at 3 to 6 m, and seen as
keypoints with noise. The camera is known: focal length 1.2 times the picture's side.

A row of the table is a prior and a number of starts. Errors are the mean distance over the body's
joints (SMPL: 24) in mm: "root" with the pelvis of fit and truth in one place (pelvis-aligned),
"PA" after the best similarity (Procrustes-aligned). Same arguments, same numbers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from smplceres.base.skeleton import NUM_SHARED_JOINTS
from smplceres.body.motion_files import Clip, read_motions
from smplceres.fit.presets import PRESETS, make_stages
from smplceres.priors.pose_prior import PosePrior

Floats = NDArray[np.float64]

PRIORS = ("none", "gaussian", "mixture", "mixture+limits")
FOCAL_OF_SIZE = 1.2
DEPTHS = (3.0, 6.0)  # metres
PITCH = np.radians(10)  # standard deviation
FAR_MM = 150.0
MIN_VISIBLE = 6


@dataclass(frozen=True, eq=False)
class Case:
    """A picture of somebody: keypoints (K, 3), where the joints (J, 3) truly are, and of what body:
    betas (B,), body_pose (J-1, 3), the root's rotation matrix, and which way is up."""

    keypoints: Floats
    joints: Floats
    betas: Floats
    body_pose: Floats
    rotation: Floats
    up: Floats


@dataclass(frozen=True, eq=False)
class Setup:
    """A row of the table, but for the number of starts."""

    prior: PosePrior
    stages: list[sc.Stage]


# --- Cases ---


def turn(axis: int, angle: float) -> Floats:
    """Rotation matrix about x (0), y (1) or z (2)."""
    matrix = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix[[first, second], [first, second]] = np.cos(angle)
    matrix[second, first] = np.sin(angle)
    matrix[first, second] = -matrix[second, first]
    return matrix


def matrix_of(axis_angle: Floats) -> Floats:
    angle = np.linalg.norm(axis_angle)
    x, y, z = axis_angle / max(angle, 1e-12)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def camera_of(arguments: argparse.Namespace) -> sc.Camera:
    size, focal, middle = arguments.size, arguments.focal * arguments.size, (arguments.size - 1) / 2
    return sc.Camera(fx=focal, fy=focal, cx=middle, cy=middle, width=size, height=size)


def make_cases(
    model: sc.BodyModel, clips: Sequence[Clip], arguments: argparse.Namespace
) -> list[Case]:
    rng = np.random.default_rng(arguments.seed)
    poses = np.concatenate([clip.poses for clip in clips])
    if arguments.fits > len(poses):
        raise ValueError(f"--fits: expected at most {len(poses)}, all poses, got {arguments.fits}")
    chosen = rng.choice(len(poses), arguments.fits, replace=False)
    return [make_case(model, poses[frame], arguments, rng) for frame in chosen]


def make_case(
    model: sc.BodyModel, pose: Floats, arguments: argparse.Namespace, rng: np.random.Generator
) -> Case:
    """The pose (24, 3), its root in a world whose y is up, before the camera."""
    betas = rng.normal(size=model.num_betas)
    yaw, pitch, depth = rng.uniform(-np.pi, np.pi), rng.normal(0, PITCH), rng.uniform(*DEPTHS)
    depth *= arguments.focal / FOCAL_OF_SIZE  # as large in the picture with every lens
    from_world = turn(0, np.pi + pitch) @ turn(1, yaw)  # camera: x right, y down, z forward
    body_pose = np.zeros((model.num_joints - 1, 3))  # fingers, jaw and eyes at rest
    shared = len(pose) if model.num_joints == len(pose) else NUM_SHARED_JOINTS
    body_pose[: shared - 1] = pose[1:shared]
    # Posed with the root at rest, then moved as a whole: axis-angles of turns need no inverse.
    points = model.keypoint_points(sc.FORMATS[arguments.format])
    at_rest = model.parameters(betas, None, body_pose, None)
    joints = model.joints(**at_rest)
    places = points.points.evaluate(model._core, **at_rest)
    moved = from_world @ matrix_of(pose[0])
    joints, places = (about @ moved.T for about in (joints - joints[0], places - joints[0]))
    middle = (joints.min(axis=0) + joints.max(axis=0)) / 2
    place = np.array([0, 0, depth]) - middle
    pixels = camera_of(arguments).project(places + place)
    keypoints = np.zeros((len(points.point_of_keypoint), 3))
    for keypoint, point in enumerate(points.point_of_keypoint):
        if point >= 0:
            keypoints[keypoint] = [*pixels[point], 1]
    keypoints[:, :2] += rng.normal(0, arguments.noise, keypoints[:, :2].shape)
    keypoints[:, 2] *= seen(keypoints[:, 2] > 0, arguments.missing, rng)
    return Case(keypoints, joints + place, betas, body_pose, moved, from_world[:, 1])


def seen(present: NDArray[np.bool_], missing: float, rng: np.random.Generator) -> Floats:
    """1 where a keypoint is seen; enough of them to fit a body to are."""
    while True:
        kept = rng.random(len(present)) >= missing
        if np.sum(kept & present) >= min(MIN_VISIBLE, present.sum()):
            return kept.astype(float)


# --- Fits ---


def make_setup(name: str, model: sc.BodyModel, arguments: argparse.Namespace) -> Setup:
    mixture = sc.load_pose_prior(arguments.prior)
    prior = mixture.for_joints(model.num_joints)
    if name in ("none", "gaussian"):
        prior = sc.anatomical_prior(model.num_joints)
    stages = make_stages(arguments.preset)
    for stage in stages:
        if name == "none":
            stage.pose_prior.weight = stage.angle_prior.weight = 0.0
        if not name.endswith("+limits"):
            stage.joint_limits.weight = 0.0
    return Setup(prior, stages)


def fit_all(
    cases: Sequence[Case],
    setup: Setup,
    starts: int,
    model: sc.BodyModel,
    arguments: argparse.Namespace,
) -> list[Floats]:
    """Joints (J, 3) of every fit; solving leaves the interpreter free for the other threads."""
    camera = camera_of(arguments)

    def joints_of(case: Case) -> Floats:
        return sc.fit(
            case.keypoints,
            camera,
            model=model,
            keypoint_format=arguments.format,
            pose_prior=setup.prior,
            preset=setup.stages,
            starts=starts,
        ).joints

    with ThreadPoolExecutor(arguments.threads) as pool:
        return list(pool.map(joints_of, cases))


# --- Errors ---


def root_aligned(fitted: Floats, truth: Floats) -> float:
    """Mean distance of joints (J, 3), pelvis on pelvis, mm."""
    return float(1e3 * np.linalg.norm(fitted - fitted[0] - truth + truth[0], axis=1).mean())


def procrustes_aligned(fitted: Floats, truth: Floats) -> float:
    """Mean distance after the similarity that brings the fit closest, mm (Umeyama 1991)."""
    a, b = fitted - fitted.mean(axis=0), truth - truth.mean(axis=0)
    u, singular, vt = np.linalg.svd(a.T @ b)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = (singular * signs).sum() / (a**2).sum()
    return float(1e3 * np.linalg.norm(scale * a @ (u * signs) @ vt - b, axis=1).mean())


def figures_of(cases: Sequence[Case], fitted: Sequence[Floats]) -> dict[str, float]:
    pairs = [(joints, case.joints) for joints, case in zip(fitted, cases, strict=True)]
    root = np.array([root_aligned(*pair) for pair in pairs])
    aligned = np.array([procrustes_aligned(*pair) for pair in pairs])
    return {
        "root_median_mm": float(np.median(root)),
        "root_mean_mm": float(root.mean()),
        "pa_median_mm": float(np.median(aligned)),
        "pa_mean_mm": float(aligned.mean()),
        "share_over_150_mm": float(np.mean(root > FAR_MM)),
    }


# --- The table ---


def measure(
    cases: Sequence[Case], model: sc.BodyModel, arguments: argparse.Namespace
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print(f"{'':26s}{'root-aligned, mm':>18s}{'PA, mm':>18s}{'over':>9s}")
    print(f"{'prior':18s}{'starts':>8s}" + 2 * f"{'median':>9s}{'mean':>9s}" + f"{'150 mm':>9s}")
    for name in arguments.priors:
        setup = make_setup(name, model, arguments)
        for starts in arguments.starts:
            figures = figures_of(cases, fit_all(cases, setup, starts, model, arguments))
            rows.append({"prior": name, "starts": starts, **figures})
            lengths = list(figures.values())
            print(f"{name:18s}{starts:8d}", end="")
            print("".join(f"{mm:9.1f}" for mm in lengths[:4]) + f"{lengths[4]:9.1%}", flush=True)
    return rows


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("poses", nargs="+", help=".npz files of poses")
    add("--fits", type=int, default=500, help="how many poses to fit (default 500)")
    add("--body", help="body model file (default: the built-in body)")
    add("--priors", nargs="+", choices=PRIORS, default=PRIORS, help="which to compare")
    add("--prior", help="the mixture's file (default: the shipped one)")
    add("--starts", type=int, nargs="+", default=[1, 2], help="facing directions (default 1 2)")
    add("--preset", default="default", choices=tuple(PRESETS), help="stages (default default)")
    add("--format", default="openpose_body25", choices=sc.FORMATS, help="keypoint format")
    add("--noise", type=float, default=3.0, help="px a coordinate, standard deviation (default 3)")
    add("--missing", type=float, default=0.0, help="share of keypoints not seen, 0 to 0.8")
    add("--size", type=int, default=1000, help="side of the picture, px (default 1000)")
    add("--focal", type=float, default=FOCAL_OF_SIZE, help="focal length / side (default 1.2)")
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    add("--out", help="also write figures and settings here, JSON")
    options = parser.parse_args(arguments)
    for name, low, high in (
        ("fits", 1, 1e9),
        ("noise", 0, 1e3),
        ("missing", 0, 0.8),
        ("size", 16, 1e5),
        ("focal", 0.1, 100),
    ):
        if not low <= getattr(options, name) <= high:
            parser.error(f"--{name}: expected {low:g} to {high:g}, got {getattr(options, name)}")
    return options


def main() -> None:
    arguments = parse()
    try:
        model = sc.load_body_model(arguments.body)
        clips = [clip for path in arguments.poses for clip in read_motions(path)]
        cases = make_cases(model, clips, arguments)
    except (OSError, ValueError) as error:
        sys.exit(f"accuracy: {error}")
    rows = measure(cases, model, arguments)
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump(
                {"settings": vars(arguments), "body": model.name, "rows": rows}, file, indent=1
            )


if __name__ == "__main__":
    main()
