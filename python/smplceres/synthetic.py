"""A body without a licence: a standing humanoid made of tubes, in SMPL's layout.

Each part (trunk with neck and head, arm, fingers, leg, foot) is a tube of rings about an axis,
closed by a dome at either end. The tables below give the rings' radii for a person of 1.70 m; ten
coefficients change lengths and radii smoothly.

Heights of ankle, knee, hip, chin, eyes and shoulders, and the sizes of hand and foot: Drillis and
Contini 1966, as fractions of stature in D. A. Winter, Biomechanics and Motor Control of Human
Movement, figure 4.1. Arms between joint centres: P. de Leva, J. Biomechanics 29, 1996. The outlines
of the cross-sections were drawn by eye.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .body import BodyModel
from .model_files import BodyModelArrays, Floats, Integers, check_arrays
from .skeleton import MIRRORED_JOINTS, SMPL_JOINTS, SMPL_LANDMARKS, SMPL_PARENTS

STATURE = 1.70
NUM_BETAS = 10

# --- The average person: metres, y up from the sole, z forward, x to the left ---

# Heights as fractions of stature; a body is stretched evenly between them.
# The shoulders' centres lie 2 cm below Drillis and Contini's 0.818.
ANKLE, KNEE, HIP, SHOULDER, NECK = 0.039, 0.285, 0.530, 0.806, 0.850
PELVIS, SPINE1, SPINE2, SPINE3, HEAD = 0.565, 0.625, 0.695, 0.735, 0.895
# Distance from the midline along the stretched arm: shoulder, elbow, wrist, knuckles.
ARM = np.array([0.0, 0.170, 0.446, 0.708, 0.804])
# The pelvis lies this far below the origin, as in SMPL, whose origin is near the chest.
PELVIS_BELOW_ORIGIN = 0.24

# Rows of a trunk, leg or arm: place along the axis; radii towards u, v, -u, -v; centre in (u, v).
# Trunk: height / stature; u = left, v = front.
TRUNK = np.array(
    [
        [0.490, 0.110, 0.070, 0.110, 0.095, 0.0, 0.000],
        [0.510, 0.155, 0.088, 0.155, 0.108, 0.0, 0.000],
        [0.530, 0.172, 0.098, 0.172, 0.112, 0.0, 0.000],
        [0.560, 0.171, 0.102, 0.171, 0.108, 0.0, 0.000],
        [0.595, 0.156, 0.104, 0.156, 0.094, 0.0, 0.000],
        [0.635, 0.139, 0.103, 0.139, 0.084, 0.0, 0.000],
        [0.680, 0.142, 0.110, 0.142, 0.090, 0.0, 0.000],
        [0.725, 0.155, 0.115, 0.155, 0.104, 0.0, 0.000],
        [0.765, 0.164, 0.112, 0.164, 0.112, 0.0, 0.000],
        [0.792, 0.170, 0.099, 0.170, 0.110, 0.0, 0.000],
        [0.813, 0.162, 0.082, 0.162, 0.099, 0.0, 0.000],
        [0.830, 0.130, 0.067, 0.130, 0.086, 0.0, 0.000],
        [0.846, 0.088, 0.057, 0.088, 0.072, 0.0, 0.000],
        [0.862, 0.061, 0.056, 0.061, 0.060, 0.0, 0.002],
        [0.870, 0.057, 0.078, 0.057, 0.056, 0.0, 0.004],
        [0.878, 0.059, 0.092, 0.059, 0.055, 0.0, 0.006],
        [0.895, 0.066, 0.092, 0.066, 0.062, 0.0, 0.010],
        [0.915, 0.071, 0.088, 0.071, 0.078, 0.0, 0.014],
        [0.938, 0.074, 0.086, 0.074, 0.092, 0.0, 0.016],
        [0.960, 0.075, 0.083, 0.075, 0.096, 0.0, 0.016],
    ]
)
# Leg: height / stature; u = outward, v = front.
LEG = np.array(
    [
        [0.022, 0.034, 0.040, 0.034, 0.044, 0.096, -0.012],
        [0.039, 0.034, 0.038, 0.034, 0.042, 0.096, -0.012],
        [0.065, 0.034, 0.037, 0.034, 0.040, 0.096, -0.011],
        [0.100, 0.036, 0.040, 0.036, 0.042, 0.096, -0.010],
        [0.150, 0.045, 0.047, 0.045, 0.053, 0.098, -0.008],
        [0.205, 0.054, 0.052, 0.055, 0.066, 0.100, -0.005],
        [0.245, 0.052, 0.053, 0.054, 0.061, 0.100, 0.000],
        [0.285, 0.055, 0.060, 0.056, 0.053, 0.100, 0.004],
        [0.325, 0.061, 0.065, 0.061, 0.058, 0.099, 0.006],
        [0.380, 0.073, 0.077, 0.071, 0.071, 0.098, 0.006],
        [0.440, 0.083, 0.086, 0.081, 0.084, 0.097, 0.003],
        [0.490, 0.087, 0.087, 0.084, 0.093, 0.095, 0.000],
        [0.530, 0.083, 0.084, 0.082, 0.095, 0.094, 0.000],
        [0.565, 0.070, 0.076, 0.075, 0.085, 0.092, 0.000],
    ]
)
# Arm: 0 at the shoulder, 1 elbow, 2 wrist, 3 knuckles; u = up, v = front. Centre over SHOULDER.
ARM_SECTIONS = np.array(
    [
        [-0.55, 0.036, 0.060, 0.064, 0.066, 0.000, -0.010],
        [-0.25, 0.045, 0.067, 0.074, 0.073, -0.001, -0.011],
        [0.00, 0.049, 0.063, 0.070, 0.067, -0.002, -0.012],
        [0.25, 0.051, 0.055, 0.056, 0.058, -0.003, -0.014],
        [0.55, 0.044, 0.047, 0.046, 0.048, -0.005, -0.014],
        [0.85, 0.038, 0.041, 0.039, 0.042, -0.005, -0.014],
        [1.00, 0.036, 0.043, 0.037, 0.042, -0.005, -0.013],
        [1.22, 0.038, 0.045, 0.040, 0.043, -0.005, -0.011],
        [1.60, 0.030, 0.036, 0.031, 0.035, -0.005, -0.007],
        [1.92, 0.022, 0.029, 0.022, 0.028, -0.005, -0.004],
        [2.15, 0.019, 0.030, 0.020, 0.029, -0.005, -0.002],
        [2.60, 0.015, 0.041, 0.016, 0.041, -0.005, 0.000],
        [3.00, 0.011, 0.041, 0.012, 0.041, -0.005, 0.000],
    ]
)
# Foot: metres before the ankle; half-width outward and inward, height of its top; centre outward.
FOOT = np.array(
    [
        [-0.050, 0.029, 0.029, 0.056, 0.000],
        [-0.020, 0.033, 0.033, 0.074, 0.000],
        [0.025, 0.036, 0.036, 0.084, 0.001],
        [0.075, 0.042, 0.040, 0.066, 0.002],
        [0.120, 0.048, 0.044, 0.044, 0.001],
        [0.155, 0.046, 0.043, 0.032, -0.002],
        [0.178, 0.036, 0.038, 0.025, -0.007],
    ]
)
# Digits: root (along the arm, up, front); direction; length, radius at root and tip.
DIGITS = np.array(
    [
        [2.96, -0.004, 0.031, 1.0, -0.02, 0.09, 0.072, 0.0098, 0.0074],
        [3.00, -0.003, 0.0105, 1.0, -0.02, 0.02, 0.081, 0.0102, 0.0076],
        [2.97, -0.004, -0.0105, 1.0, -0.02, -0.04, 0.075, 0.0098, 0.0074],
        [2.88, -0.005, -0.030, 1.0, -0.02, -0.12, 0.060, 0.0086, 0.0066],
        [2.20, -0.008, 0.010, 0.76, -0.14, 0.62, 0.090, 0.0150, 0.0095],
    ]
)
# Bumps on the trunk, of which those off the midline come in pairs: centre (height / stature, x, z),
# their widths (x, y, z) in metres, displacement (x, y, z) in metres.
BUMPS = np.array(
    [
        [0.923, 0.000, 0.105, 0.009, 0.014, 0.05, 0.000, 0.000, 0.009],  # bridge of the nose
        [0.905, 0.000, 0.110, 0.012, 0.010, 0.05, 0.000, 0.000, 0.021],  # tip of the nose
        [0.937, 0.034, 0.100, 0.015, 0.010, 0.05, 0.000, 0.000, -0.008],  # eyes
        [0.951, 0.025, 0.100, 0.030, 0.007, 0.05, 0.000, 0.000, 0.003],  # brows
        [0.915, 0.045, 0.080, 0.018, 0.014, 0.05, 0.002, 0.000, 0.004],  # cheeks
        [0.892, 0.000, 0.105, 0.022, 0.006, 0.05, 0.000, 0.000, 0.005],  # lips
        [0.876, 0.000, 0.100, 0.022, 0.011, 0.05, 0.000, 0.000, 0.010],  # chin
        [0.924, 0.080, 0.000, 0.020, 0.017, 0.011, 0.018, 0.000, -0.008],  # ears
        [0.755, 0.078, 0.100, 0.060, 0.055, 0.06, 0.000, 0.000, 0.010],  # breast
        [0.790, 0.080, -0.110, 0.045, 0.060, 0.06, 0.000, 0.000, -0.006],  # shoulder blades
        [0.690, 0.000, -0.090, 0.016, 0.170, 0.06, 0.000, 0.000, 0.008],  # spine
        [0.530, 0.078, -0.110, 0.055, 0.055, 0.06, 0.000, 0.000, -0.018],  # buttocks
    ]
)


def _spaced(*knots: tuple[float, int]) -> Floats:
    """Places of rings: from each (place, count) that many even steps to the next place."""
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
        exponent: 2 makes ellipses, more makes them squarer.
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

# Joints are means of rings: (joint, place, how much of the ring's back) on the trunk ...
TRUNK_JOINTS = (
    ("pelvis", PELVIS, 0.2),
    ("spine1", SPINE1, 0.5),
    ("spine2", SPINE2, 0.5),
    ("spine3", SPINE3, 0.5),
    ("neck", NECK, 0.4),
    ("head", HEAD, 0.5),
)
# ... and (joint, index of LEFT_PARTS, place) on the left.
LEFT_JOINTS = (
    *(("hip", 0, HIP), ("knee", 0, KNEE), ("ankle", 0, ANKLE), ("foot", 1, 0.120)),
    *(("collar", 2, -0.55), ("shoulder", 2, 0), ("elbow", 2, 1), ("wrist", 2, 2), ("hand", 2, 2.6)),
)
# Landmarks are the vertices nearest to points (x, y over the sole, z); off the midline in pairs.
LANDMARKS = (
    ("nose", 0.0, 0.905 * STATURE, 0.140),
    ("eye", 0.033, 0.937 * STATURE, 0.095),
    ("ear", 0.095, 0.924 * STATURE, -0.005),
    ("big_toe", 0.080, 0.012, 0.190),
    ("small_toe", 0.135, 0.008, 0.155),
    ("heel", 0.096, 0.020, -0.090),
)
# Metres: the reach of each joint's pose blend shapes (joints 1 to 23), and how far they push.
BLEND_RADII = np.array(
    [
        *(0.10, 0.10, 0.12, 0.07, 0.07, 0.12, 0.05, 0.05, 0.12, 0.05, 0.05, 0.07),
        *(0.08, 0.08, 0.08, 0.08, 0.08, 0.06, 0.06, 0.04, 0.04, 0.04, 0.04),
    ]
)
BLEND_HEIGHT = 0.002


@dataclass(frozen=True)
class _Sizes:
    """What the ten coefficients change in the tables: lengths are metres, scales factors."""

    heights: Floats  # of the sole, ankle, knee, hip, neck and crown
    arm: Floats  # like ARM
    trunk_scale: float
    arm_scale: float
    leg_scale: float
    head_scale: float
    hand_and_foot_scale: float
    wider_shoulders: float  # half
    wider_hips: float  # half
    deeper_belly: float


def _sizes(betas: Floats) -> _Sizes:
    stature, girth, limbs, shoulder, hip, legs, head, arm_girth, belly, extremities = betas
    scale = 1 + 0.07 / STATURE * stature
    # Girths follow stature less than lengths do.
    slender = 1 + 0.5 * (scale - 1)
    leg = HIP * STATURE * scale
    taller_legs = leg * 0.025 * legs
    longer_legs = leg * 0.025 * limbs
    head_scale = scale * (1 + 0.03 * head)
    hip_height = leg + taller_legs + longer_legs
    neck_height = hip_height - taller_legs + (NECK - HIP) * STATURE * scale
    heights = [0, *(hip_height / HIP * np.array([ANKLE, KNEE, HIP]))]
    heights += [neck_height, neck_height + (1 - NECK) * STATURE * head_scale]
    segments = np.diff(ARM) * scale
    segments += [
        0.010 * shoulder,
        *(0.025 * limbs * segments[1:3]),
        0.04 * extremities * segments[3],
    ]
    return _Sizes(
        heights=np.array(heights),
        arm=np.concatenate([[0], np.cumsum(segments)]),
        trunk_scale=slender * (1 + 0.09 * girth),
        arm_scale=slender * (1 + 0.06 * girth + 0.08 * arm_girth),
        leg_scale=slender * (1 + 0.07 * girth),
        head_scale=head_scale * (1 + 0.01 * girth),
        hand_and_foot_scale=scale * (1 + 0.04 * extremities),
        wider_shoulders=0.010 * shoulder,
        wider_hips=0.009 * hip,
        deeper_belly=0.022 * belly,
    )


# --- Tubes ---


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
    heights of the two ends in metres; `crowding` in 0 .. 1, one for each ring, draws columns to v.
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


# --- Parts of a body of given sizes, left ones where there are two; y from the sole ---


def _smoothstep(x: Floats) -> Floats:
    t = np.clip(x, 0, 1)
    return t * t * (3 - 2 * t)


def _bell(x: Floats, centre: float, width: float) -> Floats:
    return np.exp(-0.5 * ((x - centre) / width) ** 2)


def _height(sizes: _Sizes, fraction: Floats | float) -> Floats:
    """Height over the sole in metres of a fraction of the average person's stature."""
    return np.asarray(np.interp(fraction, [0, ANKLE, KNEE, HIP, NECK, 1], sizes.heights))


