"""The tubes that the synthetic body is made of: vertices and faces."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .model_files import Floats, Integers
from .synthetic_sizes import (
    ANKLE,
    ARM_SECTIONS,
    BUMPS,
    DIGITS,
    FOOT,
    HEAD,
    HIP,
    KNEE,
    LEG,
    NECK,
    NUM_BETAS,
    PELVIS,
    PELVIS_BELOW_ORIGIN,
    SHOULDER,
    SPINE1,
    SPINE2,
    SPINE3,
    STATURE,
    TRUNK,
    Sizes,
    sizes_of,
)


def _spaced(*knots: tuple[float, int]) -> Floats:
    """Places of rings: from each (place, count), `count` even steps to the next place."""
    places = [
        np.linspace(start, stop, count, endpoint=False)
        for (start, count), (stop, _) in itertools.pairwise(knots)
    ]
    return np.concatenate([*places, [knots[-1][0]]])


# Rings stand at the joints, and closer where the body bends or has detail.
TRUNK_RINGS = _spaced(
    *((0.490, 5), (PELVIS, 4), (SPINE1, 5), (SPINE2, 3), (SPINE3, 5), (0.795, 6)),
    *((NECK, 4), (0.870, 4), (HEAD, 13), (0.960, 0)),
)

LEG_RINGS = _spaced(
    *((0.565, 3), (HIP, 8), (0.335, 5), (KNEE, 5), (0.235, 4), (0.110, 4), (ANKLE, 1), (0.022, 0))
)

ARM_RINGS = _spaced(
    *((-0.55, 5), (0, 4), (0.7, 4), (1, 4), (1.3, 4), (1.8, 3), (2, 4), (2.6, 2), (3, 0))
)
FOOT_RINGS = _spaced((-0.050, 8), (0.120, 3), (0.178, 0))
DIGIT_RINGS = _spaced((0, 5), (1, 0))


@dataclass(frozen=True)
class _Part:
    """How a tube is meshed.

    Attributes:
        rings: places of the rings along the axis.
        columns: vertices in a ring.
        domes: rings in the first and in the last dome.
        frame: unit vectors u, v (angles 0 and 90 degrees of a ring) and u x v, the axis.
        exponent: 2 gives ellipses, larger values give squarer sections.
    """

    rings: Floats
    columns: int
    domes: tuple[int, int]
    frame: Floats
    exponent: float = 2.0

    @property
    def num_rings(self) -> int:
        return len(self.rings) + sum(self.domes)

    @property
    def num_vertices(self) -> int:
        """The rings, then the two poles."""
        return self.num_rings * self.columns + 2

    def ring(self, place: float) -> NDArray[np.intp]:
        """Vertices of the ring nearest to a place along the axis."""
        row = self.domes[0] + int(np.argmin(np.abs(self.rings - place)))
        return row * self.columns + np.arange(self.columns)


LEFT, UP, FRONT = np.eye(3)
TRUNK_PART = _Part(TRUNK_RINGS, 44, (4, 8), np.array([-LEFT, FRONT, UP]), exponent=2.25)
LEG_PART = _Part(LEG_RINGS, 24, (1, 1), np.array([LEFT, FRONT, -UP]))
FOOT_PART = _Part(FOOT_RINGS, 20, (2, 3), np.array([LEFT, UP, FRONT]), exponent=2.6)
ARM_PART = _Part(ARM_RINGS, 18, (1, 2), np.array([UP, FRONT, LEFT]), exponent=2.1)


def _digit_part(axis: Floats) -> _Part:
    axis = axis / np.linalg.norm(axis)
    front = np.cross(axis, UP)
    front /= np.linalg.norm(front)
    return _Part(DIGIT_RINGS, 8, (0, 2), np.array([np.cross(front, axis), front, axis]))


DIGIT_PARTS = tuple(_digit_part(axis) for axis in DIGITS[:, 3:6])

# Vertices come trunk first, then the left side's parts, then the right side's.
LEFT_PARTS = (LEG_PART, FOOT_PART, ARM_PART, *DIGIT_PARTS)
LEFT_STARTS = np.cumsum([TRUNK_PART.num_vertices] + [part.num_vertices for part in LEFT_PARTS])
NUM_LEFT = int(LEFT_STARTS[-1] - LEFT_STARTS[0])


def _interpolate(table: Floats, places: Floats) -> Floats:
    """Rows of `table` at places along its first column: cubic Hermite, smooth at the rows."""
    knots, values = table[:, 0], table[:, 1:]
    slopes = np.gradient(values, knots, axis=0)
    left = np.clip(np.searchsorted(knots, places) - 1, 0, len(knots) - 2)
    step = (knots[left + 1] - knots[left])[:, None]
    t = (places - knots[left])[:, None] / step
    return (
        (1 + 2 * t) * (1 - t) ** 2 * values[left]
        + t * (1 - t) ** 2 * step * slopes[left]
        + t**2 * (3 - 2 * t) * values[left + 1]
        + t**2 * (t - 1) * step * slopes[left + 1]
    )


def _tube(
    part: _Part,
    centres: Floats,
    radii: Floats,
    *,
    domes: tuple[float, float],
    crowding: ArrayLike = 0.0,
) -> Floats:
    """Vertices of a tube: rings about centres [R, 3], then the first pole and the last.

    A ring at angle phi is centre + u |cos phi|^(2/n) r_u + v |sin phi|^(2/n) r_v with the signs of
    cos and sin, n the part's exponent, and the radii [R, 4] towards u, v, -u, -v. `domes` are the
    heights of the two ends in metres; `crowding` in 0 .. 1, one for each ring, moves columns
    towards v.
    """
    u, v, axis = part.frame
    rise, fall = (
        np.arange(1, count + 1)[:, None] / (count + 1) * np.pi / 2 for count in part.domes
    )
    rise = rise[::-1]
    poles = np.array([centres[0] - domes[0] * axis, centres[-1] + domes[1] * axis])
    before = centres[0] - domes[0] * np.sin(rise) * axis
    after = centres[-1] + domes[1] * np.sin(fall) * axis
    radii = np.concatenate([np.cos(rise) * radii[0], radii, np.cos(fall) * radii[-1]])
    crowding = np.broadcast_to(crowding, len(centres))
    crowding = np.pad(crowding, part.domes, mode="edge")[:, None]
    angle = np.arange(part.columns) * 2 * np.pi / part.columns
    angle = angle + crowding * np.cos(angle)
    along_u, along_v = (
        np.sign(wave) * np.abs(wave) ** (2 / part.exponent)
        for wave in (np.cos(angle), np.sin(angle))
    )
    along_u *= np.where(along_u > 0, radii[:, 0:1], radii[:, 2:3])
    along_v *= np.where(along_v > 0, radii[:, 1:2], radii[:, 3:4])
    rings = np.concatenate([before, centres, after])[:, None]
    rings = rings + along_u[..., None] * u + along_v[..., None] * v
    return np.concatenate([rings.reshape(-1, 3), poles])


def _tube_faces(part: _Part) -> Integers:
    """Triangles of a tube, counter-clockwise from outside where u x v = axis."""
    columns, rings = part.columns, part.num_rings
    vertex = np.arange(rings * columns).reshape(rings, columns)
    beside = np.roll(vertex, -1, axis=1)
    a, b, c, d = vertex[:-1], beside[:-1], vertex[1:], beside[1:]
    first, last = np.full(columns, rings * columns), np.full(columns, rings * columns + 1)
    triangles = [
        (a, b, c),
        (b, d, c),
        (first, beside[0], vertex[0]),
        (last, vertex[-1], beside[-1]),
    ]
    return np.concatenate(
        [np.stack(corners, axis=-1).reshape(-1, 3) for corners in triangles]
    ).astype(np.int32)


def smoothstep(x: Floats) -> Floats:
    t = np.clip(x, 0, 1)
    return t * t * (3 - 2 * t)


def _bell(x: Floats, centre: float, width: float) -> Floats:
    return np.exp(-0.5 * ((x - centre) / width) ** 2)


def height_at(sizes: Sizes, fraction: Floats | float) -> Floats:
    """Height over the sole in metres of a fraction of the average person's stature."""
    return np.asarray(np.interp(fraction, [0, ANKLE, KNEE, HIP, NECK, 1], sizes.heights))


