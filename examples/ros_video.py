"""Publishes a video to ROS 2 as a camera would, for the node body_tracker (input:=image).

    python examples/ros_video.py VIDEO [--fps 30] [--scale 0.5] [--loop]
        [--cameras Calib.toml --camera cam_01]

Needs a ROS 2 environment, PyAV and Pillow (pip install av pillow). Images go to
/camera/image_raw and, as JPEG, to /camera/image_raw/compressed, with a CameraInfo on
/camera/camera_info; without a calibration, that of a guessed camera.
"""

from __future__ import annotations

import argparse
import array
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

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
    add("--scale", type=float, default=1.0, help="of the size of the images")
    add("--cameras", metavar="FILE", type=Path, help="a calibration")
    add("--camera", metavar="NAME", help="of the calibration")
    add("--loop", action="store_true", help="begin again at the end")
    options = parser.parse_args()
    rclpy.init()
    node = rclpy.create_node("recorded_camera")
    infos = node.create_publisher(CameraInfo, "/camera/camera_info", qos_profile_sensor_data)
    images = node.create_publisher(Image, "/camera/image_raw", qos_profile_sensor_data)
    begin = time.monotonic()
    small = node.create_publisher(
        CompressedImage, "/camera/image_raw/compressed", qos_profile_sensor_data
    )
    for index, frame in enumerate(frames(options.video, options.loop)):
        if not rclpy.ok():
            return
        camera = camera_of(options, frame.width, frame.height)
        width, height = round(camera.width * options.scale), round(camera.height * options.scale)
        picture = frame.to_image().resize((width, height))
        image = Image(height=height, width=width, encoding="rgb8", step=3 * width)
        image.data = array.array("B", picture.tobytes())
        image.header.stamp = node.get_clock().now().to_msg()
        image.header.frame_id = FRAME
        info = CameraInfo(**info_of_camera(camera.resize(width, height)))
        info.header = image.header
        infos.publish(info)
        images.publish(image)
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=90)
        data = array.array("B", jpeg.getvalue())
        small.publish(CompressedImage(header=image.header, format="jpeg", data=data))
        time.sleep(max(0.0, begin + (index + 1) / options.fps - time.monotonic()))


def frames(video: Path, loop: bool) -> Iterator[av.VideoFrame]:
    """Of the first stream."""
    while True:
        with av.open(str(video)) as container:
            yield from container.decode(video=0)
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
