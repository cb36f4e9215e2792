"""AMASS's .npz: a motion under the names that its readers expect."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ..body.load import GENDERS
from ..body.motion import Motion


def write(motion: Motion) -> bytes:
    """A file's content: poses (F, 3J) axis-angles, trans (F, 3) metres, betas (B,), gender,
    mocap_framerate; beyond AMASS model (its name) and coordinates. `Motion.read` reads it.

    Raises:
        ValueError: frames that are not evenly spaced.

    Source: Mahmood et al., AMASS: Archive of Motion Capture as Surface Shapes, 2019.
    """
    last_word = motion.model.name.lower().rpartition("_")[2]
    arrays: dict[str, Any] = {
        "poses": motion.poses.reshape(len(motion), -1),
        "trans": motion.transl,
        "betas": motion.betas,
        "gender": last_word if last_word in GENDERS else "neutral",
        "mocap_framerate": motion.fps,
        "model": motion.model.name,
    }
    if motion.coordinates is not None:
        arrays["coordinates"] = motion.coordinates
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()
