"""Surfaces of a person measured as points: depth images, scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..base.checked_arrays import float_array
from ..base.checked_numbers import check_sigma
from ..base.files.image_files import open_image
from ..base.files.npz_files import load_npy
from ..base.files.reading import naming
from ..cameras.camera import AnyCamera, Camera
from .keypoints3d import FRAMES

Floats = NDArray[np.float64]

# Default standard deviation along the surface normal, metres: about that of consumer depth cameras
# at a few metres.
SIGMA = 0.01

# Max number of pixels of a depth image that are used: a fit matches some thousand.
_MOST_PIXELS = 100_000

# Maximum number of pixels of a depth image: those of a frame of 8K video.
_MOST_DEPTH_PIXELS = 2**25


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Points on the surface of a person, checked and read-only.

    Points of other objects have no effect at a distance of some decimetres: a fit ignores points
    that are not near the body (`CloudOptions.gate`). The cloud may cover a part of the person.

    Args:
        points: [N, 3] metres. Rows with NaN or infinity were not measured and are left out.
        normals: [N, 3] outward, of any length but 0; None: unknown. They exclude matches with a
            surface that faces another direction.
        confidence: [N] >= 0; 0 marks a missing point. It multiplies the residual: 1/2 doubles the
            standard deviation. None: 1 for all.
        frame: "world", the frame of results, or "camera": x right, y down, z forward from the
            camera of the fit, which measured the points. They are the same if the camera has no
            rotation and translation.
        sensor: position of the sensor: a `Camera`, or [3] metres in the world. Points are matched
            only with the side of the body that is visible from there. None: the camera of the fit
            for points in its frame, otherwise points may lie on all sides.
        sigma: standard deviation along the surface's normal at confidence 1, metres, >= 1e-6.

    Raises:
        ValueError: a wrong shape, no point measured, a number out of range, normals of length 0,
            points behind their camera, a sensor with points in the camera frame.
    """

    points: Floats
    normals: Floats | None = None
    confidence: Floats | None = None
    frame: str = "world"
    sensor: Camera | ArrayLike | None = None
    sigma: float = SIGMA

    def __post_init__(self) -> None:
        points = _rows("points", self.points, None)
        N = len(points)
        normals = None if self.normals is None else _rows("normals", self.normals, N)
        confidence = float_array(
            "confidence", np.ones(N) if self.confidence is None else self.confidence
        )
        if confidence.shape != (N,):
            raise ValueError(f"confidence: expected [{N}], got {list(confidence.shape)}")
        if not (np.isfinite(confidence).all() and (confidence >= 0).all()):
            raise ValueError("confidence: expected finite numbers >= 0, got others")
        if self.frame not in FRAMES:
            raise ValueError(f"frame: expected one of {', '.join(FRAMES)}, got {self.frame!r}")
        check_sigma("sigma", self.sigma)
        measured = np.isfinite(points).all(axis=1) & (confidence > 0)
        if not measured.any():
            raise ValueError(f"points: expected at least one that was measured, got none of {N}")
        object.__setattr__(self, "points", _held(points[measured]))
        object.__setattr__(self, "confidence", _held(confidence[measured]))
        if normals is not None:
            object.__setattr__(self, "normals", _held(_unit(normals[measured])))
        self._check_sensor()

    def _check_sensor(self) -> None:
        depth = self.points[:, 2]
        if self.frame == "camera":
            if self.sensor is not None:
                raise ValueError("sensor: expected None with points in the camera's frame, got one")
        elif isinstance(self.sensor, Camera):
            depth = self.sensor.to_camera(self.points)[:, 2]
        elif self.sensor is not None:
            sensor = float_array("sensor", self.sensor)
            if sensor.shape != (3,) or not np.isfinite(sensor).all():
                raise ValueError(
                    f"sensor: expected a Camera or 3 finite metres, got {self.sensor!r}"
                )
            object.__setattr__(self, "sensor", _held(sensor))
            return
        else:
            return
        behind = int((depth <= 0).sum())
        if behind:
            raise ValueError(
                "points: expected points in front of their camera (z > 0), "
                f"got {behind} of {len(depth)} behind it"
            )

    @classmethod
    def from_depth(
        cls,
        depth: ArrayLike,
        camera: Camera,
        *,
        mask: ArrayLike | None = None,
        stride: int | None = None,
        sigma: float = SIGMA,
    ) -> PointCloud:
        """The points of a depth image, in the world frame of its camera.

        Args:
            depth: [height, width] metres along the optical axis; NaN, infinity or 0: not measured.
            camera: of the depth image.
            mask: [height, width], non-zero on the person. None: all points near the body are used.
            stride: step in rows and columns, pixels, >= 1; None: the smallest that gives at most
                100,000 points.
            sigma: as of the class.

        Raises:
            TypeError: a camera without depth.
            ValueError: an image or mask of another size than the camera's, negative depths, nothing
                measured inside the mask, a stride < 1.
        """
        if not isinstance(camera, Camera):
            raise TypeError(f"camera: expected a Camera with depth, got {type(camera).__name__}")
        if np.asarray(depth).dtype.kind in "iu":
            raise ValueError(
                f"depth: expected metres as floating point, got {np.asarray(depth).dtype} "
                "(millimetres are divided by 1000)"
            )
        image = float_array("depth", depth)
        size = (camera.height, camera.width)
        if image.shape != size:
            raise ValueError(f"depth: expected {list(size)}, got {list(image.shape)}")
        measured = np.isfinite(image) & (image != 0)
        if (image[measured] < 0).any():
            raise ValueError(f"depth: expected metres >= 0, got {image[measured].min():.3g}")
        if mask is not None:
            chosen = np.asarray(mask) != 0
            if chosen.shape != size:
                raise ValueError(f"mask: expected {list(size)}, got {list(chosen.shape)}")
            measured &= chosen
        if stride is None:
            stride = max(1, int(np.ceil(np.sqrt(measured.sum() / _MOST_PIXELS))))
        if not isinstance(stride, SupportsIndex) or stride.__index__() < 1:
            raise ValueError(f"stride: expected a whole number >= 1, got {stride!r}")
        rows, columns = np.nonzero(measured[::stride, ::stride])
        if len(rows) == 0:
            where = "" if mask is None else " where the mask is"
            raise ValueError(f"depth: expected some pixels measured{where}, got none")
        rows, columns = rows * stride.__index__(), columns * stride.__index__()
        rays = camera.core.normalise(np.c_[columns, rows].astype(np.float64))
        points = np.c_[rays, np.ones(len(rays))] * image[rows, columns][:, None]
        world = (points - camera.translation) @ camera.rotation
        return cls(world, sensor=camera, sigma=sigma)

    def __len__(self) -> int:
        """N, of the points measured."""
        return len(self.points)

    def for_camera(self, camera: AnyCamera | None) -> _core.Cloud:
        """For the core, in the frame of results; without a camera the frame of the points is that
        of results."""
        points, normals, sensor = self.points, self.normals, self.sensor
        if isinstance(sensor, Camera):
            sensor = -sensor.rotation.T @ sensor.translation
        if self.frame == "camera":
            sensor = np.zeros(3)
            if camera is not None:
                if not isinstance(camera, Camera):
                    raise ValueError(
                        "points: expected points in the world's frame with a camera without "
                        "perspective, got points in the camera's"
                    )
                R, t = camera.rotation, camera.translation
                points, sensor = (points - t) @ R, -R.T @ t
                normals = None if normals is None else normals @ R
        return _core.Cloud(
            points=points,
            normals=normals,
            confidence=self.confidence,  # type: ignore[arg-type]  # set on construction
            sensor=sensor,
            sigma=self.sigma,
        )


