"""Where a person is in an image, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core


@dataclass(frozen=True, eq=False)
class Mask:
    """A person's mask: `fit(mask=)` brings the outline of the body to it.

    Where the mask meets the border of the image the person is cut off, and nothing is pulled
    inwards. All of the mask is the one person: leave other people and false islands out of it.

    Args:
        pixels: (height, width) of the image, bool, or uint8 with 0 beside the person and one
            other number (1, 255) on it. Soft masks: threshold them, `soft > 127`.

    Raises:
        ValueError: another shape or type, more than two numbers, no pixel of a person.
    """

    pixels: NDArray[np.bool_]

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        if pixels.ndim != 2 or 0 in pixels.shape:
            raise ValueError(f"mask: expected [height, width], got {list(pixels.shape)}")
        if pixels.dtype not in (np.bool_, np.uint8):
            raise ValueError(f"mask: expected bool or uint8, got {pixels.dtype}")
        person = pixels != 0
        if not person.any():
            raise ValueError("mask: expected pixels of a person, got none: all are 0")
        if not (person == (pixels == pixels.max())).all():
            values = np.unique(pixels)
            raise ValueError(
                "mask: expected 0 and one other number, got "
                f"{len(values)} from {values[0]} to {values[-1]}: threshold it (mask > 127)"
            )
        person.flags.writeable = False
        object.__setattr__(self, "pixels", person)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Mask:
        """From an image of one channel: gray, black and white, or a palette whose number 0 is
        beside the person. PNG, or any that Pillow reads without loss.

        Raises:
            ImportError: Pillow is missing.
            ValueError: more than one channel, or what `Mask` refuses.
            OSError: no file, or no image.
        """
        try:
            from PIL import Image  # noqa: PLC0415  # for files alone
        except ImportError as error:
            raise ImportError(
                "masks from files need Pillow: pip install 'smplceres[viz]'"
            ) from error
        with Image.open(path) as picture:
            if picture.mode not in ("1", "L", "P"):
                raise ValueError(
                    f"mask: expected an image of one channel of 8 bits, got {picture.mode}: {path}"
                )
            return cls(np.asarray(picture))

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    @cached_property
    def core(self) -> _core.Mask:
        """For the core: its distances and outline."""
        return _core.Mask(self.pixels)

    def crop(self, left: int, top: int, width: int, height: int) -> Mask:
        """The part of it that goes with `Camera.crop`; whole pixels, inside the image.

        Raises:
            ValueError: a part that reaches beyond the image, or without the person.
        """
        if left < 0 or top < 0 or left + width > self.width or top + height > self.height:
            raise ValueError(
                f"crop: expected a part of {self.width} x {self.height} pixels, "
                f"got {width} x {height} from {left}, {top}"
            )
        return Mask(self.pixels[top : top + height, left : left + width])

    def resize(self, width: int, height: int) -> Mask:
        """At another size, to go with `Camera.resize`: each pixel that of the nearest centre.

        Raises:
            ValueError: a size under a pixel, or so small that the person is lost.
        """
        if width < 1 or height < 1:
            raise ValueError(f"resize: expected a pixel at least, got {width} x {height}")
        rows = ((np.arange(height) + 0.5) * self.height / height).astype(int)
        columns = ((np.arange(width) + 0.5) * self.width / width).astype(int)
        return Mask(self.pixels[np.ix_(rows, columns)])


AnyMask = Mask | NDArray[Any] | str | PathLike[str]


def checked_mask(mask: AnyMask, width: int, height: int) -> Mask:
    """A mask as a fit is given it, of an image of this size.

    Raises:
        ValueError: as `Mask` and `Mask.read`, or of another size than the image.
    """
    if isinstance(mask, str | PathLike):
        mask = Mask.read(mask)
    elif not isinstance(mask, Mask):
        mask = Mask(mask)
    if mask.pixels.shape != (height, width):
        raise ValueError(f"mask: expected [{height}, {width}], got {list(mask.pixels.shape)}")
    return mask
