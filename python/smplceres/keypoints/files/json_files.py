"""People in JSON files: OpenPose, COCO, AlphaPose, MMPose and one person.

Readers raise ValueError without the name of the file, which `read_keypoints` adds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ..formats import (
    COCO17,
    COCO_WHOLEBODY133,
    HALPE26,
    HALPE136,
    OPENPOSE_BODY25,
    OPENPOSE_COCO18,
    KeypointFormat,
    format_named,
)
from .content import (
    Seen,
    flat_rows,
    image_size_of,
    kind_of,
    list_of,
    numbers_of,
    object_of,
    person_of,
    string_of,
)


def read_json(path: Path, chosen: KeypointFormat | None) -> Iterator[Seen]:
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
        f"('keypoints'), got {kind_of(content)}"
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
        raise ValueError(f"expected JSON, got invalid or truncated JSON ({error})") from error
    return content


def _openpose(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    formats = (chosen,) if chosen else (OPENPOSE_BODY25, OPENPOSE_COCO18)
    for p, value in enumerate(list_of("people", content["people"])):
        where = f"people[{p}]"
        person = object_of(where, value)
        if not person:
            continue
        key = "pose_keypoints" if "pose_keypoints_2d" not in person else "pose_keypoints_2d"
        if key not in person:
            raise ValueError(f"{where}: expected 'pose_keypoints_2d', got {kind_of(person)}")
        rows, format = flat_rows(f"{where}.{key}", person[key], formats)
        yield person_of(path, where, rows, format)


def _coco_results(
    content: list[object], chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    for i, value in enumerate(content):
        where = f"[{i}]"
        result = object_of(where, value)
        rows, format, image = _coco_rows(where, result, chosen)
        yield person_of(path, where, rows, format, image=image)


def _coco_annotations(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    image_sizes = _coco_image_sizes(content)
    for i, value in enumerate(list_of("annotations", content["annotations"])):
        where = f"annotations[{i}]"
        annotation = object_of(where, value)
        rows, format, image = _coco_rows(where, annotation, chosen)
        if not np.isin(rows[:, 2], (0, 1, 2)).all():
            raise ValueError(f"{where}.keypoints: expected visibility 0, 1 or 2, got another value")
        rows[:, 2] /= 2
        yield person_of(path, where, rows, format, image_size=image_sizes.get(image), image=image)


def _coco_rows(
    where: str, record: dict[str, object], chosen: KeypointFormat | None
) -> tuple[NDArray[np.float64], KeypointFormat, str]:
    """[K, 3] rows (x, y, third number), their format, and the name of their image."""
    if "keypoints" not in record:
        raise ValueError(f"{where}: expected COCO keypoints ('keypoints'), got {kind_of(record)}")
    parts = [record["keypoints"], *(record[key] for key in _WHOLEBODY_PARTS if key in record)]
    if len(parts) == 1 + len(_WHOLEBODY_PARTS):
        numbers = [each for part in parts for each in list_of(f"{where}.keypoints", part)]
        rows, format = flat_rows(
            f"{where}.keypoints and its parts", numbers, (chosen or COCO_WHOLEBODY133,)
        )
    else:
        rows, format = flat_rows(f"{where}.keypoints", record["keypoints"], _coco_formats(chosen))
    return rows, format, _image_id(record.get("image_id"))


# COCO-WholeBody's, in the order of its format.
_WHOLEBODY_PARTS = ("foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")


def _coco_formats(chosen: KeypointFormat | None) -> tuple[KeypointFormat, ...]:
    return (chosen,) if chosen else (COCO17, HALPE26, HALPE136, COCO_WHOLEBODY133)


def _coco_image_sizes(content: dict[str, object]) -> dict[str, tuple[int, int]]:
    sizes = {}
    for i, value in enumerate(list_of("images", content.get("images", []))):
        image = object_of(f"images[{i}]", value)
        if {"id", "width", "height"} <= image.keys():
            sides = numbers_of(f"images[{i}] [width, height]", [image["width"], image["height"]])
            sizes[_image_id(image["id"])] = image_size_of(sides)
    return sizes


def _image_id(value: object) -> str:
    return str(value) if isinstance(value, (int, str)) else ""


def _one_person(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    rows = [
        numbers_of(f"keypoints[{k}]", row)
        for k, row in enumerate(list_of("keypoints", content["keypoints"]))
    ]
    lengths = {len(row) for row in rows}
    if lengths != {3}:
        raise ValueError(f"keypoints: expected [K, 3], got rows of length {sorted(lengths)}")
    format = chosen
    if format is None and content.get("format") is not None:
        format = format_named(string_of("format", content["format"]))
    image_size = None
    if content.get("image_size") is not None:
        image_size = image_size_of(numbers_of("image_size", content["image_size"]))
    yield person_of(path, "keypoints", np.stack(rows), format, image_size=image_size)


def _alphapose_bodies(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    for name, value in content.items():
        bodies = list_of(f"{name}.bodies", object_of(name, value)["bodies"])
        if not bodies:
            yield Seen(name, None)
        for i, body in enumerate(bodies):
            where = f"{name}.bodies[{i}]"
            joints = object_of(where, body).get("joints")
            rows, format = flat_rows(f"{where}.joints", joints, _coco_formats(chosen))
            yield person_of(path, where, rows, format, image=name)


_FORMAT_OF_DATASET = {"h36m": "human36m17", "human36m": "human36m17"}


def _mmpose(
    content: dict[str, object], chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    """`instance_info`: frames, each with `instances`, or the instances of one image."""
    key = "instances" if "instances" in content else "instance_info"
    meta = content.get("meta_info")
    dataset = str(meta.get("dataset_name", "")).lower() if isinstance(meta, dict) else ""
    for i, value in enumerate(list_of(key, content[key])):
        where = f"{key}[{i}]"
        record = object_of(where, value)
        if "instances" not in record:
            yield from _instances(key, list_of(key, content[key]), chosen, path, dataset)
            return
        image = str(i)  # frame_id begins at 0 or 1, depending on the version
        people = list_of(f"{where}.instances", record["instances"])
        if not people:
            yield Seen(image, None)
        for seen in _instances(f"{where}.instances", people, chosen, path, dataset):
            yield seen._replace(image=image)


def _instances(
    key: str, values: list[object], chosen: KeypointFormat | None, path: Path, dataset: str
) -> Iterator[Seen]:
    for i, value in enumerate(values):
        where = f"{key}[{i}]"
        instance = object_of(where, value)
        missing = {"keypoints", "keypoint_scores"} - instance.keys()
        if missing:
            raise ValueError(f"{where}: expected {min(missing)!r}, got {kind_of(instance)}")
        points = list_of(f"{where}.keypoints", instance["keypoints"])
        xy = [numbers_of(f"{where}.keypoints[{k}]", point) for k, point in enumerate(points)]
        scores = numbers_of(f"{where}.keypoint_scores", instance["keypoint_scores"])
        if {len(point) for point in xy} != {2}:
            raise ValueError(f"{where}.keypoints: expected [K, 2], got points of another length")
        if len(scores) != len(xy):
            raise ValueError(
                f"{where}.keypoint_scores: expected {len(xy)}, one per keypoint, got {len(scores)}"
            )
        format = chosen
        if format is None and len(xy) == COCO17.num_keypoints:
            format = format_named(_FORMAT_OF_DATASET.get(dataset, COCO17))
        # Scores of SimCC are slightly below 0 for missing keypoints.
        rows = np.column_stack([np.stack(xy), np.maximum(scores, 0)])
        yield person_of(path, where, rows, format)


_JSON_READERS: Mapping[
    str, Callable[[dict[str, object], KeypointFormat | None, Path], Iterator[Seen]]
] = {
    "people": _openpose,
    "annotations": _coco_annotations,
    "instance_info": _mmpose,
    "instances": _mmpose,
    "keypoints": _one_person,
}
