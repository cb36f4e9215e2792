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

from .camera import AnyCamera
from .sequence import SequenceResult
from .tracks import Track

try:
    av: Any = importlib.import_module("av")
    from PIL import Image

    from .overlay import draw_overlay
except ImportError as error:
    raise ImportError("videos need PyAV and Pillow: pip install 'smplceres[video]'") from error

# Pixels by which a video may be smaller or larger than the calibration's pictures: video is coded
# in blocks of 16, and cameras that give whole blocks are recorded without what is beyond.
_BLOCK = 16


def overlay_video(
    video: str | PathLike[str],
    results: SequenceResult | Sequence[tuple[Track, SequenceResult]],
    path: str | PathLike[str],
    *,
    view: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> int:
    """Writes a video with the fitted bodies over its frames; frame 0 of both is the same.

    Args:
        video: any file that FFmpeg reads.
        results: a sequence, or what `fit_people` gives.
        path: of the new video, .mp4 (H.264).
        view: which of the cameras took the video.
        progress: called with what is being done, how many frames of it are done and how many there
            are.

    Returns:
        how many frames were written: those that both the video and the results have.

    Raises:
        FileNotFoundError: no such video.
        ValueError: a file that is no video, one of another size than the camera's (by 16 pixels or
            more: up to that it is padded on the right and below), another ending, no such view.
    """
    video, path = Path(video), Path(path)
    if path.suffix != ".mp4":
        raise ValueError(f"path: expected a name ending in .mp4, got {path.name!r}")
    if not video.is_file():
        raise FileNotFoundError(f"video: expected a file, found none at {video}")
    people = _people(results)
    count = max(first + len(result) for first, result in people)
    camera = people[0][1].views[0][_checked_view(view, people[0][1])].camera
    written = 0
    try:
        with av.open(str(video)) as source:
            if not source.streams.video:
                raise ValueError(f"video: expected pictures, got none in {video}")
            pictures = source.streams.video[0]
            rate = pictures.average_rate or Fraction(30)
            with av.open(str(path), "w") as target:
                stream: Any = target.add_stream("libx264", rate=rate)
                stream.pix_fmt = "yuv420p"
                stream.width, stream.height = _even(pictures.width, pictures.height)
                for number, frame in enumerate(source.decode(video=0)):
                    if number >= count:
                        break
                    picture = _drawn(frame.to_image(), people, number, view, camera)
                    target.mux(stream.encode(av.VideoFrame.from_image(picture)))
                    written += 1
                    if progress is not None:
                        progress("overlay", written, count)
                target.mux(stream.encode())
    except av.FFmpegError as error:
        raise ValueError(
            f"video: expected a video that FFmpeg reads, got {video} ({error})"
        ) from error
    return written


def video_size(video: str | PathLike[str]) -> tuple[int, int]:
    """(width, height) pixels.

    Raises:
        FileNotFoundError, ValueError: as of `overlay_video`.
    """
    video = Path(video)
    if not video.is_file():
        raise FileNotFoundError(f"video: expected a file, found none at {video}")
    try:
        with av.open(str(video)) as source:
            if source.streams.video:
                return source.streams.video[0].width, source.streams.video[0].height
    except av.FFmpegError as error:
        raise ValueError(
            f"video: expected a video that FFmpeg reads, got {video} ({error})"
        ) from error
    raise ValueError(f"video: expected pictures, got none in {video}")


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


def _drawn(
    picture: Image.Image,
    people: Sequence[tuple[int, SequenceResult]],
    number: int,
    view: int,
    camera: AnyCamera,
) -> Image.Image:
    """The frame with everybody in it, those far away first."""
    width, height = camera.width, camera.height
    if max(abs(picture.width - width), abs(picture.height - height)) >= _BLOCK:
        raise ValueError(
            f"video: expected the camera's {width} x {height} pixels, "
            f"got {picture.width} x {picture.height}"
        )
    canvas = Image.new("RGB", (width, height))
    canvas.paste(picture, (0, 0))
    there = [
        result[number - first] for first, result in people if 0 <= number - first < len(result)
    ]
    for fit in sorted(there, key=lambda fit: -camera.to_camera(fit.joints[:1])[0, 2]):
        canvas = draw_overlay(canvas, fit, view)
    return canvas.crop((0, 0, *_even(*picture.size)))
