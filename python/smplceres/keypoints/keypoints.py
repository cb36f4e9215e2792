"""The 2D keypoints of one person in one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..base.checked_arrays import float_array
from ..base.input_warnings import warn_of_input
from .formats import KeypointFormat, format_named, recognise_format


@dataclass(frozen=True, eq=False)
class Keypoints:
    """The 2D keypoints of one person, checked and read-only.

    Args:
        xy: [K, 2] pixels, x right and y down, pixel centres at integers. Where the confidence is 0
            any value is allowed and 0 is stored.
        confidence: [K] >= 0; 0 marks a missing keypoint. Values above 1 are kept: OpenPose
            and other heat map detectors report them.
        format: which K keypoints these are.
        image_size: (width, height) in pixels, where known.
        source: where the keypoints come from, for messages.

    Raises:
        ValueError: a wrong shape, a value that is not a number, a negative or infinite confidence,
            a position that is not finite although its confidence is above 0, an image size that is
            not two positive integers.
    """

    xy: NDArray[np.float64]
    confidence: NDArray[np.float64]
    format: KeypointFormat
    image_size: tuple[int, int] | None = None
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "format", format_named(self.format))
        xy = float_array("xy", self.xy)
        confidence = float_array("confidence", self.confidence)
        for name, array, dimensions, shape in (
            ("xy", xy, "[K, 2]", (self.format.num_keypoints, 2)),
            ("confidence", confidence, "[K]", (self.format.num_keypoints,)),
        ):
            if array.shape != shape:
                raise ValueError(shape_message(name, dimensions, self.format, array.shape))
        if not _all_seen(xy, confidence):
            self._check_values(xy, confidence)
            xy[confidence == 0] = 0
        for field, array in (("xy", xy), ("confidence", confidence)):
            array.flags.writeable = False
            object.__setattr__(self, field, array)
        if self.image_size is not None:
            object.__setattr__(self, "image_size", checked_image_size(self.image_size))

    def __repr__(self) -> str:
        seen = f"{int(self.visible.sum())} of {len(self.xy)} seen"
        size = "" if self.image_size is None else ", {} x {} px".format(*self.image_size)
        source = f", {self.source!r}" if self.source else ""
        return f"Keypoints({self.format.name}: {seen}{size}{source})"

    def _check_values(self, xy: NDArray[np.float64], confidence: NDArray[np.float64]) -> None:
        check_confidence(confidence, self.format.names)
        nowhere = (confidence > 0) & ~np.isfinite(xy).all(axis=1)
        if nowhere.any():
            k = int(nowhere.argmax())
            raise ValueError(
                f"xy: expected finite pixels, got {xy[k].tolist()} for {self.format.names[k]!r} "
                f"with confidence {confidence[k]}"
            )

    @property
    def has_details(self) -> bool:
        """Whether fingers or a detailed face are seen: at least 4 points of fingers, 8 of a face
        without its edge."""
        return _core.show_details([int(role) for role in self.format.roles], self.confidence)

    @classmethod
    def from_array(
        cls,
        array: ArrayLike,
        format: KeypointFormat | str | None = None,
        image_size: tuple[int, int] | None = None,
        source: str = "",
    ) -> Keypoints:
        """The keypoints of an array, which is copied.

        Args:
            array: [K, 3] rows (x, y, confidence), or [K, 2] rows (x, y) with confidence 1; also
                with a first axis of length 1. A row with NaN, None or a masked value is a missing
                keypoint, and so is one with a negative confidence, about which it warns.
            format: a format or its name; None: the only known format with K keypoints. 25 is
                openpose_body25 by convention: name openpose_body25b.
            image_size: (width, height) in pixels, where known.
            source: where the keypoints come from, for messages.

        Raises:
            ValueError: as the class; K is not that of the format, or of no or several known
                formats; integers with confidences that are all 0, as conversion cuts them.
        """
        keypoints = float_array("keypoints", array)
        chosen = None if format is None else format_named(format)
        if keypoints.ndim == 3 and len(keypoints) == 1:
            keypoints = keypoints[0]
        if keypoints.ndim == 3:
            raise ValueError(
                f"keypoints: expected those of one person, [K, 3], got {list(keypoints.shape)}, "
                "several people or frames"
            )
        if keypoints.ndim != 2 or keypoints.shape[1] not in (2, 3):
            raise ValueError(shape_message("keypoints", "[K, 3]", chosen, keypoints.shape))
        chosen = chosen or recognise_format(len(keypoints))
        if len(keypoints) != chosen.num_keypoints:
            dimensions = f"[K, {keypoints.shape[1]}]"
            raise ValueError(shape_message("keypoints", dimensions, chosen, keypoints.shape))
        if keypoints.shape[1] == 2:
            keypoints = np.column_stack([keypoints, np.ones(len(keypoints))])
        elif _are_cut(array, keypoints):
            raise ValueError(
                "confidence: expected some above 0, got integers that are all 0, as conversion of "
                "scores to integers leaves them"
            )
        keypoints, num_negative = rows_with_missing(keypoints)
        if num_negative:
            warn_of_input(
                f"{source or 'keypoints'}: {num_negative} with a negative confidence are missing"
            )
        return cls(keypoints[:, :2], keypoints[:, 2], chosen, image_size, source)

    def __len__(self) -> int:
        """K, with the missing keypoints."""
        return self.format.num_keypoints

    @property
    def visible(self) -> NDArray[np.bool_]:
        """[K] which keypoints are not missing."""
        return self.confidence > 0

    @cached_property
    def box(self) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) of the visible keypoints, pixels; None without any."""
        seen = self.xy[self.confidence > 0]
        if len(seen) == 0:
            return None
        left, top = seen.min(axis=0).tolist()
        right, bottom = seen.max(axis=0).tolist()
        return left, top, right, bottom

    @property
    def extent_px(self) -> float:
        """The longer side of `box`, pixels; 0 without visible keypoints."""
        if self.box is None:
            return 0.0
        left, top, right, bottom = self.box
        return max(right - left, bottom - top)

    @property
    def height_px(self) -> float:
        """The person's height in the image: vertical extent in pixels of the keypoints of
        confidence above 0.5, or of all visible ones if fewer than two are; 0 for fewer than two.
        """
        sure = self.confidence > 0.5
        y = self.xy[sure if sure.sum() >= 2 else self.visible, 1]
        return float(np.ptp(y)) if len(y) else 0.0


