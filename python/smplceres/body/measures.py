"""Lengths of a body at rest: standing height and limbs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .model import BodyModel

Floats = NDArray[np.float64]

# The two end joints of each limb.
LIMBS: dict[str, tuple[str, str]] = {
    **{
        f"{side}_{limb}": (f"{side}_{upper}", f"{side}_{lower}")
        for side in ("left", "right")
        for limb, upper, lower in (
            ("upper_arm", "shoulder", "elbow"),
            ("forearm", "elbow", "wrist"),
            ("thigh", "hip", "knee"),
            ("shin", "knee", "ankle"),
        )
    },
    "shoulder_width": ("left_shoulder", "right_shoulder"),
    "hip_width": ("left_hip", "right_hip"),
}


@dataclass(frozen=True, eq=False)
class RestLengths:
    """Lengths of a body at rest as functions of its betas: |a + S beta|.

    Attributes:
        names: N of them, "height" and those of LIMBS that the body has joints for.
        a: (N, 3) metres.
        S: (N, 3, B) metres per beta.
    """

    names: tuple[str, ...]
    a: Floats
    S: Floats

    def of(self, betas: Floats) -> Floats:
        """(N,) metres, of betas (B,)."""
        return np.asarray(np.linalg.norm(self.a + self.S @ betas, axis=1))

    def rows(self, names: list[str]) -> list[int]:
        """Indices of the names; ValueError for an unknown one."""
        for name in names:
            if name not in self.names:
                raise ValueError(
                    f"limb_lengths: expected names of {', '.join(self.names[1:]) or 'no limb'}, "
                    f"got {name!r}"
                )
        return [self.names.index(name) for name in names]


def standing_height(model: BodyModel, betas: ArrayLike | None = None) -> float:
    """From the top of the head to the soles of a body at rest, standing upright; metres.

    Along y, from the highest vertex of the mean body to the mean of the lowest ones of its left and
    right half, wherever betas take these three: linear in betas, and within 7 mm of the height of
    the mesh on the package's bodies.

    Args:
        model: the body.
        betas: (B,), standard deviations; None: the mean body.

    Raises:
        ValueError: a wrong number of betas, NaN.
    """
    lengths = rest_lengths(model)
    return float(lengths.of(_checked(model, betas))[lengths.names.index("height")])


def limb_lengths(model: BodyModel, betas: ArrayLike | None = None) -> dict[str, float]:
    """Distances between the joints of a body at rest, metres, by the names of LIMBS.

    The joints are centres of rotation inside the body, not landmarks on the skin. Limbs whose
    joints the body does not name are left out. Arguments and errors as `standing_height`.
    """
    lengths = rest_lengths(model)
    of_names = dict(zip(lengths.names, lengths.of(_checked(model, betas)).tolist(), strict=True))
    return {name: of_names[name] for name in lengths.names if name in LIMBS}


@lru_cache(maxsize=8)
def rest_lengths(model: BodyModel) -> RestLengths:
    """The lengths that a body has joints for; "height" is the first."""
    v, shape = model.v_template, model.shapedirs
    top, left, right = height_vertices(v)
    # Height is along y: the other axes of its vector are 0.
    upright = np.diag([0.0, 1.0, 0.0])
    names = ["height"]
    a = [upright @ (v[top] - (v[left] + v[right]) / 2)]
    S = [upright @ (shape[top] - (shape[left] + shape[right]) / 2)]

    joints = model.J_regressor @ v
    joint_shape = np.einsum("jv,vab->jab", model.J_regressor, shape)
    for limb, ends in LIMBS.items():
        if all(end in model.joint_names for end in ends):
            first, second = (model.joint_names.index(end) for end in ends)
            names.append(limb)
            a.append(joints[second] - joints[first])
            S.append(joint_shape[second] - joint_shape[first])
    return RestLengths(tuple(names), np.array(a), np.array(S))


def height_vertices(v_template: Floats) -> tuple[int, int, int]:
    """The highest vertex of a mesh (V, 3) whose y is up, and the lowest of its left half (x > 0)
    and its right half."""
    y, left = v_template[:, 1], v_template[:, 0] > 0
    lowest = [int(np.where(half, y, np.inf).argmin()) for half in (left, ~left)]
    return int(y.argmax()), lowest[0], lowest[1]


def _checked(model: BodyModel, betas: ArrayLike | None) -> Floats:
    return model.parameters(betas, None, None, None)["betas"]