def _along_arm(sizes: _Sizes, place: Floats | float) -> Floats:
    return np.asarray(np.interp(place, [-1, 0, 1, 2, 3], sizes.arm))


def _trunk(sizes: _Sizes) -> Floats:
    """The trunk with neck and head, still without its bumps."""
    sections = _interpolate(TRUNK, TRUNK_RINGS)
    headness = _smoothstep((TRUNK_RINGS - NECK) / 0.03)
    sections *= (sizes.trunk_scale + (sizes.head_scale - sizes.trunk_scale) * headness)[:, None]
    belly = sizes.deeper_belly * _bell(TRUNK_RINGS, 0.645, 0.045)
    breadth = sizes.wider_shoulders * _bell(TRUNK_RINGS, 0.800, 0.035)
    breadth += sizes.wider_hips * _bell(TRUNK_RINGS, 0.545, 0.045) + 0.35 * belly
    sections[:, :3] += np.stack([breadth, belly, breadth], axis=-1)
    heights = _height(sizes, TRUNK_RINGS)
    centres = np.stack([0 * heights, heights, sections[:, 5]], axis=-1)
    domes = (0.03, sizes.heights[-1] - heights[-1])
    crowding = 0.45 * headness
    return _tube(TRUNK_PART, centres, sections[:, :4], domes=domes, crowding=crowding)


