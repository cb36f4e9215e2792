"""Writing keypoints as .npz."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...base.files.writing import whole_file
from ..keypoints import Keypoints


def write_keypoints(path: str | os.PathLike[str], people: Sequence[Keypoints]) -> None:
    """Writes people of one format and one image to a `.npz` that `read_keypoints` reads.

    A custom format is stored by its name: pass it again when reading.

    Args:
        path: the file, ending in .npz; an existing one is replaced.
        people: P people, >= 0.

    Raises:
        ValueError: another ending, or people of several formats or image sizes.
    """
    path = Path(path)
    if path.suffix.lower() != ".npz":
        raise ValueError(f"path: expected a file ending in .npz, got {path.name!r}")
    formats = {person.format for person in people}
    image_sizes = {person.image_size for person in people}
    if len(formats) > 1:
        names = sorted(one.name for one in formats)
        raise ValueError(f"people: expected one format, got {names}")
    if len(image_sizes) > 1:
        raise ValueError(f"people: expected one image_size, got {sorted(map(str, image_sizes))}")
    arrays: dict[str, Any] = {"keypoints": np.zeros((0, 0, 3))}
    if people:
        rows = [np.column_stack([person.xy, person.confidence]) for person in people]
        arrays = {"keypoints": np.stack(rows), "format": np.array(people[0].format.name)}
        if people[0].image_size is not None:
            arrays["image_size"] = np.array(people[0].image_size)
    with whole_file(path) as file:
        np.savez(file, **arrays)
