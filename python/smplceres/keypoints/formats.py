"""Keypoint formats: the keypoints of a detector, their order, and their locations on the body.

The location of a keypoint is a joint of SMPL or a landmark on the skin, the mean of several, or
none: such keypoints are stored and not fitted. Left and right are those of the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..base.skeleton import FACE_LANDMARKS, FINGER_LOCATIONS, SMPL_JOINTS
from .bones import BONES, mirrored_name

SURFACE_LANDMARKS: tuple[str, ...] = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear", "head_top"),
    *("left_big_toe", "left_small_toe", "left_heel"),
    *("right_big_toe", "right_small_toe", "right_heel"),
    *("left_acromion", "right_acromion", "left_hip_crease", "right_hip_crease"),
)

LOCATIONS: tuple[str, ...] = SMPL_JOINTS + SURFACE_LANDMARKS + FINGER_LOCATIONS + FACE_LANDMARKS


class KeypointRole(IntEnum):
    """The role of a keypoint on the body; CONTOUR: the edge of a face; LIMB: any other."""

    SHOULDER = 0
    HIP = 1
    HEAD = 2
    LIMB = 3
    NECK = 4
    HAND = 5
    FACE = 6
    CONTOUR = 7


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
                f"location of {self.name!r}: expected names among "
                f"{', '.join(SMPL_JOINTS + SURFACE_LANDMARKS)}, fingers and face; "
                f"got {self.location!r}"
            )

    @property
    def role(self) -> KeypointRole:
        """The role of the (first) location."""
        return KeypointRole(_core.keypoint_role(self.location))


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
            other = mirrored_name(keypoint.name)
            swap[k] = self.names.index(other) if other in self.names else -1
            mirrored_location = {mirrored_name(part) for part in keypoint.location}
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
        for end, starts in BONES:
            start = next((start for start in starts if start in keypoint_at), None)
            if start is not None and end in keypoint_at:
                pair = keypoint_at[start], keypoint_at[end]
                lines.add((min(pair), max(pair)))
        return tuple(sorted(lines))


_TABLE = _core.keypoint_formats()

FORMATS: Mapping[str, KeypointFormat] = MappingProxyType(
    {name: KeypointFormat.from_mapping(name, keypoints) for name, _, keypoints in _TABLE}
)

OPENPOSE_BODY25 = FORMATS["openpose_body25"]
OPENPOSE_BODY25B = FORMATS["openpose_body25b"]
OPENPOSE_COCO18 = FORMATS["openpose_coco18"]
HRI18 = FORMATS["hri18"]
COCO17 = FORMATS["coco17"]
MEDIAPIPE33 = FORMATS["mediapipe33"]
HUMAN36M17 = FORMATS["human36m17"]
LSP14 = FORMATS["lsp14"]
SMPL24 = FORMATS["smpl24"]
HALPE26 = FORMATS["halpe26"]
HALPE136 = FORMATS["halpe136"]
COCO_WHOLEBODY133 = FORMATS["coco_wholebody133"]
OPENPOSE_WHOLE137 = FORMATS["openpose_whole137"]
MEDIAPIPE_HOLISTIC143 = FORMATS["mediapipe_holistic143"]

_ALIASES = {alias: FORMATS[name] for name, aliases, _ in _TABLE for alias in aliases}


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

    25 is openpose_body25 and 18 is openpose_coco18 by convention; openpose_body25b and hri18 must
    be named.

    Raises:
        ValueError: no known format, or several, has this many keypoints.
    """
    candidates = formats_with(num_keypoints)
    for usual in (OPENPOSE_BODY25, OPENPOSE_COCO18):
        if usual in candidates:
            return usual
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        names = " or ".join(known.name for known in candidates)
        raise ValueError(f"format: expected to be named, as {num_keypoints} keypoints fit {names}")
    counts = ", ".join(f"{known.num_keypoints} ({known.name})" for known in FORMATS.values())
    raise ValueError(
        f"keypoints: expected the number of a known format, {counts}; got {num_keypoints}"
    )