def checked_clouds(
    points: PointCloud | ArrayLike | Sequence[PointCloud] | None,
    depth: ArrayLike | Sequence[ArrayLike | None] | Mapping[str, ArrayLike] | None,
    camera: AnyCamera | Sequence[AnyCamera] | Mapping[str, AnyCamera] | None,
    first: AnyCamera | None,
) -> tuple[_core.Cloud, ...]:
    """The surfaces of a fit, clouds and depth images of its cameras, for the core.

    Args:
        points, depth, camera: as of `fit`.
        first: the camera of clouds in a camera frame; None: the first of `camera`.

    Raises:
        ValueError: as `PointCloud`, `PointCloud.from_depth`; depth without a camera, or not one for
            each of several cameras.
        TypeError: depth of a camera without depth.
    """
    if isinstance(camera, Mapping):
        if depth is not None and not isinstance(depth, Mapping):
            raise ValueError("depth: expected images by the names of their cameras, got no names")
        unknown = [name for name in depth or () if name not in camera]
        if unknown:
            raise ValueError(f"depth: expected names of the cameras, got {unknown[0]!r}")
        depth = None if depth is None else [depth.get(name) for name in camera]
        camera = list(camera.values())
    if first is None:
        first = camera[0] if isinstance(camera, list | tuple) and camera else camera  # type: ignore[assignment]  # one
    clouds = [*_listed(points), *_of_images(depth, camera)]
    return tuple(cloud.for_camera(first) for cloud in clouds)