@functools.cache
def _bumps() -> Floats:
    """Displacement [N, 3] of the trunk's vertices by BUMPS."""
    trunk = _trunk(_sizes(np.zeros(NUM_BETAS)))
    field = np.zeros_like(trunk)
    for height, x, z, *widths_and_push in BUMPS:
        widths, push = np.split(np.array(widths_and_push), 2)
        for side in (1, -1) if x > 0 else (1,):
            centre = [side * x, height * STATURE, z]
            bell = np.exp(-0.5 * (((trunk - centre) / widths) ** 2).sum(axis=1))
            field += bell[:, None] * push * [side, 1, 1]
    return field


def _leg_centres(sizes: _Sizes, fractions: Floats) -> Floats:
    outward, front = _interpolate(LEG, fractions)[:, 4:].T
    # Stouter legs stand a little further apart.
    outward = outward * (0.5 + 0.5 * sizes.leg_scale) + 0.5 * sizes.wider_hips
    return np.stack([outward, _height(sizes, fractions), front], axis=-1)


def _leg(sizes: _Sizes) -> Floats:
    radii = _interpolate(LEG, LEG_RINGS)[:, :4] * sizes.leg_scale
    return _tube(LEG_PART, _leg_centres(sizes, LEG_RINGS), radii, domes=(0.03, 0.01))


