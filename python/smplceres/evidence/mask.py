"""Masks: the pixels of a person in an image."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..base.files.image_files import open_image
from ..base.pickled_fields import PickledFields


@dataclass(frozen=True, eq=False)
class Mask(PickledFields):
    """The mask of a person: `fit(mask=)` aligns the silhouette of the body with it.

    At the border of the image the person is cut off, and the border is no contour. The whole mask
    is one person: it must not include other people or false islands.

    Args:
        pixels: (height, width) of the image, bool, or uint8 with 0 outside the person and one
            other number (1, 255) inside. Soft masks must be thresholded, `soft > 127`.

    Raises:
        ValueError: a wrong shape or type, more than two numbers, no pixel of a person.
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
        """From an image of one channel: gray, black and white, or a palette whose entry 0 is
        outside the person. PNG, or another lossless format that Pillow reads.

        Raises:
            ImportError: Pillow is missing.
            FileNotFoundError: no such file.
            OSError: the file cannot be read.
            ValueError: not an image, more than one channel, an invalid mask, more than 67 million
                pixels.
        """
        with open_image("mask", path) as image:
            if image.mode not in ("1", "L", "P"):
                raise ValueError(
                    f"mask: expected an image of one channel of 8 bits, got {image.mode}"
                )
            return cls(np.asarray(image))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and strings, for files: the pixels row by row as bits, compressed."""
        bits = np.packbits(self.pixels).tobytes()
        return {
            "height": self.height,
            "width": self.width,
            "bits": b64encode(zlib.compress(bits)).decode("ascii"),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Mask:
        """From the dict that `to_dict` returned; ValueError for another."""
        height, width = int(values["height"]), int(values["width"])
        size = -(-height * width // 8)
        decompressor = zlib.decompressobj()
        bits = decompressor.decompress(b64decode(values["bits"]), size + 1)
        if len(bits) != size:
            raise ValueError(f"mask: expected {size} bytes of bits, got {len(bits)}")
        pixels = np.unpackbits(np.frombuffer(bits, np.uint8), count=height * width)
        return cls(pixels.reshape(height, width).astype(bool))

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
        """The crop that corresponds to `Camera.crop`; whole pixels, inside the image.

        Raises:
            ValueError: the crop extends beyond the image, or does not contain the person.
        """
        if left < 0 or top < 0 or left + width > self.width or top + height > self.height:
            raise ValueError(
                f"crop: expected a part of {self.width} x {self.height} pixels, "
                f"got {width} x {height} from {left}, {top}"
            )
        return Mask(self.pixels[top : top + height, left : left + width])

    def resize(self, width: int, height: int) -> Mask:
        """At another size, corresponding to `Camera.resize`, by nearest neighbours.

        Raises:
            ValueError: a size below one pixel, or without a pixel of the person.
        """
        if width < 1 or height < 1:
            raise ValueError(f"resize: expected at least one pixel, got {width} x {height}")
        rows = ((np.arange(height) + 0.5) * self.height / height).astype(int)
        columns = ((np.arange(width) + 0.5) * self.width / width).astype(int)
        return Mask(self.pixels[np.ix_(rows, columns)])


AnyMask = Mask | NDArray[Any] | str | PathLike[str]


def checked_mask(mask: AnyMask, width: int, height: int) -> Mask:
    """The mask argument of a fit to an image of this size.

    Raises:
        ValueError: as `Mask` and `Mask.read`; a size other than that of the image.
    """
    if isinstance(mask, str | PathLike):
        mask = Mask.read(mask)
    elif not isinstance(mask, Mask):
        mask = Mask(mask)
    if mask.pixels.shape != (height, width):
        raise ValueError(f"mask: expected [{height}, {width}], got {list(mask.pixels.shape)}")
    return mask
