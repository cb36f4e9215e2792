"""Priors on the body pose: Gaussian and mixture of Gaussians over axis-angles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..base.files.archives import floats_of, open_arrays
from ..base.files.package_data import DATA
from ..base.pickled_fields import PickledFields
from ..base.skeleton import MIRRORED_ROTATION, NUM_SHARED_JOINTS, SMPL_JOINTS

Floats = NDArray[np.float64]

_NUM_SHARED = 3 * (NUM_SHARED_JOINTS - 1)  # numbers, the root left out


@dataclass(frozen=True, eq=False)
class GaussianPosePrior(PickledFields):
    """A Gaussian over the first D numbers of body_pose (radians).

    Args:
        mean: (D,).
        covariance: (D, D), positive definite.
    """

    mean: Floats
    covariance: Floats

    def __repr__(self) -> str:
        return f"GaussianPosePrior({len(self.mean)} angles)"

    @cached_property
    def core(self) -> _core.GaussianPrior:
        """For the core; ValueError if the arrays are not a Gaussian."""
        return _core.GaussianPrior(self.mean, self.covariance)

    @property
    def start_pose(self) -> Floats:
        """(D,) the initial pose of a fit."""
        return self.mean

    def for_joints(self, num_joints: int) -> GaussianPosePrior:
        """The prior over all 3 (J - 1) numbers of a body, extended by hand-set ranges."""
        size = 3 * (num_joints - 1)
        if len(self.mean) == size:
            return self
        mean, covariance = _extended(self.mean, self.covariance, size)
        return GaussianPosePrior(mean, covariance)


@dataclass(frozen=True, eq=False)
class MixturePosePrior(PickledFields):
    """A mixture of K Gaussians over the first D numbers of body_pose (radians), as SMPLify's.

    Args:
        weights: (K,) > 0.
        means: (K, D).
        covars: (K, D, D), positive definite.
    """

    weights: Floats
    means: Floats
    covars: Floats

    def __repr__(self) -> str:
        K, D = self.means.shape
        return f"MixturePosePrior({K} Gaussians, {D} angles)"

    @cached_property
    def core(self) -> _core.MixturePrior:
        """For the core; ValueError if the arrays are not a mixture."""
        return _core.MixturePrior(self.weights, self.means, self.covars)

    @cached_property
    def start_pose(self) -> Floats:
        """(D,) the mean of the mixture, the initial pose of SMPLify."""
        return np.asarray(self.weights @ self.means / self.weights.sum())

    def for_joints(self, num_joints: int) -> MixturePosePrior:
        """The prior over all 3 (J - 1) numbers of a body, extended by hand-set ranges."""
        size = 3 * (num_joints - 1)
        if self.means.shape[1] == size:
            return self
        moments = zip(self.means, self.covars, strict=True)
        components = [_extended(mean, covar, size) for mean, covar in moments]
        means, covars = (np.stack(arrays) for arrays in zip(*components, strict=True))
        return MixturePosePrior(self.weights, means, covars)


PosePrior = GaussianPosePrior | MixturePosePrior


def _extended(mean: Floats, covariance: Floats, size: int) -> tuple[Floats, Floats]:
    """The marginal over the joints that all bodies share, extended by hand-set ranges."""
    kept = min(len(mean), _NUM_SHARED, size)
    ranges = anatomical_prior(size // 3 + 1)
    full_mean, full_covariance = ranges.mean.copy(), ranges.covariance.copy()
    full_mean[:kept] = mean[:kept]
    full_covariance[:kept, :kept] = covariance[:kept, :kept]
    return full_mean, full_covariance


# Hand-set means and standard deviations (degrees) of the axis-angles, left side; the right side
# mirrors it (y and z change sign). Standing at ease with the arms down; widths are about half the
# ranges of motion of daily life, wide where everyday poses go. Axes of the body at rest: x left, y
# up, z front: so hip and spine flexion is -x and +x, knee flexion +x, an arm is lowered by -z, a
# left elbow bends by -y.
_RANGES: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "left_hip": ((-10, 0, 3), (30, 13, 12)),
    "spine1": ((5, 0, 0), (10, 6, 6)),
    "left_knee": ((14, 0, 0), (32, 7, 6)),
    "spine2": ((1, 0, 0), (6, 5, 4)),
    "left_ankle": ((0, 0, 0), (15, 12, 10)),
    "spine3": ((0, 0, 0), (6, 5, 4)),
    "left_foot": ((0, 0, 0), (8, 4, 4)),
    "neck": ((0, 0, 0), (12, 14, 10)),
    "left_collar": ((0, -4, -4), (5, 10, 10)),
    "head": ((0, 0, 0), (14, 16, 10)),
    "left_shoulder": ((8, -12, -55), (28, 32, 32)),
    "left_elbow": ((0, -32, 4), (18, 36, 14)),
    "left_wrist": ((0, 0, 0), (16, 14, 16)),
    "left_hand": ((0, 0, 0), (6, 6, 10)),
}
# Fingers, jaw and eyes.
_OTHER_JOINT = ((0.0, 0.0, 0.0), (8.0, 8.0, 14.0))


def anatomical_prior(num_joints: int) -> GaussianPosePrior:
    """Independent joints with hand-set anatomical ranges: the prior without training data.

    Args:
        num_joints: J; SMPL's names are taken for the first 22 joints (24 of a SMPL body).
    """
    named = SMPL_JOINTS if num_joints == len(SMPL_JOINTS) else SMPL_JOINTS[:NUM_SHARED_JOINTS]
    means, deviations = [], []
    for joint in range(1, num_joints):
        name = named[joint] if joint < len(named) else ""
        mean, deviation = _RANGES.get(name.replace("right", "left"), _OTHER_JOINT)
        mirror = MIRRORED_ROTATION if name.startswith("right") else (1, 1, 1)
        means.append(np.multiply(mean, mirror))
        deviations.append(deviation)
    mean_pose = np.radians(np.array(means, dtype=np.float64).ravel())
    scale = np.radians(np.array(deviations, dtype=np.float64).ravel())
    return GaussianPosePrior(mean_pose, np.diag(scale**2))


def load_pose_prior(path: str | PathLike[str] | None = None) -> MixturePosePrior:
    """A mixture from a file in SMPLify's form: .pkl or .npz with means, covars and weights.

    Args:
        path: None: the mixture that comes with the package, the same object every time. It has 8
            components over SMPL's 69 numbers, symmetric in left and right, and was trained on
            motion capture by tools/train_pose_prior.py; docs/explain/pose_prior.md says how.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file holds no mixture. Nothing in it is executed.
        ValueError: weights that are not positive, covariances that are not positive definite.
    """
    return _shipped_prior() if path is None else _read_prior(path)


@cache
def _shipped_prior() -> MixturePosePrior:
    return _read_prior(DATA / "pose_prior.npz")


def _read_prior(path: str | PathLike[str]) -> MixturePosePrior:
    with open_arrays(path) as lookup:
        weights, means, covars = (floats_of(lookup, key) for key in ("weights", "means", "covars"))
        prior = MixturePosePrior(weights, means, covars)
        _ = prior.core  # raises where the numbers are no mixture
    return prior
