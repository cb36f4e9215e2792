"""The 68 landmarks of a face (iBUG's) on the whole body's skin, and its outline from the side.

Where MediaPipe's points lie on the skin was found on rendered heads (place_face_points.py); which
of them the 68 are, by comparison with OpenPose on real faces. Landmarks are averaged with their
mirror images. A point of the outline that the head hides when it turns slides along the skin,
level, towards the nose, until it is seen edge-on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from smplceres.detect.face68 import MEDIAPIPE_OF_FACE68

from .mesh import Floats, Integers
from .posed import WholeBody
from .surface import Surface, face_skin

# fmt: off
MIRRORED_68 = (
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
)
# fmt: on
NUM_OUTLINE = 17
# Inner points of the lower lip and those of the upper lip that they touch.
INNER_LOWER = {65: 63, 66: 62, 67: 61}
JAW_SKIN = 0.5  # skinning weight of the lower lip, at least
# Rows of SMPL-X's outline: yaw 0 to 39 degrees, then -1 to -39.
YAWS = (*range(40), *range(-1, -40, -1))
# Cosine between the skin and the view where skin is taken to be seen edge-on.
EDGE = 0.12
STEPS = 100
# The first points of the outline, on the cheek, begin before the ear: at this angle from the front
# about an upright axis in the head (z, metres).
NUM_CHEEK = 5
CHEEK_ANGLE, CHEEK_AXIS = np.radians(72), 0.08


def read_face_points(body: WholeBody) -> Floats:
    """(478, 3) MediaPipe's points on the mean face; NaN for those that were not found."""
    rows = np.loadtxt(Path(__file__).with_name("face_points.csv"), delimiter=",")
    points = np.full((478, 3), np.nan)
    corners = body.template[rows[:, 1:4].astype(np.int64)]
    points[rows[:, 0].astype(np.int64)] = np.einsum("nk,nki->ni", rows[:, 4:], corners)
    return points


def face_landmarks(
    body: WholeBody, rows: int = len(YAWS)
) -> tuple[Integers, Floats, Integers, Floats]:
    """Faces and barycentric weights of the points 17 to 67, (51,) and (51, 3), and of the outline's
    first rows, (79, 17) and (79, 17, 3) of all. Numbers are those of body.faces.
    """
    skin = np.flatnonzero(face_skin(body)[body.faces].all(axis=1))
    surface = Surface(body.template, body.faces[skin])
    points = _symmetric(_points_of_68(body, skin))
    static = [surface.nearest(place) for place in points[NUM_OUTLINE:]]
    outlines = _outlines(surface, points[:NUM_OUTLINE], YAWS[:rows])
    return (
        skin[[face for face, _ in static]],
        np.array([weights for _, weights in static]),
        skin[np.array([[face for face, _ in row] for row in outlines])],
        np.array([[weights for _, weights in row] for row in outlines]),
    )


def _points_of_68(body: WholeBody, skin: Integers) -> Floats:
    points = read_face_points(body)[list(MEDIAPIPE_OF_FACE68)]
    jaw = body.arrays["weights"][:, body.names.index("jaw")] > JAW_SKIN
    lower = Surface(body.template, body.faces[skin][jaw[body.faces[skin]].all(axis=1)])
    points[62, 0] = 0.0
    for point, above in INNER_LOWER.items():
        face, weights = lower.nearest(points[above])
        points[point] = weights @ body.template[lower.faces[face]]
    return points


def _symmetric(points: Floats) -> Floats:
    """A point that was found on one side only is taken from there."""
    other = points[list(MIRRORED_68)] * [-1, 1, 1]
    both = np.nanmean(np.stack([points, other]), axis=0)
    if not np.isfinite(both).all():
        missing = np.flatnonzero(~np.isfinite(both).all(axis=1))
        raise ValueError(f"face_points.csv: expected all of the 68 points, found no {missing}")
    return np.asarray(both)


def _outlines(
    surface: Surface, outline: Floats, yaws: Sequence[int]
) -> list[list[tuple[int, Floats]]]:
    """A row a yaw: triangles and weights of the 17 points."""
    half = NUM_OUTLINE // 2
    tracks = [
        _track_round(surface, place[1]) if number < NUM_CHEEK else _track_level(surface, place)
        for number, place in enumerate(outline[:half])
    ]
    rows = []
    for yaw in yaws:
        # A head turned to its left by `yaw` is seen from its right; its left is the mirror image of
        # the right of a head turned the other way.
        right = [_edge_on(surface, track, yaw) for track in tracks]
        left = [_mirrored(surface, _edge_on(surface, track, -yaw)) for track in tracks]
        rows.append([*right, surface.nearest(outline[half]), *reversed(left)])
    return rows


def _edge_on(surface: Surface, track: list[tuple[int, Floats]], yaw: float) -> tuple[int, Floats]:
    """The first of a track's points that is seen on a head that is turned to its left."""
    viewer = np.array([-np.sin(np.radians(yaw)), 0.0, np.cos(np.radians(yaw))])
    return next((hit for hit in track if surface.normals[hit[0]] @ viewer > EDGE), track[-1])


def _track_round(surface: Surface, height: float) -> list[tuple[int, Floats]]:
    """At a height, from before the right ear to the middle of the front."""
    track = []
    for angle in np.linspace(CHEEK_ANGLE, 0, STEPS):
        axes = np.array(
            [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
        )
        hit = surface.first_hit(np.array([0, height, CHEEK_AXIS]), axes)
        if hit is not None:
            track.append(hit)
    return track


def _track_level(surface: Surface, place: Floats) -> list[tuple[int, Floats]]:
    """From a point of the outline, level, along the front of the skin to the middle."""
    track = [surface.nearest(place)]
    for share in np.linspace(0, 1, STEPS)[1:-1]:
        hit = surface.first_hit(place * [1 - share, 1, 0], np.eye(3))
        if hit is not None:
            track.append(hit)
    return track


def _mirrored(surface: Surface, hit: tuple[int, Floats]) -> tuple[int, Floats]:
    face, weights = hit
    return surface.nearest((weights @ surface.vertices[surface.faces[face]]) * [-1, 1, 1])
