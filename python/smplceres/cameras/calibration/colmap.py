"""COLMAP's text model: cameras.txt, and the poses of images.txt beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...base.files.reading import load_text
from .tables import Table

# Names of the parameters of camera models, after CAMERA_ID, MODEL, WIDTH, HEIGHT.
_PARAMETERS = {
    "SIMPLE_PINHOLE": "f cx cy",
    "PINHOLE": "fx fy cx cy",
    "SIMPLE_RADIAL": "f cx cy k1",
    "RADIAL": "f cx cy k1 k2",
    "OPENCV": "fx fy cx cy k1 k2 p1 p2",
    "FULL_OPENCV": "fx fy cx cy k1 k2 p1 p2 k3 k4 k5 k6",
}

# Of pixels, whose centres are at n + 1/2 in COLMAP.
_CENTRE = 0.5


def tables(path: Path) -> dict[str, Table]:
    """A camera per image, by its name without ending; without images.txt one per camera, by its
    number. The scale of a model without known points is arbitrary."""
    cameras: dict[str, Table] = dict(_cameras(path))
    images = path.with_name("images.txt")
    if images == path:
        raise ValueError("expected cameras.txt, which images.txt is read with, got images.txt")
    if not images.is_file():
        return cameras
    placed: dict[str, Table] = {}
    for number, words in _images(images):
        if len(words) < 10 or words[8] not in cameras:
            raise ValueError(f"{images}: line {number}: expected a pose and a camera, got others")
        name = Path(" ".join(words[9:])).with_suffix("").as_posix()
        placed[name] = {**cameras[words[8]], **_pose(words[1:8])}
    return placed


def _cameras(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(load_text(path).splitlines(), start=1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) < 5 or words[1] not in _PARAMETERS:
            raise ValueError(
                f"line {number}: expected a camera of COLMAP, one of {', '.join(_PARAMETERS)}, got "
                f"{line[:60]!r}"
            )
        names = _PARAMETERS[words[1]].split()
        if len(words) != 4 + len(names):
            raise ValueError(f"line {number}: expected {' '.join(names)}, got {len(words) - 4}")
        values: dict[str, Any] = dict(zip(names, _floats(words[4:]), strict=True))
        if "f" in values:
            values["fx"] = values["fy"] = values.pop("f")
        for name in ("cx", "cy"):
            values[name] -= _CENTRE
        yield words[0], values | {"size": _floats(words[2:4])}


def _images(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The first of the two lines of each image, with its number."""
    lines = [
        (number, line)
        for number, line in enumerate(load_text(path).splitlines(), start=1)
        if not line.startswith("#")
    ]
    for number, line in lines[::2]:
        if line.strip():
            yield number, line.split()


def _pose(words: list[str]) -> dict[str, Any]:
    """QW QX QY QZ TX TY TZ, world to camera."""
    numbers = np.array(_floats(words))
    w, x, y, z = numbers[:4] / np.linalg.norm(numbers[:4])
    rotation = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return {"rotation": rotation, "translation": numbers[4:].tolist()}


def _floats(words: list[str]) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError as error:
        raise ValueError(f"expected numbers, got {' '.join(words)[:60]!r}") from error
