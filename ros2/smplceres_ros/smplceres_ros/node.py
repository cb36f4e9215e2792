"""body_tracker: from CameraInfo and keypoints, or images, to bodies.

All messages are made by `smplceres.robotics.BodyStream`; the node passes them on as bytes.
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

import rclpy
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo

from smplceres.detect import load_detector
from smplceres.robotics import SHARED_TOPICS, BodyStream, Message, PeopleSource, Stamp
from smplceres_ros.parameters import PARAMETERS

NEWEST_IMAGE = QoSProfile(depth=1, reliability=qos_profile_sensor_data.reliability)
INPUTS = {  # of the parameter: type, topic, quality of service
    "skeleton2d": ("hri_msgs/msg/Skeleton2D", "keypoints", qos_profile_sensor_data),
    "json": ("std_msgs/msg/String", "keypoints", qos_profile_sensor_data),
    "image": ("sensor_msgs/msg/Image", "image", NEWEST_IMAGE),
    "compressed": ("sensor_msgs/msg/CompressedImage", "image/compressed", NEWEST_IMAGE),
}
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class BodyTracker(Node):
    """Subscribes to `camera_info` and to `keypoints` or `image`; publishes /tf, /humans/bodies."""

    def __init__(self) -> None:
        super().__init__("body_tracker")
        for name, (default, text) in PARAMETERS.items():
            self.declare_parameter(name, default, ParameterDescriptor(description=text))
        value = {name: self.get_parameter(name).value for name in PARAMETERS}
        if not 0 <= value["mesh_rate"] <= 5:
            raise ValueError(f"mesh_rate: expected 0 to 5 per second, got {value['mesh_rate']}")
        self._stream = BodyStream(
            self.get_logger().info,
            model=value["model"] or None,
            rectified=value["rectified"],
            mesh_rate=value["mesh_rate"],
            forget_after=value["forget_after"],
            budget_ms=value["budget_ms"] or None,
        )
        self._publishers_of = {
            topic: self._publisher(topic, kind) for topic, kind in SHARED_TOPICS.items()
        }
        self._said: set[str] = set()
        self._newest: tuple[Stamp, float] | None = None  # and when it came, seconds
        info = self._stream.camera_info
        self.create_subscription(CameraInfo, "camera_info", info, qos_profile_sensor_data)
        self._subscribe(value)
        self.create_timer(0.25, self._check_silence)

    def _subscribe(self, value: dict[str, Any]) -> None:
        """To the keypoints or images, as `input` says."""
        if value["input"] not in INPUTS:
            raise ValueError(f"input: expected {' or '.join(INPUTS)}, got {value['input']!r}")
        type_name, topic, qos = INPUTS[value["input"]]
        kind = _message_class(type_name)
        if kind is None:
            raise ImportError(f"input: {value['input']} needs {type_name}; json does not")
        detector = None
        if topic.startswith("image"):
            path = value["detector_model"] or None
            detector = load_detector(value["detector"], model=path, video=True)
        known, gather = value["format"] or None, value["several_people"]
        people = PeopleSource(self._stream, detector=detector, keypoint_format=known, gather=gather)
        self.create_subscription(
            kind, topic, lambda message: self._guarded(lambda: people(message, type_name)), qos
        )

    def _guarded(self, people: Any) -> None:
        """Publishes what follows from a message; one that is wrong is said, once of its kind."""
        try:
            for seen in people():
                self._newest = (seen.stamp, time.monotonic())
                self._publish(self._stream.update(seen))
        except ValueError as error:
            if str(error) not in self._said:
                self._said.add(str(error))
                self.get_logger().error(str(error))

    def _check_silence(self) -> None:
        if self._newest is not None:
            stamp, came = self._newest
            quiet = round(1e9 * (time.monotonic() - came))
            self._publish(self._stream.silence(Stamp.of_nanoseconds(stamp.nanoseconds + quiet)))

    def _publish(self, messages: list[Message]) -> None:
        for each in messages:
            if each.topic not in self._publishers_of:
                publisher = self._publisher(each.topic, each.type_name, each.latched)
                self._publishers_of[each.topic] = publisher
            if (publisher := self._publishers_of[each.topic]) is not None:
                publisher.publish(each.cdr())
        if messages:
            self._remove_publishers(messages[0].fields["ids"])

    def _publisher(self, topic: str, type_name: str, latched: bool = False) -> Any:
        kind = _message_class(type_name)
        if kind is None:
            self.get_logger().info(f"{type_name} is not installed: {topic} is not published")
            return None
        return self.create_publisher(kind, topic, LATCHED if latched else 10)

    def _remove_publishers(self, ids: list[str]) -> None:
        """Of people who are lost."""
        for topic in self._publishers_of.keys() - SHARED_TOPICS.keys():
            is_lost = topic.split("/")[3] not in ids  # /humans/bodies/<id>/...
            if is_lost and (publisher := self._publishers_of.pop(topic)) is not None:
                self.destroy_publisher(publisher)


def _message_class(type_name: str) -> Any:
    """None where its package is not installed."""
    package, _, name = type_name.split("/")
    try:
        return getattr(importlib.import_module(f"{package}.msg"), name)
    except ImportError:
        return None


def main(args: list[str] | None = None) -> None:
    """Runs the node until it is stopped."""
    rclpy.init(args=args)
    try:
        rclpy.spin(BodyTracker())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except (ValueError, ImportError, OSError) as error:
        sys.exit(f"body_tracker: {error}")
    except RuntimeError:
        if rclpy.ok():  # not stopped while it published
            raise
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
