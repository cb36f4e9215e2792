"""OpenSim's and Pose2Sim's .trc: trajectories of the joints as markers, millimetres, y-up."""

from __future__ import annotations

import io

import numpy as np

from ..body.motion import Motion


def write(motion: Motion) -> bytes:
    """A file's content; markers have the names of joints.

    Raises:
        ValueError: frames that are not evenly spaced.

    Source: OpenSim Documentation, Marker (.trc) Files.
    """
    names, rate, frames = motion.model.joint_names, f"{motion.fps:.6g}", len(motion)
    text = io.StringIO()
    text.write("PathFileType\t4\t(X/Y/Z)\tsmplceres.trc\n")
    text.write(
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame"
        "\tOrigNumFrames\n"
    )
    text.write(f"{rate}\t{rate}\t{frames}\t{len(names)}\tmm\t{rate}\t1\t{frames}\n")
    text.write("Frame#\tTime\t" + "\t\t\t".join(names) + "\n")
    axes = [f"{axis}{number}" for number in range(1, len(names) + 1) for axis in "XYZ"]
    text.write("\t\t" + "\t".join(axes) + "\n\n")
    numbers = np.arange(1, frames + 1)
    seconds = motion.times - motion.times[0]
    rows = np.column_stack([numbers, seconds, 1000 * motion.joints.reshape(frames, -1)])
    np.savetxt(text, rows, delimiter="\t", fmt=["%d", "%.6f", *["%.4f"] * (3 * len(names))])
    return text.getvalue().encode()