def rows_with_missing(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """[K, 3] rows (x, y, confidence) with confidence 0 where a number is NaN or the confidence is
    negative, and the number of those with a negative confidence."""
    if np.isfinite(rows).all() and (rows[:, 2] >= 0).all():
        return rows, 0
    negative = rows[:, 2] < 0
    missing = np.isnan(rows).any(axis=1) | negative
    return np.where(missing[:, None], [0.0, 0.0, 0.0], rows), int(negative.sum())


def _are_cut(array: ArrayLike, rows: NDArray[np.float64]) -> bool:
    """Whether an array of integers has places and no confidence."""
    return bool(np.asarray(array).dtype.kind in "iu" and rows[:, :2].any() and not rows[:, 2].any())


def _all_seen(xy: NDArray[np.float64], confidence: NDArray[np.float64]) -> bool:
    """Whether all keypoints are finite with a confidence > 0, in a tenth of the time of a full
    check. False if a sum overflows."""
    total = float(xy.sum()) + float(confidence.sum())
    return math.isfinite(total) and len(confidence) > 0 and float(confidence.min()) > 0


def check_confidence(confidence: NDArray[np.float64], names: Sequence[str]) -> None:
    """ValueError, naming the keypoint, unless all are finite and >= 0."""
    wrong = ~(np.isfinite(confidence) & (confidence >= 0))
    if wrong.any():
        k = int(wrong.argmax())
        raise ValueError(
            f"confidence: expected finite values >= 0, got {confidence[k]} for {names[k]!r}"
        )


def shape_message(
    name: str, dimensions: str, format: KeypointFormat | None, shape: Sequence[int]
) -> str:
    size = "" if format is None else f" with K = {format.num_keypoints} ({format.name})"
    return f"{name}: expected {dimensions}{size}, got {list(shape)}"


def checked_image_size(image_size: Sequence[int]) -> tuple[int, int]:
    sides = np.asarray(image_size)
    if sides.shape != (2,) or sides.dtype.kind not in "iu" or not (sides > 0).all():
        raise ValueError(
            f"image_size: expected (width, height), two positive integers, got {image_size!r}"
        )
    return int(sides[0]), int(sides[1])
