"""A tracked person for humanoids: the wire of SONIC, and what retargeting tools take."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.coordinates import array_ending_in, conversion
from ..base.skeleton import NUM_SHARED_JOINTS
from .frames import BodyFrames, PosedBody, quaternions

Floats = NDArray[np.float64]

SONIC_TOPIC = b"pose"
SONIC_HEADER_SIZE = 1280
_NUM_MOTORS = 29  # of Unitree's G1, in the order of IsaacLab
_DTYPES = {"<f4": "f32", "<i8": "i64"}


def sonic_message(
    tracked: PosedBody | Sequence[PosedBody],
    frame_index: int | None = None,
    *,
    rate: float = 50.0,
    joint_pos: ArrayLike | None = None,
    joint_vel: ArrayLike | None = None,
    world_from_camera: ArrayLike | None = None,
) -> bytes:
    """A message of the topic `pose`, protocol 3, of GR00T-WholeBodyControl (SONIC).

    The bytes are the topic, a JSON header padded with zeros to 1280 bytes, and little-endian
    arrays: smpl_joints (N, 24, 3) metres from the pelvis in the axes of the root (x forward, y
    left, z up), smpl_pose (N, 21, 3) axis-angles of SMPL's joints 1 to 21, body_quat (N, 4) of the
    root in the world, (w, x, y, z), frame_index (N,), joint_pos and joint_vel (N, 29).

    Args:
        tracked: an update of a tracker, or successive ones, the oldest first: N.
        frame_index: of the first; the receiver needs indices that rise. None: the time stamp in
            frames of `rate`, which must be that of the updates.
        rate: frames per second of the index.
        joint_pos, joint_vel: (N, 29) of the robot, radians and radians per second; None: zeros.
            Only those of the wrists are used with SMPL poses.
        world_from_camera: (3, 3) rotation to a world whose z is up; None: the camera is level, and
            x is where it looks.

    Raises:
        ValueError: a wrong shape, a body without SMPL's 24 joints, no update.

    Source: gear_sonic/utils/teleop/zmq/zmq_planner_sender.py of NVlabs/GR00T-WholeBodyControl.
    """
    people = list(tracked) if isinstance(tracked, Sequence) else [tracked]
    if not people:
        raise ValueError("tracked: expected at least one update, got none")
    if frame_index is None:
        frame_index = round(float(getattr(people[0], "timestamp", 0.0)) * rate)
    count, world = len(people), _world(world_from_camera)
    frames = [BodyFrames.of(person) for person in people]
    roots = np.stack([world @ each.rotations[0] for each in frames])
    local = [(each.joints - each.joints[0]) @ each.rotations[0] for each in frames]
    poses = np.stack([person.body_pose[: NUM_SHARED_JOINTS - 1] for person in people])
    fields = {
        "smpl_joints": np.stack(local).astype("<f4"),
        "smpl_pose": poses.astype("<f4"),
        "body_quat": _wxyz(quaternions(roots)).astype("<f4"),
        "frame_index": np.arange(frame_index, frame_index + count).astype("<i8"),
        "joint_pos": _motors("joint_pos", joint_pos, count),
        "joint_vel": _motors("joint_vel", joint_vel, count),
    }
    described = [
        {"name": name, "dtype": _DTYPES[array.dtype.str], "shape": list(array.shape)}
        for name, array in fields.items()
    ]
    header = {"v": 3, "endian": "le", "count": 1, "fields": described}
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"".join(
        [
            SONIC_TOPIC,
            text.ljust(SONIC_HEADER_SIZE, b"\0"),
            *map(np.ndarray.tobytes, fields.values()),
        ]
    )


def retargeting_frame(
    body: PosedBody,
    *,
    world_from_camera: ArrayLike | None = None,
    translation: ArrayLike = (0, 0, 0),
) -> dict[str, tuple[Floats, Floats]]:
    """A frame as GMR (General Motion Retargeting) takes it from SMPL: joint -> (position (3,)
    metres, orientation (4,) quaternion (w, x, y, z) of SMPL's joint), in a world whose z is up.

    Args:
        body: an update of a tracker or a result, with SMPL's 24 joints.
        world_from_camera: (3, 3); None: the camera is level, and x is where it looks.
        translation: (3,) of the camera in the world, metres: (0, 0, its height) puts the floor at
            z = 0.

    Raises:
        ValueError: a wrong shape, a body without SMPL's 24 joints.
    """
    world, frames = _world(world_from_camera), BodyFrames.of(body)
    places = frames.joints @ world.T + array_ending_in("translation", translation, (3,))
    turns = _wxyz(quaternions(world @ frames.smpl_rotations))
    return {
        name: (place, turn) for name, place, turn in zip(frames.names, places, turns, strict=True)
    }


def _world(world_from_camera: ArrayLike | None) -> Floats:
    if world_from_camera is None:
        return conversion("opencv", "ros")
    matrix = array_ending_in("world_from_camera", world_from_camera, (3, 3))
    if matrix.ndim != 2 or not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6):
        raise ValueError(f"world_from_camera: expected a rotation (3, 3), got {matrix.tolist()}")
    return matrix


def _wxyz(xyzw: Floats) -> Floats:
    return np.roll(xyzw, 1, axis=-1)


def _motors(name: str, values: ArrayLike | None, count: int) -> NDArray[np.float32]:
    if values is None:
        return np.zeros((count, _NUM_MOTORS), dtype="<f4")
    array = np.atleast_2d(np.asarray(values, dtype="<f4"))
    if array.shape != (count, _NUM_MOTORS) or not np.isfinite(array).all():
        raise ValueError(f"{name}: expected ({count}, {_NUM_MOTORS}) numbers, got {array.shape}")
    return array
