"""People in COCO's annotations and results, and in AlphaPose's results, which are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from ..formats import COCO17, COCO_WHOLEBODY133, HALPE26, HALPE136, KeypointFormat
from ..names import format_of_names
from .content import (
    format_by_count,
    image_size_of,
    kind_of,
    list_of,
    numbers_of,
    object_of,
    string_of,
)
from .found import Found, Request
from .records import rows_of_record

# COCO-WholeBody's, in the order of its format.
_PARTS = ("foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")

_FORMATS = (COCO17, HALPE26, HALPE136, COCO_WHOLEBODY133)

# Supercategories and categories of people; others are left out if the file has some of these.
_PEOPLE = ("person", "people", "human", "persons", "pedestrian")


@dataclass(frozen=True)
class _Image:
    name: str | int | None
    size: tuple[int, int] | None


def coco_results(content: list[object], request: Request) -> Iterator[Found]:
    some = _some_have_keypoints(content)
    for i, value in enumerate(content):
        where = f"[{i}]"
        record = _record(where, value, some)
        found = Found(where, image=_image_name(record.get("image_id")))
        yield _person(found, record, request.format, _parts_rows(where, record))


def coco_annotations(content: dict[str, object], request: Request) -> Iterator[Found]:
    """The images in their order, each with its people."""
    annotations = list_of("annotations", content["annotations"])
    categories = _Categories(content.get("categories"), request.format)
    fractional = _fractional_parts(annotations)
    found: dict[str | int | None, list[Found]] = {}
    images = _images(content)
    for id in images:
        found[id] = []
    some = _some_have_keypoints(annotations)
    for i, value in enumerate(annotations):
        where = f"annotations[{i}]"
        annotation = _record(where, value, some)
        id = _image_name(annotation.get("image_id"))
        image = images.get(id, _Image(id, None))
        one = Found(where, image=image.name, image_size=image.size)
        found.setdefault(id, []).append(_annotated(one, annotation, categories, fractional))
    for id, people in found.items():
        if not people:
            yield Found("images", image=images[id].name)
        yield from people


def _some_have_keypoints(values: list[object]) -> bool:
    return any(isinstance(value, dict) and "keypoints" in value for value in values)


def _record(where: str, value: object, some: bool) -> dict[str, object]:
    """A person's record; without keypoints only beside some that have them."""
    record = object_of(where, value)
    if "keypoints" in record:
        return record
    if some:
        return record | {"keypoints": []}
    raise ValueError(f"{where}: expected COCO keypoints ('keypoints'), got {kind_of(record)}")


def _annotated(
    found: Found, annotation: dict[str, object], categories: _Categories, fractional: set[str]
) -> Found:
    category = annotation.get("category_id")
    if categories.are_others(category):
        return found._replace(without="of another category")
    rows = {
        part: each if part in fractional else each * (1, 1, 0.5)  # -1 is missing too
        for part, each in _parts_rows(found.where, annotation).items()
    }
    category = categories.of_annotation(category)
    format = categories.formats.get(category)
    if format is None or len(rows) > 1:
        return _person(found, annotation, categories.chosen, rows)
    known, order = format
    body = rows["keypoints"]
    if not len(body):
        return found._replace(without="without keypoints")
    if len(body) != len(categories.names[category]):
        raise ValueError(
            f"{found.where}.keypoints: expected {3 * len(categories.names[category])} numbers, as "
            f"its category names keypoints, got {3 * len(body)}"
        )
    return found._replace(rows=body[order], format=known)


def _person(
    found: Found,
    record: dict[str, object],
    chosen: KeypointFormat | None,
    parts: dict[str, NDArray[np.float64]],
) -> Found:
    rows = np.concatenate(list(parts.values()))
    if not len(rows):
        return found._replace(without="without keypoints")
    formats = (COCO_WHOLEBODY133,) if len(parts) > 1 else _FORMATS
    format = format_by_count(f"{found.where}.keypoints", len(rows), chosen, formats)
    return found._replace(rows=rows, format=format)


