"""Keypoint formats: the keypoints of a detector, their order, and their locations on the body.

The location of a keypoint is a joint of SMPL or a landmark on the skin, the mean of several, or
none: such keypoints are stored and not fitted. Left and right are those of the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..base.skeleton import SMPL_JOINTS

SURFACE_LANDMARKS: tuple[str, ...] = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "head_top"),
    *("left_big_toe", "left_small_toe", "left_heel"),
    *("right_big_toe", "right_small_toe", "right_heel"),
    *("left_acromion", "right_acromion", "left_hip_crease", "right_hip_crease"),
)

LOCATIONS: tuple[str, ...] = SMPL_JOINTS + SURFACE_LANDMARKS


class KeypointRole(IntEnum):
    """The role of a keypoint on the body; LIMB is any other."""

    SHOULDER = 0
    HIP = 1
    HEAD = 2
    LIMB = 3
    NECK = 4


_LOCATIONS_OF_ROLE = {
    KeypointRole.SHOULDER: ("left_shoulder", "right_shoulder"),
    KeypointRole.NECK: ("neck",),
    KeypointRole.HIP: ("pelvis", "left_hip", "right_hip"),
    KeypointRole.HEAD: ("head", *SURFACE_LANDMARKS[:6]),
}
_ROLE_OF_LOCATION = {
    location: role for role, locations in _LOCATIONS_OF_ROLE.items() for location in locations
}

# The stick figure: a location is connected to the first of the others that the format has. The
# second entry of a location closes the torso or connects the head without a pelvis or neck.
_BONES_OF_MIDLINE = (
    ("spine1", ("pelvis",)),
    ("spine2", ("spine1", "pelvis")),
    ("spine3", ("spine2", "spine1", "pelvis")),
    ("neck", ("spine3", "spine2", "spine1", "pelvis")),
    ("head", ("neck",)),
    ("nose", ("head", "neck")),
    ("head_top", ("head", "neck", "nose")),
)
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
)


def _mirrored(name: str) -> str:
    """The name with `left` and `right` exchanged."""
    return re.sub("left|right", lambda side: "right" if side[0] == "left" else "left", name)


_BONES = (
    *_BONES_OF_MIDLINE,
    *_BONES_OF_LEFT_SIDE,
    *(
        (_mirrored(end), tuple(_mirrored(start) for start in starts))
        for end, starts in _BONES_OF_LEFT_SIDE
    ),
)


@dataclass(frozen=True)
class Keypoint:
    """One keypoint of a format.

    Args:
        name: in the format.
        location: names from `LOCATIONS`; the keypoint is their mean; () is not on the body.

    Raises:
        ValueError: a location that the body does not have.
    """

    name: str
    location: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(part not in LOCATIONS for part in self.location):
            raise ValueError(
                f"location of {self.name!r}: expected names among {', '.join(LOCATIONS)}; "
                f"got {self.location!r}"
            )

    @property
    def role(self) -> KeypointRole:
        """The role of the (first) location."""
        return _ROLE_OF_LOCATION.get(next(iter(self.location), ""), KeypointRole.LIMB)


@dataclass(frozen=True)
class KeypointFormat:
    """K keypoints in a detector's order.

    Args:
        name: of the format, in errors and files.
        keypoints: the K keypoints; their names differ.

    Raises:
        ValueError: no keypoints, or two with the same name.
    """

    name: str
    keypoints: tuple[Keypoint, ...]

    def __post_init__(self) -> None:
        if not self.keypoints:
            raise ValueError(f"keypoints: expected at least one in {self.name!r}, got none")
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise ValueError(f"keypoints: expected different names in {self.name!r}, got {twice}")

    def __hash__(self) -> int:  # formats are keys and have unique names
        return hash(self.name)

    @classmethod
    def from_mapping(
        cls,
        name: str,
        mapping: Mapping[str, str | Sequence[str] | None]
        | Iterable[tuple[str, str | Sequence[str] | None]],
    ) -> KeypointFormat:
        """A custom format, for instance `{"RHip": "right_hip", "hand_bag": None}`.

        Args:
            name: of the format, in errors and files.
            mapping: name -> location in the detector's order, as a mapping or as pairs; a location
                is a name from `LOCATIONS`, several names for their mean, or None.

        Raises:
            ValueError: an unknown location, a name given twice, or no keypoints.
        """
        pairs = mapping.items() if isinstance(mapping, Mapping) else mapping
        return cls(
            name,
            tuple(
                Keypoint(key, (location,) if isinstance(location, str) else tuple(location or ()))
                for key, location in pairs
            ),
        )

    @property
    def num_keypoints(self) -> int:
        """K."""
        return len(self.keypoints)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The K names."""
        return tuple(keypoint.name for keypoint in self.keypoints)

    @cached_property
    def roles(self) -> tuple[KeypointRole, ...]:
        """The K roles."""
        return tuple(keypoint.role for keypoint in self.keypoints)

    def index(self, name: str) -> int:
        """The index of a keypoint by name; ValueError for an unknown name."""
        if name not in self.names:
            raise ValueError(
                f"keypoint: expected one of {', '.join(self.names)} ({self.name}), got {name!r}"
            )
        return self.names.index(name)

    @cached_property
    def left_right_swap(self) -> NDArray[np.intp]:
        """[K] the permutation that exchanges left and right: `xy[format.left_right_swap]`.

        Raises:
            ValueError: a keypoint on one side has no counterpart; sides are read from the words
                `left` and `right` in the names.
        """
        swap = np.empty(self.num_keypoints, dtype=np.intp)
        for k, keypoint in enumerate(self.keypoints):
            other = _mirrored(keypoint.name)
            swap[k] = self.names.index(other) if other in self.names else -1
            mirrored_location = {_mirrored(part) for part in keypoint.location}
            if swap[k] < 0 or set(self.keypoints[swap[k]].location) != mirrored_location:
                raise ValueError(
                    f"left_right_swap: expected {other!r} at {sorted(mirrored_location)} in "
                    f"{self.name!r} as the counterpart of {keypoint.name!r}, found none"
                )
        swap.flags.writeable = False
        return swap

    @cached_property
    def limbs(self) -> tuple[tuple[int, int], ...]:
        """Pairs of keypoint indices: the lines of a stick figure."""
        keypoint_at: dict[str, int] = {}
        # A mean of several locations represents the first that is not a keypoint itself.
        for k in sorted(range(self.num_keypoints), key=lambda k: len(self.keypoints[k].location)):
            free = [part for part in self.keypoints[k].location if part not in keypoint_at]
            if free:
                keypoint_at[free[0]] = k
        lines = set()
        for end, starts in _BONES:
            start = next((start for start in starts if start in keypoint_at), None)
            if start is not None and end in keypoint_at:
                pair = keypoint_at[start], keypoint_at[end]
                lines.add((min(pair), max(pair)))
        return tuple(sorted(lines))


