"""Directions of expression: principal components of how people move the units of their faces.

What goes together is half measured and half invented: measured on people who sign
(tools/measure_expressions.py), who hold their faces rather still, and scaled to the size of the
invented half, few units at a time anywhere up to their ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .mesh import Floats, Integers


@dataclass(frozen=True)
class ExpressionSpace:
    """face = rest + directions expression, expression of unit mean square over the sample.

    Attributes:
        directions: (V, 3, E) metres, largest first; each is its own mirror image or the opposite.
        units: (E, U) the activations of a coefficient of 1.
        explained: (E,) share of the sample's mean squared displacement.
        projection: (E, U) from activations to the nearest coefficients.
    """

    directions: Floats
    units: Floats
    explained: Floats
    projection: Floats

    def coefficients(self, moments: Floats) -> Floats:
        """(E, E) mean products of the coefficients nearest to activations with moments (U, U)."""
        return np.asarray(self.projection @ moments @ self.projection.T)


def mirrored_units(names: tuple[str, ...]) -> Integers:
    """The unit of the other side of each; those without sides are their own."""
    other = {"Left": "Right", "Right": "Left"}
    mirrored = []
    for name in names:
        side = next((s for s in other if name.endswith(s)), None)
        mirrored.append(
            names.index(name if side is None else name.removesuffix(side) + other[side])
        )
    return np.array(mirrored)


def symmetric_units(units: Floats, names: tuple[str, ...], mirror: Integers) -> Floats:
    """Units (U, V, 3) averaged with the mirror images of the other side's."""
    other = units[mirrored_units(names)][:, mirror] * np.array([-1.0, 1.0, 1.0])
    return np.asarray((units + other) / 2)


def random_activations(number: int, names: tuple[str, ...], rng: np.random.Generator) -> Floats:
    """(number, U) in [0, 1]: few units at a time, four fifths of both sides' the same."""
    active = rng.random((number, len(names))) < 0.3
    level = np.where(active, rng.random((number, len(names))), 0.0)
    left = np.array([names[k].endswith("Left") for k in mirrored_units(names)])
    partner = level[:, mirrored_units(names)]
    return np.where(left, 0.8 * partner + 0.2 * level, level)


def moments_of(activations: Floats, names: tuple[str, ...]) -> Floats:
    """(U, U) mean products of activations (N, U) and of their mirror images."""
    both = np.concatenate([activations, activations[:, mirrored_units(names)]])
    return np.asarray(both.T @ both / len(both))


def measured_moments(names: tuple[str, ...]) -> Floats:
    """(U, U) of people's faces."""
    lines = Path(__file__).with_name("face_moments.csv").read_text().splitlines()
    there = lines[1].split(",")
    chosen = [there.index(name) for name in names]
    return np.loadtxt(lines[2:], delimiter=",")[np.ix_(chosen, chosen)]


def mixed_moments(units: Floats, measured: Floats, invented: Floats) -> Floats:
    """The mean of both, the measured ones scaled to as large a displacement of the units (U, V, 3)
    as the invented ones.
    """
    flat = units.reshape(len(units), -1)
    products = flat @ flat.T
    scale = np.trace(invented @ products) / np.trace(measured @ products)
    return np.asarray((scale * measured + invented) / 2)


def expression_space(units: Floats, moments: Floats, num_directions: int) -> ExpressionSpace:
    """Principal components, about the face at rest, of activations of units (U, V, 3) with these
    mean products (U, U).
    """
    values, vectors = np.linalg.eigh(moments)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    flat = units.reshape(len(units), -1)
    values, vectors = np.linalg.eigh(root @ (flat @ flat.T) @ root)
    values, vectors = values[::-1][:num_directions], vectors[:, ::-1][:, :num_directions]
    # The root of the moments takes unit coefficients to activations with these moments.
    mixed = (root @ vectors).T
    mixed *= np.where(mixed.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    directions = np.einsum("eu,uvi->vie", mixed, units)
    total = float(np.trace(moments @ (flat @ flat.T)))
    against = mixed @ (flat @ flat.T)  # directions are orthogonal, of squared length `values`
    return ExpressionSpace(directions, mixed, values / total, against / values[:, None])
