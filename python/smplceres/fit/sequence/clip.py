"""The frames of a clip, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base.input_warnings import one_warning, warn_of_input
from ...base.units import SECONDS, scale_of
from ...cameras.camera import AnyCamera
from ...evidence.views import AnyFormat, AnyKeypoints, View, checked_views, in_order
from ...keypoints.files.reading import read_keypoints
from ...keypoints.keypoints import Keypoints

Floats = NDArray[np.float64]

# One frame of one camera: keypoints, the path of a file of them, or None.
FrameKeypoints = AnyKeypoints | str | PathLike[str] | None


# Seconds between frames: the longest by which a motion can be estimated, and that of most videos.
_LONGEST_STEP = 5.0
_USUAL = 1 / 30


@dataclass(frozen=True)
class Clip:
    """Views of each frame, and (frame, camera, reason) of keypoints that could not be read."""

    frames: list[tuple[View, ...]]
    skipped: list[tuple[int, int, str]]


def read_clip(
    keypoints: object,
    camera: AnyCamera | Sequence[AnyCamera] | Mapping[str, AnyCamera],
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None,
    strict: bool,
) -> Clip:
    keypoints, camera = in_order(keypoints, camera)
    cameras: list[AnyCamera]
    if isinstance(camera, list | tuple):
        cameras, per_camera = list(camera), keypoints
    else:
        cameras, per_camera = [camera], [keypoints]  # type: ignore[list-item]  # it is no list
    if not isinstance(per_camera, Sequence | np.ndarray) or len(per_camera) != len(cameras):
        raise ValueError(
            f"keypoints: expected the frames of each camera, a list of {len(cameras)}, "
            f"got {len(per_camera) if isinstance(per_camera, Sequence) else 'no list'}"
        )
    clips = [_frames_of(each) for each in per_camera]
    lengths = [len(frames) for frames in clips]
    if len(set(lengths)) != 1:
        raise ValueError(f"keypoints: expected as many frames of every camera, got {lengths}")
    if lengths[0] == 0:
        raise ValueError("keypoints: expected at least one frame, got none")
    with one_warning():
        return _read_frames(clips, cameras, keypoint_format, strict)


def _read_frames(
    clips: Sequence[Sequence[FrameKeypoints]],
    cameras: list[AnyCamera],
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None,
    strict: bool,
) -> Clip:
    formats = _formats_of(keypoint_format, clips)
    skipped: list[tuple[int, int, str]] = []
    frames = []
    for frame in range(len(clips[0])):
        seen = []
        for number, clip in enumerate(clips):
            try:
                seen.append(_read_frame(clip[frame], formats[number]))
            except (OSError, ValueError) as error:
                if strict or not isinstance(clip[frame], str | PathLike):
                    raise ValueError(f"keypoints: frame {frame}: {error}") from error
                skipped.append((frame, number, str(error)))
                seen.append(None)
        frames.append(checked_views(seen, cameras, formats))
    return Clip(frames, skipped)


def _frames_of(keypoints: object) -> Sequence[FrameKeypoints]:
    if isinstance(keypoints, np.ndarray):
        if keypoints.ndim != 3 and not (keypoints.ndim == 4 and keypoints.shape[1] == 1):
            raise ValueError(
                f"keypoints: expected [F, K, 3], got an array of shape {list(keypoints.shape)}"
            )
        return list(keypoints)
    if not isinstance(keypoints, list | tuple):
        raise ValueError(
            f"keypoints: expected a list of frames or an array [F, K, 3], got {keypoints!r:.60}"
        )
    return keypoints


def _formats_of(
    keypoint_format: AnyFormat | Sequence[AnyFormat] | None,
    clips: Sequence[Sequence[FrameKeypoints]],
) -> list[AnyFormat | None]:
    """The format of each camera: the argument, or that of its first frame with a person."""
    if keypoint_format is not None and not isinstance(keypoint_format, AnyFormat):
        formats: list[AnyFormat | None] = list(keypoint_format)
        if len(formats) != len(clips):
            raise ValueError(
                f"keypoint_format: expected one per camera ({len(clips)}), got {len(formats)}"
            )
        return formats
    formats = [keypoint_format] * len(clips)
    for number, clip in enumerate(clips):
        if formats[number] is not None:
            continue
        for frame in clip:
            try:
                found = _read_frame(frame, None)
            except (OSError, ValueError):
                continue
            if found is not None:
                formats[number] = found.format
                break
    return formats


def _read_frame(frame: FrameKeypoints, keypoint_format: AnyFormat | None) -> Keypoints | None:
    if frame is None or isinstance(frame, Keypoints):
        return frame
    if isinstance(frame, str | PathLike):
        people = read_keypoints(frame, keypoint_format)
        return max(people, key=lambda person: float(person.confidence.sum()), default=None)
    return Keypoints.from_array(frame, keypoint_format)


def checked_times(
    fps: float | None, times: ArrayLike | None, count: int, unit: str = "s"
) -> Floats:
    """(count,) seconds; warns of times that are likely in a smaller unit."""
    scale = scale_of(unit, SECONDS, "time_unit")
    if (fps is None) == (times is None):
        got = "neither" if fps is None else "both"
        raise ValueError(f"fps, times: expected one of the two, got {got}")
    if fps is not None:
        if not (np.isfinite(fps) and fps > 0):
            raise ValueError(f"fps: expected frames per second > 0, got {fps}")
        return np.arange(count) / fps
    seconds = scale * np.array(times, dtype=np.float64)
    if seconds.shape != (count,):
        raise ValueError(f"times: expected shape ({count},), got {seconds.shape}")
    wrong = ~(np.diff(seconds) > 0)
    if not np.isfinite(seconds).all() or wrong.any():
        frame = int(wrong.argmax()) if wrong.any() else 0
        raise ValueError(
            f"times: expected ascending seconds, got {seconds[frame]} and then "
            f"{seconds[min(frame + 1, count - 1)]} at frame {frame}"
        )
    step = float(np.median(np.diff(seconds))) if count > 1 else 0.0
    if step > _LONGEST_STEP:
        likely = min(SECONDS, key=lambda each: abs(np.log(step / scale * SECONDS[each] / _USUAL)))
        warn_of_input(
            f"times: frames are {step:g} s apart, if times are in {unit}; likely "
            f'time_unit="{likely}"'
        )
    return seconds
