"""What every detector is: an image in, people out."""

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
        mask: where the person is, if the detector was asked for it and says so.
    """

    keypoints: Keypoints
    mask: Mask | None = None


class Detector(ABC):
    """Finds people in images. A context manager; `close` frees the model."""

    name: str

    @abstractmethod
    def __call__(self, picture: NDArray[Any]) -> list[Detection]:
        """The people in an image (H, W, 3) uint8, red first; nobody is an empty list.

        Raises:
            ValueError: an array of another kind.
        """

    def close(self) -> None:  # noqa: B027  # not every detector has something to free
        """Frees what the detector holds; it is not to be called after."""

    def __enter__(self) -> Detector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def checked_picture(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 in one piece.

    Raises:
        ValueError: an array of another kind.
    """
    array = np.asarray(picture)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise ValueError(
            f"picture: expected [H, W, 3] uint8, got {list(array.shape)} {array.dtype}"
        )
    return np.ascontiguousarray(array)


def checked_mask(soft: NDArray[Any] | None) -> Mask | None:
    """Of a soft mask (H, W) in [0, 1]; None where it is nowhere above a half."""
    if soft is None:
        return None
    inside = np.asarray(soft).reshape(np.asarray(soft).shape[:2]) > 0.5
    return Mask(inside) if inside.any() else None
