"""Rays and nearest points on a triangle mesh."""

from __future__ import annotations

import numpy as np

from .mesh import Floats, Integers
from .posed import WholeBody

NUM_SKIN = 12214  # the vertices of the 24-joint body, which has no cavities
HEAD_ABOVE_NOSE, HEAD_BELOW_NOSE = 0.2, 0.17


def face_skin(body: WholeBody) -> Integers:
    """(V,) the skin of the head: not the eyeballs, the mouth's inside or the sockets."""
    weights = body.arrays["weights"]
    eyes = [body.names.index(f"{side}_eye_smplhf") for side in ("left", "right")]
    skin = np.arange(len(body.template)) < NUM_SKIN
    skin &= (weights[:, eyes] < 0.5).all(axis=1)
    height = body.template[:, 1] - body.template[body.landmark("nose"), 1].mean()
    return skin & (height > -HEAD_BELOW_NOSE) & (height < HEAD_ABOVE_NOSE)


class Surface:
    """Triangles (F, 3) of vertices (V, 3).

    Attributes:
        normals: (F, 3) of unit length, outward.
    """

    def __init__(self, vertices: Floats, faces: Integers) -> None:
        self.vertices, self.faces = vertices, faces
        self._corners = vertices[faces]
        a, b, c = np.moveaxis(self._corners, 1, 0)
        normals = np.cross(b - a, c - a)
        self.normals = normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-15)[:, None]

    def first_hit(self, origin: Floats, axes: Floats) -> tuple[int, Floats] | None:
        """The triangle nearest to a viewer at infinity, and the barycentric weights.

        Args:
            origin: (3,) a point of the ray.
            axes: (3, 3) rows: two directions across the ray, and the direction to the viewer.
        """
        u, v, depth = np.moveaxis((self._corners - origin) @ axes.T, 2, 0)
        area = (u[:, 1] - u[:, 0]) * (v[:, 2] - v[:, 0]) - (u[:, 2] - u[:, 0]) * (v[:, 1] - v[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = np.stack(
                [
                    (u[:, i] * v[:, j] - u[:, j] * v[:, i]) / area
                    for i, j in ((1, 2), (2, 0), (0, 1))
                ],
                axis=1,
            )
        inside = (np.abs(area) > 1e-14) & (weights >= 0).all(axis=1)
        if not inside.any():
            return None
        face = int(np.where(inside, (weights * depth).sum(axis=1), -np.inf).argmax())
        return face, weights[face]

    def nearest(self, place: Floats) -> tuple[int, Floats]:
        """The triangle nearest to a point, and the barycentric weights of the point on it."""
        a, b, c = np.moveaxis(self._corners, 1, 0)
        best = (np.inf, 0, np.zeros(3))
        near = np.argsort(np.linalg.norm(self._corners.mean(axis=1) - place, axis=1))[:60]
        for face in near:
            weights = _nearest_weights(place, a[face], b[face], c[face])
            distance = float(np.linalg.norm(weights @ self._corners[face] - place))
            if distance < best[0]:
                best = distance, int(face), weights
        return best[1], best[2]


def _nearest_weights(place: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """Of the point of a triangle that is nearest to a place."""
    edges = np.stack([b - a, c - a], axis=1)
    s, t = np.linalg.lstsq(edges, place - a, rcond=None)[0]
    if s >= 0 and t >= 0 and s + t <= 1:
        return np.array([1 - s - t, s, t])
    best, found = np.inf, np.zeros(3)
    for first, second, i, j in ((a, b, 0, 1), (b, c, 1, 2), (c, a, 2, 0)):
        along = second - first
        share = float(np.clip((place - first) @ along / max(along @ along, 1e-18), 0, 1))
        distance = float(np.linalg.norm(first + share * along - place))
        if distance < best:
            best, found = distance, np.zeros(3)
            found[i], found[j] = 1 - share, share
    return found
