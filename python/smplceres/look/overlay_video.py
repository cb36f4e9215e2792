"""Videos of a fit: the body over the frames that its keypoints were detected in.

Needs Pillow and PyAV, which the package itself does not: `pip install 'smplceres[video]'`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..cameras.camera import AnyCamera
from ..fit.sequence.result import SequenceResult
from ..keypoints.tracks import Track
from ..media.video_files import read_video, video_pictures

try:
    av: Any = importlib.import_module("av")
    from .overlay import Picture, paint_insets, paint_overlay
except ImportError as error:
    raise ImportError("videos need PyAV and Pillow: pip install 'smplceres[video]'") from error

# Pixels by which a video may be smaller or larger than the calibration's images: video is coded
# in blocks of 16, and cameras that give whole blocks are recorded without what is beyond.
_BLOCK = 16
# Of libx264: on one core as fast as a body is drawn, and no loss that is seen.
_FINEST_RATE = 65535  # denominators of rates that MPEG-4 files hold
_ENCODING = {"preset": "veryfast", "crf": "20"}


def overlay_video(
    video: str | PathLike[str],
    results: SequenceResult | Sequence[tuple[Track, SequenceResult]],
    path: str | PathLike[str],
    *,
    view: int = 0,
    insets: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> int:
    """Writes a video with the fitted bodies over its frames; frame 0 of both is the same.

    Args:
        video: any file that FFmpeg reads.
        results: a sequence, or what `fit_people` gives.
        path: of the new video, .mp4 (H.264).
        view: which of the cameras took the video.
        insets: also the nearest person from the side and from above, at the right edge.
        progress: called with what is being done, how many frames of it are done and how many there
            are.

    Returns:
        how many frames were written: those that both the video and the results have.

    Raises:
        FileNotFoundError: no such video.
        ValueError: a file that is no video, one of another size than the camera's (by 16 pixels or
            more: up to that it is padded on the right and below), another ending, no such view.
        OSError: a place that cannot be written to; frames written so far stay where it is full.
    """
    video, path = Path(video), Path(path)
    if path.suffix != ".mp4":
        raise ValueError(f"path: expected a name ending in .mp4, got {path.name!r}")
    people = _people(results)
    count = max(first + len(result) for first, result in people)
    camera = people[0][1].views[0][_checked_view(view, people[0][1])].camera
    known = read_video(video)
    _check_size((known.width, known.height), camera)
    path.open("wb").close()  # whose errors name the file
    with av.open(str(path), "w") as target:
        rate = Fraction(known.fps).limit_denominator(_FINEST_RATE)
        stream: Any = target.add_stream("libx264", rate=rate, options=_ENCODING)
        stream.pix_fmt = "yuv420p"
        stream.width, stream.height = _even(known.width, known.height)
        written = 0
        for picture in video_pictures(video):
            if written >= count:
                break
            drawn = _drawn(picture, people, written, view, camera, insets)
            target.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, format="rgb24")))
            written += 1
            if progress is not None:
                progress("overlay", written, count)
        target.mux(stream.encode())
    return written


def video_size(video: str | PathLike[str]) -> tuple[int, int]:
    """(width, height) pixels, upright.

    Raises:
        FileNotFoundError, ValueError: as of `overlay_video`.
    """
    known = read_video(video)
    return known.width, known.height


def _people(
    results: SequenceResult | Sequence[tuple[Track, SequenceResult]],
) -> list[tuple[int, SequenceResult]]:
    """First frame and result of each."""
    if isinstance(results, SequenceResult):
        return [(0, results)]
    if not results:
        raise ValueError("results: expected at least one person, got none")
    return [(track.first, result) for track, result in results]


def _checked_view(view: int, result: SequenceResult) -> int:
    if not 0 <= view < len(result.views[0]):
        raise ValueError(f"view: expected 0 to {len(result.views[0]) - 1}, got {view}")
    return view


def _even(width: int, height: int) -> tuple[int, int]:
    """As H.264 has."""
    return width - width % 2, height - height % 2


def _check_size(size: tuple[int, int], camera: AnyCamera) -> None:
    (width, height), (of_camera, its_height) = size, (camera.width, camera.height)
    if max(abs(width - of_camera), abs(height - its_height)) >= _BLOCK:
        raise ValueError(
            f"video: expected the camera's {of_camera} x {its_height} pixels, "
            f"got {width} x {height}"
        )


def _drawn(
    picture: Picture,
    people: Sequence[tuple[int, SequenceResult]],
    number: int,
    view: int,
    camera: AnyCamera,
    insets: bool,
) -> Picture:
    """The frame with everybody in it, those far away first; of an even number of pixels."""
    height, width = picture.shape[:2]
    there = [
        result[number - first] for first, result in people if 0 <= number - first < len(result)
    ]
    there.sort(key=lambda fit: camera.to_camera(fit.joints[:1])[0, 2])
    picture = np.require(picture, requirements=["C", "W"])
    for fit in reversed(there):
        paint_overlay(picture, fit, view)
    if insets and there:
        paint_insets(picture, there)
    even_width, even_height = _even(width, height)
    return np.ascontiguousarray(picture[:even_height, :even_width])
