"""Formats from the names of keypoints in a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from types import MappingProxyType

from .formats import COCO17, FORMATS, HUMAN36M17, LOCATIONS, KeypointFormat

# Min number of keypoints that are placed by their names.
_FEWEST_PLACED = 3

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SIDES = {**dict.fromkeys(("l", "left"), "left"), **dict.fromkeys(("r", "right"), "right")}
_PLAIN_LOCATIONS = {location.replace("_", ""): location for location in LOCATIONS}
# Synonyms of locations, which follow the side.
_SYNONYMS = {
    "mid hip": "pelvis",
    "c hip": "pelvis",
    "hips": "pelvis",
    "hip center": "pelvis",
    "root": "pelvis",
    "root pelvis": "pelvis",
    "top of head": "head_top",
    "top head": "head_top",
    "vertex": "head_top",
    "toe": "big_toe",
    "hallux": "big_toe",
}
# Places between locations: where neck and head meet, for MPII and PoseTrack.
_BETWEEN = MappingProxyType(
    {
        "upper neck": ("neck", "head"),
        "head bottom": ("neck", "head"),
        "thorax": ("neck",),
        "neck base": ("neck",),
    }
)
# Human3.6M's names of the joints that `human36m17` calls otherwise.
_HUMAN36M = {
    "root": "pelvis",
    "root pelvis": "pelvis",
    "hip": "pelvis",
    "left foot": "left ankle",
    "right foot": "right ankle",
    "belly": "spine",
    "neck base": "jaw",
    "nose": "jaw",
    "neck nose": "jaw",
    "neck": "jaw",
}
# Words that only names of an animal's parts contain.
_ANIMAL = frozenset(
    (
        *("paw", "paws", "hoof", "hooves", "tail", "tailbase", "wing", "beak", "fin", "horn"),
        *("trunk", "withers"),
    )
)

# Places of names that differ from those of the body: annotators click the visible surface.
_SEEN_BY_ANNOTATORS = {keypoint.name: keypoint.location for keypoint in COCO17.keypoints}


def format_of_names(
    names: Sequence[str],
    chosen: KeypointFormat | None,
    derived: str,
    *,
    head: str = "head",
    what: str = "keypoints",
) -> tuple[KeypointFormat, list[int]]:
    """A format, and the index in `names` of each of its keypoints.

    Names decide: a known format with these names in any order and spelling (RShoulder,
    right_shoulder), or one that places each name on the body, which names of three places at
    least allow.

    Args:
        names: K, of a file.
        chosen: a format whose names are among these.
        derived: the name of a format that is derived from the names.
        head: the location of "head".
        what: the names, in errors.

    Raises:
        ValueError: the chosen format has other names; too few places, or those of an animal.
    """
    if chosen is not None:
        return chosen, _order(names, chosen, what)
    return _known_or_derived(tuple(names), derived, head, what)


def _order(names: Sequence[str], chosen: KeypointFormat, what: str) -> list[int]:
    plain = [plain_name(name) for name in names]
    order = []
    for name in chosen.names:
        wanted = plain_name(name)
        if name not in names and wanted not in plain:
            raise ValueError(
                f"{what}: expected those of {chosen.name}, found no {name!r} among "
                f"{', '.join(names)}"
            )
        order.append(names.index(name) if name in names else plain.index(wanted))
    return order


@lru_cache(maxsize=64)
def _known_or_derived(
    names: tuple[str, ...], derived: str, head: str, what: str
) -> tuple[KeypointFormat, list[int]]:
    if len(set(names)) < len(names):
        raise ValueError(f"{what}: expected different names, got {', '.join(names)}")
    plain = sorted(plain_name(name) for name in names)
    for known in FORMATS.values():
        if plain == sorted(plain_name(name) for name in known.names):
            return known, _order(names, known, what)
    human36m = [_HUMAN36M.get(words_of(name), words_of(name)) for name in names]
    if sorted(human36m) == sorted(words_of(name) for name in HUMAN36M17.names):
        return HUMAN36M17, [human36m.index(words_of(name)) for name in HUMAN36M17.names]
    animal = sorted(_ANIMAL & {word for name in names for word in words_of(name).split()})
    places = {name: _place(name, head) for name in names}
    if animal or sum(bool(place) for place in places.values()) < _FEWEST_PLACED:
        raise ValueError(
            f"{what}: expected names of places on a person, such as left_knee, got "
            f"{', '.join(names)}; give their locations by a KeypointFormat"
        )
    return KeypointFormat.from_mapping(derived, places), list(range(len(names)))


def _place(name: str, head: str) -> Sequence[str] | None:
    location = location_of_name(name)
    if location is None:
        return _BETWEEN.get(words_of(name))
    if location == "head":
        return (head,)
    return _SEEN_BY_ANNOTATORS.get(location, (location,))


def words_of(name: str) -> str:
    """A name in lower-case words, its side first: "left knee" for LKnee, knee_L, left-knee."""
    words = [word.lower() for word in _WORDS.findall(name)]
    sides = [_SIDES[word] for word in words if word in _SIDES]
    rest = [word for word in words if word not in _SIDES]
    if not sides and rest and "left" + rest[0][1:] in _PLAIN_LOCATIONS and rest[0][0] in _SIDES:
        sides, rest[0] = [_SIDES[rest[0][0]]], rest[0][1:]
    return " ".join((*sides, *rest))


def plain_name(name: str) -> str:
    """A name without its spelling: leftknee for LKnee, knee_L, left-knee."""
    return words_of(name).replace(" ", "")


def location_of_name(name: str) -> str | None:
    """The location of a keypoint by its name: LeftKnee, left_knee, knee_L, l-knee and LKnee are all
    the left knee; None: unknown."""
    side, _, rest = words_of(name).partition(" ")
    if side not in ("left", "right"):
        side, rest = "", words_of(name)
    rest = _SYNONYMS.get(rest, rest)
    return _PLAIN_LOCATIONS.get(side + re.sub("[ _]", "", rest))
