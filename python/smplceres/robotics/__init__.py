"""Robots: a tracked person as messages of ROS 2 (REP-103, REP-155), bags, and for humanoids.

Nothing here needs ROS. `ros2/smplceres_ros` is the node, `smplceres bag` works on recordings.
"""

from .camera_info import camera_of_info, info_of_camera
from .frames import BodyFrames
from .humanoid import retargeting_frame, sonic_message
from .inputs import PeopleSource
from .joint_angles import ANGLE_NAMES, joint_angles
from .messages import SHARED_TOPICS, Message
from .skeleton2d import (
    PeopleSeen,
    Stamp,
    json_of_people,
    keypoints_of_skeleton,
    people_of_json,
)
from .stream import BodyStream
from .uncertainty import Uncertainty
from .urdf import urdf

__all__ = [
    "ANGLE_NAMES",
    "SHARED_TOPICS",
    "BodyFrames",
    "BodyStream",
    "Message",
    "PeopleSeen",
    "PeopleSource",
    "Stamp",
    "Uncertainty",
    "camera_of_info",
    "info_of_camera",
    "joint_angles",
    "json_of_people",
    "keypoints_of_skeleton",
    "people_of_json",
    "retargeting_frame",
    "sonic_message",
    "urdf",
]
