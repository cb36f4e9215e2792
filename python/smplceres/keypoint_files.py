"""Reading keypoint files as detectors write them, and writing them as .npz."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from . import deeplabcut_files
from .keypoint_formats import (
    COCO17,
    COCO_WHOLEBODY133,
    FORMATS,
    HALPE26,
    HALPE136,
    OPENPOSE_BODY25,
    OPENPOSE_COCO18,
    KeypointFormat,
    format_named,
)
from .keypoints import Keypoints


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
    - MMPose's and RTMPose's `.json`: `instances`, `instance_info` (of frames or of one picture), or
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


class _Seen(NamedTuple):
    """Somebody, and the image they are in; None: an image of nobody."""

    image: str
    keypoints: Keypoints | None


def _read(path: Path, format: KeypointFormat | str | None) -> list[_Seen]:
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


def write_keypoints(path: str | os.PathLike[str], people: Sequence[Keypoints]) -> None:
    """Writes people of one format and one image to a `.npz` that `read_keypoints` reads.

    A format of one's own is stored by name alone: name it again when reading.

    Args:
        path: the file, ending in .npz; one that exists is replaced.
        people: P people; none is allowed.

    Raises:
        ValueError: another ending, or people of several formats or image sizes.
    """
    path = Path(path)
    if path.suffix.lower() != ".npz":
        raise ValueError(f"path: expected a file ending in .npz, got {path.name!r}")
    formats = {person.format for person in people}
    image_sizes = {person.image_size for person in people}
    if len(formats) > 1:
        names = sorted(one.name for one in formats)
        raise ValueError(f"people: expected one format, got {names}")
    if len(image_sizes) > 1:
        raise ValueError(f"people: expected one image_size, got {sorted(map(str, image_sizes))}")
    arrays: dict[str, Any] = {"keypoints": np.zeros((0, 0, 3))}
    if people:
        rows = [np.column_stack([person.xy, person.confidence]) for person in people]
        arrays = {"keypoints": np.stack(rows), "format": np.array(people[0].format.name)}
        if people[0].image_size is not None:
            arrays["image_size"] = np.array(people[0].image_size)
    with path.open("wb") as file:
        np.savez(file, **arrays)


# --- JSON: all its readers raise ValueError without the file's name, which read_keypoints adds ---


def _read_json(path: Path, chosen: KeypointFormat | None) -> Iterator[_Seen]:
    content = _load_json(path)
    if isinstance(content, list):
        if content and isinstance(content[0], dict) and "keypoint_scores" in content[0]:
            return _instances("", content, chosen, path, "")
        return _coco_results(content, chosen, path)
    if isinstance(content, dict):
        for key, reader in _JSON_READERS.items():
            if key in content:
                return reader(content, chosen, path)
        if content and all(isinstance(v, dict) and "bodies" in v for v in content.values()):
            return _alphapose_bodies(content, chosen, path)
    raise ValueError(
        f"expected OpenPose ('people'), COCO annotations ('annotations'), COCO or AlphaPose "
        f"results (a list, or 'bodies'), MMPose ('instances', 'instance_info') or one person "
        f"('keypoints'), got {_kind(content)}"
    )


def _load_json(path: Path) -> object:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"expected finite numbers, got {constant}")

    text = path.read_bytes()
    if not text.strip():
        raise ValueError("expected JSON, got an empty file")
    try:
        content: object = json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("expected keypoints as JSON, got deeply nested brackets") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"expected JSON, got something else or a part of it ({error})") from error
    return content


def _openpose(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    formats = (chosen,) if chosen else (OPENPOSE_BODY25, OPENPOSE_COCO18)
    for p, value in enumerate(_list("people", content["people"])):
        where = f"people[{p}]"
        person = _object(where, value)
        if not person:
            continue
        key = "pose_keypoints" if "pose_keypoints_2d" not in person else "pose_keypoints_2d"
        if key not in person:
            raise ValueError(f"{where}: expected 'pose_keypoints_2d', got {_kind(person)}")
        rows, format = _flat_rows(f"{where}.{key}", person[key], formats)
        yield _person(path, where, rows, format)


def _coco_results(
    content: list[object], chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    for i, value in enumerate(content):
        where = f"[{i}]"
        result = _object(where, value)
        rows, format, image = _coco_rows(where, result, chosen)
        yield _person(path, where, rows, format, image=image)


def _coco_annotations(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    image_sizes = _coco_image_sizes(content)
    for i, value in enumerate(_list("annotations", content["annotations"])):
        where = f"annotations[{i}]"
        annotation = _object(where, value)
        rows, format, image = _coco_rows(where, annotation, chosen)
        if not np.isin(rows[:, 2], (0, 1, 2)).all():
            raise ValueError(f"{where}.keypoints: expected visibility 0, 1 or 2, got another value")
        rows[:, 2] /= 2
        yield _person(path, where, rows, format, image_size=image_sizes.get(image), image=image)


def _coco_rows(
    where: str, record: dict[str, object], chosen: KeypointFormat | None
) -> tuple[NDArray[np.float64], KeypointFormat, str]:
    """[K, 3] rows (x, y, third number), their format, and the image they belong to."""
    if "keypoints" not in record:
        raise ValueError(f"{where}: expected COCO keypoints ('keypoints'), got {_kind(record)}")
    parts = [record["keypoints"], *(record[key] for key in _WHOLEBODY_PARTS if key in record)]
    if len(parts) == 1 + len(_WHOLEBODY_PARTS):
        numbers = [each for part in parts for each in _list(f"{where}.keypoints", part)]
        rows, format = _flat_rows(
            f"{where}.keypoints and its parts", numbers, (chosen or COCO_WHOLEBODY133,)
        )
    else:
        rows, format = _flat_rows(f"{where}.keypoints", record["keypoints"], _coco_formats(chosen))
    return rows, format, _image_id(record.get("image_id"))


# COCO-WholeBody's, in the order of its format.
_WHOLEBODY_PARTS = ("foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")


def _coco_formats(chosen: KeypointFormat | None) -> tuple[KeypointFormat, ...]:
    return (chosen,) if chosen else (COCO17, HALPE26, HALPE136, COCO_WHOLEBODY133)


def _coco_image_sizes(content: dict[str, object]) -> dict[str, tuple[int, int]]:
    sizes = {}
    for i, value in enumerate(_list("images", content.get("images", []))):
        image = _object(f"images[{i}]", value)
        if {"id", "width", "height"} <= image.keys():
            sides = _numbers(f"images[{i}] [width, height]", [image["width"], image["height"]])
            sizes[_image_id(image["id"])] = _image_size(sides)
    return sizes


def _image_id(value: object) -> str:
    return str(value) if isinstance(value, (int, str)) else ""


def _one_person(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    rows = [
        _numbers(f"keypoints[{k}]", row)
        for k, row in enumerate(_list("keypoints", content["keypoints"]))
    ]
    lengths = {len(row) for row in rows}
    if lengths != {3}:
        raise ValueError(f"keypoints: expected [K, 3], got rows of length {sorted(lengths)}")
    format = chosen
    if format is None and content.get("format") is not None:
        format = format_named(_string("format", content["format"]))
    image_size = None
    if content.get("image_size") is not None:
        image_size = _image_size(_numbers("image_size", content["image_size"]))
    yield _person(path, "keypoints", np.stack(rows), format, image_size=image_size)


# --- AlphaPose by image ---


def _alphapose_bodies(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    for name, value in content.items():
        bodies = _list(f"{name}.bodies", _object(name, value)["bodies"])
        if not bodies:
            yield _Seen(name, None)
        for i, body in enumerate(bodies):
            where = f"{name}.bodies[{i}]"
            joints = _object(where, body).get("joints")
            rows, format = _flat_rows(f"{where}.joints", joints, _coco_formats(chosen))
            yield _person(path, where, rows, format, image=name)


# --- MMPose and RTMPose ---

_FORMAT_OF_DATASET = {"h36m": "human36m17", "human36m": "human36m17"}


def _mmpose(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    """`instance_info`: frames, each with `instances`, or the instances of one picture."""
    key = "instances" if "instances" in content else "instance_info"
    meta = content.get("meta_info")
    dataset = str(meta.get("dataset_name", "")).lower() if isinstance(meta, dict) else ""
    for i, value in enumerate(_list(key, content[key])):
        where = f"{key}[{i}]"
        record = _object(where, value)
        if "instances" not in record:
            yield from _instances(key, _list(key, content[key]), chosen, path, dataset)
            return
        image = str(i)  # frame_id begins at 0 or 1, as the version has it
        people = _list(f"{where}.instances", record["instances"])
        if not people:
            yield _Seen(image, None)
        for seen in _instances(f"{where}.instances", people, chosen, path, dataset):
            yield seen._replace(image=image)


def _instances(
    key: str, values: list[object], chosen: KeypointFormat | None, path: Path, dataset: str
) -> Iterator[_Seen]:
    for i, value in enumerate(values):
        where = f"{key}[{i}]"
        instance = _object(where, value)
        missing = {"keypoints", "keypoint_scores"} - instance.keys()
        if missing:
            raise ValueError(f"{where}: expected {min(missing)!r}, got {_kind(instance)}")
        points = _list(f"{where}.keypoints", instance["keypoints"])
        xy = [_numbers(f"{where}.keypoints[{k}]", point) for k, point in enumerate(points)]
        scores = _numbers(f"{where}.keypoint_scores", instance["keypoint_scores"])
        if {len(point) for point in xy} != {2}:
            raise ValueError(f"{where}.keypoints: expected [K, 2], got points of another length")
        if len(scores) != len(xy):
            raise ValueError(
                f"{where}.keypoint_scores: expected {len(xy)}, one per keypoint, got {len(scores)}"
            )
        format = chosen
        if format is None and len(xy) == COCO17.num_keypoints:
            format = format_named(_FORMAT_OF_DATASET.get(dataset, COCO17))
        # Scores of SimCC are a little below 0 where nothing is seen.
        rows = np.column_stack([np.stack(xy), np.maximum(scores, 0)])
        yield _person(path, where, rows, format)


_JSON_READERS: Mapping[
    str, Callable[[dict[str, object], KeypointFormat | None, Path], Iterator[_Seen]]
] = {
    "people": _openpose,
    "annotations": _coco_annotations,
    "instance_info": _mmpose,
    "instances": _mmpose,
    "keypoints": _one_person,
}


# --- .npz ---

_NPZ_ARRAYS = ("keypoints", "format", "image_size")


def _read_npz(path: Path, chosen: KeypointFormat | None) -> Iterator[_Seen]:
    arrays = _load_npz(path)
    if "keypoints" not in arrays:
        raise ValueError("expected an array 'keypoints', got none of that name")
    keypoints = arrays["keypoints"]
    if keypoints.ndim not in (2, 3) or keypoints.shape[-1] != 3:
        shape = list(keypoints.shape)
        raise ValueError(f"keypoints: expected [K, 3] or [P, K, 3], got {shape}")
    format = chosen
    if format is None and "format" in arrays:
        format = format_named(_string("format", arrays["format"].tolist()))
    image_size = _image_size(arrays["image_size"]) if "image_size" in arrays else None
    if keypoints.ndim == 2:
        yield _person(path, "keypoints", keypoints, format, image_size=image_size)
    else:
        for p, rows in enumerate(keypoints):
            yield _person(path, f"keypoints[{p}]", rows, format, image_size=image_size)


def _load_npz(path: Path) -> dict[str, NDArray[Any]]:
    if not zipfile.is_zipfile(path):
        raise ValueError("expected a .npz archive, got something else or a part of one")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in _NPZ_ARRAYS if name in archive}
    # A damaged archive raises whatever zipfile, zlib, tokenize or NumPy run into first.
    except Exception as error:
        raise ValueError(f"expected a whole .npz archive of plain arrays ({error})") from error


# --- .csv ---


def _read_csv(path: Path, chosen: KeypointFormat | None) -> Iterator[_Seen]:
    text, first = _load_text(path)
    if deeplabcut_files.is_deeplabcut_csv(first):
        yield from _deeplabcut(deeplabcut_files.read_csv(text), chosen, path)
        return
    header, names, rows = _load_csv(text)
    if "name" not in header:
        yield _person(path, "keypoints", rows, chosen)
    else:
        format = _format_of_names(names, chosen)
        rows = rows[[names.index(name) for name in format.names]]
        yield _person(path, "keypoints", rows, format)


def _load_text(path: Path) -> tuple[str, list[str]]:
    """A table's text, and the fields of its first line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, next(csv.reader(io.StringIO(text, newline="")), [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"expected comma-separated values in UTF-8 ({error})") from error


