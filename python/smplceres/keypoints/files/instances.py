"""People as lists of records with `keypoints`: MMPose, YOLO, Hugging Face's ViTPose."""

from __future__ import annotations

from collections.abc import Iterator

from ..formats import KeypointFormat, format_named
from ..names import format_of_names
from .content import list_of, object_of, string_of
from .found import Found, Request
from .records import default_format, is_record, names_of_record, record_of, rows_of_record

_FORMAT_OF_DATASET = {"h36m": "human36m17", "human36m": "human36m17"}

# Keys of the people of an image: MMPose, and others.
PEOPLE_KEYS = ("instances", "instance_info", "predictions", "preds")


def of_object(content: dict[str, object], request: Request) -> Iterator[Found]:
    """`instance_info`: frames, each with `instances`, or the instances of one image."""
    key = next(key for key in PEOPLE_KEYS if key in content)
    format = _Names(content.get("meta_info"), request.format)
    return _images(key, list_of(key, content[key]), format)


def of_list(content: list[object], request: Request) -> Iterator[Found]:
    """The people of an image, or a list of images."""
    return _images("", content, _Names(None, request.format))


def of_images(content: dict[str, object], request: Request) -> Iterator[Found]:
    """Images by their names, each a list of people, as of YOLO."""
    names = _Names(None, request.format)
    for image, people in content.items():
        yield from _people(f"{image}", list_of(image, people), image, names)


def is_by_image(content: dict[str, object]) -> bool:
    """Whether a mapping has lists of people, or of none, and some of people."""
    images = [each for each in content.values() if isinstance(each, list)]
    return len(images) == len(content) and any(each and is_record(each[0]) for each in images)


def is_list_of_people(content: list[object]) -> bool:
    """Whether a list holds people or images of such people, and not COCO's results."""
    first = next((each for each in content if each), None)
    if isinstance(first, list):
        return first != [] and is_record(first[0])
    if not isinstance(first, dict):
        return False
    keypoints = first.get("keypoints")
    flat = isinstance(keypoints, list) and not (keypoints and isinstance(keypoints[0], list))
    people = any(isinstance(first.get(key), list) for key in PEOPLE_KEYS)
    return people or (keypoints is not None and (not flat or _are_points(keypoints)))


def _are_points(keypoints: list[object]) -> bool:
    return bool(keypoints) and isinstance(keypoints[0], dict)


def _images(key: str, values: list[object], names: _Names) -> Iterator[Found]:
    if not any(isinstance(each, list) or _people_key(each) for each in values):
        yield from _people(key, values, None, names)
        return
    for i, value in enumerate(values):
        where = f"{key}[{i}]"
        # frame_id begins at 0 or 1, depending on MMPose's version
        people_key = _people_key(value)
        inner = f"{where}.{people_key}" if people_key else where
        people = object_of(where, value).get(people_key) if people_key else value
        yield from _people(inner, list_of(inner, people or []), i, names)


def _people_key(value: object) -> str:
    """The key of the people of an image; empty without."""
    keys = value.keys() if isinstance(value, dict) else ()
    return next((key for key in PEOPLE_KEYS if key in keys), "")


def _people(
    key: str, values: list[object], image: str | int | None, names: _Names
) -> Iterator[Found]:
    if not values:
        yield Found(key, image=image)
    for i, value in enumerate(values):
        where = f"{key}[{i}]"
        record = record_of(where, value)
        own = record.get("image_id", record.get("image"))
        found = Found(where, image=own if isinstance(own, int | str) else image)
        if "class" in record and record["class"] not in (0, "person") and _is_named(record):
            yield found._replace(without="of another category")
            continue
        rows = rows_of_record(where, record)
        if not len(rows):
            yield found._replace(without="without keypoints")
            continue
        known = names_of_record(record, names.chosen) or names.format_of(len(rows))
        if known is not None:
            rows = rows[known[1]]
        yield found._replace(
            rows=rows,
            format=names.chosen or (known[0] if known else default_format(rows)),
        )


def _is_named(record: dict[str, object]) -> bool:
    """Whether YOLO names the class of a record, and not a person's."""
    return isinstance(record.get("name"), str) and record["name"] != "person"


class _Names:
    """Which keypoints MMPose's `meta_info` says there are, by names or the data set."""

    def __init__(self, meta: object, chosen: KeypointFormat | None) -> None:
        self.chosen = chosen
        self._known: tuple[KeypointFormat, list[int]] | None = None
        if not isinstance(meta, dict) or chosen is not None:
            return
        where = "meta_info.keypoint_id2name"
        dataset = _FORMAT_OF_DATASET.get(str(meta.get("dataset_name", "")).lower())
        named = meta.get("keypoint_id2name")
        by_name = meta.get("keypoint_name2id")
        if not named and isinstance(by_name, dict):
            named = {id: name for name, id in by_name.items()}
        if dataset is not None:
            names: list[str] = list(format_named(dataset).names)
        elif isinstance(named, dict) and named:
            by_id = sorted(named.items(), key=lambda item: int(item[0]))
            names = [string_of(where, name) for _, name in by_id]
        else:
            return
        self._count = len(names)
        self._known = format_of_names(names, None, "mmpose", head="head_top", what=where)

    def format_of(self, count: int) -> tuple[KeypointFormat, list[int]] | None:
        return self._known if self._known is not None and count == self._count else None
