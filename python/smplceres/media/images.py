"""Reading images, upright as detectors see them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.files.image_files import open_image
from ..base.files.reading import parsing

if TYPE_CHECKING:
    from PIL import Image

IMAGES: tuple[str, ...] = (".png", ".jpg", ".jpeg", ".webp")


def read_image(path: str | PathLike[str]) -> Image.Image:
    """An image as RGB, rotated upright by its EXIF orientation.

    Raises:
        ImportError: Pillow is missing.
        FileNotFoundError: no such file.
        OSError: the file cannot be read.
        ValueError: not an image, a damaged one, more than 67 million pixels.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"image: expected a file, found none at {path}")
    with open_image("image", path) as image:
        from PIL import ImageOps  # noqa: PLC0415  # for images alone

        with parsing("a whole image"):
            return ImageOps.exif_transpose(image).convert("RGB")