def _foot(sizes: _Sizes) -> Floats:
    scale = sizes.hand_and_foot_scale
    outer, inner, top, outward = _interpolate(FOOT, FOOT_RINGS).T * scale
    # The sole is at y = 0, a little less than half the foot's height below the centre.
    up, down = 0.55 * top, 0.45 * top
    ankle = _leg_centres(sizes, np.array([ANKLE]))[0]
    centres = np.stack([ankle[0] + outward, down, ankle[2] + FOOT_RINGS * scale], axis=-1)
    radii = np.stack([outer, up, inner, down], axis=-1)
    return _tube(FOOT_PART, centres, radii, domes=(0.018 * scale, 0.018 * scale))


def _arm(sizes: _Sizes) -> Floats:
    sections = _interpolate(ARM_SECTIONS, ARM_RINGS)
    handness = _smoothstep(ARM_RINGS - 1.5)
    scale = sizes.arm_scale + (sizes.hand_and_foot_scale - sizes.arm_scale) * handness
    sections *= scale[:, None]
    height = _height(sizes, SHOULDER) + sections[:, 4]
    centres = np.stack([_along_arm(sizes, ARM_RINGS), height, sections[:, 5]], axis=-1)
    return _tube(ARM_PART, centres, sections[:, :4], domes=(0.02, 0.01))


