"""The 2D keypoints of one person in one image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.checked_arrays import float_array
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
            object.__setattr__(self, "image_size", _checked_image_size(self.image_size))

    def _check_values(self, xy: NDArray[np.float64], confidence: NDArray[np.float64]) -> None:
        check_confidence(confidence, self.format.names)
        nowhere = (confidence > 0) & ~np.isfinite(xy).all(axis=1)
        if nowhere.any():
            k = int(nowhere.argmax())
            raise ValueError(
                f"xy: expected finite pixels, got {xy[k].tolist()} for {self.format.names[k]!r} "
                f"with confidence {confidence[k]}"
            )

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
            array: [K, 3] rows (x, y, confidence), or [K, 2] rows (x, y) with confidence 1.
            format: a format or its name; None: the only known format with K keypoints. 25 is
                openpose_body25 by convention: name openpose_body25b.
            image_size: (width, height) in pixels, where known.
            source: where the keypoints come from, for messages.

        Raises:
            ValueError: as the class; K is not that of the format, or of no or several known
                formats.
        """
        keypoints = float_array("keypoints", array)
        chosen = None if format is None else format_named(format)
        if keypoints.ndim != 2 or keypoints.shape[1] not in (2, 3):
            raise ValueError(shape_message("keypoints", "[K, 3]", chosen, keypoints.shape))
        chosen = chosen or recognise_format(len(keypoints))
        if len(keypoints) != chosen.num_keypoints:
            dimensions = f"[K, {keypoints.shape[1]}]"
            raise ValueError(shape_message("keypoints", dimensions, chosen, keypoints.shape))
        confidence = keypoints[:, 2] if keypoints.shape[1] == 3 else np.ones(len(keypoints))
        return cls(keypoints[:, :2], confidence, chosen, image_size, source)

    def __len__(self) -> int:
        """K, with the missing keypoints."""
        return self.format.num_keypoints

    @property
    def visible(self) -> NDArray[np.bool_]:
        """[K] which keypoints are not missing."""
        return self.confidence > 0

    @property
    def height_px(self) -> float:
        """The person's height in the image: vertical extent in pixels of the keypoints of
        confidence above 0.5, or of all visible ones if fewer than two are; 0 for fewer than two.
        """
        sure = self.confidence > 0.5
        y = self.xy[sure if sure.sum() >= 2 else self.visible, 1]
        return float(np.ptp(y)) if len(y) else 0.0


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


def _checked_image_size(image_size: Sequence[int]) -> tuple[int, int]:
    sides = np.asarray(image_size)
    if sides.shape != (2,) or sides.dtype.kind not in "iu" or not (sides > 0).all():
        raise ValueError(
            f"image_size: expected (width, height), two positive integers, got {image_size!r}"
        )
    return int(sides[0]), int(sides[1])
