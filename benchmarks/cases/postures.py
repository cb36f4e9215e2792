"""Postures: made-up plain people, and recorded poses chosen by what the body does in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from smplceres.base.rotations import rotation_matrix
from smplceres.base.skeleton import SMPL_JOINTS, SMPL_PARENTS
from smplceres.body.motion_files import Clip

from .pictures import Floats

EVERY = 5  # frames of a clip between two that are looked at: clips are at 30 Hz


def _pose(**degrees: tuple[float, float, float]) -> Floats:
    """(24, 3) axis-angles, radians; joints that are not named are at rest."""
    pose = np.zeros((len(SMPL_JOINTS), 3))
    for joint, angles in degrees.items():
        pose[SMPL_JOINTS.index(joint)] = np.radians(angles)
    return pose


# At rest arms are held out sideways, knees and hips are straight.
_ARMS_DOWN = {"left_shoulder": (0.0, 0.0, -70.0), "right_shoulder": (0.0, 0.0, 70.0)}
STANDING = _pose(**_ARMS_DOWN)
SITTING = _pose(
    **_ARMS_DOWN,
    left_hip=(-85.0, 0.0, 0.0),
    right_hip=(-85.0, 0.0, 0.0),
    left_knee=(85.0, 0.0, 0.0),
    right_knee=(85.0, 0.0, 0.0),
)
# The left leg is in front and the right arm with it; the right leg pushes off.
WALKING = _pose(
    left_hip=(-25.0, 0.0, 0.0),
    right_hip=(15.0, 0.0, 0.0),
    left_knee=(10.0, 0.0, 0.0),
    right_knee=(30.0, 0.0, 0.0),
    left_shoulder=(25.0, 0.0, -70.0),
    right_shoulder=(-25.0, 0.0, 70.0),
    left_elbow=(0.0, -20.0, 0.0),
    right_elbow=(0.0, 20.0, 0.0),
)


@dataclass(frozen=True, eq=False)
class Frames:
    """Recorded frames: poses (N, 24, 3), and of the mean body the joints (N, 24, 3), metres, and
    their rotations (N, 24, 3, 3), in a world whose y is up."""

    poses: Floats
    joints: Floats
    rotations: Floats

    def joint(self, name: str) -> Floats:
        return self.joints[:, SMPL_JOINTS.index(name)]

    def up(self, name: str) -> Floats:
        """(N,) degrees between the vertical and what is up in a joint's axes at rest."""
        vertical = self.rotations[:, SMPL_JOINTS.index(name), 1, 1]
        return np.degrees(np.arccos(np.clip(vertical, -1, 1)))


def frames_of(model: sc.BodyModel, clips: Sequence[Clip]) -> Frames:
    poses = np.concatenate([clip.poses[::EVERY] for clip in clips])
    rest = model.joints()[: len(SMPL_JOINTS)]
    rotations = rotation_matrix(poses)
    joints = np.zeros_like(poses)
    for joint, parent in enumerate(SMPL_PARENTS[1:], start=1):
        joints[:, joint] = joints[:, parent] + rotations[:, parent] @ (rest[joint] - rest[parent])
        rotations[:, joint] = rotations[:, parent] @ rotations[:, joint]
    return Frames(poses, joints, rotations)


def anyhow(frames: Frames) -> NDArray[np.bool_]:
    """All frames."""
    return np.ones(len(frames.poses), dtype=bool)


def upright(frames: Frames) -> NDArray[np.bool_]:
    """The pelvis is within 30 degrees of the vertical."""
    return frames.up("pelvis") < 30


def acrobatic(frames: Frames) -> NDArray[np.bool_]:
    """The pelvis is over 60 degrees off the vertical: rolls, cartwheels, handstands."""
    return frames.up("pelvis") > 60


def crouching(frames: Frames) -> NDArray[np.bool_]:
    """The hips are less than 60 % of the height over the lower foot that straight legs have."""
    feet = np.minimum(frames.joint("left_ankle")[:, 1], frames.joint("right_ankle")[:, 1])
    legs = np.linalg.norm(
        frames.joint("left_hip") - frames.joint("left_knee"), axis=1
    ) + np.linalg.norm(frames.joint("left_knee") - frames.joint("left_ankle"), axis=1)
    return (frames.joint("left_hip")[:, 1] - feet < 0.6 * legs) & ~acrobatic(frames)


def bending(frames: Frames) -> NDArray[np.bool_]:
    """The upper trunk is over 45 degrees off the vertical, and the legs are under it."""
    return (frames.up("spine3") > 45) & ~acrobatic(frames)


def hands_up(frames: Frames) -> NDArray[np.bool_]:
    """Both wrists are higher than the head."""
    wrists = np.minimum(frames.joint("left_wrist")[:, 1], frames.joint("right_wrist")[:, 1])
    return (wrists > frames.joint("head")[:, 1]) & upright(frames)
