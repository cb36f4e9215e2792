"""The points on a body that the keypoints or markers of a format observe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..keypoints.formats import KeypointFormat
from ..keypoints.markers import MarkerFormat


class KeypointPoints(NamedTuple):
    """The skinned points of a keypoint format on one body, for the core."""

    points: _core.SkinnedPoints
    point_of_keypoint: list[int]  # K; -1 if the body has no such point
    roles: list[int]  # K, KeypointRole


def points_of_format(
    model: _core.BodyModel,
    keypoint_format: KeypointFormat,
    name: str,
    joint_names: tuple[str, ...],
    landmarks: Mapping[str, tuple[NDArray[Any], NDArray[Any]]],
) -> KeypointPoints:
    """The points of a format on a body with these names of joints and landmarks.

    Raises:
        ValueError: the body has no point of the format.
    """
    points, numbers = _core.locate_points(
        model,
        body_name=name,
        joint_names=joint_names,
        landmarks=[
            (landmark, vertices.tolist(), weights.tolist())
            for landmark, (vertices, weights) in landmarks.items()
        ],
        format_name=keypoint_format.name,
        locations=[keypoint.location for keypoint in keypoint_format.keypoints],
    )
    return KeypointPoints(points, numbers, [int(role) for role in keypoint_format.roles])


def points_of_markers(
    model: _core.BodyModel,
    markers: MarkerFormat,
    v_template: NDArray[np.float64],
    faces: NDArray[np.int32],
) -> KeypointPoints:
    """Of markers on the skin; ValueError if the body lacks a vertex."""
    points = _core.SkinnedPoints(model)
    offsets = markers.rest_offsets(v_template, faces)
    numbers = [
        points.add(model, vertices=[(vertex, 1.0)], offset=offset)
        for vertex, offset in zip(markers.vertices, offsets, strict=True)
    ]
    return KeypointPoints(points, numbers, [int(role) for role in markers.roles])
