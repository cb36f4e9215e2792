"""Joints of a motion as CSV, a row per frame, for spreadsheets and data frames."""

from __future__ import annotations

import io

import numpy as np

from ..body.motion import Motion


def write(motion: Motion) -> bytes:
    """A file's content: frame, time (seconds), and x, y, z of each joint (metres, to a
    micrometre)."""
    columns = [f"{name}_{axis}" for name in motion.model.joint_names for axis in "xyz"]
    text = io.StringIO()
    text.write(",".join(["frame", "time", *columns]) + "\n")
    rows = np.column_stack(
        [np.arange(len(motion)), motion.times, motion.joints.reshape(len(motion), -1)]
    )
    np.savetxt(text, rows, delimiter=",", fmt=["%d", *["%.6f"] * (rows.shape[1] - 1)])
    return text.getvalue().encode()
