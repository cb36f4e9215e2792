"""OpenSim's .sto of orientations: a unit quaternion of every joint, as OpenSense reads those of
sensors."""

from __future__ import annotations

import io

import numpy as np

from ..base.rotations import quaternion
from ..body.motion import Motion


def write(motion: Motion) -> bytes:
    """A file's content: ground_from_joint as w, x, y, z, columns with the names of joints.

    Raises:
        ValueError: frames that are not evenly spaced.

    Source: OpenSim Documentation, OpenSense: Kinematics with IMU Data.
    """
    names = motion.model.joint_names
    worlds = world_quaternions(motion)
    text = io.StringIO()
    text.write(f"DataRate={motion.fps:.6f}\nDataType=Quaternion\nversion=3\n")
    text.write("OpenSimVersion=4.4\nendheader\ntime\t" + "\t".join(names) + "\n")
    for time, rows in zip(motion.times - motion.times[0], worlds, strict=True):
        cells = [",".join(f"{number:.9f}" for number in row) for row in rows]
        text.write("\t".join([f"{time:.6f}", *cells]) + "\n")
    return text.getvalue().encode()


def world_quaternions(motion: Motion) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(F, J, 4) unit quaternions (w, x, y, z), each joint's orientation in the motion's frame."""
    own = quaternion(motion.poses)
    worlds = np.zeros_like(own)
    for joint, parent in enumerate(motion.model.parents.tolist()):
        worlds[:, joint] = (
            own[:, joint] if parent < 0 else _product(worlds[:, parent], own[:, joint])
        )
    return worlds


def _product(
    a: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    b: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    w = a[:, :1] * b[:, :1] - (a[:, 1:] * b[:, 1:]).sum(axis=1, keepdims=True)
    v = a[:, :1] * b[:, 1:] + b[:, :1] * a[:, 1:] + np.cross(a[:, 1:], b[:, 1:])
    return np.concatenate([w, v], axis=1)
