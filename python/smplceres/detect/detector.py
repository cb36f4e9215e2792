"""The interface of detectors: from an image to the people in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
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

    def close(self) -> None:  # noqa: B027  # not every detector holds resources
        """Frees the resources of the detector, which is then not callable."""

    def __enter__(self) -> Detector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
