"""Reading videos, upright as detectors see them. Needs PyAV: `pip install 'smplceres[video]'`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.files.image_files import MAX_PIXELS
from ..base.files.reading import checked_size

VIDEOS: tuple[str, ...] = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm")


@dataclass(frozen=True)
class Video:
    """The properties of a video file.

    Attributes:
        width, height: pixels, of upright images.
        fps: frames a second, the mean.
        num_frames: from the file, or from its duration; 0 if both are missing.
    """

    width: int
    height: int
    fps: float
    num_frames: int


def read_video(path: str | PathLike[str]) -> Video:
    """Properties of a video; decodes the first frame alone.

    Raises:
        ImportError: PyAV is missing.
        FileNotFoundError: no such file.
        ValueError: not a video.
    """
    with _opened(path) as (source, stream):
        first = next(_frames(source, stream), None)
        if first is None:
            raise ValueError("video: expected frames, got none")
        width, height = first.width, first.height
        if _quarters(first) % 2:
            width, height = height, width
        rate = stream.average_rate or stream.guessed_rate or 30
        frames = stream.frames
        if not frames and source.duration:
            frames = round(source.duration / 1e6 * float(rate))
        return Video(width, height, float(rate), int(frames))


def video_pictures(path: str | PathLike[str]) -> Iterator[NDArray[np.uint8]]:
    """The frames, each (height, width, 3) RGB; damaged frames are left out. Errors as of
    `read_video`."""
    with _opened(path) as (source, stream):
        for frame in _frames(source, stream):
            image = frame.to_ndarray(format="rgb24")
            yield np.ascontiguousarray(np.rot90(image, _quarters(frame)))


@contextmanager
def _opened(path: str | PathLike[str]) -> Iterator[tuple[Any, Any]]:
    """The container and its video stream."""
    try:
        av: Any = importlib.import_module("av")
    except ImportError as error:
        raise ImportError("videos need PyAV: pip install 'smplceres[video]'") from error
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"video: expected a file, found none at {path}")
    try:
        checked_size(path, sys.maxsize)
        # A file may name others to read, also of other hosts: only files are opened.
        with av.open(str(path), options={"protocol_whitelist": "file"}) as source:
            if not source.streams.video:
                raise ValueError("video: expected a video stream, got none")
            stream = source.streams.video[0]
            width, height = stream.width or 0, stream.height or 0
            if width * height > MAX_PIXELS:
                raise ValueError(
                    f"video: expected at most {MAX_PIXELS} pixels, got {width} x {height}"
                )
            stream.thread_type = "AUTO"
            yield source, stream
    except av.FFmpegError as error:
        said = " ".join(str(error).split())
        raise ValueError(f"{path}: video: expected one that FFmpeg reads, got {said}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _frames(source: Any, stream: Any) -> Iterator[Any]:
    """Decoded frames; packets that cannot be decoded are skipped, as FFmpeg's programs do."""
    av: Any = importlib.import_module("av")
    for packet in source.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        yield from frames


def _quarters(frame: Any) -> int:
    """Quarter turns, counter-clockwise, that rotate a frame upright, from the file's metadata."""
    return round(getattr(frame, "rotation", 0) / 90) % 4
