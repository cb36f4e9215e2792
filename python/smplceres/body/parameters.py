"""The parameters of bodies: pose, shape and position."""

from __future__ import annotations

from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class _ParametersOfAnyBody(TypedDict):
    betas: Floats
    global_orient: Floats
    body_pose: Floats
    transl: Floats


class Parameters(_ParametersOfAnyBody, total=False):
    """The pose, shape and position of a body: all arguments of `BodyModel.__call__`; `slices` for a
    body that has further slices."""

    slices: dict[str, Floats]


class Posed(Protocol):
    """An object with the parameters of a body: variables of the core, results."""

    @property
    def betas(self) -> Floats: ...
    @property
    def global_orient(self) -> Floats: ...
    @property
    def body_pose(self) -> Floats: ...
    @property
    def transl(self) -> Floats: ...
    @property
    def slices(self) -> dict[str, Floats]: ...


def parameters_of(posed: Posed) -> Parameters:
    """The parameters of an object that has them."""
    parameters: Parameters = {
        "betas": posed.betas,
        "global_orient": posed.global_orient,
        "body_pose": posed.body_pose,
        "transl": posed.transl,
    }
    if posed.slices:
        parameters["slices"] = posed.slices
    return parameters
