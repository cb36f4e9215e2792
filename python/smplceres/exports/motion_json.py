"""Parameters and joints of a motion as JSON, with names, to read in any language."""

from __future__ import annotations

import json

from ..body.motion import Motion


def write(motion: Motion) -> bytes:
    """A file's content: model, joint_names, coordinates, times, betas, and by frame poses
    (axis-angles, radians), transl and joints (metres)."""
    values = {
        "model": motion.model.name,
        "joint_names": list(motion.model.joint_names),
        "parents": motion.model.parents.tolist(),
        "coordinates": motion.coordinates,
        "times": motion.times.tolist(),
        "betas": motion.betas.tolist(),
        "poses": motion.poses.tolist(),
        "transl": motion.transl.tolist(),
        "joints": motion.joints.tolist(),
    }
    lines = [f' "{name}": {json.dumps(value)}' for name, value in values.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