def _digits(sizes: _Sizes) -> Floats:
    scale = sizes.hand_and_foot_scale
    shoulder = _height(sizes, SHOULDER)
    digits = []
    for part, (place, up, front, *_, length, root, tip) in zip(DIGIT_PARTS, DIGITS, strict=True):
        start = np.array([_along_arm(sizes, place), shoulder + scale * up, scale * front])
        centres = start + np.outer(DIGIT_RINGS, scale * length * part.frame[2])
        radii = np.outer(root + (tip - root) * DIGIT_RINGS, np.full(4, scale))
        digits.append(_tube(part, centres, radii, domes=(0.0, 0.008 * scale)))
    return np.concatenate(digits)


def _vertices(betas: Floats) -> Floats:
    """Vertices [6890, 3] part by part, y from the origin near the chest."""
    sizes = _sizes(betas)
    left = np.concatenate([_leg(sizes), _foot(sizes), _arm(sizes), _digits(sizes)])
    vertices = np.concatenate([_trunk(sizes) + _bumps(), left, left * [-1, 1, 1]])
    vertices[:, 1] -= _height(sizes, PELVIS) + PELVIS_BELOW_ORIGIN * sizes.heights[-1] / STATURE
    return vertices


def _faces() -> Integers:
    left = np.concatenate(
        [_tube_faces(part) + start for part, start in zip(LEFT_PARTS, LEFT_STARTS, strict=False)]
    )
    return np.concatenate([_tube_faces(TRUNK_PART), left, left[:, ::-1] + NUM_LEFT])


# --- Skinning ---


def _chain(names: tuple[str, ...], steps: list[Floats]) -> dict[str, Floats]:
    """Weights of joints along a limb; step i in 0 .. 1: how far past joint i + 1 a vertex is."""
    beyond = [np.ones_like(steps[0]), *np.cumprod(steps, axis=0), np.zeros_like(steps[0])]
    return {name: beyond[i] - beyond[i + 1] for i, name in enumerate(names)}


def _step(place: Floats, joint: float, half_width: float) -> Floats:
    return _smoothstep((place - joint + half_width) / (2 * half_width))


