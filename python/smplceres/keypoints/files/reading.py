"""Reading keypoint files as detectors write them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ...base.files.reading import missing, naming
from ...base.input_warnings import one_warning
from ...base.numbered_names import by_number, frames_of_names
from ..formats import KeypointFormat, format_named
from ..keypoints import Keypoints, checked_image_size
from .confidence_scale import in_scale
from .csv_files import read_csv
from .deeplabcut import read_h5
from .found import Found, Request, Seen, people_of
from .json_files import read_json
from .npz_files import read_npy, read_npz
from .yolo_text import read_text


class KeypointFileError(ValueError):
    """A keypoint file that cannot be read; names the file, the expected and the actual content."""


def read_keypoints(
    path: str | os.PathLike[str],
    format: KeypointFormat | str | None = None,
    *,
    image_size: tuple[int, int] | None = None,
) -> list[Keypoints]:
    """The people in a keypoint file, in the order of the file; possibly none.

    The kind of a file is recognised by its ending and content:

    - `.json` of OpenPose, AlphaPose, COCO, COCO-WholeBody, MMPose, YOLO, MediaPipe, EasyMocap,
      ViTPose of Hugging Face, and of one person: `keypoints` [K, 3] and optionally `format`,
      `image_size` [width, height];
    - `.npz`: `keypoints` [K, 3] or [P, K, 3] and optionally `format`, `image_size`; `positions_2d`
      of VideoPose3D;
    - `.npy`: [K, 2 or 3], [F, K, 2 or 3] of one person in F frames, or [F, P, K, 2 or 3];
    - `.csv`: one person, the columns x,y,confidence or name,x,y,confidence under a header line (in
      any order of the names), or a row per frame with columns such as nose_x,nose_y,nose_score;
      tables of DeepLabCut;
    - `.h5` of DeepLabCut and SLEAP (`pip install 'smplceres[deeplabcut]'`);
    - `.txt` of YOLO pose.

    The names of keypoints decide the format where a file has them: those of a known format in any
    order, or a format derived from names that state places (left_knee, LeftKnee, knee_L).
    Otherwise the number of keypoints does, where the program has one format of this number.
    Visibilities 0 (not labelled), 1 (hidden), 2 (visible) of COCO's annotations become confidences
    0, 0.5, 1.

    A keypoint with NaN, null or a negative confidence is missing, and so is a person without
    keypoints or of another category than a person; one `InputWarning` counts them. Confidences of a
    scale of their own, percents or at most a few hundredths, are brought to 0 to 1, with a warning.

    Coordinates are pixels. Fractions of the image, as of YOLO's text files and MediaPipe's
    landmarks, are made pixels by `image_size`; without it they stay fractions, with a warning.

    Args:
        path: the file.
        format: a format or its name; overrides the file.
        image_size: (width, height) pixels, of files in fractions of the image.

    Raises:
        FileNotFoundError: no such file.
        KeypointFileError: the file cannot be read, or has other keypoints than `format`.
        ValueError: an unknown `format`.
    """
    seen = read_people(Path(path), format, image_size)
    return [each.keypoints for each in seen if each.keypoints is not None]


def read_frames(
    path: str | os.PathLike[str],
    format: KeypointFormat | str | None = None,
    *,
    image_size: tuple[int, int] | None = None,
) -> list[list[Keypoints]]:
    """The people of each frame of a file with several, or of a folder with a file per frame.

    Frames have the order of the file, and those of a folder that of the numbers in the names. If
    the names of images differ in one number alone and the numbers are dense, which means at most
    10 values for each name, they count frames: a number that is missing is a frame without
    people. They are counted from 0 if the names are numbers with an ending, as AlphaPose numbers
    the frames of a video, and from the first number otherwise. Numbers that are not dense, such as
    ids of a data set or time stamps, count nothing. All people of a file without images are in one
    frame.

    Args:
        path: the file or folder.
        format, image_size: as of `read_keypoints`.

    Raises:
        FileNotFoundError, KeypointFileError, ValueError: as of `read_keypoints`; more than a
            million frames.
    """
    path = Path(path)
    if path.is_dir():
        with one_warning():
            return [
                [] if file is None else read_keypoints(file, format, image_size=image_size)
                for file in frame_files(path)
            ]
    seen = read_people(path, format, image_size)
    with naming(path, KeypointFileError):
        return _frames(seen)


def frame_files(folder: Path) -> list[Path | None]:
    """The keypoint files of a folder, one per frame, by the numbers in their names; None for a
    number that is missing, as `read_frames` counts them.

    Raises:
        KeypointFileError: a folder without keypoint files, or with numbers of too many frames.
    """
    files = [path for path in folder.iterdir() if path.suffix.lower() in ENDINGS]
    # Text files are YOLO's if there are no others.
    files = [path for path in files if path.suffix.lower() != ".txt"] or files
    with naming(folder, KeypointFileError):
        if not files:
            raise ValueError("expected keypoint files in the folder, found none")
        files.sort(key=lambda path: by_number(path.stem))
        frames = frames_of_names([path.stem for path in files])
    by_frame = dict(zip(frames, files, strict=True))
    return [by_frame.get(frame) for frame in range(max(by_frame) + 1)]


def read_people(
    path: Path,
    format: KeypointFormat | str | None = None,
    image_size: Sequence[int] | None = None,
) -> list[Seen]:
    """The people of a file with their images; arguments and errors as of `read_keypoints`."""
    request = Request(
        None if format is None else format_named(format),
        None if image_size is None else checked_image_size(image_size),
    )
    if not path.exists():
        raise missing("keypoint file", path)
    with naming(path, KeypointFileError):
        if path.suffix.lower() not in _READERS or not path.is_file():
            got = "a file of another kind" if path.is_file() else "a folder"
            raise ValueError(f"expected a file ending in {', '.join(_READERS)}, got {got}")
        found = _READERS[path.suffix.lower()](path, request)
        people = list(people_of(path, found, request))
        # This package writes .npz: what is written is what is read.
        return people if path.suffix.lower() == ".npz" else in_scale(path, people)


# AlphaPose's names of the frames of a video.
_FRAME_OF_VIDEO = re.compile(r"(0|[1-9]\d*)\.[a-z]+", re.IGNORECASE)


def _frames(seen: Sequence[Seen]) -> list[list[Keypoints]]:
    people: dict[str | int | None, list[Keypoints]] = {}
    for each in seen:
        of_image = people.setdefault(each.image, [])
        if each.keypoints is not None:
            of_image.append(each.keypoints)
    if None in people or not people:
        return list(people.values())
    of_video = all(isinstance(name, str) and _FRAME_OF_VIDEO.fullmatch(name) for name in people)
    numbers = frames_of_names([str(name) for name in people], from_zero=of_video)
    frames: list[list[Keypoints]] = [[] for _ in range(max(numbers) + 1)]
    for number, of_image in zip(numbers, people.values(), strict=True):
        frames[number] = of_image
    return frames


_READERS: Mapping[str, Callable[[Path, Request], Iterator[Found]]] = {
    ".json": read_json,
    ".npz": read_npz,
    ".csv": read_csv,
    ".h5": read_h5,
    ".npy": read_npy,
    ".txt": read_text,
}

# Endings of files that `read_keypoints` reads.
ENDINGS: tuple[str, ...] = tuple(_READERS)
