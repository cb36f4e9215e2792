"""Fits to all frames of clips."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .._native import _core
from ..base.checked_numbers import checked_threads
from ..base.files.reading import one_line
from ..base.input_warnings import one_warning
from ..body.load import load_body_model
from ..cameras.camera import AnyCamera, Camera
from ..detect import Boxes, Detector
from ..detect.video import people_of_video
from ..fit.sequence.fit_sequence import fit_sequence
from ..fit.sequence.people import fit_people
from ..fit.sequence.result import SequenceResult
from ..keypoints.files.reading import read_keypoints
from ..keypoints.keypoints import Keypoints
from ..keypoints.sides import set_sides_right
from ..keypoints.tracks import Track, link_people
from ..priors.lifter import load_lifter
from ..priors.pose_prior import load_pose_prior
from .fit_texts import say_warnings
from .options import (
    EXPORT_ENDINGS,
    Parser,
    camera_named_like,
    camera_of_options,
    cameras_of_file,
    detector_name,
    detector_of,
    estimates_focal,
    export_as,
    keypoint_format_of,
    nobody_found,
)
from .output import ALL_FITTED, SOME_NOT_FITTED, NobodyFoundError, Output
from .run_file import write_run

# Tracks of fewer frames are false detections.
_MIN_FRAMES = 5

# Min part of frames that can be read of a video that is not damaged; durations are not exact.
_READABLE = 0.95


def add_clip_options(parser: Parser) -> None:
    """Options of clips, also of `fit` for videos."""
    group = parser.add_argument_group("frames", "Of videos and other clips.")
    group.add_argument(
        "--fps", metavar="N", type=float, help="frames per second (default: that of the video)"
    )
    group.add_argument(
        "--window",
        metavar="N",
        type=int,
        default=_core.DEFAULT_WINDOW,
        help="number of frames solved together (default: %(default)s)",
    )
    group.add_argument(
        "--insets",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="in overlay videos the nearest person from the side and from above as well",
    )


@dataclass(frozen=True)
class Clip:
    """One camera's frames.

    Attributes:
        path: the input.
        name: of its files.
        frames: paths of keypoint files, None for frames without one, or the people of each frame.
        fps: frames per second.
        size: (width, height) pixels, if known.
        video: to draw over.
    """

    path: Path
    name: str
    frames: list[Path | None] | list[list[Keypoints]]
    fps: float
    size: tuple[int, int] | None = None
    video: Path | None = None


def clip_of_video(options: argparse.Namespace, path: Path, output: Output) -> Clip:
    """Detects the people of a video's frames.

    Raises:
        NobodyFoundError: no frame has a person.
    """

    def detector() -> Detector:
        boxes = None if options.boxes is None else Boxes(options.boxes).of(path.name)
        return detector_of(options, boxes=boxes, video=True)

    options.out.mkdir(parents=True, exist_ok=True)
    keep = options.out / f"{path.stem}_keypoints.jsonl"
    try:
        video, people = people_of_video(
            path, detector, keep, output.progress, detector_name(options)
        )
    except KeyboardInterrupt:
        print(f"\ndetections so far are in {keep}: the same command continues", file=sys.stderr)
        raise
    if len(people) < _READABLE * video.num_frames:
        output.failure(
            f"{path}: expected {video.num_frames} frames, as the file says, got {len(people)} that "
            "FFmpeg reads; the fit is of these"
        )
    seen = sum(bool(frame) for frame in people)
    if not seen:
        raise NobodyFoundError(
            nobody_found(options, path, f"in {len(people)} frames of the video", options.detector)
        )
    output.say(f"{path.name}: people in {seen} of {len(people)} frames, saved in {keep}")
    size = (video.width, video.height)
    return Clip(path, path.stem, people, options.fps or video.fps, size, path)


def _cameras(options: argparse.Namespace, clips: Sequence[Clip]) -> list[AnyCamera]:
    """One per clip."""
    if options.cameras is None:
        return [camera_of_options(options, _image_size(options, clips[0]))]
    known = cameras_of_file(options)
    return [camera_named_like(clip.name, known, alone=len(clips) == 1) for clip in clips]


def _image_size(options: argparse.Namespace, clip: Clip) -> tuple[int, int]:
    if options.image_size is not None:
        return options.image_size[0], options.image_size[1]
    if clip.size is not None:
        return clip.size
    if clip.video is not None:
        from ..look.overlay_video import video_size  # noqa: PLC0415  # needs PyAV

        return video_size(clip.video)
    for path in clip.frames:
        try:
            people = (
                read_keypoints(path, keypoint_format_of(options))
                if isinstance(path, Path)
                else path or []
            )
        except (OSError, ValueError):
            continue
        if people and people[0].image_size is not None:
            return people[0].image_size
        if people:
            break
    raise ValueError(
        "image size: expected --image-size W H, --video, --cameras or keypoint files that have it, "
        "got none of them"
    )


def fit_clips(options: argparse.Namespace, clips: Sequence[Clip], output: Output) -> int:
    """Fits the people of one clip, or the person of several; writes all; returns the exit
    status."""
    begin = time.perf_counter()
    cameras = _cameras(options, clips)
    options.threads = checked_threads(options.threads)  # run files state the number
    options.out.mkdir(parents=True, exist_ok=True)
    name = clips[0].name
    output.attempt(
        options.out / f"{name}_run.toml",
        lambda path: write_run(path, options, [clip.path for clip in clips]),
    )
    checkpoint = options.out / f"{name}_checkpoint"
    try:
        fitted, unread = _fit(options, clips, cameras, checkpoint, output)
    except KeyboardInterrupt:
        print(f"\nfinished steps are in {checkpoint}: the same command continues", file=sys.stderr)
        raise
    before = output.failures
    named: dict[str, SequenceResult] = {}
    for number, (track, result) in enumerate(fitted):
        own = name + (f"_person{number}" if len(fitted) > 1 else "")
        named[own] = result
        _write(options, own, clips, track, result, output)
    if output.failures == before:
        shutil.rmtree(checkpoint, ignore_errors=True)
    _write_videos(options, clips, fitted, output)
    if options.rerun is not None:
        output.attempt(options.rerun, lambda path: _log(named, clips[0].video, path))
    output.say(f"{time.perf_counter() - begin:.1f} s in all")
    return SOME_NOT_FITTED if unread or output.failures else ALL_FITTED


Fitted = list[tuple[Track | None, SequenceResult]]


def _fit(
    options: argparse.Namespace,
    clips: Sequence[Clip],
    cameras: Sequence[AnyCamera],
    checkpoint: Path,
    output: Output,
) -> tuple[Fitted, int]:
    """The people, and the number of frames that could not be read."""
    settings: dict[str, Any] = {
        "model": None if options.model is None else load_body_model(options.model),
        "pose_prior": None if options.pose_prior is None else load_pose_prior(options.pose_prior),
        "lifter": None if options.lifter is None else load_lifter(options.lifter),
        "window": options.window,
        "estimate_focal": estimates_focal(options),
        "threads": options.threads,
        "progress": output.progress,
    }
    strict = getattr(options, "strict", False)
    if len(clips) > 1:
        together = fit_sequence(
            [_of_one_person(clip, output) for clip in clips],
            list(cameras),
            fps=clips[0].fps,
            keypoint_format=keypoint_format_of(options),
            strict=strict,
            checkpoint=checkpoint,
            **settings,
        )
        return [(None, together)], len(together.skipped)
    with one_warning():
        people, unread = _people(options, clips[0], strict, output)
    min_frames = min(_MIN_FRAMES, len(people))
    tracks = [
        Track(track.first, tuple(_with_right_sides(track.keypoints, clips[0], output)))
        for track in link_people(people, min_frames=min_frames)
    ]
    if not tracks:
        raise NobodyFoundError(
            f"{clips[0].path}: expected a person who is visible in at least {min_frames} frames, "
            f"got people in {sum(map(bool, people))} of {len(people)}"
        )
    fitted: Fitted = []
    fitted += fit_people(tracks, cameras[0], fps=clips[0].fps, checkpoint=checkpoint, **settings)
    return fitted, unread


def _with_right_sides(
    keypoints: Sequence[Keypoints | None], clip: Clip, output: Output
) -> list[Keypoints | None]:
    right, exchanged = set_sides_right(keypoints)
    if exchanged:
        output.say(
            f"{clip.name}: left and right exchanged in {len(exchanged)} frames, corrected "
            f"(first in {exchanged[0]})"
        )
    return right


def _of_one_person(clip: Clip, output: Output) -> list[Any]:
    """Paths, as `fit_sequence` selects a person itself, or the person with the most frames."""
    people = [frame for frame in clip.frames if isinstance(frame, list)]
    if len(people) < len(clip.frames) or not people:
        return list(clip.frames)
    tracks = link_people(people, min_frames=1)
    if not tracks:
        return [None] * len(clip.frames)
    most = max(tracks, key=lambda track: track.num_seen)
    after = len(clip.frames) - most.last - 1
    right = _with_right_sides(most.keypoints, clip, output)
    return [*[None] * most.first, *right, *[None] * after]


def _people(
    options: argparse.Namespace, clip: Clip, strict: bool, output: Output
) -> tuple[list[list[Keypoints]], int]:
    """The people of each frame, and the number of unreadable frames, which are reported."""
    people: list[list[Keypoints]] = []
    unread = 0
    keypoint_format, size = keypoint_format_of(options), options.image_size
    for frame in clip.frames:
        if not isinstance(frame, Path):
            people.append(frame or [])
            continue
        try:
            people.append(read_keypoints(frame, keypoint_format, image_size=size))
        except (OSError, ValueError) as error:
            if strict:
                raise
            output.failure(f"skipped: {one_line(error)}")
            people.append([])
            unread += 1
    return people, unread


def _write(
    options: argparse.Namespace,
    name: str,
    clips: Sequence[Clip],
    track: Track | None,
    result: SequenceResult,
    output: Output,
) -> None:
    base = options.out / name
    writers = {".npz": result.save} | {
        EXPORT_ENDINGS[each]: partial(export_as, options, result) for each in options.export
    }
    endings = [
        ending
        for ending, write in writers.items()
        if output.attempt(base.with_name(name + ending), write)
    ]
    frames = f"{len(result)} frames"
    if track is not None:
        frames += f" ({track.first} to {track.last}, seen in {track.num_seen})"
    focal = ""
    camera = result.views[0][0].camera
    error = result.reprojection_error()
    if estimates_focal(options) and isinstance(camera, Camera):
        focal = f", focal length {camera.fx:.0f} px found"
    output.say(
        f"{name}: {frames}, reprojection error {error:.1f} px{focal}, "
        f"{'converged' if result.converged else 'not converged'} in {result.solve_time:.1f} s"
    )
    say_warnings(result, output)
    for frame, number, why in result.skipped:
        output.failure(f"  skipped frame {frame} of {clips[number].name}: {why}")
    output.say(f"  wrote {base}{{{','.join(endings)}}}")
    output.result(
        {
            "input": [str(clip.path) for clip in clips],
            "frames": len(result),
            "first": 0 if track is None else track.first,
            "seen": int(result.seen.sum()),
            "reprojection_error_px": None if math.isnan(error) else error,
            "camera": camera.to_dict(),
            "model": result.model_name,
            "converged": result.converged,
            "solve_time_ms": round(1e3 * result.solve_time, 3),
            "warnings": [warning.to_dict() for warning in result.warnings],
            "files": [f"{base}{ending}" for ending in endings],
        }
    )


def _write_videos(
    options: argparse.Namespace, clips: Sequence[Clip], fitted: Fitted, output: Output
) -> None:
    tracks = [(track, result) for track, result in fitted if track is not None]
    for view, clip in enumerate(clips):
        if clip.video is None:
            continue
        path = options.out / f"{clip.name}_overlay.mp4"
        draw = partial(_draw, clip.video, tracks or fitted[0][1], view, options.insets, output)
        if output.attempt(path, draw):
            output.say(f"  wrote {path}")


def _draw(
    video: Path,
    people: SequenceResult | list[tuple[Track, SequenceResult]],
    view: int,
    insets: bool,
    output: Output,
    path: Path,
) -> None:
    from ..look.overlay_video import overlay_video  # noqa: PLC0415  # needs PyAV and Pillow

    overlay_video(video, people, path, view=view, insets=insets, progress=output.progress)


def _log(named: dict[str, SequenceResult], video: Path | None, path: Path) -> None:
    from ..look.rerun_log import log_rerun  # noqa: PLC0415  # needs rerun-sdk

    log_rerun(named, path, video=video)
