"""Ranges of motion of the jaw, the eyes and the fingers, in the form of smplceres.JointLimits: a
twist about the bone's axis b, and the components of its swing along u and v.

Sources. Jaw: opening of 40 to 60 mm between the incisors and 8 to 12 mm to each side (Okeson,
Management of Temporomandibular Disorders and Occlusion, 2013), turned into angles on our mandible.
Eyes: ductions of 44.9 (out), 44.2 (in), 27.9 (up) and 47.1 (down) degrees (Shin et al., Normal
range of eye movement and its relationship to age, Acta Ophthalmologica, 2016). Fingers:
hand_prior/hand.py.
"""

from __future__ import annotations

import numpy as np

from hand_prior.hand import BEND, SPREAD, THUMB_BEND, THUMB_ROOT, left_hand

from .mesh import Floats
from .posed import WholeBody
from .tpose import FRONT, LEFT, UP
from .whole_joints import EYES, FINGERS, HANDS, JAW, SEGMENTS

# Twist, then the swing's two components, radians. The jaw's and the eyes' u is to the left: a
# positive angle opens the mouth and looks down; v is upright: a positive angle turns to the left.
_JAW = np.radians([(-4, 4), (-2, 30), (-9, 9)])
_EYE = np.radians([(-10, 10), (-27.9, 47.1), (-44.2, 44.2)])
# A hinge of a finger neither twists nor spreads by more than its joint's play.
_PLAY = np.radians((-6, 6))
_TWIST = np.radians((-12, 12))
# (1, -1, -1): the mirror image of a rotation vector.
_MIRROR = np.array([1.0, -1.0, -1.0])


def whole_limits(body: WholeBody, thumb_axes: Floats) -> tuple[Floats, Floats, Floats]:
    """axes (55, 3, 3) of rows b, u, v, lower and upper (55, 3); NaN for the body's joints."""
    axes = np.full((len(body.names), 3, 3), np.nan)
    ranges = np.full((len(body.names), 3, 2), np.nan)
    axes[JAW], ranges[JAW] = [FRONT, LEFT, UP], _JAW
    for joint in EYES.values():
        axes[joint], ranges[joint] = [FRONT, LEFT, UP], _EYE
    hand = left_hand(body, thumb_axes)
    for number, finger in enumerate(FINGERS):
        for segment in SEGMENTS:
            index = 3 * number + segment - 1
            end = index + 1 if segment < SEGMENTS[-1] else len(FINGERS) * len(SEGMENTS) + number
            bone = hand.rest[1 + end] - hand.rest[1 + index]
            thumb = finger == "thumb" and segment > 1
            bend = hand.bend_thumb[segment - 2] if thumb else hand.bend[number]
            frame = _frame(bone, bend)
            left, right = HANDS["left"] + index, HANDS["right"] + index
            axes[left], axes[right] = frame, frame * _MIRROR
            ranges[left] = ranges[right] = _finger_range(finger, segment)
    return axes, ranges[..., 0], ranges[..., 1]


def _finger_range(finger: str, segment: int) -> list[Floats]:
    if finger != "thumb":
        spread = SPREAD if segment == 1 else _PLAY
        return [_TWIST if segment == 1 else _PLAY, BEND[segment - 1], spread]
    if segment == 1:
        return 3 * [np.array([-THUMB_ROOT, THUMB_ROOT])]
    return [_PLAY, THUMB_BEND[2 * (segment - 2)], THUMB_BEND[1] if segment == 2 else _PLAY]


def _frame(bone: Floats, bend: Floats) -> Floats:
    """Rows b, u, v."""
    b = bone / np.linalg.norm(bone)
    u = bend - (bend @ b) * b
    u /= np.linalg.norm(u)
    return np.stack([b, u, np.cross(b, u)])