def _table(
    name: str, order: str, elsewhere: Mapping[str, str | tuple[str, ...]] | None = None
) -> KeypointFormat:
    """The format of the names in `order`; each is also its location, unless in `elsewhere`."""
    locations = elsewhere or {}
    return KeypointFormat.from_mapping(
        name, [(keypoint, locations.get(keypoint, keypoint)) for keypoint in order.split()]
    )


# Order: POSE_BODY_25_BODY_PARTS, OpenPose doc/02_output.md.
# Locations: SMPLify-X (CVPR 2019), which takes the neck to be SMPL's joint and not the middle of
# the shoulders.
OPENPOSE_BODY25 = _table(
    "openpose_body25",
    """
    nose neck
    right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist
    mid_hip right_hip right_knee right_ankle left_hip left_knee left_ankle
    right_eye left_eye right_ear left_ear
    left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel
    """,
    {"mid_hip": "pelvis"},
)

# Order: POSE_BODY_25B_BODY_PARTS, OpenPose src/openpose/pose/poseParameters.cpp.
# The upper neck is MPII's, where neck and head meet: between SMPL's neck (its base) and head (the
# base of the skull).
OPENPOSE_BODY25B = _table(
    "openpose_body25b",
    """
    nose left_eye right_eye left_ear right_ear
    left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist
    left_hip right_hip left_knee right_knee left_ankle right_ankle
    upper_neck head_top
    left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel
    """,
    {"upper_neck": ("neck", "head")},
)

# Annotators of COCO mark visible points: half-way between the centre of a joint and the skin above
# it for shoulders and in front of it for hips. (BODY_25 uses the joints of SMPLify-X.)
_COCO_LOCATIONS = {
    f"{side}_{joint}": (f"{side}_{joint}", f"{side}_{skin}")
    for side in ("left", "right")
    for joint, skin in (("shoulder", "acromion"), ("hip", "hip_crease"))
}

