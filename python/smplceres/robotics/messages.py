"""Messages of tracked people: plain fields and bytes, no ROS needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .cdr import serialize
from .joint_angles import ANGLE_NAMES
from .layouts import Filled, Layout, header_of
from .person import PersonNow
from .skeleton2d import Stamp

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
_COLOURS = ((0.2, 0.6, 1.0), (1.0, 0.6, 0.1), (0.3, 0.8, 0.4), (0.9, 0.3, 0.6))

_Fields = Mapping[str, Any]


class Message(NamedTuple):
    """A message and where it goes.

    Attributes:
        topic: such as "/tf".
        type_name: such as "tf2_msgs/msg/TFMessage".
        content: fields of `serialize`, or a layout with its numbers.
        latched: late subscribers get the last one (transient local).
    """

    topic: str
    type_name: str
    content: _Fields | Filled
    latched: bool = False

    @classmethod
    def of_all(cls, topic: str, content: _Fields | Filled) -> Message:
        """On one of `SHARED_TOPICS`."""
        return cls(topic, SHARED_TOPICS[topic], content)

    @property
    def fields(self) -> _Fields:
        """Of `serialize`."""
        return self.content.fields if isinstance(self.content, Filled) else self.content

    def cdr(self) -> bytes:
        """The bytes of the serialised message."""
        if isinstance(self.content, Filled):
            return self.content.cdr()
        return serialize(self.type_name, self.content)


def topic_of(person: str, name: str) -> str:
    """The topic of a person of this id."""
    return f"{BODIES}/{person}/{name}"


def transforms(stamp: Stamp, frame_id: str, people: Sequence[PersonNow]) -> Message:
    """/tf of all people: `body_<id>`, then `<joint>_<id>`, all in the frame of the image."""
    names = tuple((person.id, person.frames.names) for person in people)
    rows = np.concatenate([person.transforms() for person in people])
    return Message.of_all(TRANSFORMS, Filled(_transforms(frame_id, names), stamp, rows))


@lru_cache(maxsize=64)
def _transforms(frame_id: str, people: tuple[tuple[str, tuple[str, ...]], ...]) -> Layout:
    children = [f"{name}_{person}" for person, joints in people for name in ("body", *joints)]

    def fields(header: _Fields, rows: list[list[float]]) -> _Fields:
        return {
            "transforms": [
                {
                    "header": header,
                    "child_frame_id": child,
                    "transform": {"translation": _xyz(row), "rotation": _xyzw(row[3:])},
                }
                for child, row in zip(children, rows, strict=True)
            ]
        }

    return Layout(SHARED_TOPICS[TRANSFORMS], frame_id, fields, (len(children), 7))


def ellipsoids(
    stamp: Stamp, frame_id: str, people: Sequence[PersonNow], gone: Sequence[_Fields] = ()
) -> Message:
    """Markers: the 90 % ellipsoid of each joint; before them `gone`, the fields of others."""
    counts = tuple((person.id, len(person.frames.names)) for person in people)
    rows = np.concatenate([np.zeros((0, 10)), *(person.ellipsoids() for person in people)])
    if not gone:
        content: Any = Filled(_ellipsoids(frame_id, counts), stamp, rows)
    else:
        markers = _spheres(counts, header_of(stamp, frame_id), rows.tolist())
        content = {"markers": [*gone, *markers]}
    return Message.of_all(ELLIPSOIDS, content)


@lru_cache(maxsize=64)
def _ellipsoids(frame_id: str, counts: tuple[tuple[str, int], ...]) -> Layout:
    def fields(header: _Fields, rows: list[list[float]]) -> _Fields:
        return {"markers": _spheres(counts, header, rows)}

    shape = (sum(count for _, count in counts), 10)
    return Layout(SHARED_TOPICS[ELLIPSOIDS], frame_id, fields, shape)


def _spheres(
    counts: Iterable[tuple[str, int]], header: _Fields, rows: list[list[float]]
) -> list[_Fields]:
    """Rows have the place, the orientation and the diameters."""
    markers = [(person, joint) for person, count in counts for joint in range(count)]
    return [
        {
            "header": header,
            "ns": f"body_{person}",
            "id": joint,
            "type": _SPHERE,
            "action": _ADD,
            "pose": {"position": _xyz(row), "orientation": _xyzw(row[3:])},
            "scale": _xyz(row[7:]),
            "color": _colour(person, 0.5),
        }
        for (person, joint), row in zip(markers, rows, strict=True)
    ]


def mesh(stamp: Stamp, frame_id: str, person: PersonNow) -> Message:
    """A Marker: the triangles of the body."""
    return Message.of_all(
        MESHES,
        {
            "header": header_of(stamp, frame_id),
            "ns": f"body_{person.id}",
            "type": _TRIANGLES,
            "action": _ADD,
            "pose": {"orientation": {"w": 1.0}},
            "scale": {"x": 1.0, "y": 1.0, "z": 1.0},
            "color": _colour(person.id, 1.0),
            "points": person.corners(),
        },
    )


def removals(header: _Fields, person: str, markers: Iterable[int]) -> list[_Fields]:
    """The fields of Markers that delete those of a person."""
    return [
        {"header": header, "ns": f"body_{person}", "id": marker, "action": _DELETE}
        for marker in markers
    ]


def of_person(stamp: Stamp, frame_id: str, person: PersonNow) -> list[Message]:
    """On topics of this person: roi, skeleton2d, joint_states, pose and twist."""
    rows = (
        *(person.region(), person.skeleton(), person.angles()),
        *(person.pose_with_covariance(), person.twist_with_covariance()),
    )
    return [
        Message(topic, layout_type, Filled(layout, stamp, row[None]))
        for (topic, layout_type, layout), row in zip(
            _of_person(frame_id, person.id), rows, strict=True
        )
    ]


@lru_cache(maxsize=64)
def _of_person(frame_id: str, person: str) -> list[tuple[str, str, Layout]]:
    """Topics, types and layouts of `of_person`."""
    joints = [f"{name}_{person}" for name in ANGLE_NAMES]

    def region(header: _Fields, rows: list[list[float]]) -> _Fields:
        corners = zip(("xmin", "ymin", "xmax", "ymax", "c"), rows[0], strict=True)
        return {"header": header, **dict(corners)}

    def skeleton(header: _Fields, rows: list[list[float]]) -> _Fields:
        [row] = rows
        points = zip(row[0::3], row[1::3], row[2::3], strict=True)
        return {"header": header, "skeleton": [{"x": x, "y": y, "c": c} for x, y, c in points]}

    def joint_states(header: _Fields, rows: list[list[float]]) -> _Fields:
        return {"header": header, "name": joints, "position": rows[0]}

    def pose(header: _Fields, rows: list[list[float]]) -> _Fields:
        [row] = rows
        at = {"position": _xyz(row), "orientation": _xyzw(row[3:])}
        return {"header": header, "pose": {"pose": at, "covariance": row[7:]}}

    def twist(header: _Fields, rows: list[list[float]]) -> _Fields:
        [row] = rows
        velocity = {"linear": _xyz(row), "angular": _xyz(row[3:])}
        return {"header": header, "twist": {"twist": velocity, "covariance": row[6:]}}

    described: list[tuple[str, str, Any, int, str]] = [
        ("roi", "hri_msgs/msg/NormalizedRegionOfInterest2D", region, 5, "<f4"),
        ("skeleton2d", "hri_msgs/msg/Skeleton2D", skeleton, 54, "<f4"),
        ("joint_states", "sensor_msgs/msg/JointState", joint_states, len(joints), "<f8"),
        ("pose", "geometry_msgs/msg/PoseWithCovarianceStamped", pose, 43, "<f8"),
        ("twist", "geometry_msgs/msg/TwistWithCovarianceStamped", twist, 42, "<f8"),
    ]
    return [
        (topic_of(person, name), kind, Layout(kind, frame_id, fields, (1, count), number))
        for name, kind, fields, count, number in described
    ]


def _colour(person: str, alpha: float) -> dict[str, float]:
    number = int("".join(filter(str.isdigit, person)) or 0)
    return {**dict(zip("rgb", _COLOURS[number % len(_COLOURS)], strict=True)), "a": alpha}


def _xyz(values: Sequence[float]) -> dict[str, float]:
    return {"x": values[0], "y": values[1], "z": values[2]}


def _xyzw(values: Sequence[float]) -> dict[str, float]:
    return {"x": values[0], "y": values[1], "z": values[2], "w": values[3]}
