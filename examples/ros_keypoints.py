"""Publishes recorded keypoints to ROS 2, as the node body_tracker takes them (input:=json).

    python examples/ros_keypoints.py FOLDER [--fps 60] [--format openpose_body25b] [--loop]
        [--cameras Calib.toml --camera cam_01 | --size 1920 1080]

Needs a ROS 2 environment. Files of OpenPose and others, one a frame, are played at their rate on
/keypoints, with a CameraInfo on /camera/camera_info.
"""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import rclpy
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import String

import smplceres as sc
from smplceres.robotics import PeopleSeen, Stamp, info_of_camera, json_of_people

FRAME = "camera_optical"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=Path)
    add("--fps", type=float, default=30.0)
    add("--format", metavar="F", help="keypoint format, where files do not state it")
    add("--cameras", metavar="FILE", type=Path, help="a calibration")
    add("--camera", metavar="NAME", help="of the calibration")
    add("--size", nargs=2, type=int, default=(1920, 1080), metavar=("W", "H"))
    add("--loop", action="store_true", help="begin again at the end")
    options = parser.parse_args()
    if options.cameras is None:
        camera = sc.Camera.guess(*options.size)
    else:
        camera = sc.read_cameras(options.cameras)[options.camera]
        camera = replace(camera, rotation=np.eye(3), translation=np.zeros(3))
    rclpy.init()
    node = rclpy.create_node("recorded_keypoints")
    infos = node.create_publisher(CameraInfo, "/camera/camera_info", 10)
    keypoints = node.create_publisher(String, "/keypoints", 10)
    files = sorted(options.folder.iterdir())
    begin = time.monotonic()
    for index, file in enumerate(itertools.cycle(files) if options.loop else files):
        stamp = Stamp.of_nanoseconds(node.get_clock().now().nanoseconds)
        info = CameraInfo(**info_of_camera(camera))
        info.header.stamp.sec, info.header.stamp.nanosec = stamp
        info.header.frame_id = FRAME
        infos.publish(info)
        people = sc.read_keypoints(file, options.format)
        keypoints.publish(String(data=json_of_people(PeopleSeen(stamp, FRAME, people))))
        time.sleep(max(0.0, begin + (index + 1) / options.fps - time.monotonic()))
    rclpy.shutdown()


if __name__ == "__main__":
    main()
