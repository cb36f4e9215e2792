"""The people of a photograph with the models in MediaPipe's wheel, whose pose model finds one.

Boxes come from the whole image, from faces in the image and in tiles of it, and from tiles alone;
each person is then detected in a crop of their own. A pose model finds people in patterns too, so
what a tile alone shows must be found in another tile or in its own crop, and lie on the silhouette
that MediaPipe's selfie segmentation, another network, sees there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .crops import (
    box_of,
    cut_out,
    found_in,
    same_person,
    square_about,
    sure_points,
    without_duplicates,
)
from .detector import Detection, Detector, checked_picture
from .mediapipe import MediaPipe, import_mediapipe, quiet

Floats = NDArray[np.float64]

# Detection confidence of the pose model in crops; its default, 0.5, is for whole images.
_LOWERED = 0.3
_FACE_CONFIDENCE = 0.5
# Min number of tiles, the whole image included, that show a face: a headlamp is one in a single.
_LOOKS = 2
# MediaPipe's face detector for up to 5 m; the other one sees faces in saucers.
_FULL_RANGE = 1
_GENERAL_SEGMENTATION = 0
# Sides of tiles in longer sides of the image. Tiles reach beyond its left and right edges, where
# people are cut off.
_FACE_TILE, _BODY_TILES = 0.5, (0.6, 0.4)
# A person about a face, in sides of its box: the whole body, and head and shoulders. Offsets of
# the middle of the square below the middle of the face, and sides.
_BODIES = ((3.8, 10.0), (2.0, 7.0), (2.0, 5.0), (1.5, 4.0))
_FACE_REACH = 0.75
# What a person has whom a tile alone shows: min mean visibility, number of visible points, and
# mean value of the silhouette at them.
_CLEAR, _POINTS, _ON_SILHOUETTE = 0.7, 20, 0.77
# A second person is not in the box of another by more than this part of their own.
_INSIDE = 0.7
_CROP = 1.4  # a person's own crop, in longer sides of their box
_NOSE = 0


class MediaPipePeople(Detector):
    """Several people of single images; the model of `MediaPipe`.

    Args:
        mask: also segment the people.
    """

    name = "mediapipe"

    def __init__(self, mask: bool = False) -> None:
        self._mask = mask
        self._part = MediaPipe(mask, confidence=_LOWERED)

    @property
    def for_crops(self) -> Detector:
        return self._part

    @cached_property
    def _whole(self) -> MediaPipe:
        return MediaPipe(self._mask)

    @cached_property
    def _faces(self) -> Any:
        detection = import_mediapipe().solutions.face_detection
        return _started(
            detection.FaceDetection,
            min_detection_confidence=_FACE_CONFIDENCE,
            model_selection=_FULL_RANGE,
        )

    @cached_property
    def _silhouette(self) -> Any:
        segmentation = import_mediapipe().solutions.selfie_segmentation
        return _started(segmentation.SelfieSegmentation, model_selection=_GENERAL_SEGMENTATION)

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        image = checked_picture(image)
        people = self._whole(image)
        for face in self._faces_of(image):
            if not any(_has_face(person, face) for person in people):
                person = self._with_face(image, face)
                people += [] if person is None else [person]
        people = without_duplicates(people)
        shown = [
            person
            for square in _tiles(image, _BODY_TILES)
            for person in found_in(self._part, image, square)
            if _is_clear(person)
        ]
        for person in sorted(shown, key=_visibility, reverse=True):
            apart = not any(_part_inside(person, other) > _INSIDE for other in people)
            if apart and not _is_one_of(people, person):
                people += [person] if self._is_confirmed(image, person, shown) else []
        return people

    def _faces_of(self, image: NDArray[np.uint8]) -> list[Floats]:
        """Boxes (4,) of faces that several tiles show, the surest first, without duplicates."""
        height, width = image.shape[:2]
        found: list[tuple[float, Floats]] = []
        for square in (np.array([0.0, 0, width, height]), *_tiles(image, (_FACE_TILE,))):
            part = cut_out(image, square)
            sides = np.array([part.shape[1], part.shape[0]])
            for face in self._faces.process(part).detections or []:
                box = face.location_data.relative_bounding_box
                corner = square[:2] + sides * [box.xmin, box.ymin]
                size = sides * [box.width, box.height]
                found.append((face.score[0], np.concatenate([corner, corner + size])))
        kept: list[Floats] = []
        for _, box in sorted(found, key=lambda each: -each[0]):
            looks = sum(_is_middle_in(other, box) for _, other in found)
            if looks >= _LOOKS and not any(_is_middle_in(box, one) for one in kept):
                kept.append(box)
        return kept

    def _with_face(self, image: NDArray[np.uint8], face: Floats) -> Detection | None:
        """The person with a face, from the crop in which most is visible."""
        side = float((face[2:] - face[:2]).max())
        middle = (face[:2] + face[2:]) / 2
        found = []
        for below, size in _BODIES:
            at = middle + np.array([0, below * side])
            square = square_about(np.concatenate([at - size * side / 2, at + size * side / 2]), 1)
            found += [each for each in found_in(self._part, image, square) if _has_face(each, face)]
        return max(found, key=_visibility, default=None)

    def _is_confirmed(
        self, image: NDArray[np.uint8], person: Detection, shown: list[Detection]
    ) -> bool:
        """Whether another tile or a crop of their own shows this person, on a silhouette."""
        square = square_about(box_of(person.keypoints), _CROP)
        others = [each for each in shown if each is not person]
        if not _is_one_of(others, person):
            others = found_in(self._part, image, square)
        return _is_one_of(others, person) and self._is_on_silhouette(image, square, person)

    def _is_on_silhouette(
        self, image: NDArray[np.uint8], square: Floats, person: Detection
    ) -> bool:
        """Whether the sure keypoints inside the image are on what the segmentation sees there."""
        mask = self._silhouette.process(cut_out(image, square)).segmentation_mask
        height, width = image.shape[:2]
        xy = person.keypoints.xy[sure_points(person.keypoints)]
        xy = xy[((xy >= 0) & (xy < [width, height])).all(axis=1)] - square[:2]
        if len(xy) < _POINTS // 2:
            return False
        column, row = np.clip(xy.astype(int), 0, [mask.shape[1] - 1, mask.shape[0] - 1]).T
        return bool(mask[row, column].mean() >= _ON_SILHOUETTE)

    def close(self) -> None:
        for name in ("_part", "_whole", "_faces", "_silhouette"):
            if name in self.__dict__:
                self.__dict__[name].close()


def _started(model: Callable[..., Any], **settings: Any) -> Any:
    """A model after its first image, at which its threads report their start."""
    with quiet():
        started = model(**settings)
        started.process(np.zeros((64, 64, 3), dtype=np.uint8))
    return started


def _tiles(image: NDArray[Any], sides: tuple[float, ...]) -> Iterator[Floats]:
    """Squares that overlap by half; their middles reach the left and right edges of the image."""
    height, width = image.shape[:2]
    for part in sides:
        side = part * max(width, height)
        across = np.linspace(0, width, int(np.ceil(2 * width / side)) + 1)
        first, last = min(side, height) / 2, max(height - side / 2, height / 2)
        down = np.linspace(first, last, max(1, int(np.ceil(2 * (last - first) / side)) + 1))
        for y in down:
            for x in across:
                yield np.round([x - side / 2, y - side / 2, x + side / 2, y + side / 2])


def _is_middle_in(box: Floats, other: Floats) -> bool:
    middle = (box[:2] + box[2:]) / 2
    return bool((middle > other[:2]).all() and (middle < other[2:]).all())


def _has_face(person: Detection, face: Floats) -> bool:
    wider = _FACE_REACH * (face[2:] - face[:2])
    nose = person.keypoints.xy[_NOSE]
    return bool(((nose > face[:2] - wider) & (nose < face[2:] + wider)).all())


def _is_one_of(people: list[Detection], person: Detection) -> bool:
    return any(same_person(person.keypoints, each.keypoints) for each in people)


def _part_inside(person: Detection, other: Detection) -> float:
    """The part of a person's box that is in the box of another."""
    own, around = box_of(person.keypoints), box_of(other.keypoints)
    sides = np.minimum(own[2:], around[2:]) - np.maximum(own[:2], around[:2])
    return float(np.prod(np.maximum(sides, 0)) / max(np.prod(own[2:] - own[:2]), 1e-9))


def _visibility(person: Detection) -> float:
    return float(person.keypoints.confidence.mean())


def _is_clear(person: Detection) -> bool:
    sure = int((person.keypoints.confidence >= 0.5).sum())
    return _visibility(person) >= _CLEAR and sure >= _POINTS