def _load_csv(text: str) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """The header, the first column, and [K, 3] of the last three."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        lines = [(reader.line_num, fields) for fields in reader if fields]
    except csv.Error as error:
        raise ValueError(f"expected comma-separated values in UTF-8 ({error})") from error
    header = [column.strip().lower() for column in lines[0][1]] if lines else []
    if header not in (["x", "y", "confidence"], ["name", "x", "y", "confidence"]):
        got = ",".join(header)[:80]
        raise ValueError(f"expected the header x,y,confidence or name,x,y,confidence, got {got!r}")
    for n, fields in lines:
        if len(fields) != len(header):
            raise ValueError(f"line {n}: expected {len(header)} columns, got {len(fields)}")
    names = [fields[0].strip() for _, fields in lines[1:]]
    rows = [[_csv_number(n, field) for field in fields[-3:]] for n, fields in lines[1:]]
    return header, names, np.array(rows).reshape(-1, 3)


def _csv_number(line: int, field: str) -> float:
    """An empty field is NaN, which is fine in a missing keypoint's place."""
    try:
        return float(field) if field.strip() else float("nan")
    except ValueError as error:
        raise ValueError(f"line {line}: expected a number, got {field[:40]!r}") from error


def _format_of_names(names: list[str], chosen: KeypointFormat | None) -> KeypointFormat:
    for format in (chosen,) if chosen else FORMATS.values():
        if sorted(names) == sorted(format.names):
            return format
    expected = chosen.name if chosen else f"one of {', '.join(FORMATS)}"
    raise ValueError(f"column name: expected the keypoints of {expected}, got {', '.join(names)}")


