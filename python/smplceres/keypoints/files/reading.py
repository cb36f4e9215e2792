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
    """A keypoint file that cannot be read: names the file, what was expected and what came."""


def read_keypoints(
    path: str | os.PathLike[str], format: KeypointFormat | str | None = None
) -> list[Keypoints]:
    """The people in a keypoint file, in the order of the file; none is an empty list.

    Files are told apart by their ending and their content:

    - OpenPose `.json`: `people[].pose_keypoints_2d` (old: `pose_keypoints`), 75 numbers
      (openpose_body25) or 54 (openpose_coco18) each; faces and hands are left out. BODY_25B also
      has 75 and cannot be told apart: name it. An empty object is nobody: Pose2Sim writes one for a
      person whom this camera does not see.
    - COCO results `.json`: a list of objects with 51 `keypoints` (coco17); the third number of each
      is the confidence. So does AlphaPose, with 51, 78 (halpe26), 408 (halpe136) or 399
      (coco_wholebody133) numbers; its `bodies[].joints` by image are read as well.
    - COCO annotations `.json`: `annotations[].keypoints`, 51 numbers; visibility 0 (not labelled),
      1 (labelled, hidden), 2 (labelled, visible) becomes confidence 0, 0.5, 1. Image sizes come
      from `images`. Where COCO-WholeBody's `foot_kpts`, `face_kpts`, `lefthand_kpts` and
      `righthand_kpts` go with `keypoints`, here as in results, the format is coco_wholebody133.
    - MMPose's and RTMPose's `.json`: `instances`, `instance_info` (of frames or of one image), or
      a list of instances, each with `keypoints` [K, 2] and `keypoint_scores` [K]; 17 are COCO's,
      unless `meta_info.dataset_name` says h36m.
    - DeepLabCut's `.csv` and `.h5` (`pip install 'smplceres[deeplabcut]'`), all frames one after
      the other. Bodyparts are the user's own: they are those of a known format, or are placed by
      their names (left_knee, LeftKnee, knee_L), or by a `format` of them
      (`KeypointFormat.from_mapping`, in any order, with those that are to be fitted).
    - one person `.json`: `keypoints` [K, 3] and optionally `format`, `image_size` [width, height].
    - `.npz`: `keypoints` [K, 3] or [P, K, 3] and optionally `format`, `image_size`.
    - `.csv`: one person, the columns x,y,confidence or name,x,y,confidence under a header line.
      With names the rows may come in any order. An empty x or y is fine where the confidence is 0.

    Coordinates are taken as pixels.

    Args:
        path: the file.
        format: a format or its name; comes before what the file says or its counts suggest.

    Raises:
        FileNotFoundError: no such file.
        KeypointFileError: anything else wrong with the file, or a format of another K than its.
        ValueError: an unknown `format`.
    """
    return [seen.keypoints for seen in _read(Path(path), format) if seen.keypoints is not None]


def read_frames(
    path: str | os.PathLike[str], format: KeypointFormat | str | None = None
) -> list[list[Keypoints]]:
    """The people of each frame of a file that has many: DeepLabCut's, AlphaPose's, MMPose's of a
    video, COCO's; of another file all people are of one frame.

    Frames are those of the file, in its order. Where images are called by a number and the rest of
    their names is the same, those that are missing are frames of nobody, from number 0 on where
    the name is a number alone (as AlphaPose numbers a video's).

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

# Of the files that `read_keypoints` reads.
ENDINGS: tuple[str, ...] = tuple(_READERS)
