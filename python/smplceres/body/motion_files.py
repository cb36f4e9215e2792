"""Reading recorded motions: SMPL poses, clip by clip, from .npz files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..base.files.archives import floats_of, open_arrays, texts_of
from ..base.files.npz_files import Lookup
from ..base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# A number whose range over a clip is below this (radians) was not measured: constants vary by some
# 1e-7 in float32, and no person keeps a joint still to a hundredth of a degree.
STILL = np.radians(0.01)
# Joints per frame in AMASS files: the shared ones, SMPL, SMPL-H, SMPL-X.
_AMASS_JOINTS = (NUM_SHARED_JOINTS, 24, 52, 55)
_RATE_KEYS = ("mocap_framerate", "mocap_frame_rate", "fps", "frame_rate")
# Parts of the poses, in their order, where a file has no whole ones.
_PARTS = ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")


@dataclass(frozen=True, eq=False)
class Clip:
    """One recorded motion of F frames.

    Attributes:
        name: of the clip.
        poses: (F, 24, 3) axis-angles of SMPL's joints, radians, length <= pi; joint 0 is the root.
        measured: (24, 3) whether a number varies in the clip; constant ones were not recorded.
    """

    name: str
    poses: Floats
    measured: Flags

    @property
    def body_poses(self) -> Floats:
        """(F, 69) without the root."""
        return self.poses[:, 1:].reshape(len(self.poses), -1)

    @property
    def body_measured(self) -> Flags:
        """(69,) without the root."""
        return self.measured[1:].ravel()


@dataclass(frozen=True, eq=False)
class AmassRecording:
    """The content of a file in AMASS's layout, with the J joints of SMPL (24), SMPL-H or SMPL-X.

    Attributes:
        poses: (F, J, 3) axis-angles, radians; joint 0 is the root.
        transl: (F, 3) metres; zero if the file has none.
        betas: (B,); empty if the file has none.
        fps: frames per second.
        coordinates: the name of the frame; None: not in the file.
    """

    poses: Floats
    transl: Floats
    betas: Floats
    fps: float
    coordinates: str | None


def read_amass(path: str | PathLike[str]) -> AmassRecording:
    """A file in AMASS's layout: `poses` (F, 3 J) or (F, J, 3) with the J joints of SMPL (24),
    SMPL-H (52), SMPL-X (55) or those that all have (22), or their parts `root_orient`, `pose_body`
    and more; `mocap_framerate`, `mocap_frame_rate` or `fps`; and optionally `trans` (F, 3), `betas`
    (B,) and `coordinates`, an extension of this package.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file is not in this layout. Nothing in it is executed.
    """
    with open_arrays(path) as lookup:
        joints = _amass_joints(lookup, _amass_poses(lookup))
        fps = next(_finite(lookup, key) for key in _RATE_KEYS if lookup(key) is not None)
        if fps.size != 1 or not fps.item() > 0:
            raise ValueError(f"mocap_framerate: expected one number > 0, got {fps.tolist()}")
        transl = np.zeros((len(joints), 3))
        if lookup("trans") is not None:
            transl = _finite(lookup, "trans")
        if transl.shape != (len(joints), 3):
            raise ValueError(f"trans: expected ({len(joints)}, 3), got {transl.shape}")
        betas = np.zeros(0) if lookup("betas") is None else _finite(lookup, "betas").ravel()
        named = texts_of(lookup, "coordinates")
    return AmassRecording(joints, transl, betas, float(fps.item()), named[0] if named else None)


def _finite(lookup: Lookup, key: str) -> Floats:
    numbers = floats_of(lookup, key)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{key}: expected finite numbers, got NaN or infinity")
    return numbers


def read_motions(path: str | PathLike[str]) -> list[Clip]:
    """The clips of a file of SMPL poses.

    Two layouts, axis-angles in radians in both:

    - many clips: `poses` (N, 24, 3), and `lengths` (C,), frames of each clip; optional are
      `names` (C,) and `suspect` (N,), true for frames to drop;
    - AMASS's, a clip a file, as of `read_amass`. Of SMPL-H and SMPL-X the first 22 joints are
      taken; SMPL's two hand joints are zero and count as not measured.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file is not in this layout. Nothing in it is executed.

    Source: Mahmood et al., AMASS: Archive of Motion Capture as Surface Shapes, 2019.
    """
    with open_arrays(path) as lookup:
        poses = _amass_poses(lookup)
        if lookup("lengths") is not None:
            clips = list(_many_clips(lookup, poses, Path(path).stem))
        else:
            clips = [_amass_clip(lookup, poses, Path(path).stem)]
        if not clips:
            raise ValueError("poses: expected frames that are not suspect, got none")
    return clips


def _many_clips(lookup: Lookup, poses: Floats, stem: str) -> Iterator[Clip]:
    count = len(poses)
    if poses.shape != (count, len(SMPL_JOINTS), 3):
        raise ValueError(f"poses: expected (N, 24, 3), got {poses.shape}")
    lengths = floats_of(lookup, "lengths")
    if lengths.ndim != 1 or (lengths < 0).any() or (lengths % 1).any() or lengths.sum() != count:
        raise ValueError(f"lengths: expected frames by clip, {count} in all, got {lengths.sum():g}")
    ends = np.cumsum(lengths).astype(int)
    names = texts_of(lookup, "names") or tuple(f"{stem}/{i}" for i in range(len(ends)))
    if len(names) != len(ends):
        raise ValueError(f"names: expected {len(ends)}, one a clip, got {len(names)}")
    suspect = lookup("suspect")
    if suspect is None:
        suspect = np.zeros(count, dtype=bool)
    if suspect.shape != (count,):
        raise ValueError(f"suspect: expected ({count},), got {suspect.shape}")
    good = ~suspect.astype(bool)
    for name, begin, end in zip(names, [0, *ends[:-1]], ends, strict=True):
        kept = poses[begin:end][good[begin:end]]
        if len(kept):
            yield _clip(name, kept)


def _amass_clip(lookup: Lookup, poses: Floats, stem: str) -> Clip:
    return _clip(stem, shared_joints(_amass_joints(lookup, poses), len(SMPL_JOINTS)))


def _amass_joints(lookup: Lookup, poses: Floats) -> Floats:
    """(N, J, 3), of 24 joints where a file has the 22 that all bodies have."""
    joints = poses.shape[1] // 3 if poses.ndim == 2 else poses.shape[-2] if poses.ndim == 3 else 0
    if joints not in _AMASS_JOINTS or poses.size != len(poses) * joints * 3 or not len(poses):
        counts = ", ".join(map(str, _AMASS_JOINTS))
        raise ValueError(
            f"poses: expected (N, 3 J) or (N, J, 3) with J of {counts}, got {poses.shape}"
        )
    if all(lookup(key) is None for key in _RATE_KEYS):
        raise ValueError(
            f"{' or '.join(_RATE_KEYS)}, or the lengths of clips: expected in the file, got neither"
        )
    whole = poses.reshape(len(poses), -1, 3)
    return shared_joints(whole, max(joints, len(SMPL_JOINTS)))


def _amass_poses(lookup: Lookup) -> Floats:
    """`poses`, or its parts side by side."""
    if lookup("poses") is not None or lookup("pose_body") is None:
        return _finite(lookup, "poses")
    parts = [_finite(lookup, key) for key in _PARTS if lookup(key) is not None]
    lengths = sorted({len(part) for part in parts})
    if len(lengths) != 1 or any(part.ndim != 2 for part in parts):
        raise ValueError(f"{', '.join(_PARTS)}: expected (N, 3 J) of one N, got lengths {lengths}")
    return np.concatenate(parts, axis=1)


def shared_joints(poses: Floats, num_joints: int) -> Floats:
    """(N, num_joints, 3) of poses (N, J, 3) of another body of the SMPL family: the 22 joints that
    all of them have, the others at rest."""
    if poses.shape[1] == num_joints:
        return poses
    shared = np.zeros((len(poses), num_joints, 3))
    shared[:, :NUM_SHARED_JOINTS] = poses[:, :NUM_SHARED_JOINTS]
    return shared


def _clip(name: str, poses: Floats) -> Clip:
    wrapped = wrap_axis_angles(poses)
    return Clip(name, wrapped, np.ptp(wrapped, axis=0) > STILL)


def wrap_axis_angles(poses: Floats) -> Floats:
    """The same rotations, axis-angles (..., 3), each by an angle <= pi."""
    angle = np.linalg.norm(poses, axis=-1, keepdims=True)
    wrapped = angle - 2 * np.pi * np.round(angle / (2 * np.pi))
    return np.asarray(poses * np.divide(wrapped, angle, out=np.ones_like(angle), where=angle > 0))
