"""Reading images, upright as detectors see them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

IMAGES: tuple[str, ...] = (".png", ".jpg", ".jpeg", ".webp")


def read_image(path: str | PathLike[str]) -> Image.Image:
    """An image as RGB, rotated upright by its EXIF orientation.

    Raises:
        ImportError: Pillow is missing.
        FileNotFoundError: no such file.
        ValueError: not an image, or a truncated one.
    """
    try:
        from PIL import Image, ImageOps  # noqa: PLC0415  # for images alone
    except ImportError as error:
        raise ImportError("images need Pillow: pip install 'smplceres[viz]'") from error

    if not Path(path).is_file():
        raise FileNotFoundError(f"image: expected a file, found none at {path}")
    try:
        with Image.open(path) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    # Errors that Pillow raises on damaged files; MemoryError and KeyboardInterrupt pass.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"image: expected one that Pillow reads, got {path} ({error})") from error