# --- DeepLabCut ---

# Fewer are no body.
_FEWEST_PLACED = 3


def _read_h5(path: Path, chosen: KeypointFormat | None) -> Iterator[_Seen]:
    return _deeplabcut(deeplabcut_files.read_h5(path), chosen, path)


def _deeplabcut(
    table: deeplabcut_files.Table, chosen: KeypointFormat | None, path: Path
) -> Iterator[_Seen]:
    """People of frame 0, of frame 1, ...; those without a keypoint in it are left out."""
    format = _format_of_bodyparts(table.bodyparts, chosen)
    order = [table.bodyparts.index(name) for name in format.names]
    for frame, people in enumerate(table.rows[:, :, order]):
        seen = [p for p, rows in enumerate(people) if (rows[:, 2] > 0).any()]
        if not seen:
            yield _Seen(str(frame), None)
        for p in seen:
            where = f"frame {frame}" + (f" individual {p}" if len(people) > 1 else "")
            yield _person(path, where, people[p], format)._replace(image=str(frame))


def _format_of_bodyparts(bodyparts: Sequence[str], chosen: KeypointFormat | None) -> KeypointFormat:
    """The chosen one, a known one of these names, or one of places by their names."""
    if chosen is not None:
        missing = [name for name in chosen.names if name not in bodyparts]
        if missing:
            raise ValueError(
                f"bodyparts: expected those of {chosen.name}, found no {missing[0]!r} among "
                f"{', '.join(bodyparts)}"
            )
        return chosen
    for format in FORMATS.values():
        if sorted(bodyparts) == sorted(format.names):
            return format
    seen_by_annotators = {keypoint.name: keypoint.location for keypoint in COCO17.keypoints}
    places: dict[str, str | Sequence[str] | None] = {}
    for name in bodyparts:
        place = deeplabcut_files.location_of_name(name)
        places[name] = None if place is None else seen_by_annotators.get(place, place)
    if sum(place is not None for place in places.values()) < _FEWEST_PLACED:
        raise ValueError(
            f"bodyparts: expected names of places on a body, such as left_knee, got "
            f"{', '.join(bodyparts)}; say where they are by a KeypointFormat of them"
        )
    return KeypointFormat.from_mapping("deeplabcut", places)