def _along_arm(sizes: Sizes, place: Floats | float) -> Floats:
    return np.asarray(np.interp(place, [-1, 0, 1, 2, 3], sizes.arm))


def trunk_vertices(sizes: Sizes) -> Floats:
    """The trunk with neck and head, without its bumps."""
    sections = _interpolate(TRUNK, TRUNK_RINGS)
    headness = smoothstep((TRUNK_RINGS - NECK) / 0.03)
    sections *= (sizes.trunk_scale + (sizes.head_scale - sizes.trunk_scale) * headness)[:, None]
    belly = sizes.deeper_belly * _bell(TRUNK_RINGS, 0.645, 0.045)
    breadth = sizes.wider_shoulders * _bell(TRUNK_RINGS, 0.800, 0.035)
    breadth += sizes.wider_hips * _bell(TRUNK_RINGS, 0.545, 0.045) + 0.35 * belly
    sections[:, :3] += np.stack([breadth, belly, breadth], axis=-1)
    heights = height_at(sizes, TRUNK_RINGS)
    centres = np.stack([0 * heights, heights, sections[:, 5]], axis=-1)
    domes = (0.03, sizes.heights[-1] - heights[-1])
    crowding = 0.45 * headness
    return _tube(TRUNK_PART, centres, sections[:, :4], domes=domes, crowding=crowding)


