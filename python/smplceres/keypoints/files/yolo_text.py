"""People in the .txt files of YOLO pose (save_txt): a line of numbers per person.

A line is class, x, y, width, height of the box, then x, y, confidence of K keypoints (or x, y), all
in fractions of the image; then the confidence of the box and the number of the track, if they were
saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...base.files.reading import load_text
from .found import Found, Request
from .records import default_format

_BOX = 5
_PERSON = 0


def read_text(path: Path, request: Request) -> Iterator[Found]:
    try:
        lines = load_text(path).splitlines()
        rows = [[float(word) for word in line.split()] for line in lines if line.strip()]
    except ValueError as error:
        raise ValueError(f"expected lines of numbers, as YOLO writes them ({error})") from error
    if not rows:
        yield Found("lines")
    for n, numbers in enumerate(rows, start=1):
        where = f"line {n}"
        if numbers[0] != _PERSON:
            yield Found(where, without="of another category")
            continue
        points = _points(where, numbers, request)
        yield Found(where, points, request.format or default_format(points), fractions=True)


def _points(where: str, numbers: list[float], request: Request) -> NDArray[np.float64]:
    """[K, 3]: K is that of the format, or 17."""
    count = 17 if request.format is None else request.format.num_keypoints
    for width in (3, 2):
        length = _BOX + width * count
        if length <= len(numbers) <= length + 2:
            points = np.array(numbers[_BOX:length]).reshape(-1, width)
            if width == 2:  # where YOLO finds no keypoint it writes 0, 0
                points = np.column_stack([points, points.any(axis=1).astype(float)])
            return points
    raise ValueError(
        f"{where}: expected class, box and {count} keypoints, {_BOX + 3 * count} numbers, got "
        f"{len(numbers)}"
    )
