"""The people of a video, frame by frame, written to a file during detection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.files.reading import load_bytes, load_text, naming, parsing
from ..base.files.writing import write_whole
from ..keypoints.formats import format_named
from ..keypoints.keypoints import Keypoints
from ..media.video_files import Video, read_video, video_pictures
from .detector import Detector


class FramesOfPeople(NamedTuple):
    """The content of a file of detections: the video, and the people of each frame."""

    video: Video
    people: list[list[Keypoints]]


def people_of_video(
    path: str | PathLike[str],
    detector: Callable[[], Detector],
    keep: str | PathLike[str],
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    how: str = "",
) -> FramesOfPeople:
    """Detects the people of every frame.

    Each finished frame is appended to `keep`: a stopped run continues from there, and a finished
    run is not repeated.

    Args:
        path: of the video.
        detector: creates the detector; called if frames are missing.
        keep: the JSON lines file; one of another video or detector is replaced.
        progress: called with the name of the step, the number of finished frames and the total.
        how: other inputs of the detections, such as the name of the detector.

    Raises:
        ImportError, FileNotFoundError, ValueError: as of `read_video` and the detector.
    """
    path, keep = Path(path), Path(keep)
    video = read_video(path)
    with _Lines(keep, {**_source(path), "video": asdict(video), "how": how}) as lines:
        if not lines.complete:
            with detector() as find:
                for number, image in enumerate(video_pictures(path)):
                    if number >= len(lines.frames):
                        lines.add([found.keypoints for found in find(image)])
                    progress("detection", number + 1, max(video.num_frames, number + 1))
            lines.finish()
        return FramesOfPeople(video, lines.frames)


def read_detections(path: str | PathLike[str]) -> FramesOfPeople:
    """Reads a file of `people_of_video`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a file of detections.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"detections: expected a file, found none at {path}")
    with naming(path), parsing("detections of a video"):
        header, *lines = load_text(path).splitlines()
        video = Video(**json.loads(header)["video"])
        return FramesOfPeople(
            video, [people for people in map(_people, lines) if people is not None]
        )


def _source(path: Path) -> dict[str, Any]:
    return {"file": path.name, "bytes": path.stat().st_size}


class _Lines:
    """A header, a line per frame, and a last line if all frames are finished."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        self._path, self._header = path, json.dumps(header)
        self.frames: list[list[Keypoints]] = []
        self.complete = False

    def __enter__(self) -> _Lines:
        kept = [self._header, *self._kept()]
        write_whole(self._path, "".join(line + "\n" for line in kept))
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # already reported by _write
            self._file.close()

    def _kept(self) -> Iterator[str]:
        """Complete lines of the same run."""
        if not self._path.is_file():
            return
        header, *lines = load_bytes(self._path).decode("utf-8", "replace").split("\n")
        if header != self._header:
            return
        for line in lines:
            try:
                with parsing("the people of a frame"):
                    people = _people(line)
            except ValueError:
                return
            if people is None:
                self.complete = True
            else:
                self.frames.append(people)
            yield line

    def add(self, people: list[Keypoints]) -> None:
        # Decoded from the text, so that continued and re-read runs are the same.
        line = json.dumps(
            {
                "frame": len(self.frames),
                "people": [
                    {
                        "keypoints": np.column_stack([one.xy, one.confidence]).tolist(),
                        "format": one.format.name,
                        "image_size": one.image_size,
                    }
                    for one in people
                ],
            }
        )
        self._write(line)
        self.frames.append(people)

    def finish(self) -> None:
        self._write(json.dumps({"frames": len(self.frames)}))

    def _write(self, line: str) -> None:
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:  # without the name of the file
            raise OSError(error.errno, error.strerror, str(self._path)) from error


def _people(line: str) -> list[Keypoints] | None:
    """The people of a line; None for the last line."""
    content = json.loads(line)
    if "frames" in content:
        return None
    return [
        Keypoints.from_array(
            each["keypoints"], format_named(each["format"]), each["image_size"], "detections"
        )
        for each in content["people"]
    ]
