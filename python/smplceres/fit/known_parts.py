"""Parts of a fitted body that no observation tells: they come from the priors alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from .covariance import Covariance

Floats = NDArray[np.float64]

# A joint is unknown if its standard deviation across the view is larger, metres. Limbs that
# keypoints show have up to 5 cm, knees and wrists out of the picture 9 and more.
UNKNOWN_STD = 0.08
# A vertex is unknown if its skinning weights of unknown segments are more than this.
_MOSTLY = 0.5


def unknown_joints(covariance: Covariance, across: Floats) -> NDArray[np.bool_]:
    """(J,) joints whose place the posterior leaves open: the root mean square of the standard
    deviations along two unit vectors, `across` (2, 3), is above 8 cm."""
    std = np.minimum(covariance.joint_std_along(across), 1.0)
    return np.asarray(np.sqrt((std**2).mean(axis=1)) > UNKNOWN_STD)


def vertices_of_unknown(model: BodyModel, unknown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(V,) vertices of unknown segments, of unknown joints (J,).

    The segment of a joint ends at its children: it is unknown if all of them are, and at the end of
    a limb if the joint itself is.
    """
    segments = unknown.copy()
    for joint in range(model.num_joints):
        children = model.parents == joint
        if children.any():
            segments[joint] = unknown[children].all()
    return np.asarray(model.lbs_weights @ segments > _MOSTLY)
