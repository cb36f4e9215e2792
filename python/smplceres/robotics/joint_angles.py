"""REP-155's 20 joint angles of a body, in closed form, and the lengths of its links.

The chain of ros4hri/human_description, in REP-103 axes: from `body`, at mid-hips,

    waist  Ry(w)                          to the torso
    head   Rx(r) Rz(y) Ry(-p)             from the torso
    arms   Rz(-s y) Rx(s p) Rz(s r), Ry(-e)   from the torso, hanging at rest, s = 1 left, -1 right
    legs   Rz(-y) Rx(s p) Ry(-r), Ry(-k)      from the body

Each limb has two bones, with directions u and f. The third column of the chain's rotation R is -u;
the hinge takes f into the plane of the first column and u: f = sin(e) R_x + cos(e) u. So a limb is
exact whatever the spine did. Where it is straight, R_x is the forward axis of SMPL's joint; that
axis also gives the sign of the hinge. A straight elbow or knee that bends backwards by noise has a
small angle of the other sign and does not turn the whole limb by pi.

Shoulders: one hinge cannot say what the spine did, so that they are off by centimetres. The waist
is the angle, about the y axis of the body, of the middle of the shoulders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS
from ..body.model import BodyModel
from .frames import SMPL_FROM_REP103, BodyFrames, PosedBody

Floats = NDArray[np.float64]

ANGLE_NAMES: tuple[str, ...] = (
    *("waist", "r_head", "y_head", "p_head"),
    *("l_y_shoulder", "l_p_shoulder", "l_r_shoulder", "l_elbow"),
    *("r_y_shoulder", "r_p_shoulder", "r_r_shoulder", "r_elbow"),
    *("l_y_hip", "l_p_hip", "l_r_hip", "l_knee"),
    *("r_y_hip", "r_p_hip", "r_r_hip", "r_knee"),
)

# A limb bent by less is straight, radians: its plane is not defined.
_STRAIGHT = 1e-4


class Limb(NamedTuple):
    """A limb by SMPL's joints."""

    prefix: str  # l or r
    root: str
    hinge: str
    end: str
    is_arm: bool


LIMBS: tuple[Limb, ...] = tuple(
    Limb(side[0], f"{side}_{root}", f"{side}_{hinge}", f"{side}_{end}", is_arm)
    for root, hinge, end, is_arm in (
        ("shoulder", "elbow", "wrist", True),
        ("hip", "knee", "ankle", False),
    )
    for side in ("left", "right")
)


# Numbers of joints, which bodies with SMPL's joints share.
_AT_HEAD = SMPL_JOINTS.index("head")
_AT_SHOULDERS = [SMPL_JOINTS.index(f"{side}_shoulder") for side in ("left", "right")]
_ENDS = np.array([[SMPL_JOINTS.index(name) for name in limb[1:4]] for limb in LIMBS])

# The vectors of `Links`: differences of the means of joints.
_SHOULDERS = ("left_shoulder", "right_shoulder")
_HIPS = ("left_hip", "right_hip")
_VECTORS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    *((_HIPS, _SHOULDERS), (_SHOULDERS, ("neck",)), (("neck",), ("head",))),
    *((_SHOULDERS if limb.is_arm else _HIPS, (limb.root,)) for limb in LIMBS),
    *((ends[:1], ends[1:]) for limb in LIMBS for ends in (limb[1:3], limb[2:4])),
)


def _differences() -> Floats:
    """(V, 22) from SMPL's shared joints to the vectors."""
    table = np.zeros((len(_VECTORS), NUM_SHARED_JOINTS))
    for row, ends in zip(table, _VECTORS, strict=True):
        for sign, names in zip((-1.0, 1.0), ends, strict=True):
            row[[SMPL_JOINTS.index(name) for name in names]] += sign / len(names)
    return table


_DIFFERENCES = _differences()


@dataclass(frozen=True, eq=False)
class Links:
    """The lengths of a person, metres; offsets are (3,) in REP-103 axes at rest.

    Attributes:
        torso: from mid-hips to the middle of the shoulders.
        neck: from there to the base of the neck.
        head: from there to the base of the skull.
        roots: (4, 3) by limb, of its first joint: from mid-hips for legs, from the torso for arms.
        lengths: (4, 2) by limb, of its two bones.
    """

    torso: Floats
    neck: Floats
    head: Floats
    roots: Floats
    lengths: Floats

    @classmethod
    def of(cls, model: BodyModel, betas: Floats) -> Links:
        """Of the person of these betas.

        Raises:
            ValueError: a body without SMPL's joints.
        """
        if not model.has_smpl_joints:
            raise ValueError(f"model: expected a body with SMPL's joints, got {model.name}")
        rest = model.joints(betas=betas)[:NUM_SHARED_JOINTS]
        vectors = _DIFFERENCES @ rest @ SMPL_FROM_REP103
        bones = vectors[3 + len(LIMBS) :]
        lengths = np.sqrt((bones**2).sum(axis=1)).reshape(-1, 2)
        torso, neck, head = vectors[:3]
        return cls(torso, neck, head, vectors[3 : 3 + len(LIMBS)], lengths)

    @cached_property
    def numbers(self) -> Floats:
        """All of them in one array, metres."""
        return np.concatenate(
            [self.torso, self.neck, self.head, self.roots.ravel(), self.lengths.ravel()]
        )


