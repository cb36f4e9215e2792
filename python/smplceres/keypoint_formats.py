"""Keypoint formats and the locations of keypoints on the body."""

from .keypoints.formats import FORMATS, LOCATIONS, KeypointFormat

__all__ = ["FORMATS", "LOCATIONS", "KeypointFormat"]
