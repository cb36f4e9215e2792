"""Distributions of the joints of the face, which pose priors do not cover."""

from __future__ import annotations

# Means and standard deviations of axis-angles, radians. The jaw opens by a positive angle about x.
JOINT_DISTRIBUTIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "jaw": ((0.05, 0.0, 0.0), (0.15, 0.03, 0.03)),
    "left_eye_smplhf": ((0.0, 0.0, 0.0), (0.15, 0.25, 0.02)),
    "right_eye_smplhf": ((0.0, 0.0, 0.0), (0.15, 0.25, 0.02)),
}
