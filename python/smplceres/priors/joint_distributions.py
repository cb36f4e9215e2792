"""Distributions of the joints of the face, which pose priors do not cover."""

from __future__ import annotations

from .._native import _core

# Means and standard deviations of axis-angles, radians. The jaw opens by a positive angle about x.
JOINT_DISTRIBUTIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    name: (tuple(mean), tuple(sigma)) for name, mean, sigma in _core.joint_distributions()
}
