"""Publishes a video to ROS 2 as a camera would, for the node body_tracker (input:=image).

    python examples/ros_video.py VIDEO [--fps 30] [--loop]
        [--cameras Calib.toml --camera cam_01]

Needs a ROS 2 environment and PyAV (pip install av). Images go to /camera/image_raw and a CameraInfo
to /camera/camera_info; without a calibration, that of a guessed camera.
"""

from __future__ import annotations

import argparse
import array
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image

import smplceres as sc
from smplceres.robotics import info_of_camera

FRAME = "camera_optical"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("video", type=Path)
    add("--fps", type=float, default=30.0)
    add("--cameras", metavar="FILE", type=Path, help="a calibration")
    add("--camera", metavar="NAME", help="of the calibration")
    add("--loop", action="store_true", help="begin again at the end")
    options = parser.parse_args()
    rclpy.init()
    node = rclpy.create_node("recorded_camera")
    infos = node.create_publisher(CameraInfo, "/camera/camera_info", qos_profile_sensor_data)
    images = node.create_publisher(Image, "/camera/image_raw", qos_profile_sensor_data)
    begin = time.monotonic()
    for index, pixels in enumerate(pictures(options.video, options.loop)):
        height, width = pixels.shape[:2]
        image = Image(height=height, width=width, encoding="rgb8", step=3 * width)
        image.data = array.array("B", pixels.tobytes())
        image.header.stamp = node.get_clock().now().to_msg()
        image.header.frame_id = FRAME
        info = CameraInfo(**info_of_camera(camera_of(options, width, height)))
        info.header = image.header
        infos.publish(info)
        images.publish(image)
        time.sleep(max(0.0, begin + (index + 1) / options.fps - time.monotonic()))


def pictures(video: Path, loop: bool) -> Iterator[np.ndarray]:
    """(H, W, 3) RGB."""
    while True:
        with av.open(str(video)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")
        if not loop:
            return


def camera_of(options: argparse.Namespace, width: int, height: int) -> sc.Camera:
    """At the origin, as a CameraInfo has no place."""
    if options.cameras is None:
        return sc.Camera.guess(width, height)
    camera = sc.read_cameras(options.cameras)[options.camera]
    return replace(camera, rotation=np.eye(3), translation=np.zeros(3))


if __name__ == "__main__":
    main()
