"""`keypoints_to_parquet`: files of detectors and annotations as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...base.files.writing import whole_file
from ...base.input_warnings import one_warning
from ...base.numbered_names import by_number
from ...keypoints.files.reading import ENDINGS, KeypointFileError, read_people
from ...keypoints.formats import FORMATS
from ...keypoints.keypoints import Keypoints, checked_image_size
from .arrow import pa, pq

_OF_OPENPOSE = "_keypoints"

_SCHEMA = pa.schema(
    [
        ("row_id", pa.string()),
        ("image", pa.string()),
        ("keypoints", pa.list_(pa.float32())),
        ("keypoint_format", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
    ]
)


class _Person(NamedTuple):
    """A row."""

    row_id: str
    image: str
    keypoints: Keypoints


def convert(
    source: str | PathLike[str],
    path: str | PathLike[str],
    keypoint_format: Any,
    image_size: tuple[int, int] | None,
    rows_per_group: int,
) -> int:
    """`keypoints_to_parquet`."""
    files = _files_of(Path(source))
    if image_size is not None:
        image_size = checked_image_size(image_size)
    count = 0
    group: list[_Person] = []
    with whole_file(path) as file, pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        with one_warning():
            for person in _people(Path(source), files, keypoint_format, image_size):
                group.append(person)
                count += 1
                if len(group) == rows_per_group:
                    writer.write_table(_table(group, image_size))
                    group = []
        if group:
            writer.write_table(_table(group, image_size))
        if not count:
            raise ValueError(f"source: expected people, found nobody in {source}")
    return count


def _files_of(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    files = [path for path in source.rglob("*") if path.suffix.lower() in ENDINGS]
    # Text files are YOLO's if there are no others.
    files = [path for path in files if path.suffix.lower() != ".txt"] or files
    if not files:
        raise KeypointFileError(f"{source}: expected keypoint files in the folder, found none")
    return sorted(files, key=lambda path: (path.parent, by_number(path.stem)))


def _people(
    source: Path,
    files: Sequence[Path],
    keypoint_format: Any,
    image_size: tuple[int, int] | None,
) -> Iterator[_Person]:
    for path in files:
        of_image: dict[str, int] = {}
        for seen in read_people(path, keypoint_format, image_size=image_size):
            if seen.keypoints is None:
                continue
            inside = _inside(source, path)
            image = inside if seen.image is None else str(seen.image)
            number = of_image[image] = of_image.get(image, -1) + 1
            # Files of a folder may name their images alike.
            of_file = "" if image == inside or path == source else f"{inside}:"
            yield _Person(f"{of_file}{image}#{number}", image, seen.keypoints)


def _inside(source: Path, path: Path) -> str:
    """The name of a file in a folder without its ending, and that of its only image: OpenPose
    names files by images."""
    inside = path.relative_to(source) if path != source else Path(path.name)
    return inside.with_suffix("").as_posix().removesuffix(_OF_OPENPOSE)


def _table(people: Sequence[_Person], image_size: tuple[int, int] | None) -> Any:
    sizes = [person.keypoints.image_size or image_size or (None, None) for person in people]
    rows = [
        np.column_stack([person.keypoints.xy, person.keypoints.confidence]).ravel()
        for person in people
    ]
    columns = (
        [person.row_id for person in people],
        [person.image for person in people],
        rows,
        [_format_name(person) for person in people],
        [width for width, _ in sizes],
        [height for _, height in sizes],
    )
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _SCHEMA.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


def _format_name(person: _Person) -> str:
    """A format that the names in a file describe is known in that file alone."""
    keypoint_format = person.keypoints.format
    if FORMATS.get(keypoint_format.name) != keypoint_format:
        raise ValueError(
            f"{person.keypoints.source}: expected keypoints of a known format, got one of the "
            f"file's own, {keypoint_format.name!r}; give keypoint_format"
        )
    return keypoint_format.name