# Order: POSE_COCO_BODY_PARTS, OpenPose src/openpose/pose/poseParameters.cpp.
OPENPOSE_COCO18 = _table(
    "openpose_coco18",
    """
    nose neck
    right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist
    right_hip right_knee right_ankle left_hip left_knee left_ankle
    right_eye left_eye right_ear left_ear
    """,
    _COCO_LOCATIONS,
)

# Order: the category `person` of COCO's person_keypoints annotations.
COCO17 = _table(
    "coco17",
    """
    nose left_eye right_eye left_ear right_ear
    left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist
    left_hip right_hip left_knee right_knee left_ankle right_ankle
    """,
    _COCO_LOCATIONS,
)

# Order: MediaPipe Pose Landmarker, PoseLandmark 0 to 32.
MEDIAPIPE33 = _table(
    "mediapipe33",
    """
    nose
    left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer
    left_ear right_ear mouth_left mouth_right
    left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist
    left_pinky right_pinky left_index right_index left_thumb right_thumb
    left_hip right_hip left_knee right_knee left_ankle right_ankle
    left_heel right_heel left_foot_index right_foot_index
    """,
    {
        **dict.fromkeys(("left_eye_inner", "left_eye_outer", "mouth_left"), ()),
        **dict.fromkeys(("right_eye_inner", "right_eye_outer", "mouth_right"), ()),
        **dict.fromkeys(("left_pinky", "right_pinky", "left_thumb", "right_thumb"), ()),
        **{"left_index": "left_hand", "right_index": "right_hand"},
        **{"left_foot_index": "left_big_toe", "right_foot_index": "right_big_toe"},
    },
)

# Order: the 17 of Human3.6M's 32 joints in common use (VideoPose3D, MMPose): right leg first, left
# arm first. Joint 9 goes by neck base, nose and jaw, about 12 cm above the thorax: SMPL's head
# joint, at the base of the skull, is the nearest.
HUMAN36M17 = _table(
    "human36m17",
    """
    pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle
    spine thorax jaw head
    left_shoulder left_elbow left_wrist right_shoulder right_elbow right_wrist
    """,
    {"spine": "spine2", "thorax": "neck", "jaw": "head", "head": "head_top"},
)

# Order: Leeds Sports Pose (Johnson and Everingham, BMVC 2010), as SMPLify takes it.
LSP14 = _table(
    "lsp14",
    """
    right_ankle right_knee right_hip left_hip left_knee left_ankle
    right_wrist right_elbow right_shoulder left_shoulder left_elbow left_wrist
    neck head_top
    """,
)

SMPL24 = _table("smpl24", " ".join(SMPL_JOINTS))

# Order: Halpe-FullBody's README (Fang et al., AlphaPose, TPAMI 2022), keypoints 0 to 25. The head
# is its top, the hip the middle of both.
HALPE26 = _table(
    "halpe26",
    " ".join(COCO17.names)
    + """
    head neck hip
    left_big_toe right_big_toe left_small_toe right_small_toe left_heel right_heel
    """,
    {**_COCO_LOCATIONS, "head": "head_top", "hip": "pelvis"},
)

# The 68 points of a face as 300-W (iBUG) numbers them: jaw, brows, nose, eyes, mouth, each from the
# person's right to the left; points that mirror one another have the same number.
_FACE68 = " ".join(
    (
        *(f"right_jaw_{k}" for k in range(8)),
        "chin",
        *(f"left_jaw_{k}" for k in reversed(range(8))),
        *(f"right_brow_{k}" for k in range(5)),
        *(f"left_brow_{k}" for k in reversed(range(5))),
        *(f"nose_bridge_{k}" for k in range(4)),
        "right_nostril_0 right_nostril_1 nostrils left_nostril_1 left_nostril_0",
        *(f"right_eye_{k}" for k in range(6)),
        *(f"left_eye_{k}" for k in (3, 2, 1, 0, 5, 4)),
        "right_mouth_0 right_mouth_1 right_mouth_2 mouth_top",
        "left_mouth_2 left_mouth_1 left_mouth_0",
        "left_mouth_3 left_mouth_4 mouth_bottom right_mouth_4 right_mouth_3",
        "right_lip_0 right_lip_1 lip_top left_lip_1 left_lip_0",
        "left_lip_2 lip_bottom right_lip_2",
    )
)

# A hand's 21 points: its root, then four of each finger from the palm to the tip.
_FINGERS = ("thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger")
_HANDS42 = " ".join(
    f"{side}_{point}"
    for side in ("left", "right")
    for point in ("hand_root", *(f"{finger}{k}" for finger in _FINGERS for k in range(1, 5)))
)

