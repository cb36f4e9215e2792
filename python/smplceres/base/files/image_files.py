"""Opening images with Pillow."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from .reading import load_bytes, missing, naming, parsing

if TYPE_CHECKING:
    from PIL import Image

# Cameras and phones have up to 61 million pixels.
MAX_PIXELS = 2**26

# Formats of pixels. Pillow knows others, of which EPS runs Ghostscript.
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")


@contextlib.contextmanager
def open_image(
    what: str, path: str | PathLike[str], max_pixels: int = MAX_PIXELS
) -> Iterator[Image.Image]:
    """An image with its pixels decoded; errors of the block name the file too.

    Args:
        what: the argument, for messages.
        path: the file: PNG, JPEG, WebP, BMP, GIF, TIFF or PPM, whatever its ending.
        max_pixels: of width times height.

    Raises:
        ImportError: Pillow is missing.
        FileNotFoundError: no such file.
        OSError: the file cannot be read.
        ValueError: not such an image, a damaged or a larger one.
    """
    try:
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # for images alone
    except ImportError as error:
        raise ImportError(f"{what}: images need Pillow: pip install 'smplceres[viz]'") from error
    path = Path(path)
    if not path.exists():
        raise missing(what, path)
    image_of = "image" if what == "image" else f"image ({what})"
    with naming(path), contextlib.ExitStack() as opened:
        # Read whole: of a file Pillow allocates the size that a chunk states.
        content = io.BytesIO(load_bytes(path))
        with parsing(f"an {image_of} that Pillow reads"):
            try:
                image = opened.enter_context(Image.open(content, formats=_FORMATS))
            except UnidentifiedImageError:
                raise ValueError(
                    f"expected an {image_of} that Pillow reads, got a damaged one or none"
                ) from None
        width, height = image.size
        if width * height > max_pixels:
            raise ValueError(
                f"expected an {image_of} of at most {max_pixels} pixels, got {width} x {height}"
            )
        with parsing(f"a whole {image_of}"):
            image.load()
        yield image
