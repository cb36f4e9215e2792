"""Names with numbers: their order, and the frames of a clip that they count."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Numbers count frames if they have at most this many values per name from first to last. Ids of a
# data set and time stamps have more.
_SPAN_PER_NAME = 10

# Max number of frames of a clip, 9 hours at 30 frames per second: more is a mistake, and a list of
# them takes memory.
MAX_FRAMES = 1_000_000

# Max number of digits of a frame number; longer ones are time stamps and hashes.
_MAX_DIGITS = 18


def by_number(name: str) -> list[tuple[int, str]]:
    """Sort key of names by their numbers: frame_9 before frame_10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


def frames_of_names(names: Sequence[str], *, from_zero: bool = False) -> list[int]:
    """The frame of each of several different names.

    If the names differ in one number alone and its values are dense, it counts frames: a number
    that no name has is a frame without a name. Otherwise frames have the order of the names, as
    for ids and time stamps.

    Args:
        names: of images or files.
        from_zero: the first frame has the number 0, if that is dense too, and not the number of
            the first name.

    Raises:
        ValueError: more than `MAX_FRAMES` frames, dense, or from a number to one of more digits,
            which no time stamps have.
    """
    in_order = list(range(len(names)))
    digits = _only_number(names)
    if digits is None:
        return in_order
    low, high = (choose(digits, key=lambda each: (len(each), each)) for choose in (min, max))
    if len(high) > _MAX_DIGITS:
        if len(low) < len(high):
            raise ValueError(_too_many(low, high))
        return in_order
    numbers = [int(each) for each in digits]
    span = _SPAN_PER_NAME * len(numbers)
    first = 0 if from_zero and max(numbers) < span else min(numbers)
    dense = max(numbers) - first < span
    if max(numbers) - first >= MAX_FRAMES and (dense or len(low) < len(high)):
        raise ValueError(_too_many(low, high))
    return [number - first for number in numbers] if dense else in_order


def _too_many(low: str, high: str) -> str:
    return (
        f"frames: expected at most {MAX_FRAMES} in the numbers of images, got {low[:40]} to "
        f"{high[:40]}"
    )


# A date before a number of six digits, which is a time of the day.
_DATE = re.compile(r"(19|20)\d\d[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])[-_.T ]?$")
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d[0-5]\d")


def _only_number(names: Sequence[str]) -> list[str] | None:
    """The digits, without leading zeros, of the only number in which all names differ; None if
    there is none."""
    parts = [re.split(r"(\d+)", name) for name in names]
    if len({len(each) for each in parts}) != 1 or len(parts[0]) == 1:
        return None
    columns = list(zip(*parts, strict=True))
    varying = [column for column in columns if len(set(column)) > 1]
    if len(names) == 1:
        varying = [columns[-2]]
    if len(varying) != 1 or not all(part.isdecimal() for part in varying[0]):
        return None
    before = "".join(parts[0][: columns.index(varying[0])])
    if _DATE.search(before) and all(_TIME.fullmatch(part) for part in varying[0]):
        return None
    digits = [part.lstrip("0") or "0" for part in varying[0]]
    return digits if len(set(digits)) == len(digits) else None


# Words of names of files and cameras that tell none from another.
_OF_ALL = frozenset(
    (
        *("cam", "camera", "view", "int", "ext", "calib", "img", "image", "images", "json"),
        *("video", "videos", "pose", "poses", "keypoints", "color", "rgb"),
    )
)


def names_like(name: str, known: Sequence[str]) -> list[str]:
    """The known names that mean the same as a name: `cam01_json` means int_cam01_img, cam_1 or
    cam01, and cam_10 does not mean cam_1.

    An equal name comes first, then one of the same words and numbers. Otherwise those whose words
    and numbers, other than words such as cam and img, are among those of the name, with the
    longest run of words in common; then those whose letters are.
    """
    words = _words(name)
    equal = [each for each in known if each == name] or [
        each for each in known if _words(each) == words
    ]
    if equal:
        return equal
    runs = {each: _common_run(_words(each), words) for each in known if _means(each, words)}
    if runs:
        return [each for each, run in runs.items() if run == max(runs.values())]
    letters = "".join(words)
    return [
        each
        for each in known
        if not any(word.isdecimal() for word in _words(each)) and "".join(_words(each)) in letters
    ]


def _words(name: str) -> list[str]:
    """Words in lower case and numbers without leading zeros."""
    return [
        str(int(part)) if part.isdecimal() else part
        for part in re.findall(r"[a-z]+|[0-9]+", name.lower())
    ]


def _means(known: str, words: Sequence[str]) -> bool:
    telling = [word for word in _words(known) if word not in _OF_ALL]
    return bool(telling) and set(telling) <= set(words)


def _common_run(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest run of words that both have."""
    return max(
        (
            length
            for length in range(len(one) + 1)
            for i in range(len(one) - length + 1)
            for j in range(len(other) - length + 1)
            if one[i : i + length] == other[j : j + length]
        ),
        default=0,
    )
