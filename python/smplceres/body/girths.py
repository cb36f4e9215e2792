"""Girths of a body at rest, as a tape measures them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .model import BodyModel

Floats = NDArray[np.float64]

_TORSO = ("pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar", "neck")
_LEGS = ("left_hip", "right_hip")
_SEARCHED = 41


class Girth(NamedTuple):
    """The definition of a girth on a body at rest: around the parts of some joints, in a plane
    through a point between two joints.

    Attributes:
        ends: the two joints; names separated by `|` stand for the mean of several joints.
        along: position between the two, 0 to 1; "widest" or "narrowest": the position of the
            largest or smallest girth of the mean body between them.
        parts: joints whose vertices (of the largest skinning weight) are measured.
        level: the plane is horizontal; otherwise it is perpendicular to the line between the two.
    """

    ends: tuple[str, str]
    along: float | str
    parts: tuple[str, ...]
    level: bool


# After ISO 8559-1, as far as joints determine the position: the chest is the largest girth, the
# waist the smallest, the hip at the trochanters, which are at the height of the hip joints; thigh
# and upper arm are half-way, calf and forearm at the muscle, wrist and ankle just above the joint.
GIRTHS: dict[str, Girth] = {
    "neck_girth": Girth(("neck", "head"), 0.5, ("neck", "head", "spine3"), False),
    "chest_girth": Girth(("spine2", "left_collar|right_collar"), "widest", _TORSO, True),
    "waist_girth": Girth(("pelvis", "spine3"), "narrowest", _TORSO, True),
    "hip_girth": Girth(("left_hip|right_hip", "pelvis"), 0.0, (*_TORSO, *_LEGS), True),
    **{
        f"{side}_{name}_girth": Girth(
            (f"{side}_{upper}", f"{side}_{lower}"),
            along,
            (f"{side}_{upper}", f"{side}_{lower}"),
            False,
        )
        for side in ("left", "right")
        for name, upper, lower, along in (
            ("upper_arm", "shoulder", "elbow", 0.5),
            ("forearm", "elbow", "wrist", 0.25),
            ("wrist", "elbow", "wrist", 0.95),
            ("thigh", "hip", "knee", 0.5),
            ("calf", "knee", "ankle", 0.3),
            ("ankle", "knee", "ankle", 0.9),
        )
    },
}


class Tape(NamedTuple):
    """A girth on one body: `ends` (2, J) weights of joints, `edges` (E, 2) of the mesh."""

    ends: Floats
    along: float
    edges: NDArray[np.int64]
    level: bool


@lru_cache(maxsize=8)
def tapes_of(model: BodyModel) -> dict[str, Tape]:
    """Girths that the body has joints for."""
    names = model.joint_names
    vertices, faces = model.v_template, model.faces
    joints = model.J_regressor @ vertices
    part_of = model.lbs_weights.argmax(axis=1)
    tapes = {}
    for name, girth in GIRTHS.items():
        ends = [end.split("|") for end in girth.ends]
        if not all(joint in names for joint in (*ends[0], *ends[1], *girth.parts)):
            continue
        ends_of = np.array([[(joint in end) / len(end) for joint in names] for end in ends])
        parts = [names.index(joint) for joint in girth.parts]
        inside = faces[np.isin(part_of, parts)[faces].all(axis=1)]
        corners = np.concatenate([inside[:, [0, 1]], inside[:, [1, 2]], inside[:, [2, 0]]])
        edges = np.unique(np.sort(corners, axis=1), axis=0).astype(np.int64)
        tape = Tape(ends_of, 0.0, edges, girth.level)
        if isinstance(girth.along, str):
            places = np.linspace(0, 1, _SEARCHED)
            found = np.array([perimeter(vertices, joints, tape, place) for place in places])
            best = found.argmax() if girth.along == "widest" else found.argmin()
            tapes[name] = tape._replace(along=float(places[best]))
        else:
            tapes[name] = tape._replace(along=girth.along)
    return tapes


def perimeter(vertices: Floats, joints: Floats, tape: Tape, along: float) -> float:
    """Perimeter, metres, of the convex hull of the intersections of a plane with the edges."""
    first, second = tape.ends @ joints
    normal = np.array([0.0, 1.0, 0.0]) if tape.level else second - first
    normal = normal / np.linalg.norm(normal)
    above = (vertices - (first + along * (second - first))) @ normal
    heights = above[tape.edges]
    cut = (heights > 0).sum(axis=1) == 1
    edges, heights = tape.edges[cut], heights[cut]
    share = (heights[:, 0] / (heights[:, 0] - heights[:, 1]))[:, None]
    points = vertices[edges[:, 0]] * (1 - share) + vertices[edges[:, 1]] * share
    if len(points) < 3:
        return 0.0
    across = np.linalg.svd(normal[None])[2][1:]  # two axes in the plane
    hull = convex_hull(points @ across.T)
    return float(np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum())


def convex_hull(points: Floats) -> Floats:
    """(H, 2) corners, counter-clockwise, of points (N, 2): Andrew's monotone chain, 1979."""
    ordered = np.unique(points, axis=0).tolist()

    def chain(along: list[list[float]]) -> list[list[float]]:
        corners: list[list[float]] = []
        for x, y in along:
            while len(corners) > 1:
                (ax, ay), (bx, by) = corners[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                corners.pop()
            corners.append([x, y])
        return corners[:-1]

    return np.array(chain(ordered) + chain(ordered[::-1]))
