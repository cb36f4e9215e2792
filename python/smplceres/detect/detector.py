"""The interface of detectors: from an image to the people in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evidence.mask import Mask
from ..keypoints.keypoints import Keypoints


@dataclass(frozen=True, eq=False)
class Detection:
    """A person in an image.

    Attributes:
        keypoints: in a named format, with the size of the image; pixel centres at integers.
        mask: of the person, if it was requested and the detector returned one.
    """

    keypoints: Keypoints
    mask: Mask | None = None


class Detector(ABC):
    """Finds people in images. A context manager; `close` frees the model."""

    name: str

    @abstractmethod
    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        """The people in an image (H, W, 3) uint8, RGB; an empty list without people.

        Raises:
            ValueError: another shape or type.
        """

    @property
    def for_crops(self) -> Detector:
        """The detector for parts of images that show one person each."""
        return self

    def close(self) -> None:  # noqa: B027  # not every detector holds resources
        """Frees the resources of the detector, which is then not callable."""

    def __enter__(self) -> Detector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SureKeypoints(Detector):
    """The keypoints of a detector; those below `min_confidence` are missing.

    A pose model gives a place to what it does not see: one below 1/2 is a guess.
    """

    def __init__(self, detector: Detector, min_confidence: float) -> None:
        if not 0 <= min_confidence <= 1:
            raise ValueError(f"min_confidence: expected 0 to 1, got {min_confidence}")
        self.name = detector.name
        self._detector, self._min_confidence = detector, min_confidence

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        return [self._of_sure(each) for each in self._detector(image)]

    def _of_sure(self, found: Detection) -> Detection:
        keypoints = found.keypoints
        sure = keypoints.confidence >= self._min_confidence
        confidence = np.where(sure, keypoints.confidence, 0)
        return replace(found, keypoints=replace(keypoints, confidence=confidence))

    @property
    def for_crops(self) -> Detector:
        return SureKeypoints(self._detector.for_crops, self._min_confidence)

    def close(self) -> None:
        self._detector.close()


def checked_picture(image: NDArray[Any]) -> NDArray[np.uint8]:
    """A contiguous array (H, W, 3) uint8.

    Raises:
        ValueError: another shape or type.
    """
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise ValueError(f"image: expected [H, W, 3] uint8, got {list(array.shape)} {array.dtype}")
    return np.ascontiguousarray(array)


def checked_mask(soft: NDArray[Any] | None) -> Mask | None:
    """The mask of a soft mask (H, W) in [0, 1]; None if no pixel is above 0.5."""
    if soft is None:
        return None
    inside = np.asarray(soft).reshape(np.asarray(soft).shape[:2]) > 0.5
    return Mask(inside) if inside.any() else None
