"""People in tables of DeepLabCut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..formats import COCO17, FORMATS, KeypointFormat
from . import deeplabcut_tables
from .content import Seen, person_of

# Min number of bodyparts that are placed by their names.
_FEWEST_PLACED = 3


def read_h5(path: Path, chosen: KeypointFormat | None) -> Iterator[Seen]:
    return people_of_table(deeplabcut_tables.read_h5(path), chosen, path)


def people_of_table(
    table: deeplabcut_tables.Table, chosen: KeypointFormat | None, path: Path
) -> Iterator[Seen]:
    """People of frame 0, of frame 1, ...; individuals without a keypoint are left out."""
    format = _format_of_bodyparts(table.bodyparts, chosen)
    order = [table.bodyparts.index(name) for name in format.names]
    for frame, people in enumerate(table.rows[:, :, order]):
        seen = [p for p, rows in enumerate(people) if (rows[:, 2] > 0).any()]
        if not seen:
            yield Seen(str(frame), None)
        for p in seen:
            where = f"frame {frame}" + (f" individual {p}" if len(people) > 1 else "")
            yield person_of(path, where, people[p], format)._replace(image=str(frame))


def _format_of_bodyparts(bodyparts: Sequence[str], chosen: KeypointFormat | None) -> KeypointFormat:
    """The chosen format, a known format with these names, or one that is derived from the names."""
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
        place = deeplabcut_tables.location_of_name(name)
        places[name] = None if place is None else seen_by_annotators.get(place, place)
    if sum(place is not None for place in places.values()) < _FEWEST_PLACED:
        raise ValueError(
            f"bodyparts: expected names of places on a body, such as left_knee, got "
            f"{', '.join(bodyparts)}; give their locations by a KeypointFormat"
        )
    return KeypointFormat.from_mapping("deeplabcut", places)
