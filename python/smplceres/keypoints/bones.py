"""The stick figure of body, hands and face: which locations are connected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# A location is connected to the first of the others that the format has. The
# second entry of a location closes the torso or connects the head without a pelvis or neck.
_BONES_OF_MIDLINE = (
    ("spine1", ("pelvis",)),
    ("spine2", ("spine1", "pelvis")),
    ("spine3", ("spine2", "spine1", "pelvis")),
    ("neck", ("spine3", "spine2", "spine1", "pelvis")),
    ("head", ("neck",)),
    ("nose", ("head", "neck")),
    ("head_top", ("head", "neck", "nose")),
    ("nose_bridge_3", ("nose",)),
    *((f"nose_bridge_{k}", (f"nose_bridge_{k + 1}",)) for k in range(3)),
    ("nostrils", ("nose_bridge_3",)),
    ("mouth_top", ("nostrils",)),
    ("lip_top", ("mouth_top",)),
)


def _chain(*names: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name connected to the one before."""
    return ((end, (start,)) for start, end in pairwise(names))


_BONES_OF_LEFT_SIDE = (
    ("left_eye", ("nose",)),
    ("left_ear", ("left_eye", "nose")),
    ("left_collar", ("spine3", "neck")),
    ("left_shoulder", ("left_collar", "neck", "right_shoulder")),
    ("left_shoulder", ("left_collar", "neck", "left_ear")),
    ("left_elbow", ("left_shoulder",)),
    ("left_wrist", ("left_elbow",)),
    ("left_hand", ("left_wrist",)),
    ("left_hip", ("pelvis", "right_hip")),
    ("left_hip", ("pelvis", "left_shoulder")),
    ("left_knee", ("left_hip",)),
    ("left_ankle", ("left_knee",)),
    ("left_heel", ("left_ankle",)),
    ("left_foot", ("left_ankle",)),
    ("left_big_toe", ("left_foot", "left_ankle")),
    ("left_small_toe", ("left_big_toe", "left_foot", "left_ankle")),
    *(
        bone
        for finger in ("thumb", "index", "middle", "ring", "pinky")
        for bone in (
            (f"left_{finger}1", ("left_wrist",)),
            (f"left_{finger}2", (f"left_{finger}1", "left_hand")),
            (f"left_{finger}3", (f"left_{finger}2",)),
            (f"left_{finger}_tip", (f"left_{finger}3",)),
        )
    ),
    *_chain("left_ear", *(f"left_jaw_{k}" for k in range(8)), "chin"),
    *_chain("nose_bridge_0", *(f"left_brow_{4 - k}" for k in range(5))),
    *_chain("nose_bridge_0", *(f"left_eye_{k}" for k in (0, 1, 2, 3, 4, 5, 0))),
    *_chain("nostrils", "left_nostril_1", "left_nostril_0"),
    *_chain("mouth_top", *(f"left_mouth_{k}" for k in (2, 1, 0, 3, 4)), "mouth_bottom"),
    *_chain("lip_top", *(f"left_lip_{k}" for k in (1, 0, 2)), "lip_bottom"),
)


def mirrored_name(name: str) -> str:
    """The name with `left` and `right` exchanged."""
    return re.sub("left|right", lambda side: "right" if side[0] == "left" else "left", name)


BONES = (
    *_BONES_OF_MIDLINE,
    *_BONES_OF_LEFT_SIDE,
    *(
        (mirrored_name(end), tuple(mirrored_name(start) for start in starts))
        for end, starts in _BONES_OF_LEFT_SIDE
    ),
)
