"""Known quantities of a person: height, limb lengths, betas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..body.measures import LIMBS, RestLengths, rest_lengths
from ..body.model import BodyModel

Floats = NDArray[np.float64]

# Metres. The tallest man measured was 2.72 m (R. Wadlow, 1940); newborns are about 0.5 m.
HEIGHTS = (0.3, 2.8)
LIMB_LENGTHS = (0.01, 1.0)
# Max deviation of a length from that of given betas, standard deviations.
TOLERANCE = 3.0


@dataclass(frozen=True, eq=False)
class Person:
    """Known quantities of a person: any of standing height, limb lengths and betas.

    Heights and limb lengths are terms of a fit, in standard deviations; betas without a
    `betas_sigma` are held in all stages.

    Args:
        height: from the soles to the top of the head, standing, barefoot; metres, 0.3 to 2.8.
            defined by `smplceres.standing_height`.
        limb_lengths: metres, 0.01 to 1, between joints, by any names of `body.measures.LIMBS`:
            left_ and right_ upper_arm, forearm, thigh, shin; shoulder_width, hip_width.
        betas: (B,) shape coefficients of the fit's body, such as `FitResult.betas` of an earlier
            fit to the same person.
        height_sigma, limb_sigma: standard deviations of the measurements, metres, > 0.
        betas_sigma: None: the betas are exact. Otherwise their standard deviation, > 0; they then
            replace the mean of the shape prior.

    Raises:
        ValueError: a number out of range, NaN, an unknown limb. In a fit: a wrong number of betas,
            a limb that the body has no joints for, exact betas whose height or limbs differ from
            the given ones by more than 3 standard deviations.
    """

    height: float | None = None
    limb_lengths: Mapping[str, float] = field(default_factory=dict)
    betas: ArrayLike | None = None
    height_sigma: float = 0.01
    limb_sigma: float = 0.01
    betas_sigma: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.limb_lengths, Mapping):
            raise TypeError(
                f"limb_lengths: expected a mapping, got {type(self.limb_lengths).__name__}"
            )
        limbs = dict(self.limb_lengths)
        unknown = [name for name in limbs if name not in LIMBS]
        if unknown:
            raise ValueError(
                f"limb_lengths: expected names of {', '.join(LIMBS)}; got {unknown[0]!r}"
            )
        if self.height is not None:
            _check_metres("height", self.height, HEIGHTS)
        for name, length in limbs.items():
            _check_metres(f"limb_lengths[{name!r}]", length, LIMB_LENGTHS)
        _check_sigma("height_sigma", self.height_sigma, "metres")
        _check_sigma("limb_sigma", self.limb_sigma, "metres")
        if self.betas_sigma is not None:
            _check_sigma("betas_sigma", self.betas_sigma, "standard deviations")
            if self.betas is None:
                raise ValueError("betas_sigma: expected betas to go with it, got none")
        object.__setattr__(self, "limb_lengths", limbs)
        if self.betas is not None:
            betas = np.array(self.betas, dtype=np.float64)
            betas.flags.writeable = False
            object.__setattr__(self, "betas", betas)

    def for_body(self, model: BodyModel) -> _core.KnownPerson:
        """For the core; ValueError if it does not fit the body."""
        betas = model.parameters(self.betas, None, None, None)["betas"]
        known = self.betas is not None and self.betas_sigma is None
        lengths = rest_lengths(model)
        measured = dict(self.limb_lengths)
        if self.height is not None:
            measured = {"height": self.height} | measured
        rows = lengths.rows(list(measured))
        given = np.array(list(measured.values()))
        sigma = np.array([self._sigma_of(name) for name in measured])
        if known:
            self._check_agrees(lengths.of(betas)[rows], given, sigma, list(measured))
            rows = []  # the betas determine all lengths

        def part(wanted: bool) -> _core.BodyLengths:
            chosen = [i for i, row in enumerate(rows) if (lengths.names[row] == "height") == wanted]
            of_body = [rows[i] for i in chosen]
            return _core.BodyLengths(
                a=lengths.a[of_body],
                S=lengths.S[of_body],
                length=given[chosen],
                sigma=sigma[chosen],
            )

        spread = 1.0 if self.betas_sigma is None else self.betas_sigma
        start = _likeliest_betas(lengths, rows, given, sigma, betas, spread)
        return _core.KnownPerson(
            betas=start,
            betas_known=known,
            expected_betas=np.zeros_like(betas) if known else betas,
            betas_sigma=spread,
            height=part(True),
            limb_lengths=part(False),
        )

    def _sigma_of(self, name: str) -> float:
        return self.height_sigma if name == "height" else self.limb_sigma

    def _check_agrees(
        self, of_betas: Floats, given: Floats, sigma: Floats, names: list[str]
    ) -> None:
        for name, expected, got, deviation in zip(names, of_betas, given, sigma, strict=True):
            if abs(got - expected) > TOLERANCE * deviation:
                raise ValueError(
                    f"person: expected a {name} within {TOLERANCE * deviation:.3g} m (3 standard "
                    f"deviations) of that of the betas, {expected:.3f} m, got {got:.3f} m"
                )

    def to_dict(self) -> dict[str, Any]:
        """The arguments as plain numbers and lists, for files."""
        return {
            **vars(self),
            "betas": None if self.betas is None else np.array(self.betas).tolist(),
        }


def _likeliest_betas(
    lengths: RestLengths, rows: list[int], given: Floats, sigma: Floats, mean: Floats, spread: float
) -> Floats:
    """The betas that minimise |beta - mean|^2 / spread^2 + sum ((length - given) / sigma)^2, by a
    few Gauss-Newton steps: lengths are nearly linear in betas."""
    betas = mean.copy()
    if not rows:
        return betas
    for _ in range(3):
        vectors = lengths.a[rows] + lengths.S[rows] @ betas
        length = np.linalg.norm(vectors, axis=1)
        J = np.einsum("na,nab->nb", vectors / length[:, None], lengths.S[rows]) / sigma[:, None]
        right = J.T @ ((given - length) / sigma) + (mean - betas) / spread**2
        betas = betas + np.linalg.solve(J.T @ J + np.eye(len(betas)) / spread**2, right)
    return betas


def _check_metres(name: str, value: float, limits: tuple[float, float]) -> None:
    if not limits[0] <= value <= limits[1]:
        raise ValueError(f"{name}: expected metres from {limits[0]} to {limits[1]}, got {value}")


def _check_sigma(name: str, value: float, unit: str) -> None:
    if not 0 < value < np.inf:
        raise ValueError(f"{name}: expected {unit} > 0, got {value}")
