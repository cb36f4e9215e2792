"""A detector for tests: it sees what it is told to, in the order of the pictures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from smplceres import FORMATS, Camera, Keypoints, load_body_model
from smplceres.detect import Detection, Detector

SIZE = (240, 180)
CAMERA = Camera(fx=300, fy=300, cx=119.5, cy=89.5, width=SIZE[0], height=SIZE[1])


class StandIn(Detector):
    """Gives the people of each picture in turn, and counts the pictures that it was shown."""

    name = "standin"

    def __init__(self, people: Iterable[list[Keypoints]], masks: bool = False) -> None:
        self._people = iter(people)
        self.shown: list[np.ndarray] = []

    def __call__(self, picture):
        self.shown.append(picture)
        return [Detection(one) for one in next(self._people)]


def stand_in(monkeypatch, people: Iterable[list[Keypoints]]) -> StandIn:
    """Takes the place of MediaPipe."""
    detector = StandIn(people)
    monkeypatch.setattr(
        "smplceres.detect.DETECTORS", {"mediapipe": lambda model, mask, video: detector}
    )
    return detector


def standing(x: float = 0.0, camera: Camera = CAMERA, name: str = "openpose_body25") -> Keypoints:
    """Keypoints of the default body, upright and 4 m away, x metres to the right."""
    model = load_body_model()
    points, point_of_keypoint, _ = model.keypoint_points(FORMATS[name])
    pose = model.parameters(None, [np.pi, 0, 0], None, [x, 0.1, 4.0])
    places = camera.project(points.evaluate(model._core, **pose))
    count = FORMATS[name].num_keypoints
    xy, confidence = np.zeros((count, 2)), np.zeros(count)
    for keypoint, point in enumerate(point_of_keypoint):
        if point >= 0:
            xy[keypoint], confidence[keypoint] = places[point], 0.9
    return Keypoints(xy, confidence, FORMATS[name], (camera.width, camera.height))
