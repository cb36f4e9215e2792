"""What readers of keypoint files find, and how it becomes `Keypoints`.

A reader yields `Found`s; that a value is missing is decided here for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...base.input_warnings import warn_of_input
from ..formats import KeypointFormat
from ..keypoints import Keypoints, rows_with_missing, shape_message


@dataclass(frozen=True)
class Request:
    """What the caller of a reader says about a file.

    Attributes:
        format: comes before what the file says; None: the file's.
        image_size: (width, height) pixels, for files in fractions of the image; None: the file's.
    """

    format: KeypointFormat | None = None
    image_size: tuple[int, int] | None = None


class Found(NamedTuple):
    """A person in a file, or an image without one.

    Attributes:
        where: the place in the file.
        rows: [K, 3] x, y (pixels), confidence; NaN: missing. None: no person.
        format: None: by K.
        image: name, or number in a data set. One that is None is the only image of the file.
        image_size: (width, height) pixels; None: unknown.
        without: why a person is left out, for a count of such people.
        fractions: whether coordinates are fractions of the image's width and height. None: if they
            can be nothing else.
    """

    where: str
    rows: NDArray[np.float64] | None = None
    format: KeypointFormat | None = None
    image: str | int | None = None
    image_size: tuple[int, int] | None = None
    without: str = ""
    fractions: bool | None = None


class Seen(NamedTuple):
    """A person and the image; None: an image without people."""

    image: str | int | None
    keypoints: Keypoints | None


@dataclass
class Losses:
    """What a file has and cannot be used, for one warning."""

    people: Counter[str] = field(default_factory=Counter)
    keypoints: int = 0
    fractions: int = 0

    def warn(self, path: Path) -> None:
        said = [f"{count} left out ({why})" for why, count in self.people.items()]
        if said:
            said[0] = f"people: {said[0]}"
        if self.keypoints:
            said.append(
                f"keypoints: {self.keypoints} with NaN, null or a negative confidence are missing"
            )
        if self.fractions:
            said.append(
                f"people: {self.fractions} in fractions of the image, expected image_size "
                "(width, height) to make them pixels, got none"
            )
        if said:
            warn_of_input(f"{path}: {'; '.join(said)}")


def people_of(path: Path, found: Iterable[Found], request: Request) -> Iterator[Seen]:
    """The people that a reader finds; warns once of those that are left out."""
    losses = Losses()
    for each in found:
        if each.rows is None:
            losses.people.update([each.without] if each.without else [])
            yield Seen(each.image, None)
            continue
        fractions = are_fractions(each.rows, each.fractions)
        size = each.image_size or (request.image_size if fractions else None)
        rows = _in_pixels(each.rows, size, losses) if fractions else each.rows
        kept = _with_missing(each, rows, losses)
        if kept is None:
            losses.people["without a keypoint"] += 1
            yield Seen(each.image, None)
        else:
            yield Seen(each.image, _person(path, each, kept, request.format, size))
    losses.warn(path)


# Coordinates that are fractions leave the image a little; landmarks of a program that writes
# fractions, and sees less than the whole person, by several images.
_FRACTIONS, _FEW_IMAGES = (-0.5, 1.5), 5.0


def are_fractions(rows: NDArray[np.float64], expected: bool | None = None) -> bool:
    """Whether coordinates of [K, 3] rows can only be fractions of the image, or are not by far too
    large for those that a program writes.

    Args:
        rows: of a person.
        expected: whether the program writes fractions; None: not known.
    """
    if expected is False or rows.ndim != 2 or rows.shape[1] != 3:
        return False
    places = rows[np.nan_to_num(rows[:, 2]) > 0, :2]
    places = places[np.isfinite(places).all(axis=1)]
    if expected:
        return not len(places) or bool(np.median(np.abs(places)) < _FEW_IMAGES)
    low, high = _FRACTIONS
    return len(places) > 2 and bool(places.min() >= low and places.max() <= high)


def _in_pixels(
    rows: NDArray[np.float64], size: tuple[int, int] | None, losses: Losses
) -> NDArray[np.float64]:
    """Fractions have 0 at the left edge of the first pixel, whose centre is at 0 pixels."""
    if size is None:
        losses.fractions += 1
        return rows
    return np.column_stack([rows[:, :2] * size - 0.5, rows[:, 2:]])


def _with_missing(
    found: Found, rows: NDArray[np.float64], losses: Losses
) -> NDArray[np.float64] | None:
    """None: nothing that the file says of the person can be used."""
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise ValueError(f"{found.where}: {shape_message('keypoints', '[K, 3]', None, rows.shape)}")
    kept, _ = rows_with_missing(rows)
    # A place that is not known at confidence 0 is how many files say that a keypoint is missing.
    lost = int(((kept[:, 2] == 0) & (rows[:, 2] != 0)).sum())
    losses.keypoints += lost
    return None if lost and not kept[:, 2].any() else kept


def _person(
    path: Path,
    found: Found,
    rows: NDArray[Any],
    chosen: KeypointFormat | None,
    image_size: tuple[int, int] | None,
) -> Keypoints:
    format = found.format or chosen
    named = f" (image {found.image})" if found.image is not None else ""
    try:
        return Keypoints.from_array(rows, format, image_size, f"{path}: {found.where}{named}")
    except ValueError as error:
        whole = found.where == "keypoints"
        raise ValueError(str(error) if whole else f"{found.where}: {error}") from error
