"""The people in messages of keypoints and of images."""

from __future__ import annotations

from typing import Any

from ..detect.detector import Detector
from ..keypoints.formats import KeypointFormat, format_named
from .images import picture_of
from .skeleton2d import PeopleSeen, Stamp, keypoints_of_skeleton, people_of_json
from .stream import BodyStream

SKELETON, JSON = "hri_msgs/msg/Skeleton2D", "std_msgs/msg/String"
KEYPOINT_TYPES = (SKELETON, JSON)
IMAGE_TYPES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")


class PeopleSource:
    """Takes messages and returns the people of images, for a stream.

    Args:
        stream: whose camera has the size of the images.
        detector: for images.
        keypoint_format: of JSON that does not state it; None: the only known one of that count.
        gather: a Skeleton2D has one person; those of one time are gathered to one image, which is
            complete when a message of another time comes, so that it is used a message later.

    Raises:
        ValueError: an unknown format.
    """

    def __init__(
        self,
        stream: BodyStream,
        *,
        detector: Detector | None = None,
        keypoint_format: KeypointFormat | str | None = None,
        gather: bool = False,
    ) -> None:
        self._stream, self._detector = stream, detector
        self._format = None if keypoint_format is None else format_named(keypoint_format)
        self._gather = gather
        self._open: PeopleSeen | None = None

    def __call__(self, message: Any, type_name: str) -> list[PeopleSeen]:
        """Images that are complete with this message.

        Args:
            message: of any library, of `KEYPOINT_TYPES` or `IMAGE_TYPES`.

        Raises:
            ValueError: a message that cannot be read.
        """
        if type_name == JSON:
            return [people_of_json(message.data, self._format)]
        stamp = Stamp(message.header.stamp.sec, message.header.stamp.nanosec)
        empty = PeopleSeen(stamp, message.header.frame_id, [])
        camera = self._stream.camera
        if camera is None:  # which the stream says
            return [empty]
        if type_name == SKELETON:
            seen = keypoints_of_skeleton(message, camera.width, camera.height)
            return self._gathered(empty._replace(people=[seen]))
        if self._detector is None:
            raise ValueError("detector: expected one for images, got None")
        found = self._detector(picture_of(message, type_name))
        return [empty._replace(people=[person.keypoints for person in found])]

    def _gathered(self, seen: PeopleSeen) -> list[PeopleSeen]:
        if not self._gather:
            return [seen]
        if self._open is not None and self._open.stamp == seen.stamp:
            self._open.people.extend(seen.people)
            return []
        complete, self._open = self._open, seen
        return [] if complete is None else [complete]

    def rest(self) -> list[PeopleSeen]:
        """The image that is being gathered, at the end."""
        complete, self._open = self._open, None
        return [] if complete is None else [complete]