@functools.cache
def trunk_bumps() -> Floats:
    """Displacement [N, 3] of the trunk's vertices by BUMPS."""
    trunk = trunk_vertices(sizes_of(np.zeros(NUM_BETAS)))
    field = np.zeros_like(trunk)
    for height, x, z, *widths_and_push in BUMPS:
        widths, push = np.split(np.array(widths_and_push), 2)
        for side in (1, -1) if x > 0 else (1,):
            centre = [side * x, height * STATURE, z]
            bell = np.exp(-0.5 * (((trunk - centre) / widths) ** 2).sum(axis=1))
            field += bell[:, None] * push * [side, 1, 1]
    return field


def _leg_centres(sizes: Sizes, fractions: Floats) -> Floats:
    outward, front = _interpolate(LEG, fractions)[:, 4:].T
    # Legs with larger girths are further apart.
    outward = outward * (0.5 + 0.5 * sizes.leg_scale) + 0.5 * sizes.wider_hips
    return np.stack([outward, height_at(sizes, fractions), front], axis=-1)


def leg_vertices(sizes: Sizes) -> Floats:
    radii = _interpolate(LEG, LEG_RINGS)[:, :4] * sizes.leg_scale
    return _tube(LEG_PART, _leg_centres(sizes, LEG_RINGS), radii, domes=(0.03, 0.01))


def foot_vertices(sizes: Sizes) -> Floats:
    scale = sizes.hand_and_foot_scale
    outer, inner, top, outward = _interpolate(FOOT, FOOT_RINGS).T * scale
    # The sole is at y = 0, a little less than half the foot's height below the centre.
    up, down = 0.55 * top, 0.45 * top
    ankle = _leg_centres(sizes, np.array([ANKLE]))[0]
    centres = np.stack([ankle[0] + outward, down, ankle[2] + FOOT_RINGS * scale], axis=-1)
    radii = np.stack([outer, up, inner, down], axis=-1)
    return _tube(FOOT_PART, centres, radii, domes=(0.018 * scale, 0.018 * scale))


def arm_vertices(sizes: Sizes) -> Floats:
    sections = _interpolate(ARM_SECTIONS, ARM_RINGS)
    handness = smoothstep(ARM_RINGS - 1.5)
    scale = sizes.arm_scale + (sizes.hand_and_foot_scale - sizes.arm_scale) * handness
    sections *= scale[:, None]
    height = height_at(sizes, SHOULDER) + sections[:, 4]
    centres = np.stack([_along_arm(sizes, ARM_RINGS), height, sections[:, 5]], axis=-1)
    return _tube(ARM_PART, centres, sections[:, :4], domes=(0.02, 0.01))


def digit_vertices(sizes: Sizes) -> Floats:
    scale = sizes.hand_and_foot_scale
    shoulder = height_at(sizes, SHOULDER)
    digits = []
    for part, (place, up, front, *_, length, root, tip) in zip(DIGIT_PARTS, DIGITS, strict=True):
        start = np.array([_along_arm(sizes, place), shoulder + scale * up, scale * front])
        centres = start + np.outer(DIGIT_RINGS, scale * length * part.frame[2])
        radii = np.outer(root + (tip - root) * DIGIT_RINGS, np.full(4, scale))
        digits.append(_tube(part, centres, radii, domes=(0.0, 0.008 * scale)))
    return np.concatenate(digits)


def body_vertices(betas: Floats) -> Floats:
    """Vertices [6890, 3] part by part, y from the origin near the chest."""
    sizes = sizes_of(betas)
    left = np.concatenate(
        [leg_vertices(sizes), foot_vertices(sizes), arm_vertices(sizes), digit_vertices(sizes)]
    )
    vertices = np.concatenate([trunk_vertices(sizes) + trunk_bumps(), left, left * [-1, 1, 1]])
    vertices[:, 1] -= height_at(sizes, PELVIS) + PELVIS_BELOW_ORIGIN * sizes.heights[-1] / STATURE
    return vertices


def body_faces() -> Integers:
    left = np.concatenate(
        [_tube_faces(part) + start for part, start in zip(LEFT_PARTS, LEFT_STARTS, strict=False)]
    )
    return np.concatenate([_tube_faces(TRUNK_PART), left, left[:, ::-1] + NUM_LEFT])
