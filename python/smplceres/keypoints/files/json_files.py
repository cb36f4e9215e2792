"""People in JSON files: each layout has a test that recognises it and a reader.

Readers raise ValueError without the name of the file, which `read_keypoints` adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ...base.files.json_files import load_json, parse_json
from ..formats import format_named
from . import coco, easymocap, instances, mediapipe_files, openpose
from .content import image_size_of, kind_of, list_of, numbers_of, rows_of_lists, string_of
from .found import Found, Request


class _Layout(NamedTuple):
    """Files of one kind.

    Attributes:
        name: for messages.
        kind: of the content.
        holds: whether a content of the kind has this layout.
        read: the people.
    """

    name: str
    kind: type
    holds: Callable[[Any], bool]
    read: Callable[[Any, Request], Iterator[Found]]


def read_json(path: Path, request: Request) -> Iterator[Found]:
    content = _unwrapped(load_json(path, nan=True))
    for layout in _LAYOUTS:
        if isinstance(content, layout.kind) and layout.holds(content):
            return layout.read(content, request)
    names = ", ".join(dict.fromkeys(layout.name for layout in _LAYOUTS))
    raise ValueError(f"expected one of {names}, got {kind_of(content)}")


def _unwrapped(content: object) -> object:
    """The content without what programs put around it: a list of JSON texts, one per image, or an
    object with `frames`."""
    if isinstance(content, list) and content and all(isinstance(each, str) for each in content):
        return [parse_json(each, nan=True) for each in content]
    if isinstance(content, dict) and not any(each.holds(content) for each in _LAYOUTS[:-2]):
        return content.get("frames", content)
    return content


def _no_people(content: list[object], request: Request) -> Iterator[Found]:
    """Images in which nobody was found."""
    for i in range(len(content)):
        yield Found(f"[{i}]", image=i)


def _people_of_image(content: dict[str, object], request: Request) -> Iterator[Found]:
    """[P, K, 2 or 3] of P people, with scores [P, K]."""
    keypoints = list_of("keypoints", content["keypoints"])
    scores = content.get("scores", content.get("keypoint_scores"))
    given = [None] * len(keypoints) if scores is None else list_of("scores", scores)
    if len(given) != len(keypoints):
        raise ValueError(f"scores: expected those of {len(keypoints)} people, got {len(given)}")
    people = [
        {"keypoints": each, "scores": score} for each, score in zip(keypoints, given, strict=True)
    ]
    return instances.of_list([*people], request)


def _is_of_several(content: dict[str, object]) -> bool:
    keypoints = content.get("keypoints")
    for _ in range(2):
        keypoints = keypoints[0] if isinstance(keypoints, list) and keypoints else None
    return isinstance(keypoints, list)


def _one_person(content: dict[str, object], request: Request) -> Iterator[Found]:
    rows = rows_of_lists("keypoints", content["keypoints"])
    if rows.shape[1] != 3:
        raise ValueError(f"keypoints: expected [K, 3], got rows of length [{rows.shape[1]}]")
    format = request.format
    if format is None and content.get("format") is not None:
        format = format_named(string_of("format", content["format"]))
    image_size = None
    if content.get("image_size") is not None:
        image_size = image_size_of(numbers_of("image_size", content["image_size"]))
    yield Found("keypoints", rows, format, image_size=image_size)


def _has(*keys: str) -> Callable[[dict[str, object]], bool]:
    return lambda content: bool(set(keys) & content.keys())


# In the order in which they are tried.
_LAYOUTS = (
    _Layout("OpenPose ('people')", dict, _has("people"), openpose.openpose),
    _Layout("AlphaPose ('bodies')", dict, _has("bodies"), openpose.bodies),
    _Layout("EasyMocap ('annots')", dict, _has("annots"), easymocap.annots),
    _Layout("COCO annotations ('annotations')", dict, _has("annotations"), coco.coco_annotations),
    _Layout(
        "MMPose ('instances', 'instance_info')",
        dict,
        _has(*instances.PEOPLE_KEYS),
        instances.of_object,
    ),
    _Layout("one person ('keypoints')", dict, _is_of_several, _people_of_image),
    _Layout("one person ('keypoints')", dict, _has("keypoints"), _one_person),
    _Layout("AlphaPose ('bodies')", dict, openpose.is_by_image, openpose.by_image),
    _Layout("YOLO (people by image)", dict, instances.is_by_image, instances.of_images),
    _Layout(
        "MediaPipe (landmarks)", object, mediapipe_files.is_landmarks, mediapipe_files.landmarks
    ),
    _Layout(
        "MMPose ('instances', 'instance_info')",
        list,
        instances.is_list_of_people,
        instances.of_list,
    ),
    _Layout("images without people", list, lambda content: not any(content), _no_people),
    _Layout("COCO or AlphaPose results (a list)", list, lambda _: True, coco.coco_results),
)