_READERS: Mapping[str, Callable[[Path, KeypointFormat | None], Iterator[_Seen]]] = {
    ".json": _read_json,
    ".npz": _read_npz,
    ".csv": _read_csv,
    ".h5": _read_h5,
}
# Of the files that `read_keypoints` reads.
ENDINGS: tuple[str, ...] = tuple(_READERS)


# --- Pieces of content, checked ---


def _person(
    path: Path,
    where: str,
    rows: NDArray[Any],
    format: KeypointFormat | None,
    *,
    image_size: tuple[int, int] | None = None,
    image: str = "",
) -> _Seen:
    source = f"{path}: {where}" + (f" (image {image})" if image else "")
    try:
        return _Seen(image, Keypoints.from_array(rows, format, image_size, source))
    except ValueError as error:
        raise ValueError(str(error) if where == "keypoints" else f"{where}: {error}") from error


def _flat_rows(
    where: str, values: object, formats: Sequence[KeypointFormat]
) -> tuple[NDArray[np.float64], KeypointFormat]:
    """[K, 3] of x0, y0, c0, x1, ... and the one of the formats that has K keypoints."""
    numbers = _numbers(where, values)
    for format in formats:
        if len(numbers) == 3 * format.num_keypoints:
            return numbers.reshape(-1, 3), format
    expected = " or ".join(f"{3 * one.num_keypoints} ({one.name})" for one in formats)
    raise ValueError(f"{where}: expected {expected} numbers, got {len(numbers)}")


