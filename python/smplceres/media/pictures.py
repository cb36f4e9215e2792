"""Reading pictures, upright as detectors see them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

PICTURES: tuple[str, ...] = (".png", ".jpg", ".jpeg", ".webp")


def read_picture(path: str | PathLike[str]) -> Image.Image:
    """In red, green and blue, turned upright as its EXIF data says.

    Raises:
        ImportError: Pillow is missing.
        FileNotFoundError: no such file.
        ValueError: a file that is no picture, or a part of one.
    """
    try:
        from PIL import Image, ImageOps  # noqa: PLC0415  # for pictures alone
    except ImportError as error:
        raise ImportError("pictures need Pillow: pip install 'smplceres[viz]'") from error

    if not Path(path).is_file():
        raise FileNotFoundError(f"picture: expected a file, found none at {path}")
    try:
        with Image.open(path) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    # Pillow's readers raise what they run into first; of memory and Ctrl-C these are none.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"picture: expected one that Pillow reads, got {path} ({error})"
        ) from error
