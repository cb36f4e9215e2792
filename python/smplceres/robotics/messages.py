"""A tracked person as ROS messages: plain fields, no ROS needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..body.model import BodyModel
from ..cameras.camera import Camera
from ..evidence.views import View
from ..fit.from_core import fitted_view
from ..fit.live.tracked import Tracked
from ..keypoints.formats import HRI18, KeypointFormat
from ..keypoints.keypoints import Keypoints
from .cdr import serialize
from .frames import BodyFrames, quaternions
from .joint_angles import Links, angles_of
from .skeleton2d import Stamp, skeleton_points
from .uncertainty import Uncertainty, ellipsoid_axes, twist_of

Floats = NDArray[np.float64]

BODIES = "/humans/bodies"
# Topics of all people, and their types.
TRANSFORMS, TRACKED = "/tf", f"{BODIES}/tracked"
ELLIPSOIDS, MESHES = f"{BODIES}/ellipsoids", f"{BODIES}/mesh"
SHARED_TOPICS = {
    TRANSFORMS: "tf2_msgs/msg/TFMessage",
    TRACKED: "hri_msgs/msg/IdsList",
    ELLIPSOIDS: "visualization_msgs/msg/MarkerArray",
    MESHES: "visualization_msgs/msg/Marker",
}
_SPHERE, _TRIANGLES, _ADD, _DELETE = 2, 11, 0, 2  # constants of visualization_msgs/Marker
_FLESH = 0.1  # metres about a joint that the region of interest includes
_COLOURS = ((0.2, 0.6, 1.0), (1.0, 0.6, 0.1), (0.3, 0.8, 0.4), (0.9, 0.3, 0.6))


class Message(NamedTuple):
    """A message and where it goes.

    Attributes:
        topic: such as "/tf".
        type_name: such as "tf2_msgs/msg/TFMessage".
        fields: of `serialize`.
        latched: late subscribers get the last one (transient local).
    """

    topic: str
    type_name: str
    fields: Mapping[str, Any]
    latched: bool = False

    @classmethod
    def of_all(cls, topic: str, fields: Mapping[str, Any]) -> Message:
        """On one of `SHARED_TOPICS`."""
        return cls(topic, SHARED_TOPICS[topic], fields)

    def cdr(self) -> bytes:
        """The bytes of the serialised message."""
        return serialize(self.type_name, self.fields)


@dataclass(frozen=True, eq=False)
class PersonNow:
    """A tracked person at the time of an image.

    Args:
        id: as in `body_<id>` and in topics.
        tracked: status "tracked" or "predicted".
        model: of the tracker.
        camera: of the image.
        links: of `tracked.betas`.
        header: fields of a std_msgs/Header: the time and the frame of the image.
    """

    id: str
    tracked: Tracked
    model: BodyModel
    camera: Camera
    links: Links
    header: Mapping[str, Any]

    @cached_property
    def frames(self) -> BodyFrames:
        return BodyFrames.of(self.tracked, self.model)

    @cached_property
    def uncertainty(self) -> Uncertainty:
        return Uncertainty.of(self.tracked, self.model)

    def topic(self, name: str) -> str:
        return f"{BODIES}/{self.id}/{name}"

    def transforms(self) -> list[dict[str, Any]]:
        """The fields of TransformStamped: `body_<id>`, then `<joint>_<id>`, all in the frame of the
        header."""
        names = ("body", *self.frames.names)
        points = np.vstack([self.frames.mid_hips, self.frames.joints]).tolist()
        turns = self.frames.quaternions.tolist()
        return [
            {
                "header": self.header,
                "child_frame_id": f"{name}_{self.id}",
                "transform": {"translation": _xyz(point), "rotation": _xyzw(turn)},
            }
            for name, point, turn in zip(names, points, (turns[0], *turns), strict=True)
        ]

    def messages(self) -> list[Message]:
        """On topics of this person: roi, skeleton2d, joint_states, pose and twist."""
        return [
            Message(self.topic("roi"), "hri_msgs/msg/NormalizedRegionOfInterest2D", self._region()),
            Message(self.topic("skeleton2d"), "hri_msgs/msg/Skeleton2D", self._skeleton()),
            Message(self.topic("joint_states"), "sensor_msgs/msg/JointState", self._joint_states()),
            Message(
                self.topic("pose"), "geometry_msgs/msg/PoseWithCovarianceStamped", self._pose()
            ),
            Message(
                self.topic("twist"), "geometry_msgs/msg/TwistWithCovarianceStamped", self._twist()
            ),
        ]

    def ellipsoids(self) -> list[dict[str, Any]]:
        """The fields of Markers: the 90 % ellipsoid of each joint."""
        diameters, axes = ellipsoid_axes(self.uncertainty.joints)
        rows = zip(
            self.frames.joints.tolist(), quaternions(axes).tolist(), diameters.tolist(), strict=True
        )
        colour = self._colour(0.5)
        return [
            {
                "header": self.header,
                "ns": f"body_{self.id}",
                "id": joint,
                "type": _SPHERE,
                "action": _ADD,
                "pose": {"position": _xyz(point), "orientation": _xyzw(turn)},
                "scale": _xyz(sides),
                "color": colour,
            }
            for joint, (point, turn, sides) in enumerate(rows)
        ]

    def mesh(self) -> dict[str, Any]:
        """The fields of a Marker: the triangles of the body."""
        posed = self.model(**self.tracked.parameters)
        return {
            "header": self.header,
            "ns": f"body_{self.id}",
            "type": _TRIANGLES,
            "action": _ADD,
            "pose": {"orientation": {"w": 1.0}},
            "scale": {"x": 1.0, "y": 1.0, "z": 1.0},
            "color": self._colour(1.0),
            "points": posed.vertices[self.model.faces.reshape(-1)],
        }

    def _colour(self, alpha: float) -> dict[str, float]:
        number = int("".join(filter(str.isdigit, self.id)) or 0)
        return {**dict(zip("rgb", _COLOURS[number % len(_COLOURS)], strict=True)), "a": alpha}

    def _region(self) -> dict[str, Any]:
        points = self.camera.to_camera(self.frames.joints)
        pixels = self.camera.project(self.frames.joints)
        seen = np.isfinite(pixels).all(axis=1)
        region = {"header": self.header}
        if not seen.any():
            return region
        margin = _FLESH * np.array([self.camera.fx, self.camera.fy]) / points[seen, 2:]
        size = (self.camera.width, self.camera.height)
        low = np.clip(((pixels[seen] - margin).min(axis=0) + 0.5) / size, 0, 1)
        high = np.clip(((pixels[seen] + margin).max(axis=0) + 0.5) / size, 0, 1)
        corners = {"xmin": low[0], "ymin": low[1], "xmax": high[0], "ymax": high[1]}
        return region | corners | {"c": 1.0 if self.tracked.status == "tracked" else 0.5}

    def _skeleton(self) -> dict[str, Any]:
        """The keypoints of the fitted body; confidences are those of the detector."""
        nowhere = Keypoints(np.zeros((18, 2)), np.zeros(18), HRI18)
        view = View(nowhere, self.camera)
        fitted = fitted_view(view, 0.0, self.model, self.tracked.parameters)
        seen = self.tracked.fit.views[0].keypoints
        confidence = np.append(seen.confidence, 0.0)[_same_points(seen.format)]
        points = skeleton_points(fitted.keypoints2d, confidence, self.camera)
        return {"header": self.header, "skeleton": points}

    def _joint_states(self) -> dict[str, Any]:
        angles = angles_of(self.frames, self.links)
        names = [f"{name}_{self.id}" for name in angles]
        return {"header": self.header, "name": names, "position": list(angles.values())}

    def _pose(self) -> dict[str, Any]:
        at = {
            "position": _xyz(self.frames.mid_hips.tolist()),
            "orientation": _xyzw(self.frames.quaternions[0].tolist()),
        }
        covariance = self.uncertainty.pose.ravel()
        return {"header": self.header, "pose": {"pose": at, "covariance": covariance}}

    def _twist(self) -> dict[str, Any]:
        velocity = twist_of(self.tracked, self.model, self.frames.mid_hips).tolist()
        twist = {"linear": _xyz(velocity[:3]), "angular": _xyz(velocity[3:])}
        covariance = self.uncertainty.twist.ravel()
        return {"header": self.header, "twist": {"twist": twist, "covariance": covariance}}


def header_of(stamp: Stamp, frame_id: str) -> dict[str, Any]:
    """The fields of a std_msgs/Header."""
    return {"stamp": {"sec": stamp.sec, "nanosec": stamp.nanosec}, "frame_id": frame_id}


def removals(
    header: Mapping[str, Any], person: str, markers: Iterable[int]
) -> list[dict[str, Any]]:
    """The fields of Markers that delete those of a person."""
    return [
        {"header": header, "ns": f"body_{person}", "id": marker, "action": _DELETE}
        for marker in markers
    ]


@cache
def _same_points(seen: KeypointFormat) -> NDArray[np.intp]:
    """(18,) for each of hri18 the index of the detector's keypoint at the same place; K: none."""
    index = {
        keypoint.location[0]: k for k, keypoint in enumerate(seen.keypoints) if keypoint.location
    }
    none = seen.num_keypoints
    return np.array([index.get(each.location[0], none) for each in HRI18.keypoints])


def _xyz(values: Any) -> dict[str, float]:
    return {"x": values[0], "y": values[1], "z": values[2]}


def _xyzw(values: Any) -> dict[str, float]:
    return {"x": values[0], "y": values[1], "z": values[2], "w": values[3]}