def _numbers(where: str, values: object) -> NDArray[np.float64]:
    """A list of JSON numbers as float64, all finite."""
    items = _list(where, values)
    for i, item in enumerate(items):
        if isinstance(item, bool) or not isinstance(item, (int, float)):
            raise ValueError(f"{where}[{i}]: expected a number, got {_kind(item)}")
    try:
        numbers = np.array(items, dtype=np.float64)
    except OverflowError as error:
        raise ValueError(f"{where}: expected numbers that float64 holds, got larger") from error
    if not np.isfinite(numbers).all():
        raise ValueError(f"{where}: expected numbers that float64 holds, got larger")
    return numbers


def _image_size(values: NDArray[Any]) -> tuple[int, int]:
    numeric = values.shape == (2,) and values.dtype.kind in "fiu"
    if not (numeric and np.isfinite(values).all() and (values == np.floor(values)).all()):
        raise ValueError(
            f"image_size: expected [width, height] in whole pixels, got {values.tolist()}"
        )
    return int(values[0]), int(values[1])


def _list(where: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: expected a list, got {_kind(value)}")
    return value


def _object(where: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object, got {_kind(value)}")
    return value


def _string(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: expected a string, got {_kind(value)}")
    return value


def _kind(value: object) -> str:
    """What a JSON value is, in words, short enough for a message."""
    if isinstance(value, dict):
        keys = ", ".join(repr(key[:40]) for key in list(value)[:5])
        return f"an object with the keys {keys}" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value)[:40]
