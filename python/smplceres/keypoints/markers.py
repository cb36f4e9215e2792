"""Markers: points over given vertices of a body, as in optical motion capture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .formats import KeypointRole


@dataclass(frozen=True)
class MarkerFormat:
    """K markers: vertex numbers of a mesh, and the distance of each marker from the skin.

    A marker is at vertex + offset * normal of the mean shape at rest, skinned like its vertex: the
    distance is the same for all betas, and the direction follows the joints of the vertex, not the
    normal of the posed and shaped skin.

    Args:
        vertices: K vertex numbers >= 0.
        offsets: K metres along the outward normal, or one for all.
        names: K different names; default marker_0, marker_1 ...
        name: of the format, in errors and files.

    Raises:
        ValueError: no vertices, invalid numbers, sizes that differ, a name given twice.
    """

    vertices: tuple[int, ...]
    offsets: tuple[float, ...] = (0.0,)
    names: tuple[str, ...] = ()
    name: str = "markers"
    _key: tuple[Any, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        vertices = np.asarray(self.vertices)
        if vertices.ndim != 1 or vertices.dtype.kind not in "iu" or not len(vertices):
            raise ValueError(
                "vertices: expected [K] vertex numbers, got "
                f"{list(vertices.shape)} of dtype {vertices.dtype}"
            )
        if (vertices < 0).any():
            raise ValueError(f"vertices: expected numbers >= 0, got {vertices.min()}")
        count = len(vertices)
        offsets = np.asarray(self.offsets, dtype=np.float64)
        if offsets.shape not in ((), (1,), (count,)) or not np.isfinite(offsets).all():
            raise ValueError(
                f"offsets: expected one finite number of metres or [K] with K = {count}, "
                f"got {list(offsets.shape)}"
            )
        names = tuple(str(name) for name in self.names) or tuple(
            f"marker_{k}" for k in range(count)
        )
        if len(names) != count or len(set(names)) != count:
            raise ValueError(f"names: expected {count} different ones, got {len(set(names))}")
        set_ = object.__setattr__
        set_(self, "vertices", tuple(int(vertex) for vertex in vertices))
        set_(self, "offsets", tuple(float(offset) for offset in np.broadcast_to(offsets, count)))
        set_(self, "names", names)
        set_(self, "_key", (self.name, self.vertices, self.offsets))

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def num_keypoints(self) -> int:
        """K."""
        return len(self.vertices)

    @property
    def roles(self) -> tuple[KeypointRole, ...]:
        """LIMB, K times: the role of a marker is unknown."""
        return (KeypointRole.LIMB,) * self.num_keypoints

    def rest_offsets(self, v_template: ArrayLike, faces: ArrayLike) -> NDArray[np.float64]:
        """(K, 3) metres from vertex to marker on a body (V, 3), (F, 3) at rest.

        Raises:
            ValueError: a vertex number that the body does not have.
        """
        v_template = np.asarray(v_template)
        if max(self.vertices) >= len(v_template):
            raise ValueError(
                f"vertices: expected numbers below {len(v_template)}, the body's vertices, "
                f"got {max(self.vertices)}"
            )
        normals = vertex_normals(v_template, np.asarray(faces))[list(self.vertices)]
        return np.asarray(np.array(self.offsets)[:, None] * normals)


def vertex_normals(
    vertices: NDArray[np.float64], faces: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """(V, 3) outward unit normals: means over the triangles at a vertex, weighted by area; 0 for
    a vertex without triangles."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    normals = np.zeros_like(vertices)
    np.add.at(normals, faces, np.cross(b - a, c - a)[:, None])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.where(length > 0, length, 1))


def marker_format(
    vertices: Sequence[int] | ArrayLike,
    offsets: ArrayLike,
    names: Sequence[str] | None,
) -> MarkerFormat:
    """The format from arrays; ValueError as `MarkerFormat`."""
    return MarkerFormat(
        vertices=np.asarray(vertices),  # type: ignore[arg-type]  # made tuples there
        offsets=np.asarray(offsets, dtype=np.float64),  # type: ignore[arg-type]
        names=tuple(names or ()),
    )
