"""Alternative solutions: the results of several initial estimates of a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..body.model import BodyModel
from ..body.parameters import Parameters, parameters_of
from .codec import PARAMETERS

Floats = NDArray[np.float64]

# Metres, max distance of a joint with aligned pelvis: solutions below the first are the same,
# solutions above the second are different poses.
SAME = 0.02
DIFFERENT = 0.1
# Solutions are comparable if the energy of the kept one is at least this part of the other: noise
# and priors change energies by as much.
SIMILAR = 0.8


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """The result of one initial estimate.

    Attributes:
        global_orient, body_pose, betas, transl, slices: parameters, as of `FitResult`.
        joints: (J, 3) metres.
        energies: sum |r|^2 of each term, in the weights of the comparison: those of the last stage
            before they are balanced by the noise.
        kept: it is the result of the fit.
    """

    global_orient: Floats
    body_pose: Floats
    betas: Floats
    transl: Floats
    joints: Floats
    energies: dict[str, float]
    kept: bool
    slices: dict[str, Floats] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """The sum of the energies."""
        return sum(self.energies.values())

    @property
    def parameters(self) -> Parameters:
        """Arguments of the model."""
        return parameters_of(self)

    def distance(self, other: Hypothesis) -> float:
        """Max distance of a joint, metres, with aligned pelvis."""
        off = self.joints - self.joints[0] - other.joints + other.joints[0]
        return float(np.linalg.norm(off, axis=1).max())

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for files."""
        parameters = PARAMETERS.plain(self.parameters)
        joints = {"joints": self.joints.tolist()}
        return {**parameters, **joints, "energies": self.energies, "kept": self.kept}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Hypothesis:
        """What `to_dict` wrote."""
        plain = {key: values[key] for key in ("joints", "energies", "kept")}
        parameters = PARAMETERS.read({k: v for k, v in values.items() if k not in plain})
        return cls(**parameters, **plain | {"joints": np.array(plain["joints"])})


def hypotheses_of(solved: _core.Fit, model: BodyModel) -> tuple[Hypothesis, ...]:
    """The different solutions by cost; the kept one represents those that are the same."""
    ends = []
    for tried in solved.hypotheses:
        parameters = parameters_of(tried.variables)
        ends.append(
            Hypothesis(
                **parameters,
                joints=model.joints(**parameters),
                energies=dict(tried.energies),
                kept=tried.kept,
            )
        )
    different: list[Hypothesis] = []
    for end in sorted(ends, key=lambda end: not end.kept):
        if all(end.distance(other) > SAME for other in different):
            different.append(end)
    return tuple(sorted(different, key=lambda end: end.cost))


def similar(hypotheses: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """Solutions in another pose than the kept one, with comparable energy."""
    kept = [hypothesis for hypothesis in hypotheses if hypothesis.kept]
    return tuple(
        other
        for mine in kept
        for other in hypotheses
        if not other.kept and other.distance(mine) > DIFFERENT and other.cost * SIMILAR <= mine.cost
    )
