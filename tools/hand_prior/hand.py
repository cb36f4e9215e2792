"""The whole body's left hand: where its points are for given angles of hinges, for many poses at
once.

A finger bends at three hinges about one axis, across it and in the palm's plane, and spreads at the
first; the thumb turns freely at its root and bends at two hinges. That makes 22 angles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from body_model.posed import WholeBody

Floats = NDArray[np.float64]

FINGERS = ("index", "middle", "pinky", "ring", "thumb")  # SMPL-X's order
NUM_ANGLES = 22
THUMB = 16  # the first of the thumb's angles: root 3, second bend and spread, third bend
# Of MediaPipe's and OpenPose's 21 points (wrist, then thumb, index, middle, ring, little finger
# from the root to the tip), what they are here: 0 the wrist, 1 to 15 the joints, 16 to 20 the tips.
POINTS = np.array(
    [0, 13, 14, 15, 20, 1, 2, 3, 16, 4, 5, 6, 17, 10, 11, 12, 19, 7, 8, 9, 18], dtype=np.int64
)
# Limits of a bend at a finger's three joints and of spreading, and of the thumb's second bend,
# spread and third bend, radians. Flexion: American Academy of Orthopaedic Surgeons, Joint Motion:
# Method of Measuring and Recording (1965); extension and spreading widened to passive ranges
# (Bain et al., 2015, The functional range of motion of the finger joints, J. Hand Surg. Eur.).
BEND = np.radians([(-35, 95), (-8, 112), (-10, 85)])
SPREAD = np.radians((-22, 22))
THUMB_BEND = np.radians([(-20, 65), (-15, 15), (-25, 85)])
THUMB_ROOT = np.radians(60.0)  # the root's components, either way


@dataclass(frozen=True)
class LeftHand:
    """At rest, in the frame of the body at rest, the wrist at the origin.

    Attributes:
        rest: (21, 3) metres: wrist, 15 joints, 5 tips (of the fingers in FINGERS' order).
        bend: (5, 3) axes about which fingers bend towards the palm, of unit length.
        spread: (5, 3) axes about which they spread.
        bend_thumb: (2, 3) of the thumb's second and third joint.
    """

    rest: Floats
    bend: Floats
    spread: Floats
    bend_thumb: Floats

    def pose(self, angles: Floats) -> Floats:
        """(N, 15, 3) rotation vectors of angles (N, 22)."""
        pose = np.zeros((len(angles), 15, 3))
        for finger in range(4):
            bend, spread = self.bend[finger], self.spread[finger]
            first = 4 * finger
            pose[:, 3 * finger] = (
                angles[:, first, None] * bend + angles[:, first + 1, None] * spread
            )
            pose[:, 3 * finger + 1] = angles[:, first + 2, None] * bend
            pose[:, 3 * finger + 2] = angles[:, first + 3, None] * bend
        pose[:, 12] = angles[:, THUMB : THUMB + 3]
        pose[:, 13] = (
            angles[:, THUMB + 3, None] * self.bend_thumb[0]
            + angles[:, THUMB + 4, None] * self.spread[4]
        )
        pose[:, 14] = angles[:, THUMB + 5, None] * self.bend_thumb[1]
        return pose

    def points(self, pose: Floats, lengths: Floats | None = None) -> Floats:
        """(N, 21, 3) wrist, joints and tips of poses (N, 15, 3) of hands whose fingers are
        `lengths` (N, 5) times as long as ours.
        """
        turns = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(len(pose), 5, 3, 3, 3)
        points = np.empty((len(pose), 21, 3))
        points[:, 0] = 0
        for finger in range(5):
            chain = [*range(1 + 3 * finger, 4 + 3 * finger), 16 + finger]
            place = np.broadcast_to(self.rest[chain[0]], (len(pose), 3))
            points[:, chain[0]] = place
            world = np.broadcast_to(np.eye(3), (len(pose), 3, 3))
            for segment in range(3):
                world = world @ turns[:, finger, segment]
                bone = world @ (self.rest[chain[segment + 1]] - self.rest[chain[segment]])
                place = place + (bone if lengths is None else lengths[:, finger, None] * bone)
                points[:, chain[segment + 1]] = place
        return points


def left_hand(body: WholeBody, thumb_axes: Floats) -> LeftHand:
    """thumb_axes: (2, 3) about which the thumb's second and third joint bend."""
    wrist = body.joints[body.names.index("left_wrist")]
    joints = [
        body.joints[body.names.index(f"left_{finger}{segment}")]
        for finger in FINGERS
        for segment in (1, 2, 3)
    ]
    tips = [body.template[body.landmark(f"left_{finger}_tip")].mean(axis=0) for finger in FINGERS]
    rest = np.stack([wrist, *joints, *tips]) - wrist
    normal = np.cross(
        rest[7], rest[1]
    )  # from the palm to its back, for the little and index finger
    normal *= np.sign(normal[1]) / np.linalg.norm(normal)
    along = np.stack([rest[2 + 3 * finger] - rest[1 + 3 * finger] for finger in range(5)])
    bend = np.cross(along, -normal)
    bend /= np.linalg.norm(bend, axis=1, keepdims=True)
    spread = np.cross(bend, along)
    spread /= np.linalg.norm(spread, axis=1, keepdims=True)
    thumb_spread = np.cross(thumb_axes[0], along[4])
    spread[4] = thumb_spread / np.linalg.norm(thumb_spread)
    return LeftHand(rest, bend, spread, thumb_axes)


def hinge_limits() -> Floats:
    """(22, 2) least and most of the angles."""
    finger = [BEND[0], SPREAD, BEND[1], BEND[2]]
    thumb = [*3 * [(-THUMB_ROOT, THUMB_ROOT)], *THUMB_BEND]
    return np.array([*4 * finger, *thumb])
