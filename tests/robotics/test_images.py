"""Pictures of ROS' image messages."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from smplceres.robotics.images import picture_of

RAW, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"


@pytest.fixture
def pixels() -> np.ndarray:
    """(5, 7, 3) RGB."""
    return np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def raw(encoding: str, rows: np.ndarray, padding: int = 0) -> SimpleNamespace:
    flat = np.pad(rows.reshape(len(rows), -1), ((0, 0), (0, padding)))
    fields = {"height": rows.shape[0], "width": rows.shape[1], "step": flat.shape[1]}
    return SimpleNamespace(encoding=encoding, data=flat.tobytes(), **fields)


def test_encodings_are_rgb(pixels) -> None:
    assert np.array_equal(picture_of(raw("rgb8", pixels), RAW), pixels)
    assert np.array_equal(picture_of(raw("bgr8", pixels[..., ::-1]), RAW), pixels)
    with_alpha = np.dstack([pixels, np.full((5, 7), 9, np.uint8)])
    assert np.array_equal(picture_of(raw("rgba8", with_alpha, padding=3), RAW), pixels)
    grey = picture_of(raw("mono8", pixels[..., :1]), RAW)
    assert np.array_equal(grey, np.repeat(pixels[..., :1], 3, axis=2))


def test_a_compressed_image_is_read(pixels) -> None:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    message = SimpleNamespace(format="png", data=file.getvalue())
    assert np.array_equal(picture_of(message, COMPRESSED), pixels)


def test_wrong_images_are_errors(pixels) -> None:
    with pytest.raises(ValueError, match=r"Image\.encoding: expected one of rgb8"):
        picture_of(raw("yuv422", pixels), RAW)
    cut = raw("rgb8", pixels)
    cut.data = cut.data[:-1]
    with pytest.raises(ValueError, match="Image: expected 5 rows of at least 21 bytes, got 104"):
        picture_of(cut, RAW)
    with pytest.raises(ValueError, match="CompressedImage: expected a PNG or JPEG"):
        picture_of(SimpleNamespace(format="jpeg", data=b"\xff\xd8nothing"), COMPRESSED)
