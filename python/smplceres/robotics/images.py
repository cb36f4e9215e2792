"""Pictures of ROS' image messages."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Channels of encodings of sensor_msgs/Image with 8 bits, and their order as RGB.
_ENCODINGS = {
    **{"rgb8": (3, (0, 1, 2)), "bgr8": (3, (2, 1, 0)), "mono8": (1, (0, 0, 0))},
    **{"rgba8": (4, (0, 1, 2)), "bgra8": (4, (2, 1, 0)), "8UC1": (1, (0, 0, 0))},
    "8UC3": (3, (2, 1, 0)),
}


def picture_of(message: Any, type_name: str) -> NDArray[np.uint8]:
    """(H, W, 3) RGB of a sensor_msgs/Image or CompressedImage.

    Raises:
        ValueError: another encoding, too few bytes, a picture that cannot be read.
        ImportError: a compressed image without Pillow.
    """
    if type_name.endswith("CompressedImage"):
        from PIL import Image  # noqa: PLC0415  # not needed for other images

        try:
            with Image.open(io.BytesIO(bytes(message.data)), formats=("PNG", "JPEG")) as picture:
                return np.asarray(picture.convert("RGB"))
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise ValueError(f"CompressedImage: expected a PNG or JPEG ({error})") from error
    if message.encoding not in _ENCODINGS:
        raise ValueError(
            f"Image.encoding: expected one of {', '.join(_ENCODINGS)}, got {message.encoding!r}"
        )
    channels, order = _ENCODINGS[message.encoding]
    height, width, step = int(message.height), int(message.width), int(message.step)
    pixels = np.frombuffer(bytes(message.data), dtype=np.uint8)
    if step < width * channels or len(pixels) < height * step:
        raise ValueError(
            f"Image: expected {height} rows of at least {width * channels} bytes, got "
            f"{len(pixels)} in rows of {step}"
        )
    rows = pixels[: height * step].reshape(height, step)[:, : width * channels]
    return np.ascontiguousarray(rows.reshape(height, width, channels)[..., order])
