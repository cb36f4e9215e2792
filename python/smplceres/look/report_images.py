"""Images and figures of a page as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from ..fit.sequence.result import SequenceResult
from ..media.images import read_image
from ..media.video_files import video_pictures

# Pixels by which a video may differ from its calibration, as of `overlay_video`.
_BLOCK = 16
# Max side of images in the page, pixels.
_LARGEST = 900


def picture_of(image: Any, camera: Any) -> NDArray[np.uint8] | Image.Image:
    """An image, read from a path; grey for None."""
    if image is None:
        return np.full((camera.height, camera.width, 3), 110, dtype=np.uint8)
    if isinstance(image, str | PathLike):
        return read_image(image)
    picture: NDArray[np.uint8] | Image.Image = image
    return picture


def pictures_of_frames(
    image: Any, result: SequenceResult, frames: NDArray[np.int64], view: int
) -> Mapping[int, NDArray[np.uint8] | Image.Image | None]:
    """Images of some frames of a view, read from a video if it is a path."""
    if image is None:
        return {}
    if callable(image):
        return {frame: image(frame) for frame in frames.tolist()}
    if not isinstance(image, str | PathLike):
        raise ValueError(
            "images: expected the path of a sequence's video or a function, "
            f"got {type(image).__name__}"
        )
    first = int(result.frame_numbers[0])
    wanted = set((frames + first).tolist())
    camera = result.views[0][view].camera
    pictures = {}
    for number, picture in enumerate(video_pictures(image)):
        if number > max(wanted):
            break
        if number in wanted:
            pictures[number - first] = _of_size(picture, camera.width, camera.height)
    return pictures


def _of_size(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Cropped or padded on the right and below, by less than a coding block of video."""
    high, wide = picture.shape[:2]
    if max(abs(width - wide), abs(height - high)) >= _BLOCK:
        return picture  # of another camera: drawing raises an error
    filled = np.pad(picture, ((0, max(0, height - high)), (0, max(0, width - wide)), (0, 0)))
    return np.ascontiguousarray(filled[:height, :width])


def jpeg_uri(picture: NDArray[np.uint8] | Image.Image) -> str:
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.thumbnail((_LARGEST, _LARGEST))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def svg_uri(figure: Figure) -> str:
    buffer = io.BytesIO()
    about = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with rc_context({"svg.hashsalt": "smplceres"}):
        figure.savefig(buffer, format="svg", metadata=about)
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :]  # without the document type
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()
