"""AMASS's .npz: a motion under the names that its readers expect."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.skeleton import SMPL_JOINTS, SMPLH_JOINTS
from ..body.load import GENDERS
from ..body.motion import Motion

_SHARED = 22  # joints that all bodies of the SMPL family have
_BETAS = 16  # shape coefficients of AMASS


def write(motion: Motion) -> bytes:
    """A file's content: poses (F, 156) axis-angles of SMPL-H's 52 joints, trans (F, 3) metres,
    betas (16,), gender, mocap_framerate and mocap_frame_rate; beyond AMASS model (its name) and
    coordinates. `Motion.read` reads it.

    Readers of AMASS split poses by column. For a body of 24 joints the first 22 are written and the
    fingers are zero, because SMPL's two hand joints correspond to no finger. Bodies with more
    joints are written unchanged.

    Raises:
        ValueError: frames that are not evenly spaced.

    Source: Mahmood et al., AMASS: Archive of Motion Capture as Surface Shapes, 2019.
    """
    last_word = motion.model.name.lower().rpartition("_")[2]
    arrays: dict[str, Any] = {
        "poses": _padded(motion.poses),
        "trans": motion.transl,
        "betas": np.pad(motion.betas, (0, max(0, _BETAS - len(motion.betas)))),
        "gender": last_word if last_word in GENDERS else "neutral",
        "mocap_framerate": motion.fps,
        "mocap_frame_rate": motion.fps,
        "model": motion.model.name,
    }
    if motion.coordinates is not None:
        arrays["coordinates"] = motion.coordinates
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _padded(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    """(F, 3J), of 156 columns for bodies without fingers."""
    frames, joints, _ = poses.shape
    if joints > len(SMPL_JOINTS):
        return poses.reshape(frames, -1)
    flat = np.zeros((frames, 3 * len(SMPLH_JOINTS)))
    shared = poses[:, :_SHARED].reshape(frames, -1)
    flat[:, : shared.shape[1]] = shared
    return flat
