"""The people in boxes of another detector, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .boxes import BoxSource, checked_boxes
from .crops import box_of, found_in, square_about, sure_points, without_duplicates
from .detector import Detection, Detector, checked_picture

Floats = NDArray[np.float64]

# Squares about a box, by margin: a detector that misses a person in one may find it in another.
_MARGINS = (1.25, 1.6, 1.05)
# Min part of a person's sure keypoints in the box, which is widened by this part of its sides.
_INSIDE, _WIDER = 0.6, 0.1


class PeopleInBoxes(Detector):
    """Each box is cut out and given to a detector; duplicates are left out.

    Args:
        detector: of keypoints, called with a square about each box.
        boxes: a function of an image.

    Attributes:
        missed: (N, 4) boxes of the last image in which the detector found nobody.
    """

    def __init__(self, detector: Detector, boxes: BoxSource) -> None:
        self.name = detector.name
        self._detector, self._boxes = detector, boxes
        self.missed: Floats = np.zeros((0, 4))

    def __call__(self, image: NDArray[Any]) -> list[Detection]:
        image = checked_picture(image)
        boxes = checked_boxes(self._boxes(image), image)
        people, missed = [], []
        for box in boxes:
            person = self._person_in(image, box)
            if person is None:
                missed.append(box)
            else:
                people.append(person)
        self.missed = np.array(missed).reshape(-1, 4)
        return without_duplicates(people)

    def _person_in(self, image: NDArray[np.uint8], box: Floats) -> Detection | None:
        """Of the whole square; then without what is beside the box, such as another person."""
        alone = _without_surroundings(image, box)
        for picture in (image, alone):
            for margin in _MARGINS:
                found = found_in(self._detector.for_crops, picture, square_about(box, margin))
                inside = [each for each in found if _part_inside(each, box) >= _INSIDE]
                if inside:
                    return max(inside, key=lambda each: _part_inside(each, box))
        return None

    def close(self) -> None:
        self._detector.close()


def _part_inside(person: Detection, box: Floats) -> float:
    """The part of sure keypoints in a box, times the part of the box's height that they span."""
    xy = person.keypoints.xy[sure_points(person.keypoints)]
    wider = _WIDER * (box[2:] - box[:2])
    inside = ((xy >= box[:2] - wider) & (xy <= box[2:] + wider)).all(axis=1)
    spanned = box_of(person.keypoints)
    small = (spanned[2:] - spanned[:2]).max() < 0.3 * (box[2:] - box[:2]).max()
    return 0.0 if small else float(inside.mean())


def _without_surroundings(image: NDArray[np.uint8], box: Floats) -> NDArray[np.uint8]:
    """Black outside a box, with a margin."""
    wider = _WIDER * (box[2:] - box[:2])
    left, top = np.maximum(np.floor(box[:2] - wider), 0).astype(int)
    right, bottom = np.ceil(box[2:] + wider).astype(int)
    alone = np.zeros_like(image)
    alone[top:bottom, left:right] = image[top:bottom, left:right]
    return alone
