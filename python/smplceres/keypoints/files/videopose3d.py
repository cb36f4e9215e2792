"""Keypoints in the .npz files of VideoPose3D and MotionBERT's data: `positions_2d`, by subject and
action, of each camera (F, K, 2), and `metadata`."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...base.files.contents import load_contents
from ..formats import KeypointFormat, format_named
from .content import kind_of
from .found import Found, Request
from .records import default_format

_FORMAT_OF_LAYOUT = {"h36m": "human36m17", "human36m": "human36m17", "coco": "coco17"}


def is_videopose3d(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "positions_2d.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def read_npz(path: Path, request: Request) -> Iterator[Found]:
    """The clips one after the other, a frame per image."""
    content = load_contents(path)
    assert isinstance(content, dict)  # the content of an .npz
    metadata = content.get("metadata")
    format, sizes = _of_metadata(metadata if isinstance(metadata, dict) else {}, request)
    clips = list(_clips("positions_2d", content["positions_2d"]))
    for where, frames in clips:
        size = next((sizes[name] for name in sizes if f"[{name!r}]" in where), None)
        for f, places in enumerate(frames):
            rows = np.column_stack([places[:, :2], np.ones(len(places))])
            if places.shape[1] == 3:
                rows = places
            image = f if len(clips) == 1 else f"{where}[{f}]"
            chosen = format or default_format(rows)
            yield Found(f"{where}[{f}]", rows, chosen, image, size)


def _clips(where: str, value: object) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _clips(f"{where}[{key!r}]", each)
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _clips(f"{where}[{i}]" if len(value) > 1 else where, each)
    elif isinstance(value, np.ndarray) and value.ndim == 4:
        yield from _clips(where, list(value))
    elif (
        isinstance(value, np.ndarray)
        and value.dtype.kind in "fiu"
        and value.ndim == 3
        and value.shape[-1] in (2, 3)
    ):
        yield where, value.astype(np.float64)
    else:
        raise ValueError(f"{where}: expected arrays (F, K, 2), got {kind_of(value)}")


def _of_metadata(
    metadata: dict[str, object], request: Request
) -> tuple[KeypointFormat | None, dict[str, tuple[int, int]]]:
    layout = _FORMAT_OF_LAYOUT.get(str(metadata.get("layout_name", "")).lower())
    sizes = {}
    videos = metadata.get("video_metadata")
    for name, size in videos.items() if isinstance(videos, dict) else ():
        if isinstance(size, dict) and {"w", "h"} <= size.keys():
            sizes[name] = int(size["w"]), int(size["h"])
    return request.format or (None if layout is None else format_named(layout)), sizes