def _parts_rows(where: str, record: dict[str, object]) -> dict[str, NDArray[np.float64]]:
    """Rows of the body, and of feet, face and hands if the record has all of them."""
    names = ("keypoints", *_PARTS) if all(part in record for part in _PARTS) else ("keypoints",)
    return {
        name: rows_of_record(
            f"{where}.{name}" if name in _PARTS else where, record | {"keypoints": record[name]}
        )
        for name in names
    }


def _fractional_parts(annotations: list[object]) -> set[str]:
    """The parts whose third numbers are scores, as COCO-WholeBody's of faces and hands: some are
    none of 0 (not labelled), 1 (hidden), 2 (visible)."""
    found = set()
    for annotation in annotations:
        for name in ("keypoints", *_PARTS):
            values = annotation.get(name) if isinstance(annotation, dict) else None
            if isinstance(values, list) and any(
                isinstance(v, float) and v not in (-1, 0, 1, 2) and not isnan(v)
                for v in values[2::3]
            ):
                found.add(name)
    return found


class _Categories:
    """The keypoints that the categories of a file name.

    Attributes:
        formats: by id of a category with names, the format and the order of its keypoints.
        names: the names, by id.
    """

    def __init__(self, value: object, chosen: KeypointFormat | None) -> None:
        self.chosen = chosen
        self.names: dict[object, list[str]] = {}
        self.formats: dict[object, tuple[KeypointFormat, list[int]]] = {}
        self._known: set[object] = set()
        self._people: set[object] = set()
        for i, each in enumerate(list_of("categories", value or [])):
            category = object_of(f"categories[{i}]", each)
            self._add(f"categories[{i}]", category)
        if self._people:
            self.names = {id: self.names[id] for id in self.names if id in self._people}
        for id, names in self.names.items():
            self.formats[id] = self._format(names)

    def are_others(self, category: object) -> bool:
        """Whether annotations of this category are not of people."""
        return bool(self._people) and category in self._known - self._people

    def of_annotation(self, category: object) -> object:
        """The category of an annotation; without a known one that of the file, if it is the only
        one with names."""
        return (
            next(iter(self.names))
            if category not in self._known and len(self.names) == 1
            else category
        )

    def _add(self, where: str, category: dict[str, object]) -> None:
        id = category.get("id")
        if not isinstance(id, int | str):
            raise ValueError(f"{where}.id: expected a number or text, got {kind_of(id)}")
        self._known.add(id)
        names = list_of(f"{where}.keypoints", category.get("keypoints") or [])
        if names:
            self.names[id] = [string_of(f"{where}.keypoints", name) for name in names]
        said = {str(category.get(key, "")).lower() for key in ("name", "supercategory")}
        if said & set(_PEOPLE):
            self._people.add(id)

    def _format(self, names: list[str]) -> tuple[KeypointFormat, list[int]]:
        if self.chosen is not None and self.chosen.num_keypoints == len(names):
            try:
                return format_of_names(names, self.chosen, "coco")
            except ValueError:  # the caller knows better which keypoints these are
                return self.chosen, list(range(len(names)))
        return format_of_names(
            names, self.chosen, "coco", head="head_top", what="categories[].keypoints"
        )


def _images(content: dict[str, object]) -> dict[str | int | None, _Image]:
    """Images by their ids; named by file where the file has names, which may count frames."""
    images: dict[str | int | None, _Image] = {}
    for i, value in enumerate(list_of("images", content.get("images") or [])):
        image = object_of(f"images[{i}]", value)
        size = None
        if image.get("width") is not None and image.get("height") is not None:
            sides = numbers_of(f"images[{i}] [width, height]", [image["width"], image["height"]])
            size = image_size_of(sides)
        id = image.get("id")
        if not isinstance(id, (int, str)):
            raise ValueError(f"images[{i}].id: expected a number or text, got {kind_of(id)}")
        file = image.get("file_name")
        images[id] = _Image(file if isinstance(file, str) and file else id, size)
    if len({image.name for image in images.values()}) < len(images):
        return {id: _Image(id, image.size) for id, image in images.items()}
    return images


def _image_name(value: object) -> str | int | None:
    """The number or name of an image; 3.0 is 3."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    return value if isinstance(value, int | str) else None
