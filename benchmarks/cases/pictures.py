"""A case: a posed body of random shape, seen as noisy keypoints by a known camera."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from smplceres.base.skeleton import NUM_SHARED_JOINTS
from smplceres.body.motion_files import Clip

Floats = NDArray[np.float64]

FOCAL_OF_SIZE = 1.2
DEPTHS = (3.0, 6.0)  # metres
PITCH_DEGREES = 10.0
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
class View:
    """From where somebody is seen: yaw and pitch (radians), depth (metres), after the rotation
    `turned` (3, 3) of the person in a world whose y is up."""

    yaw: float
    pitch: float
    depth: float
    turned: Floats = field(default_factory=lambda: np.eye(3))


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
    """Of as many frames of all clips as --fits says."""
    rng = np.random.default_rng(arguments.seed)
    poses = np.concatenate([clip.poses for clip in clips])
    if arguments.fits > len(poses):
        raise ValueError(f"--fits: expected at most {len(poses)}, all poses, got {arguments.fits}")
    chosen = rng.choice(len(poses), arguments.fits, replace=False)
    return [make_case(model, poses[frame], arguments, rng) for frame in chosen]


def random_view(arguments: argparse.Namespace, rng: np.random.Generator) -> View:
    """From any side, at a pitch of some degrees, 3 to 6 m away."""
    return View(
        rng.uniform(-np.pi, np.pi), rng.normal(0, np.radians(arguments.pitch)), rng.uniform(*DEPTHS)
    )


def make_case(
    model: sc.BodyModel,
    pose: Floats,
    arguments: argparse.Namespace,
    rng: np.random.Generator,
    view: View | None = None,
) -> Case:
    """The pose (24, 3), its root in a world whose y is up, before the camera; None: any view."""
    betas = rng.normal(size=model.num_betas)
    view = view or random_view(arguments, rng)
    depth = view.depth * (
        arguments.focal / FOCAL_OF_SIZE
    )  # as large in the picture with every lens
    # The camera has x right, y down and z forward.
    from_world = turn(0, np.pi + view.pitch) @ turn(1, view.yaw)
    body_pose = np.zeros((model.num_joints - 1, 3))  # fingers, jaw and eyes at rest
    shared = len(pose) if model.num_joints == len(pose) else NUM_SHARED_JOINTS
    body_pose[: shared - 1] = pose[1:shared]
    # Posed with the root at rest, then moved as a whole: axis-angles of turns need no inverse.
    points = model.keypoint_points(sc.FORMATS[arguments.format])
    at_rest = model.parameters(betas, None, body_pose, None)
    joints = model.joints(**at_rest)
    places = points.points.evaluate(model._core, **at_rest)
    moved = from_world @ view.turned @ matrix_of(pose[0])
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
