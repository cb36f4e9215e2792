"""Hands of people who spell with their fingers: MediaPipe's 3D points in the .pose files of the
package spoken-to-signed 0.4.0 (MIT), by language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pose_format import Pose

Floats = NDArray[np.float64]

# The files' x and y are pixels of an image 500 wide, z is 1/800 of that (found by the lengths of
# fingers that point to the camera).
DEPTH_SCALE = 800.0
# Files whose hands have less depth than this (pixels) have none.
NO_DEPTH = 1.0
_COMPONENTS = {"left": "LEFT_HAND_LANDMARKS", "right": "RIGHT_HAND_LANDMARKS"}
# From x right, y down, z ahead to x right, y up, z to the camera.
_UPRIGHT = np.array([1.0, -1.0, -1.0])
_MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Hands:
    """N hands, all as left ones.

    Attributes:
        points: (N, 21, 3) in MediaPipe's order: x right, y up, z to the camera, pixels.
        language: (N,) ISO 639-3 code.
        clip: (N,) number of the file.
    """

    points: Floats
    language: NDArray[np.str_]
    clip: NDArray[np.int64]


def read_hands(folder: Path) -> Hands:
    """All hands of the clips in folder/LANGUAGE/*.pose that have depth."""
    points, languages, clips = [], [], []
    for number, path in enumerate(sorted(folder.glob("*/*.pose"))):
        for hands in _hands_of(path):
            points.append(hands)
            languages += [path.parent.name] * len(hands)
            clips += [number] * len(hands)
    return Hands(np.concatenate(points), np.array(languages), np.array(clips))


def _hands_of(path: Path) -> Iterator[Floats]:
    pose = Pose.read(path.read_bytes())
    first = 0
    for component in pose.header.components:
        last = first + len(component.points)
        for side, name in _COMPONENTS.items():
            if component.name == name:
                seen = pose.body.confidence[:, 0, first:last].min(axis=1) > 0
                found = np.asarray(pose.body.data[seen, 0, first:last], np.float64)
                found = (found - found[:, :1]) * [1, 1, DEPTH_SCALE] * _UPRIGHT
                if side == "right":
                    found = found * _MIRROR
                if len(found) and np.ptp(found[..., 2], axis=1).max() > NO_DEPTH:
                    yield found
        first = last
