"""Recordings for tests, written by mcap-ros2-support."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import smplceres as sc
from smplceres.robotics.definitions import with_dependencies
from smplceres.robotics.skeleton2d import PeopleSeen

IMAGE_DEFINITION = (
    "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\n"
    f"uint32 step\nuint8[] data\n{'=' * 80}\nMSG: std_msgs/Header\n"
    f"{with_dependencies('std_msgs/msg/Header')}"
)
KEYPOINTS, INFO, IMAGE = "/skeleton", "/camera/camera_info", "/camera/image_raw"


def header(seen: PeopleSeen) -> dict:
    return {
        "stamp": {"sec": seen.stamp.sec, "nanosec": seen.stamp.nanosec},
        "frame_id": seen.frame_id,
    }


def camera_info(camera: sc.Camera, seen: PeopleSeen) -> dict:
    k = [camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1]
    d = np.zeros(5)
    d[: len(camera.distortion)] = camera.distortion
    return {
        **{"header": header(seen), "width": camera.width, "height": camera.height},
        **{"distortion_model": "plumb_bob", "d": d.tolist(), "k": [float(x) for x in k]},
        "r": np.eye(3).ravel().tolist(),
        "p": [float(x) for x in (*k[:3], 0, *k[3:6], 0, *k[6:], 0)],
        **{"binning_x": 0, "binning_y": 0},
        "roi": {"x_offset": 0, "y_offset": 0, "height": 0, "width": 0, "do_rectify": False},
    }


def skeleton(person: sc.Keypoints, seen: PeopleSeen) -> dict:
    """A Skeleton2D of hri18 keypoints."""
    points = (person.xy + 0.5) / person.image_size
    rows = zip(points.tolist(), person.confidence.tolist(), strict=True)
    return {
        "header": header(seen),
        "skeleton": [{"x": x, "y": y, "c": c} for (x, y), c in rows],
    }


def as_json(seen: PeopleSeen) -> str:
    return json.dumps(
        {
            "stamp": list(seen.stamp),
            "frame_id": seen.frame_id,
            "format": seen.people[0].format.name if seen.people else "coco17",
            "people": [np.c_[each.xy, each.confidence].tolist() for each in seen.people],
        }
    )


def write_bag(
    path: Path, camera: sc.Camera, frames: list[PeopleSeen], *, kind: str = "json", image=None
) -> None:
    """A recording of a CameraInfo and the keypoints of each image: "json", "skeleton", or "image"
    for pictures, all of them `image`."""
    from mcap_ros2.writer import Writer  # noqa: PLC0415  # optional

    names = {
        "json": "std_msgs/msg/String",
        "skeleton": "hri_msgs/msg/Skeleton2D",
        "image": "sensor_msgs/msg/Image",
    }
    with path.open("wb") as file:
        writer = Writer(file)
        schemas = {
            name: writer.register_msgdef(
                name, IMAGE_DEFINITION if name == names["image"] else with_dependencies(name)
            )
            for name in ("sensor_msgs/msg/CameraInfo", names[kind])
        }
        for seen in frames:
            at = seen.stamp.nanoseconds
            info = camera_info(camera, seen)
            writer.write_message(INFO, schemas["sensor_msgs/msg/CameraInfo"], info, at, at)
            if kind == "json":
                messages = [(KEYPOINTS, {"data": as_json(seen)})]
            elif kind == "skeleton":
                messages = [(KEYPOINTS, skeleton(each, seen)) for each in seen.people]
            else:
                height, width = image.shape[:2]
                fields = {"height": height, "width": width, "encoding": "rgb8", "step": 3 * width}
                data = {"is_bigendian": 0, "data": image.tobytes(), "header": header(seen)}
                messages = [(IMAGE, fields | data)]
            for topic, message in messages:
                writer.write_message(topic, schemas[names[kind]], message, at, at)
        writer.finish()
