"""Points of one person measured in space: joints, keypoints or markers, with their covariances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.checked_arrays import float_array
from ..base.checked_numbers import check_sigma
from ..base.input_warnings import warn_of_input
from ..base.units import METRES, likely_unit, scale_of
from ..body.model import BodyModel
from ..cameras.camera import AnyCamera
from ..keypoints.formats import KeypointFormat, format_named, recognise_format
from ..keypoints.keypoints import check_confidence, shape_message
from ..keypoints.markers import MarkerFormat, marker_format

Floats = NDArray[np.float64]

# Default standard deviation per axis, metres, at confidence 1: about that of a joint triangulated
# by a few calibrated cameras.
SIGMA = 0.01
FRAMES = ("world", "camera")

# Metres: a person's points are nearer to each other, and usually this far apart.
_TALLEST = 5.0
_USUAL = 1.7


@dataclass(frozen=True, eq=False)
class Keypoints3D:
    """Points of one person in space, checked and read-only.

    Args:
        xyz: [K, 3] metres. Where the confidence is 0 any value is allowed, NaN too, and 0 is
            stored.
        confidence: [K] >= 0; 0 marks a missing point. It multiplies the residual: 1/2 doubles the
            standard deviation. None: 1 for all.
        format: which K points these are: a keypoint format, its name, or a `MarkerFormat`. None:
            the format with K points, as for 2D keypoints.
        covariance: [K, 3, 3] metres^2 at confidence 1, or [3, 3] for all, in `frame`; None:
            standard deviation 0.01 m on each axis.
        frame: "world", the frame of results, or "camera": x right, y down, z forward from the
            camera of the fit. They are the same if the camera has no rotation and translation.

    Raises:
        ValueError: a wrong shape, a value that is not a number, a negative or infinite confidence,
            an unknown frame; at a confidence above 0 a position that is not finite or a covariance
            that is not symmetric and positive definite.
    """

    xyz: Floats
    confidence: Floats = None  # type: ignore[assignment]  # 1 for all
    format: KeypointFormat | MarkerFormat = None  # type: ignore[assignment]  # by K
    covariance: Floats = None  # type: ignore[assignment]  # SIGMA^2 I
    frame: str = "world"

    def __post_init__(self) -> None:
        xyz = float_array("xyz", self.xyz)
        if xyz.ndim != 2 or xyz.shape[1] != 3:
            raise ValueError(shape_message("xyz", "[K, 3]", None, xyz.shape))
        point_format = self.format
        if point_format is None:
            point_format = recognise_format(len(xyz))
        elif not isinstance(point_format, MarkerFormat):
            point_format = format_named(point_format)
        K = point_format.num_keypoints
        confidence = np.ones(K) if self.confidence is None else self.confidence
        confidence = float_array("confidence", confidence)
        given = SIGMA**2 * np.eye(3) if self.covariance is None else self.covariance
        covariance = float_array("covariance", given)
        if covariance.shape == (3, 3):
            covariance = np.tile(covariance, (K, 1, 1))
        for name, array, shape in (
            ("xyz", xyz, (K, 3)),
            ("confidence", confidence, (K,)),
            ("covariance", covariance, (K, 3, 3)),
        ):
            if array.shape != shape:
                raise ValueError(
                    f"{name}: expected {list(shape)} ({point_format.name}), got {list(array.shape)}"
                )
        if self.frame not in FRAMES:
            raise ValueError(f"frame: expected one of {', '.join(FRAMES)}, got {self.frame!r}")
        object.__setattr__(self, "format", point_format)
        self._check_values(xyz, confidence, covariance)
        xyz[confidence == 0] = 0
        covariance[confidence == 0] = SIGMA**2 * np.eye(3)
        for field, array in (("xyz", xyz), ("confidence", confidence), ("covariance", covariance)):
            array.flags.writeable = False
            object.__setattr__(self, field, array)

    def _check_values(self, xyz: Floats, confidence: Floats, covariance: Floats) -> None:
        def first(wrong: NDArray[np.bool_]) -> int | None:
            return int(wrong.argmax()) if wrong.any() else None

        names = self.format.names
        check_confidence(confidence, names)
        k = first((confidence > 0) & ~np.isfinite(xyz).all(axis=1))
        if k is not None:
            raise ValueError(
                f"xyz: expected finite metres, or confidence 0 where a point is missing, got "
                f"{xyz[k].tolist()} for {names[k]!r} with confidence {confidence[k]}"
            )
        k = first((confidence > 0) & ~np.array([_is_covariance(each) for each in covariance]))
        if k is not None:
            raise ValueError(
                "covariance: expected finite, symmetric, positive definite matrices, got "
                f"{covariance[k].tolist()} for {names[k]!r}"
            )

    @classmethod
    def from_array(
        cls,
        array: ArrayLike,
        format: KeypointFormat | MarkerFormat | str | None = None,
        *,
        sigma: float = SIGMA,
        frame: str = "world",
        unit: str = "m",
    ) -> Keypoints3D:
        """The points of an array, which is copied.

        Warns (`InputWarning`) of points that are more than 5 m apart, which no person's are.

        Args:
            array: [K, 4] rows (x, y, z, confidence), or [K, 3] rows (x, y, z) with confidence 1;
                also with a first axis of length 1. A row with NaN, None or a masked value is a
                missing point, and so is one with x = y = z = 0, unless it is the
                pelvis and the only one.
            format, frame: as of the class.
            sigma: standard deviation on each axis at confidence 1, metres, >= 1e-6.
            unit: of the array, "m", "cm" or "mm".

        Raises:
            ValueError: as the class; a sigma that is not positive; an unknown unit.
        """
        rows = float_array("keypoints3d", array)
        if rows.ndim == 3 and len(rows) == 1:
            rows = rows[0]
        if rows.ndim != 2 or rows.shape[1] not in (3, 4):
            raise ValueError(f"keypoints3d: expected [K, 3] or [K, 4], got {list(rows.shape)}")
        confidence = rows[:, 3] if rows.shape[1] == 4 else np.ones(len(rows))
        missing = np.isnan(rows).any(axis=1) | _at_origin(rows[:, :3], format)
        confidence = np.where(missing, 0, confidence)
        xyz = scale_of(unit, METRES) * rows[:, :3]
        _check_extent(xyz[confidence > 0])
        return cls(xyz, confidence, format, _isotropic(sigma), frame)  # type: ignore[arg-type]  # checked there

    @classmethod
    def from_markers(
        cls,
        model: BodyModel,
        vertices: Sequence[int] | ArrayLike,
        xyz: ArrayLike,
        *,
        offsets: ArrayLike = 0.0095,
        confidence: ArrayLike | None = None,
        covariance: ArrayLike | None = None,
        frame: str = "world",
        names: Sequence[str] | None = None,
    ) -> Keypoints3D:
        """Markers at vertices of a body.

        Args:
            model: the body of the vertices.
            vertices: [K] vertex numbers.
            xyz: [K, 3] centres of the markers, metres.
            offsets: metres from the skin to the centres along the outward normal, one or [K]; 9.5
                mm is half a marker of 14 mm and its base. The distance is the same for all betas.
            confidence, covariance, frame: as of the class.
            names: of the markers.

        Raises:
            ValueError: as the class; vertex numbers that the body does not have.
        """
        chosen = marker_format(vertices, offsets, names)
        chosen.rest_offsets(model.v_template, model.faces)  # checks the numbers
        return cls(np.asarray(xyz), confidence, chosen, covariance, frame)  # type: ignore[arg-type]  # checked there

    def __len__(self) -> int:
        """K, with the missing points."""
        return self.format.num_keypoints

    @property
    def visible(self) -> NDArray[np.bool_]:
        """[K] which points are not missing."""
        return self.confidence > 0

    def in_world(self, camera: AnyCamera | None) -> tuple[Floats, Floats]:
        """Positions [K, 3] and covariances [K, 3, 3] in the frame of results: a point x of the
        camera frame is at R^T (x - t). Without a camera the frame of the points is that of
        results."""
        if self.frame == "world" or camera is None:
            return self.xyz, self.covariance
        R = camera.rotation
        return (self.xyz - camera.translation) @ R, R.T @ self.covariance @ R

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, lists and strings, for files."""
        described: dict[str, Any] = {"name": self.format.name, "names": list(self.format.names)}
        if isinstance(self.format, MarkerFormat):
            described["vertices"] = list(self.format.vertices)
            described["offsets"] = list(self.format.offsets)
        else:
            described["locations"] = [list(k.location) for k in self.format.keypoints]
        return {
            "format": described,
            "frame": self.frame,
            "xyz": self.xyz.tolist(),
            "confidence": self.confidence.tolist(),
            "covariance": self.covariance.tolist(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Keypoints3D:
        """What `to_dict` wrote."""
        described = values["format"]
        name, names = described["name"], described["names"]
        chosen: KeypointFormat | MarkerFormat
        if "vertices" in described:
            chosen = MarkerFormat(described["vertices"], described["offsets"], names, name)
        else:
            pairs = list(zip(names, described["locations"], strict=True))
            chosen = KeypointFormat.from_mapping(name, pairs)
        measured = {key: values[key] for key in ("xyz", "confidence", "covariance", "frame")}
        return cls(format=chosen, **measured)


def _at_origin(
    xyz: Floats, point_format: KeypointFormat | MarkerFormat | str | None
) -> NDArray[np.bool_]:
    """(K,) points at exactly (0, 0, 0), which trackers write for missing ones; not the pelvis if it
    is the only one, the root of points about it."""
    at_origin = np.asarray(~xyz.any(axis=1))
    if at_origin.sum() != 1:
        return at_origin
    chosen = recognise_format(len(xyz)) if point_format is None else point_format
    if isinstance(chosen, str):
        chosen = format_named(chosen)
    k = int(at_origin.argmax())
    if isinstance(chosen, MarkerFormat) or k >= chosen.num_keypoints:
        return at_origin
    location = set(chosen.keypoints[k].location)
    is_root = location in ({"pelvis"}, {"left_hip", "right_hip"})
    return np.zeros(len(xyz), dtype=bool) if is_root else at_origin


def _check_extent(xyz: Floats) -> None:
    extent = float(np.ptp(xyz, axis=0).max()) if len(xyz) else 0.0
    unit = likely_unit(extent, _USUAL) if _TALLEST < extent < np.inf else "m"
    if unit != "m":
        warn_of_input(
            f"keypoints3d: points are {extent:.0f} m apart, if they are in metres; likely "
            f'unit="{unit}"'
        )


def _isotropic(sigma: float) -> Floats:
    check_sigma("sigma", sigma)
    return sigma**2 * np.eye(3)


def _is_covariance(matrix: Floats) -> bool:
    if not np.isfinite(matrix).all():
        return False
    largest = np.abs(matrix).max()
    symmetric = np.abs(matrix - matrix.T).max() <= 1e-6 * largest
    return bool(symmetric and np.linalg.eigvalsh(matrix)[0] > 1e-12 * largest)
