"""What Foxglove draws over an image: keypoints as they were seen, and limbs of the fitted bodies.

`foxglove.ImageAnnotations` count pixels from the outer corner of the first one, and here its centre
is at the origin: half a pixel is added. The fractions of a Skeleton2D begin at the corner as well.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..cameras.camera import Camera
from ..keypoints.formats import HRI18
from ..keypoints.keypoints import Keypoints
from .messages import BODIES, Message
from .skeleton2d import PeopleSeen

ANNOTATIONS = f"{BODIES}/annotations"
_SEEN, _FITTED = (1.0, 0.6, 0.1), (0.2, 0.8, 1.0)  # RGB
_DOT, _LINE, _LETTERS = 6.0, 3.0, 24.0  # pixels


class Annotations(NamedTuple):
    """A message of Foxglove and its description, as an MCAP file has it.

    Attributes:
        data: the message.
        schema: name, encoding and bytes of its schema.
    """

    data: bytes
    schema: tuple[str, str, bytes]


def image_annotations(seen: PeopleSeen, messages: Iterable[Message], camera: Camera) -> Annotations:
    """Of an image: points where keypoints were seen, and limbs and the id of each fitted person.

    Args:
        seen: the detections.
        messages: of `BodyStream.update` for them.
        camera: of the image.

    Raises:
        ImportError: foxglove-sdk is missing.
    """
    schemas = _schemas()
    made = _Annotations(schemas, seen)
    for person in seen.people:
        made.add_dots(person)
    for message in messages:
        if message.topic.endswith("/skeleton2d"):
            points = np.array([[each["x"], each["y"]] for each in message.fields["skeleton"]])
            made.add_person(message.topic.split("/")[-2], points * (camera.width, camera.height))
    whole = schemas.ImageAnnotations(points=made.shapes, texts=made.texts)
    schema = schemas.ImageAnnotations.get_schema()
    return Annotations(whole.encode(), (schema.name, schema.encoding, schema.data))


class _Annotations:
    """In the making."""

    def __init__(self, schemas: Any, seen: PeopleSeen) -> None:
        self._schemas = schemas
        self._time = schemas.Timestamp(seen.stamp.sec, seen.stamp.nanosec)
        self.shapes: list[Any] = []
        self.texts: list[Any] = []

    def add_dots(self, person: Keypoints) -> None:
        """The visible keypoints of a detection."""
        self._add("Points", person.xy[person.visible] + 0.5, _SEEN, _DOT)

    def add_person(self, name: str, points: Any) -> None:
        """Of points (18, 2) of hri18, from the corner of the image; zeros are outside of it."""
        inside = points.any(axis=1)
        limbs = [ends for ends in HRI18.limbs if inside[list(ends)].all()]
        self._add("LineList", points[np.array(limbs, dtype=int).ravel()], _FITTED, _LINE)
        if inside.any():
            highest = points[inside][points[inside, 1].argmin()]
            self.texts.append(
                self._schemas.TextAnnotation(
                    timestamp=self._time,
                    position=self._point(highest),
                    text=name,
                    font_size=_LETTERS,
                    text_color=self._colour(_FITTED),
                )
            )

    def _add(self, kind: str, points: Any, colour: Sequence[float], thickness: float) -> None:
        self.shapes.append(
            self._schemas.PointsAnnotation(
                timestamp=self._time,
                type=getattr(self._schemas.PointsAnnotationType, kind),
                points=[self._point(each) for each in points],
                outline_color=self._colour(colour),
                thickness=thickness,
            )
        )

    def _point(self, xy: Sequence[float]) -> Any:
        return self._schemas.Point2(x=float(xy[0]), y=float(xy[1]))

    def _colour(self, rgb: Sequence[float]) -> Any:
        red, green, blue = rgb
        return self._schemas.Color(r=red, g=green, b=blue, a=1.0)


def _schemas() -> Any:
    try:
        return importlib.import_module("foxglove.messages")
    except ImportError as error:
        raise ImportError(
            "annotations need foxglove-sdk: pip install 'smplceres[foxglove]'"
        ) from error
