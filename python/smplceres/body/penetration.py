"""Self-penetration of a posed mesh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PartPair:
    """Two parts of a body, one of which has vertices inside the other.

    Attributes:
        parts: names of their joints, in the order of the joints.
        max_depth: metres from the deepest vertex of one to the surface of the other.
        mean_depth: metres, over the vertices that are inside.
        num_vertices: number of vertices inside.
    """

    parts: tuple[str, str]
    max_depth: float
    mean_depth: float
    num_vertices: int


@dataclass(frozen=True, eq=False)
class Penetration:
    """The self-penetration of a mesh, measured on the mesh.

    The surface is divided into parts by the joint with the largest skinning weight of each vertex.
    Parts are closed, and a vertex is inside another part if the winding number of that part about
    it is 1. Not counted are parts that touch in any pose (of a joint and its parent, whose skin
    folds when they bend; in SMPL's tree the upper arms with spine1 to spine3, the armpits), and
    vertices that are within 5 cm of the other part on the mean body at rest (the crotch). An edge
    that passes through a part between two vertices is not detected.

    Source of the armpits: SMPLify-X's configuration, which leaves spine2 and spine3 out; on the
    package's own body spine1 is part of them.

    Attributes:
        pairs: by depth, descending.
        vertices: (n,) numbers of the vertices inside other parts, ascending.
        depths: (n,) metres from each to the surface of the part in which it is deepest.
    """

    pairs: tuple[PartPair, ...]
    vertices: NDArray[np.intp]
    depths: NDArray[np.float64]

    @property
    def num_vertices(self) -> int:
        """Number of vertices inside."""
        return len(self.vertices)

    @property
    def max_depth(self) -> float:
        """Metres; 0 without penetration."""
        return float(self.depths.max(initial=0.0))

    @property
    def mean_depth(self) -> float:
        """Metres, over the vertices inside; 0 without penetration."""
        return float(self.depths.mean()) if len(self.depths) else 0.0


def penetration(
    inside: Sequence[tuple[int, int, int, float]], joint_names: Sequence[str]
) -> Penetration:
    """From the result of the core: (vertex, its joint, the other part's joint, depth in metres)."""
    by_vertex: dict[int, float] = defaultdict(float)
    by_pair: dict[tuple[int, int], list[float]] = defaultdict(list)
    for vertex, part, other, depth in inside:
        by_vertex[vertex] = max(by_vertex[vertex], depth)
        by_pair[min(part, other), max(part, other)].append(depth)
    pairs = (
        PartPair((joint_names[a], joint_names[b]), max(d), float(np.mean(d)), len(d))
        for (a, b), d in by_pair.items()
    )
    return Penetration(
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.max_depth, pair.parts))),
        vertices=np.array(sorted(by_vertex), dtype=np.intp),
        depths=np.array([by_vertex[vertex] for vertex in sorted(by_vertex)], dtype=np.float64),
    )