# Of face and hands the body has one point: SMPL's hand, which is nearest to the middle knuckle.
_FACE_AND_HANDS: dict[str, str | tuple[str, ...]] = {
    **dict.fromkeys((*_FACE68.split(), *_HANDS42.split()), ()),
    "left_middle_finger1": "left_hand",
    "right_middle_finger1": "right_hand",
}

# Order: Halpe-FullBody's README: the 26, a face, the left hand, the right.
HALPE136 = _table(
    "halpe136",
    " ".join((*HALPE26.names, _FACE68, _HANDS42)),
    {**_COCO_LOCATIONS, "head": "head_top", "hip": "pelvis", **_FACE_AND_HANDS},
)

# Order: COCO-WholeBody's data_format.md (Jin et al., ECCV 2020): 17, feet, face, left hand, right.
COCO_WHOLEBODY133 = _table(
    "coco_wholebody133",
    " ".join(
        (
            *COCO17.names,
            "left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel",
            *(_FACE68, _HANDS42),
        )
    ),
    {**_COCO_LOCATIONS, **_FACE_AND_HANDS},
)

FORMATS: Mapping[str, KeypointFormat] = MappingProxyType(
    {
        known.name: known
        for known in (
            *(OPENPOSE_BODY25, OPENPOSE_BODY25B, OPENPOSE_COCO18, COCO17),
            *(MEDIAPIPE33, HUMAN36M17, LSP14, SMPL24),
            *(HALPE26, HALPE136, COCO_WHOLEBODY133),
        )
    }
)

_ALIASES = {
    **dict.fromkeys(("body_25", "body25", "openpose", "openpose25"), OPENPOSE_BODY25),
    **dict.fromkeys(("body_25b", "body25b", "openpose_body_25b"), OPENPOSE_BODY25B),
    **dict.fromkeys(("coco_18", "coco18", "openpose18", "openpose_coco"), OPENPOSE_COCO18),
    **dict.fromkeys(("coco", "coco_17", "mscoco"), COCO17),
    **dict.fromkeys(("mediapipe", "mediapipe_pose", "mediapipe_pose33"), MEDIAPIPE33),
    **dict.fromkeys(("blazepose", "blazepose33"), MEDIAPIPE33),
    **dict.fromkeys(("human36m", "human3.6m", "h36m", "h36m17"), HUMAN36M17),
    **dict.fromkeys(("lsp",), LSP14),
    **dict.fromkeys(("smpl", "smpl_24"), SMPL24),
    **dict.fromkeys(("halpe_26", "body_26"), HALPE26),
    **dict.fromkeys(("halpe", "halpe_136"), HALPE136),
    **dict.fromkeys(("wholebody", "coco_wholebody", "coco_wholebody_133"), COCO_WHOLEBODY133),
}


def format_named(name_or_format: str | KeypointFormat) -> KeypointFormat:
    """The format of this name or alias (upper or lower case); a `KeypointFormat` is returned as is.

    Raises:
        ValueError: an unknown name.
    """
    if isinstance(name_or_format, KeypointFormat):
        return name_or_format
    name = str(name_or_format).lower().replace("-", "_")
    if name in FORMATS:
        return FORMATS[name]
    if name in _ALIASES:
        return _ALIASES[name]
    raise ValueError(
        f"format: expected one of {', '.join(FORMATS)}, or a KeypointFormat; got {name_or_format!r}"
    )


def formats_with(num_keypoints: int) -> tuple[KeypointFormat, ...]:
    """The known formats of this many keypoints."""
    return tuple(known for known in FORMATS.values() if known.num_keypoints == num_keypoints)


def recognise_format(num_keypoints: int) -> KeypointFormat:
    """The one format of this many keypoints.

    25 is openpose_body25 by convention; openpose_body25b must be named.

    Raises:
        ValueError: no known format, or several, has this many keypoints.
    """
    candidates = formats_with(num_keypoints)
    if OPENPOSE_BODY25 in candidates:
        return OPENPOSE_BODY25
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        names = " or ".join(known.name for known in candidates)
        raise ValueError(f"format: expected to be named, as {num_keypoints} keypoints fit {names}")
    counts = ", ".join(f"{known.num_keypoints} ({known.name})" for known in FORMATS.values())
    raise ValueError(
        f"keypoints: expected the number of a known format, {counts}; got {num_keypoints}"
    )
