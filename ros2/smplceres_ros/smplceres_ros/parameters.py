"""Parameters of the node: defaults and what they mean."""

from __future__ import annotations

from typing import Any

PARAMETERS: dict[str, tuple[Any, str]] = {
    "input": ("skeleton2d", "skeleton2d (hri_msgs), json (std_msgs/String), image or compressed"),
    "several_people": (False, "of skeleton2d: gather the messages of one image, one image late"),
    "format": ("", "keypoint format of json that does not state it"),
    "detector": ("mediapipe", "of images: mediapipe or rtmpose"),
    "detector_model": ("", "file or folder of the detector's model"),
    "rectified": (False, "the images are rectified: P of the CameraInfo, no distortion"),
    "model": ("", "an SMPL file; empty: the built-in body"),
    "mesh_rate": (0.0, "meshes per second of each person, 0 to 5"),
    "budget_ms": (0.0, "limit of an update, milliseconds; 0: none"),
    "forget_after": (1.0, "seconds without a detection after which a person is lost"),
}
