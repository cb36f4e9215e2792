"""From CameraInfo and keypoints to messages: what the ROS node and `smplceres bag` share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..body.load import load_body_model
from ..body.model import BodyModel
from ..cameras.camera import Camera
from ..fit.inputs import checked_model
from ..fit.live.tracked import Tracked
from ..fit.live.tracker import PeopleTracker
from .camera_info import camera_of_info
from .joint_angles import Links
from .layouts import header_of
from .messages import (
    MESHES,
    TRACKED,
    Message,
    ellipsoids,
    mesh,
    of_person,
    removals,
    topic_of,
    transforms,
)
from .person import PersonNow
from .skeleton2d import PeopleSeen, Stamp
from .urdf import urdf_of

Floats = NDArray[np.float64]

# Seconds. A frame that is older than the last by less is late; by more: a recording began again.
_JUMP_BACK = 0.5
# Of betas: links change by less than a tenth of a millimetre.
_SAME_SHAPE = 1e-3
# Metres: a description is sent again when a length has changed by more.
_NEW_LENGTH = 0.01


class BodyStream:
    """Follows the people in the images of one camera, and says what to publish.

    What disturbs a stream is said in one line and does not end it: keypoints before the CameraInfo,
    another CameraInfo, a CameraInfo that cannot be used, a late frame, a jump back in time, a
    silence. People whose stream breaks get new ids.

    Args:
        say: is called with each line, once per event; None: they are dropped.
        model: a body, the path of one, or None for the package's.
        rectified: the images are rectified: P of the CameraInfo is used.
        mesh_rate: meshes per second of each person, at most; 0: none.
        forget_after: seconds without a detection after which a person is lost, > 0.
        settings: further arguments of `PeopleTracker`, such as `budget_ms`, `person`.

    Raises:
        ValueError: as `PeopleTracker`; a body without SMPL's joints; mesh_rate < 0.
    """

    def __init__(
        self,
        say: Callable[[str], None] | None = None,
        *,
        model: BodyModel | str | PathLike[str] | None = None,
        rectified: bool = False,
        mesh_rate: float = 0.0,
        forget_after: float = 1.0,
        **settings: Any,
    ) -> None:
        if not mesh_rate >= 0:
            raise ValueError(f"mesh_rate: expected meshes per second >= 0, got {mesh_rate!r}")
        self.model = load_body_model() if model is None else checked_model(model)
        if not self.model.has_smpl_joints:
            raise ValueError(f"model: expected a body with SMPL's joints, got {self.model.name}")
        self._say = say or (lambda line: None)
        self._rectified, self._mesh_rate = rectified, mesh_rate
        self._settings = {**settings, "model": self.model, "forget_after": forget_after}
        self._forget_after = forget_after
        PeopleTracker(Camera.guess(640, 480), **self._settings)  # errors are raised now
        self.camera: Camera | None = None
        self._info: tuple[Any, ...] | None = None
        self._frame_id = ""
        self._tracker: PeopleTracker | None = None
        self._newest: Stamp | None = None
        self._first_id, self._next_id = 1, 1
        self._shown: dict[str, _Shown] = {}
        self._said: set[str] = set()

    def camera_info(self, info: Any) -> None:
        """Takes a CameraInfo, of any library; only the first and changed ones matter.

        One that cannot be used is said, and the last good one stays.
        """
        key = _key(info)
        if key == self._info:
            return
        self._info, first = key, self.camera is None
        try:
            self.camera = camera_of_info(info, rectified=self._rectified)
        except ValueError as error:
            self._say(str(error))
            return
        self._frame_id = str(info.header.frame_id)
        size = f"{self.camera.width} x {self.camera.height}, fx {self.camera.fx:.1f}"
        if first:
            self._say(f"camera: {size}")
        else:
            self._say(f"the camera changed: {size}; people are followed anew")
        self._restart()

    def update(self, seen: PeopleSeen) -> list[Message]:
        """The messages of an image; empty if it came before a CameraInfo, or late.

        Raises:
            ValueError: as `PeopleTracker.update`, but for time stamps.
        """
        if self.camera is None:
            self._say_once("waiting for a CameraInfo: keypoints are not used yet")
            return []
        if self._newest is not None and seen.stamp <= self._newest:
            back = self._newest.seconds - seen.stamp.seconds
            if back < _JUMP_BACK:
                self._say_once("a frame that is not newer than the last is not used")
                return []
            self._say(f"time jumped back by {back:.3f} s; people are followed anew")
            self._restart()
        if self._tracker is None:
            self._tracker = PeopleTracker(self.camera, **self._settings)
        tracked = self._tracker.update(seen.people, seen.stamp.seconds)
        self._newest = seen.stamp
        return self._messages(seen.stamp, seen.frame_id or self._frame_id, self._by_id(tracked))

    def silence(self, now: Stamp) -> list[Message]:
        """The messages when no image has come for a while: all people are lost after
        `forget_after` seconds."""
        if self._newest is None or not self._shown:
            return []
        quiet = now.seconds - self._newest.seconds
        if quiet <= self._forget_after:
            return []
        self._say(f"no keypoints for {quiet:.1f} s: {', '.join(self._shown)} lost")
        self._restart()
        return self._messages(now, self._frame_id, {})

    def _restart(self) -> None:
        self._tracker, self._newest = None, None
        self._first_id = self._next_id

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)

    def _by_id(self, tracked: dict[int, Tracked]) -> dict[str, Tracked]:
        """People who are followed; ids are not used again."""
        numbers = {number: self._first_id + number for number in tracked}
        self._next_id = max([self._next_id, *(each + 1 for each in numbers.values())])
        return {
            f"p{numbers[number]}": person
            for number, person in tracked.items()
            if person.status in ("tracked", "predicted")
        }

    def _messages(self, stamp: Stamp, frame_id: str, tracked: dict[str, Tracked]) -> list[Message]:
        people = [self._now(name, each) for name, each in tracked.items()]
        header = header_of(stamp, frame_id)
        lost = [name for name in self._shown if name not in tracked]
        for name in lost:
            del self._shown[name]
        sent = [Message.of_all(TRACKED, {"header": header, "ids": [*tracked]})]
        for person in people:
            sent += [*self._description(person), *of_person(stamp, frame_id, person)]
        if people:
            sent.append(transforms(stamp, frame_id, people))
        joints = range(self.model.num_joints)
        gone = [marker for name in lost for marker in removals(header, name, joints)]
        if people or gone:
            sent.append(ellipsoids(stamp, frame_id, people, gone))
        if self._mesh_rate:
            gone = [marker for name in lost for marker in removals(header, name, [0])]
            sent += [Message.of_all(MESHES, marker) for marker in gone]
        due = [person for person in people if self._mesh_is_due(person.id, stamp)]
        return [*sent, *(mesh(stamp, frame_id, person) for person in due)]

    def _now(self, person: str, tracked: Tracked) -> PersonNow:
        assert self.camera is not None
        shown = self._shown.setdefault(person, _Shown())
        if shown.betas is None or np.abs(shown.betas - tracked.betas).max() > _SAME_SHAPE:
            shown.betas, shown.links = tracked.betas, Links.of(self.model, tracked.betas)
        assert shown.links is not None
        return PersonNow(person, tracked, self.model, self.camera, shown.links)

    def _description(self, person: PersonNow) -> Sequence[Message]:
        """The URDF, of a new person and where lengths have changed."""
        shown, lengths = self._shown[person.id], person.links.numbers
        if shown.sent is not None and np.abs(shown.sent - lengths).max() <= _NEW_LENGTH:
            return ()
        shown.sent = lengths
        text = {"data": urdf_of(person.links, person.id)}
        return [Message(topic_of(person.id, "urdf"), "std_msgs/msg/String", text, latched=True)]

    def _mesh_is_due(self, person: str, stamp: Stamp) -> bool:
        shown = self._shown[person]
        if not self._mesh_rate or stamp.nanoseconds < shown.next_mesh:
            return False
        shown.next_mesh = stamp.nanoseconds + int(1e9 / self._mesh_rate)
        return True


class _Shown:
    """What was sent of a person."""

    def __init__(self) -> None:
        self.betas: Floats | None = None
        self.links: Links | None = None
        self.sent: Floats | None = None  # lengths of the last URDF
        self.next_mesh = 0  # nanoseconds


def _key(info: Any) -> tuple[Any, ...]:
    """The content of a CameraInfo without its time, to compare."""
    roi = info.roi
    return (
        *(int(info.width), int(info.height), str(info.distortion_model), str(info.header.frame_id)),
        *(np.asarray(values, dtype=np.float64).tobytes() for values in (info.d, info.k, info.p)),
        *(int(info.binning_x), int(info.binning_y)),
        *(int(roi.x_offset), int(roi.y_offset), int(roi.width), int(roi.height)),
    )