def joint_angles(body: PosedBody, model: BodyModel) -> dict[str, float]:
    """The angles of `ANGLE_NAMES`, radians, of a result or an update of a tracker.

    Raises:
        ValueError: a body without SMPL's joints.
    """
    return angles_of(BodyFrames.of(body, model), Links.of(model, body.betas))


def angles_of(frames: BodyFrames, links: Links) -> dict[str, float]:
    """`joint_angles` from the frames and links of a body."""
    body = frames.rotations[0]
    shoulders = frames.joints[_AT_SHOULDERS].sum(axis=0) / 2
    x, _, z = ((shoulders - frames.mid_hips) @ body).tolist()
    waist = _wrapped(math.atan2(x, z) - math.atan2(links.torso[0], links.torso[2]))
    torso = body @ _about_y(waist)
    head = torso.T @ frames.rotations[_AT_HEAD]
    angles = {"waist": waist, **_head(head.tolist())}
    for limb, (u, f, forward) in zip(LIMBS, _directions(frames, torso, body), strict=True):
        rotation, hinge = _limb(u, f, forward)
        angles |= _arm(limb.prefix, rotation) if limb.is_arm else _leg(limb.prefix, rotation)
        angles[f"{limb.prefix}_{'elbow' if limb.is_arm else 'knee'}"] = hinge
    return {name: float(angles[name]) for name in ANGLE_NAMES}


def _about_y(angle: float) -> Floats:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])


def _wrapped(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi


def _directions(frames: BodyFrames, torso: Floats, body: Floats) -> list[list[list[float]]]:
    """By limb, unit vectors in its parent's frame: of the two bones, and forward of SMPL's first
    joint."""
    vectors = np.empty((len(LIMBS), 3, 3))
    vectors[:, :2] = frames.joints[_ENDS[:, 1:]] - frames.joints[_ENDS[:, :2]]
    vectors[:, :2] /= np.sqrt((vectors[:, :2] ** 2).sum(axis=2, keepdims=True))
    vectors[:, 2] = frames.smpl_rotations[_ENDS[:, 0], :, 2]
    parents = np.stack([torso if limb.is_arm else body for limb in LIMBS])
    return (vectors @ parents).tolist()  # type: ignore[no-any-return]


def _limb(u: list[float], f: list[float], forward: list[float]) -> tuple[list[list[float]], float]:
    """The rotation of a limb, and its hinge: f = sin(hinge) R_x + cos(hinge) u.

    In plain numbers: a tenth of the time of NumPy for vectors of three.
    """
    cosine, ahead = _dot(f, u), _dot(forward, u)
    along = [b - cosine * a for a, b in zip(u, f, strict=True)]
    reference = [b - ahead * a for a, b in zip(u, forward, strict=True)]
    bent = math.sqrt(_dot(along, along))
    if bent > _STRAIGHT:
        side = 1.0 if _dot(along, reference) >= 0 else -1.0
        x, hinge = [side * each / bent for each in along], side * math.atan2(bent, cosine)
    else:
        length = math.sqrt(_dot(reference, reference))
        x, hinge = [each / length for each in reference], 0.0
    z = [-each for each in u]
    y = [z[1] * x[2] - z[2] * x[1], z[2] * x[0] - z[0] * x[2], z[0] * x[1] - z[1] * x[0]]
    return [[x[i], y[i], z[i]] for i in range(3)], hinge


def _dot(a: list[float], b: list[float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _head(m: list[list[float]]) -> dict[str, float]:
    """m = Rx(r) Rz(y) Ry(-p)."""
    return {
        "r_head": math.atan2(m[2][1], m[1][1]),
        "y_head": -math.asin(max(-1.0, min(1.0, m[0][1]))),
        "p_head": -math.atan2(m[0][2], m[0][0]),
    }


def _arm(prefix: str, m: list[list[float]]) -> dict[str, float]:
    """m = Rz(-s y) Rx(s p) Rz(s r), p in [0, pi]: y is 0 to the side, pi/2 forward, and jumps where
    the arm points to the other side (pi), or hangs or stands exactly, where only r - y is defined.
    """
    side = 1 if prefix == "l" else -1
    sine = math.hypot(m[0][2], m[1][2])
    if sine < 1e-9:
        up = m[2][2] < 0
        y, p = 0.0, math.pi if up else 0.0
        r = side * math.atan2(-m[1][0] if up else m[1][0], m[0][0])
    else:
        # With s p = b, of the sign of s.
        p = math.atan2(sine, m[2][2])
        y = -side * math.atan2(side * m[0][2], -side * m[1][2])
        r = side * math.atan2(side * m[2][0], side * m[2][1])
    return {f"{prefix}_y_shoulder": y, f"{prefix}_p_shoulder": p, f"{prefix}_r_shoulder": r}


def _leg(prefix: str, m: list[list[float]]) -> dict[str, float]:
    """m = Rz(-y) Rx(s p) Ry(-r)."""
    side = 1 if prefix == "l" else -1
    return {
        f"{prefix}_y_hip": math.atan2(m[0][1], m[1][1]),
        f"{prefix}_p_hip": side * math.asin(max(-1.0, min(1.0, m[2][1]))),
        f"{prefix}_r_hip": math.atan2(m[2][0], m[2][2]),
    }
