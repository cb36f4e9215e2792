"""People in EasyMocap's annotations: `annots` of one image."""

from __future__ import annotations

from collections.abc import Iterator

from ..formats import recognise_format
from .content import image_size_of, list_of, numbers_of, object_of
from .found import Found, Request
from .records import default_format, rows_of_record


def annots(content: dict[str, object], request: Request) -> Iterator[Found]:
    """`annots[].keypoints` [K, 3]; `width` and `height` are those of the image."""
    size = None
    if content.get("width") is not None and content.get("height") is not None:
        sides = numbers_of("[width, height]", [content["width"], content["height"]])
        size = image_size_of(sides)
    people = list_of("annots", content["annots"])
    if not people:
        yield Found("annots")
    for i, value in enumerate(people):
        where = f"annots[{i}]"
        rows = rows_of_record(where, object_of(where, value))
        if not len(rows):
            yield Found(where, without="without keypoints")
            continue
        format = request.format or default_format(rows) or recognise_format(len(rows))
        yield Found(where, rows, format, image_size=size)