def _trunk_weights(vertices: Floats) -> dict[str, Floats]:
    x, height = np.abs(vertices[:, 0]), vertices[:, 1] / STATURE
    # The chin turns with the head, the nape with the neck.
    tilted = height + 0.4 * vertices[:, 2] / STATURE
    weights = _chain(
        ("pelvis", "spine1", "spine2", "spine3", "neck", "head"),
        [
            _step(height, SPINE1, 0.040),
            _step(height, SPINE2, 0.040),
            _step(height, SPINE3, 0.030),
            _step(tilted, NECK, 0.022),
            _step(tilted, 0.883, 0.018),
        ],
    )
    lateral = _smoothstep((x - 0.04) / 0.10) * _smoothstep((height - 0.76) / 0.05)
    thigh = 0.7 * _smoothstep((x - 0.02) / 0.10) * _smoothstep((PELVIS - height) / 0.06)
    sides = {}
    for side, mine in (("left", vertices[:, 0] > 0), ("right", vertices[:, 0] < 0)):
        sides[f"{side}_collar"] = weights["spine3"] * lateral * mine
        sides[f"{side}_hip"] = weights["pelvis"] * thigh * mine
    weights["spine3"] = weights["spine3"] * (1 - lateral)
    weights["pelvis"] = weights["pelvis"] * (1 - thigh)
    return weights | sides


def _leg_weights(vertices: Floats) -> dict[str, Floats]:
    down = -vertices[:, 1] / STATURE
    steps = [_step(down, -HIP, 0.045), _step(down, -KNEE, 0.032), _step(down, -ANKLE, 0.030)]
    return _chain(("pelvis", "left_hip", "left_knee", "left_ankle"), steps)


def _foot_weights(vertices: Floats) -> dict[str, Floats]:
    return _chain(("left_ankle", "left_foot"), [_step(vertices[:, 2], 0.108, 0.04)])


def _arm_weights(vertices: Floats) -> dict[str, Floats]:
    place = np.interp(vertices[:, 0], ARM, [-1, 0, 1, 2, 3])
    steps = [_step(place, 0, 0.3), _step(place, 1, 0.22), _step(place, 2, 0.25)]
    steps.append(_step(place, 2.6, 0.3))
    joints = ("left_collar", "left_shoulder", "left_elbow", "left_wrist", "left_hand")
    return _chain(joints, steps)


def _by_joint(named: dict[str, Floats]) -> Floats:
    """Weights [N, 24] from those of some joints."""
    zeros = np.zeros(len(next(iter(named.values()))))
    return np.stack([named.get(joint, zeros) for joint in SMPL_JOINTS], axis=-1)


def _lbs_weights() -> Floats:
    """Skinning weights [6890, 24]."""
    average = _sizes(np.zeros(NUM_BETAS))
    left = [
        _by_joint(_leg_weights(_leg(average))),
        _by_joint(_foot_weights(_foot(average))),
        _by_joint(_arm_weights(_arm(average))),
        _by_joint({"left_hand": np.ones(len(_digits(average)))}),
    ]
    trunk = _by_joint(_trunk_weights(_trunk(average) + _bumps()))
    right = [weights[:, MIRRORED_JOINTS] for weights in left]
    return np.concatenate([trunk, *left, *right])


# --- Joints, landmarks and pose blend shapes ---


def _J_regressor() -> Floats:
    """Weights [24, 6890]: each joint is the mean of a ring, more of its back for the spine's."""
    regressor = np.zeros((len(SMPL_JOINTS), int(LEFT_STARTS[-1]) + NUM_LEFT))
    for name, place, backness in TRUNK_JOINTS:
        ring = TRUNK_PART.ring(place)
        angle = np.arange(len(ring)) * 2 * np.pi / len(ring)
        regressor[SMPL_JOINTS.index(name), ring] = (1 - backness * np.sin(angle)) / len(ring)
    for name, part, place in LEFT_JOINTS:
        ring = LEFT_PARTS[part].ring(place) + LEFT_STARTS[part]
        for side, offset in (("left", 0), ("right", NUM_LEFT)):
            regressor[SMPL_JOINTS.index(f"{side}_{name}"), ring + offset] = 1 / len(ring)
    return regressor


def _landmark_vertices() -> dict[str, int]:
    """Vertices, in the order of the parts, that are the landmarks of SMPL."""
    average = _vertices(np.zeros(NUM_BETAS))
    vertices = {"head_top": TRUNK_PART.num_vertices - 1}
    for name, *target in LANDMARKS:
        point = np.add(target, [0, average[:, 1].min(), 0])
        for side in (1, -1) if point[0] > 0 else (1,):
            label = {1: "left_", -1: "right_"}[side] + name if point[0] > 0 else name
            distance = np.linalg.norm(average - point * [side, 1, 1], axis=1)
            vertices[label] = int(np.argmin(distance))
    return vertices


