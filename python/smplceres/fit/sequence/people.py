"""fit_people: every person of a clip, each fitted as a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ...cameras.camera import AnyCamera
from ...keypoints.formats import KeypointFormat
from ...keypoints.tracks import FramePeople, Track, link_people
from .fit_sequence import fit_sequence
from .result import SequenceResult


def fit_people(
    frames: Sequence[FramePeople] | Sequence[Track],
    camera: AnyCamera,
    *,
    fps: float,
    keypoint_format: str | KeypointFormat | None = None,
    checkpoint: str | PathLike[str] | None = None,
    strict: bool = False,
    **settings: Any,
) -> list[tuple[Track, SequenceResult]]:
    """Fits every person of a clip: each track, with its shape, by `fit_sequence`.

    Args:
        frames: the argument of `link_people`, which is called with its defaults, or its tracks.
        camera: of the clip; static.
        fps: frames per second, > 0.
        keypoint_format, strict: as of `link_people`.
        checkpoint: a folder with a checkpoint of `fit_sequence` for each person.
        settings: further arguments of `fit_sequence`: model, pose_prior, ...

    Returns:
        each track with its sequence from `track.first` to `track.last`; `times` are those of the
        clip.

    Raises:
        ValueError: as of `link_people` and `fit_sequence`.
    """
    if not (np.isfinite(fps) and fps > 0):
        raise ValueError(f"fps: expected frames per second > 0, got {fps}")
    if any(isinstance(frame, Track) for frame in frames):
        tracks = [track for track in frames if isinstance(track, Track)]
        if len(tracks) != len(frames):
            raise ValueError("frames: expected tracks alone, or frames alone, got both")
    else:
        given: Any = frames
        tracks = link_people(given, keypoint_format=keypoint_format, strict=strict)
    results = []
    for number, track in enumerate(tracks):
        result = fit_sequence(
            track.keypoints,
            camera,
            times=np.arange(track.first, track.last + 1) / fps,
            checkpoint=None if checkpoint is None else Path(checkpoint) / f"person_{number}",
            **settings,
        )
        results.append((track, result))
    return results
