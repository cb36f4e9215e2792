"""Reading keypoint files as detectors write them."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ..formats import KeypointFormat, format_named
from ..keypoints import Keypoints
from .content import Seen
from .csv_files import read_csv
from .deeplabcut import read_h5
from .json_files import read_json
from .npz_files import read_npz


class KeypointFileError(ValueError):
    """A keypoint file that cannot be read; names the file, the expected and the actual content."""


def read_keypoints(
    path: str | os.PathLike[str], format: KeypointFormat | str | None = None
) -> list[Keypoints]:
    """The people in a keypoint file, in the order of the file; possibly none.

    The kind of a file is recognised by its ending and content:

    - OpenPose `.json`: `people[].pose_keypoints_2d` (old: `pose_keypoints`), 75 numbers
      (openpose_body25) or 54 (openpose_coco18) each; faces and hands are left out. BODY_25B also
      has 75 and cannot be recognised: name it. An empty object is skipped: Pose2Sim writes one for
      a person who is not visible to this camera.
    - COCO results `.json`: a list of objects with 51 `keypoints` (coco17); the third number of each
      is the confidence. AlphaPose is read too, with 51, 78 (halpe26), 408 (halpe136) or 399
      (coco_wholebody133) numbers; also its `bodies[].joints` by image.
    - COCO annotations `.json`: `annotations[].keypoints`, 51 numbers; visibility 0 (not labelled),
      1 (labelled, hidden), 2 (labelled, visible) becomes confidence 0, 0.5, 1. Image sizes come
      from `images`. With `foot_kpts`, `face_kpts`, `lefthand_kpts` and `righthand_kpts` beside
      `keypoints`, as in COCO-WholeBody, the format is coco_wholebody133, here as in results.
    - MMPose's and RTMPose's `.json`: `instances`, `instance_info` (of frames or of one image), or
      a list of instances, each with `keypoints` [K, 2] and `keypoint_scores` [K]; 17 are those of
      COCO, unless `meta_info.dataset_name` is h36m.
    - DeepLabCut's `.csv` and `.h5` (`pip install 'smplceres[deeplabcut]'`), all frames
      concatenated. Bodyparts are those of a known format, or are located by their names
      (left_knee, LeftKnee, knee_L), or by a `format` of them (`KeypointFormat.from_mapping`, in any
      order, of the ones to fit).
    - one person `.json`: `keypoints` [K, 3] and optionally `format`, `image_size` [width, height].
    - `.npz`: `keypoints` [K, 3] or [P, K, 3] and optionally `format`, `image_size`.
    - `.csv`: one person, the columns x,y,confidence or name,x,y,confidence under a header line.
      With names the rows may have any order. x and y may be empty at confidence 0.

    Coordinates are taken as pixels.

    Args:
        path: the file.
        format: a format or its name; overrides the file.

    Raises:
        FileNotFoundError: no such file.
        KeypointFileError: the file cannot be read, or has another number of keypoints than
            `format`.
        ValueError: an unknown `format`.
    """
    return [seen.keypoints for seen in _read(Path(path), format) if seen.keypoints is not None]


def read_frames(
    path: str | os.PathLike[str], format: KeypointFormat | str | None = None
) -> list[list[Keypoints]]:
    """The people of each frame of a file with several: DeepLabCut, AlphaPose, MMPose on video,
    COCO.

    All people of any other file are in one frame. Frames have the order of the file. If the names
    of images differ in a number alone, missing numbers are frames without people, counted from 0
    if the name is a number (as AlphaPose numbers the frames of a video).

    Args and errors: as of `read_keypoints`.
    """
    frames: dict[str, list[Keypoints]] = {}
    for seen in _read(Path(path), format):
        people = frames.setdefault(seen.image, [])
        if seen.keypoints is not None:
            people.append(seen.keypoints)
    return _with_missing(frames)


def _read(path: Path, format: KeypointFormat | str | None) -> list[Seen]:
    chosen = None if format is None else format_named(format)
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "keypoint file not found", str(path))
    try:
        if path.suffix.lower() not in _READERS or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {', '.join(_READERS)}, got {got}")
        return list(_READERS[path.suffix.lower()](path, chosen))
    except ValueError as error:
        raise KeypointFileError(f"{path}: {error}") from error


def _with_missing(frames: Mapping[str, list[Keypoints]]) -> list[list[Keypoints]]:
    parts = [re.fullmatch(r"(.*?)(\d+)(\D*)", image) for image in frames]
    around = {(part[1], part[3]) for part in parts if part is not None}
    if None in parts or len(around) != 1:
        return list(frames.values())
    numbers = [int(part[2]) for part in parts if part is not None]
    if len(set(numbers)) != len(numbers):
        return list(frames.values())
    first = min(numbers) if next(iter(around))[0] else 0
    by_number = dict(zip(numbers, frames.values(), strict=True))
    return [by_number.get(number, []) for number in range(first, max(numbers) + 1)]


_READERS: Mapping[str, Callable[[Path, KeypointFormat | None], Iterator[Seen]]] = {
    ".json": read_json,
    ".npz": read_npz,
    ".csv": read_csv,
    ".h5": read_h5,
}

# Endings of files that `read_keypoints` reads.
ENDINGS: tuple[str, ...] = tuple(_READERS)
