"""Measurements of a person: height, limb lengths and girths of the fitted shape, with
uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..body.girths import perimeter, tapes_of
from ..body.measures import rest_lengths
from ..body.model import BodyModel
from .covariance import Covariance
from .result import FitResult
from .sequence.result import SequenceResult

Floats = NDArray[np.float64]

# Step of central differences with respect to betas, comparable to their uncertainty: girths have
# kinks at the ends of parts of the mesh (armpits), so that local slopes are not representative.
_STEP = 0.5


@dataclass(frozen=True, eq=False)
class Measurements(Mapping[str, float]):
    """Lengths of a person, metres, by name; printed, a table in centimetres.

    Attributes:
        lengths: "height", the limbs of `body.measures.LIMBS`, the girths of GIRTHS.
        covariance: (N, N) metres^2, in their order; None if unknown. It is that of the shape
            alone: it does not include the distance of the mesh from the skin of the person, or the
            effect of a wrong focal length.
    """

    lengths: dict[str, float]
    covariance: Floats | None

    def __getitem__(self, name: str) -> float:
        return self.lengths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def std(self) -> dict[str, float]:
        """Standard deviations, metres, by name; empty if the uncertainty is unknown."""
        if self.covariance is None:
            return {}
        return dict(
            zip(self, np.sqrt(np.maximum(np.diag(self.covariance), 0)).tolist(), strict=True)
        )

    def __str__(self) -> str:
        wide, std = max(map(len, self)), self.std
        return "\n".join(
            f"{name:{wide}} {100 * value:6.1f} cm"
            + (f" +- {100 * std[name]:.1f}" if name in std else "")
            for name, value in self.items()
        )


def measure(
    body: FitResult | SequenceResult | BodyModel,
    betas: ArrayLike | None = None,
    *,
    model: BodyModel | None = None,
    covariance: Covariance | ArrayLike | None = None,
) -> Measurements:
    """Standing height, limb lengths and girths of a shape at rest.

    Lengths are those of `standing_height` and `limb_lengths`. A girth is the perimeter of the
    convex hull of a plane section of the mesh, like a tape measure; `body.girths.GIRTHS` defines
    the planes. The body is at rest (arms out), which raises the chest compared with hanging arms.

    Args:
        body: a fit, a sequence, or a model.
        betas: (B,) with a model alone; None: its mean body.
        model: the body; needed for a loaded or unpickled fit of a body that is not the package's.
        covariance: of the betas, (B, B), or the result of `FitResult.covariance`; None: that of the
            fit, if it has one. It is propagated by numeric derivatives with respect to betas.

    Raises:
        ValueError: a loaded fit without its model, a wrong number of betas, NaN, a wrong shape of
            the covariance.
    """
    if isinstance(body, BodyModel):
        model = body
    else:
        if betas is not None:
            raise ValueError("betas: expected none with a fit, which has its own, got some")
        model = body.motion(model=model).model
        betas = body.betas
        if covariance is None and isinstance(body, FitResult) and body.has_covariance:
            covariance = body.covariance(model=model)
    shape = model.parameters(betas, None, None, None)["betas"]
    names, values = _measured(model, shape)
    if covariance is None:
        return Measurements(dict(zip(names, values.tolist(), strict=True)), None)

    given = covariance.betas if isinstance(covariance, Covariance) else covariance
    of_betas = np.asarray(given, dtype=np.float64)
    if of_betas.shape != (len(shape), len(shape)):
        raise ValueError(
            f"covariance: expected shape {[len(shape)] * 2}, got {list(of_betas.shape)}"
        )
    steps = _STEP * np.eye(len(shape))
    jacobian = np.column_stack(
        [
            (_measured(model, shape + step)[1] - _measured(model, shape - step)[1]) / (2 * _STEP)
            for step in steps
        ]
    )
    unconstrained = np.isinf(np.diag(of_betas))  # unconstrained betas
    constrained = np.where(unconstrained | unconstrained[:, None], 0.0, of_betas)
    of_lengths = jacobian @ constrained @ jacobian.T
    of_lengths[np.diag((jacobian[:, unconstrained] != 0).any(axis=1))] = np.inf
    return Measurements(dict(zip(names, values.tolist(), strict=True)), of_lengths)


def _measured(model: BodyModel, betas: Floats) -> tuple[list[str], Floats]:
    lengths = rest_lengths(model)
    vertices = model.v_template + model.shapedirs @ betas
    joints = model.J_regressor @ vertices
    tapes = tapes_of(model)
    girths = [perimeter(vertices, joints, tape, tape.along) for tape in tapes.values()]
    return [*lengths.names, *tapes], np.concatenate([lengths.of(betas), girths])