def _vertex_order() -> NDArray[np.intp]:
    """Which vertex, in the order of the parts, comes at each of SMPL's numbers."""
    landmarks = _landmark_vertices()
    order = np.full(int(LEFT_STARTS[-1]) + NUM_LEFT, -1)
    for name, vertex in SMPL_LANDMARKS.items():
        order[vertex] = landmarks[name]
    order[order < 0] = np.setdiff1d(np.arange(len(order)), order)
    return order


def _posedirs(vertices: Floats, joints: Floats, lbs_weights: Floats) -> Floats:
    """Pose blend shapes [V, 3, 207] that bulge the skin about a bent joint.

    With n = (v - j) / s, the place of a vertex about joint j in units of s = BLEND_RADII, joint j
    turned by R moves it by -BLEND_HEIGHT w exp((1 - |n|^2) / 2) (R - I) n, where w is the weight of
    the joint and its parent on the vertex. At 90 degrees that is up to 1.4 BLEND_HEIGHT.
    """
    parents = np.array(SMPL_PARENTS[1:])
    n = (vertices[:, None] - joints[1:]) / BLEND_RADII[:, None]
    bell = np.exp((1 - (n**2).sum(axis=2)) / 2)
    reach = BLEND_HEIGHT * bell * (lbs_weights[:, 1:] + lbs_weights[:, parents])
    posedirs = np.zeros((len(vertices), 3, len(parents), 3, 3))
    for axis in range(3):
        posedirs[:, axis, :, axis, :] = -reach[..., None] * n
    return posedirs.reshape(len(vertices), 3, -1)


def make_body_model_arrays(seed: int = 0) -> BodyModelArrays:
    """A humanoid of 1.70 m in SMPL's layout: 6890 vertices, 24 joints, 10 betas, 207 pose features.

    It stands in a T-pose, arms along x, left = +x, y up, facing +z, in metres; its pelvis lies at
    y = -0.24, as the origin of SMPL is near the chest. Joints, tree and the landmarks' vertex
    numbers are SMPL's; the other vertices and the faces are not. Betas are scaled like standard
    normal ones. One unit of each is, roughly:

    0. stature, 0.07 m;
    1. weight: girths by 6 to 9 %;
    2. length of arms and legs, 2.5 %;
    3. half the breadth of the shoulders, 0.010 m;
    4. half the breadth of the hips, 0.009 m;
    5. legs longer by 2.5 %, the torso shorter by as much: stature stays;
    6. size of the head, 3 %;
    7. girth of the arms, 8 %;
    8. depth of the belly, 0.022 m;
    9. size of hands and feet, 4 %.

    Args:
        seed: 0 is the average person; others have another mean shape.
    """
    mean = np.zeros(NUM_BETAS)
    if seed != 0:
        mean = 0.5 * np.random.default_rng(seed).standard_normal(NUM_BETAS)
    order = _vertex_order()
    new_number = np.argsort(order)
    v_template = _vertices(mean)[order]
    steps = np.eye(NUM_BETAS)
    shapedirs = [(_vertices(mean + step) - _vertices(mean - step)) / 2 for step in steps]
    lbs_weights = _lbs_weights()[order]
    J_regressor = _J_regressor()[:, order]
    arrays = BodyModelArrays(
        name="synthetic" if seed == 0 else f"synthetic_{seed}",
        v_template=v_template,
        shapedirs=np.ascontiguousarray(np.stack(shapedirs, axis=-1)[order]),
        posedirs=_posedirs(v_template, J_regressor @ v_template, lbs_weights),
        J_regressor=J_regressor,
        lbs_weights=lbs_weights,
        parents=np.array(SMPL_PARENTS, np.int32),
        faces=new_number[_faces()].astype(np.int32),
        joint_names=SMPL_JOINTS,
        landmarks={
            name: (np.array([vertex], np.int32), np.ones(1))
            for name, vertex in SMPL_LANDMARKS.items()
        },
    )
    check_arrays(arrays)
    return arrays


def make_body_model(seed: int = 0) -> BodyModel:
    """The body of `make_body_model_arrays`, ready to pose and fit."""
    return BodyModel(make_body_model_arrays(seed))
