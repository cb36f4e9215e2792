"""Videos of a fit: the body over the frames that its keypoints were detected in.

Needs the optional Pillow and PyAV: `pip install 'smplceres[video]'`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..base.files.writing import whole_file_name
from ..cameras.camera import AnyCamera
from ..fit.sequence.result import SequenceResult
from ..keypoints.tracks import Track
from ..media.video_files import read_video, video_pictures

try:
    av: Any = importlib.import_module("av")
    from .overlay import Picture, paint_insets, paint_overlay
except ImportError as error:
    raise ImportError("videos need PyAV and Pillow: pip install 'smplceres[video]'") from error

# Max difference in size between a video and the calibration, pixels: video is coded in blocks of
# 16, and recordings may be cropped to or padded by a block.
_BLOCK = 16
# Options of libx264: as fast on one core as drawing, without visible loss.
_FINEST_RATE = 65535  # max denominator of rates in MPEG-4 files
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
        results: a sequence, or the result of `fit_people`.
        path: of the new video, .mp4 (H.264).
        view: index of the camera of the video.
        insets: also draw the nearest person from the side and from above, at the right edge.
        progress: called with the name of the step, the number of finished frames and the total.

    Returns:
        the number of frames written: those in both the video and the results.

    Raises:
        FileNotFoundError: no such video.
        ValueError: not a video, a size that differs from the camera's by 16 pixels or more (smaller
            differences are padded on the right and below), another ending, an unknown view.
        OSError: the file cannot be written.
    """
    video, path = Path(video), Path(path)
    if path.suffix != ".mp4":
        raise ValueError(f"path: expected a name ending in .mp4, got {path.name!r}")
    people = _people(results)
    count = max(first + len(result) for first, result in people)
    camera = people[0][1].views[0][_checked_view(view, people[0][1])].camera
    known = read_video(video)
    _check_size((known.width, known.height), camera)
    with whole_file_name(path) as unfinished, av.open(str(unfinished), "w", "mp4") as target:
        rate = Fraction(known.fps).limit_denominator(_FINEST_RATE)
        stream: Any = target.add_stream("libx264", rate=rate, options=_ENCODING)
        stream.pix_fmt = "yuv420p"
        stream.width, stream.height = _even(known.width, known.height)
        written = 0
        for image in video_pictures(video):
            if written >= count:
                break
            drawn = _drawn(image, people, written, view, camera, insets)
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
    """The first frame and the result of each person."""
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
    """The size of H.264 frames."""
    return width - width % 2, height - height % 2


def _check_size(size: tuple[int, int], camera: AnyCamera) -> None:
    (width, height), (of_camera, its_height) = size, (camera.width, camera.height)
    if max(abs(width - of_camera), abs(height - its_height)) >= _BLOCK:
        raise ValueError(
            f"video: expected the camera's {of_camera} x {its_height} pixels, "
            f"got {width} x {height}"
        )


def _drawn(
    image: Picture,
    people: Sequence[tuple[int, SequenceResult]],
    number: int,
    view: int,
    camera: AnyCamera,
    insets: bool,
) -> Picture:
    """The frame with all people, the farthest first; even numbers of pixels."""
    height, width = image.shape[:2]
    there = [
        result[number - first] for first, result in people if 0 <= number - first < len(result)
    ]
    there.sort(key=lambda fit: camera.to_camera(fit.joints[:1])[0, 2])
    image = np.require(image, requirements=["C", "W"])
    for fit in reversed(there):
        paint_overlay(image, fit, view)
    if insets and there:
        paint_insets(image, there)
    even_width, even_height = _even(width, height)
    return np.ascontiguousarray(image[:even_height, :even_width])