def _listed(points: PointCloud | ArrayLike | Sequence[PointCloud] | None) -> list[PointCloud]:
    if points is None:
        return []
    if isinstance(points, PointCloud):
        return [points]
    if isinstance(points, list | tuple) and any(isinstance(each, PointCloud) for each in points):
        for each in points:
            if not isinstance(each, PointCloud):
                raise TypeError(f"points: expected PointClouds, got {type(each).__name__}")
        return list(points)
    return [PointCloud(np.asarray(points))]


def _of_images(
    depth: Any,
    camera: AnyCamera | Sequence[AnyCamera] | None,
) -> list[PointCloud]:
    if depth is None:
        return []
    if camera is None:
        raise ValueError("camera: expected the one of the depth image, got None")
    if not isinstance(camera, list | tuple):
        return [PointCloud.from_depth(depth, camera)]  # type: ignore[arg-type]  # checked there
    if not isinstance(depth, list | tuple) or len(depth) != len(camera):
        got = len(depth) if isinstance(depth, list | tuple) else "no list"
        raise ValueError(f"depth: expected one per camera, a list of {len(camera)}, got {got}")
    images = zip(depth, camera, strict=True)
    return [PointCloud.from_depth(image, its) for image, its in images if image is not None]


def read_depth(path: str | PathLike[str]) -> Floats:
    """[height, width] metres of a depth image: .npy in metres, or .png of 16 bit in millimetres.

    Raises:
        FileNotFoundError: no such file.
        OSError: the file cannot be read.
        ValueError: another kind of file, more than 34 million pixels.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"depth: expected a depth image, found no file {path}")
    if path.suffix == ".npy":
        with naming(path):
            metres = float_array("depth", load_npy(path))
    elif path.suffix == ".png":
        with open_image("depth", path, _MOST_DEPTH_PIXELS) as picture:
            if not picture.mode.startswith("I"):
                raise ValueError(f"depth: expected a .png of 16 bit, got mode {picture.mode}")
            metres = np.array(picture, dtype=np.float64)
            metres /= 1000
    else:
        raise ValueError(f"depth: expected a name ending in .npy or .png, got {path.name!r}")
    if metres.ndim != 2:
        raise ValueError(f"{path}: depth: expected [height, width], got {list(metres.shape)}")
    return metres


def _rows(name: str, values: ArrayLike, count: int | None) -> Floats:
    array = float_array(name, values)
    if array.ndim != 2 or array.shape[1] != 3 or (count is not None and len(array) != count):
        expected = "N" if count is None else count
        raise ValueError(f"{name}: expected [{expected}, 3], got {list(array.shape)}")
    return array


def _unit(normals: Floats) -> Floats:
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    if not ((lengths > 1e-9) & (lengths < np.inf)).all():
        raise ValueError("normals: expected vectors of any length but 0, got others or NaN")
    return np.asarray(normals / lengths)


def _held(array: Floats) -> Floats:
    array.flags.writeable = False
    return array
