"""What people drawn from one body share, and the people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """What all people share; V vertices, K bones, F triangles, at most N bones a vertex.

    Attributes:
        faces: (F, 3).
        bone_names: K.
        bone_parents: (K,), -1 at the root.
        weight_bones, weights: (V, N) bones that move a vertex, and how much; rows sum to 1.
        base_vertices: (V,) the vertices' numbers in MakeHuman's base mesh.
        kept: (V,) the vertices' numbers in People's.
    """

    faces: Integers
    bone_names: tuple[str, ...]
    bone_parents: Integers
    weight_bones: Integers
    weights: Floats
    base_vertices: Integers
    kept: Integers

    def weights_of(self, bone: str) -> Floats:
        """(V,) how much a bone moves each vertex."""
        return np.asarray(
            (self.weights * (self.weight_bones == self.bone_names.index(bone))).sum(axis=1)
        )


@dataclass(frozen=True)
class People:
    """N bodies in MakeHuman's stance, arms half lowered: y up, facing +z, left = +x, metres.

    Attributes:
        vertices: (N, V, 3).
        bones: (N, K, 3), where each bone begins.
        is_female: (N,).
        mass: (N,) kg.
    """

    vertices: Floats
    bones: Floats
    is_female: NDArray[np.bool_]
    mass: Floats

    @property
    def stature(self) -> Floats:
        """(N,) metres."""
        return np.ptp(self.vertices[:, :, 1], axis=1)
