"""Cameras: pinhole with distortion, and weak perspective.

Camera frame: x right, y down, z forward, metres. Pixel centres at integers. `rotation` and
`translation` take a world point p to R p + t in the camera's frame; left out, the world is the
camera's frame.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..base.rotations import rotation_matrix

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class _PlacedCamera(ABC):
    """What all cameras have: an image size and a place in the world."""

    width: int = None  # type: ignore[assignment]  # checked below, for a clear error
    height: int = None  # type: ignore[assignment]
    rotation: Floats = field(default_factory=lambda: np.eye(3))
    translation: Floats = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "width", _checked_size("width", self.width))
        set_(self, "height", _checked_size("height", self.height))
        set_(self, "rotation", _array("rotation", self.rotation, (3, 3)))
        set_(self, "translation", _array("translation", self.translation, (3,)))

    def __reduce__(self) -> tuple[Any, ...]:  # the core's camera is created again
        return camera_from_dict, (self.to_dict(),)

    @property
    def _placed(self) -> str:
        """For `repr`: size, and centre unless the camera is at the world's origin."""
        size = f"{self.width} x {self.height} px"
        if np.array_equal(self.rotation, np.eye(3)) and not self.translation.any():
            return size
        return size + ", centre ({:.2f}, {:.2f}, {:.2f}) m".format(
            *(-self.rotation.T @ self.translation)
        )

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for files."""

    def to_camera(self, points: ArrayLike) -> Floats:
        """(N, 3) points in the camera's frame of (N, 3) world points, metres."""
        return np.asarray(np.asarray(points, dtype=np.float64) @ self.rotation.T + self.translation)

    def _place(self) -> dict[str, Any]:
        return {
            "width": self.width,
            "height": self.height,
            "rotation": self.rotation.tolist(),
            "translation": self.translation.tolist(),
        }


def _checked_size(name: str, value: Any) -> int:
    if value is None:
        raise ValueError(f"{name}: expected the image's size in pixels, got none")
    if isinstance(value, bool) or not float(value).is_integer() or value <= 0:
        raise ValueError(f"{name}: expected a whole number of pixels > 0, got {value}")
    return int(value)


def _array(name: str, value: ArrayLike, shape: tuple[int, ...] | None = None) -> Floats:
    array = np.array(value, dtype=np.float64)
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False, kw_only=True)
class Camera(_PlacedCamera):
    """A pinhole camera, with Brown-Conrady distortion as OpenCV has it.

    Args:
        fx, fy: focal lengths, pixels, > 0.
        cx, cy: principal point, pixels.
        width, height: size of the image, pixels.
        distortion: up to 8 numbers k1 k2 p1 p2 k3 k4 k5 k6.
        rotation: (3, 3) cam_from_world.
        translation: (3,) cam_from_world, metres.
        guessed: whether the focal lengths are a guess. They are kept, but the learned prior does
            not rely on them.

    Raises:
        ValueError: a focal length that is not positive, NaN, no image size, a matrix that is no
            rotation.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    distortion: Floats = field(default_factory=lambda: np.zeros(0))
    guessed: bool = False
    core: _core.Pinhole = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        distortion = () if self.distortion is None else self.distortion
        object.__setattr__(self, "distortion", _array("distortion", distortion))
        object.__setattr__(self, "core", self._make_core())

    def __repr__(self) -> str:
        distorted = f", distortion {self.distortion.tolist()}" if self.distortion.any() else ""
        return (
            f"Camera(fx={self.fx:.6g}, fy={self.fy:.6g}, cx={self.cx:.6g}, cy={self.cy:.6g}, "
            f"{self._placed}{distorted})"
        )

    @classmethod
    def from_matrix(
        cls,
        K: ArrayLike,
        size: tuple[int, int],
        distortion: ArrayLike = (),
        *,
        rotation: ArrayLike | None = None,
        translation: ArrayLike | None = None,
    ) -> Camera:
        """The camera of a calibration matrix, as OpenCV has it.

        Args:
            K: (3, 3) [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], pixels.
            size: (width, height) of the image, pixels.
            distortion: up to 8 numbers, (n,), (1, n) or (n, 1), as of the class.
            rotation, translation: as of the class; OpenCV's tvec as (3,) or (3, 1).

        Raises:
            ValueError: a matrix of another form, skew; otherwise as the class.
        """
        matrix = _array("K", K, (3, 3))
        f, c = matrix[[0, 1], [0, 1]], matrix[:2, 2]
        if not np.array_equal(matrix, [[f[0], 0, c[0]], [0, f[1], c[1]], [0, 0, 1]]):
            raise ValueError(
                "K: expected [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], without skew, "
                f"got {matrix.tolist()}"
            )
        if np.shape(size) != (2,):
            raise ValueError(f"size: expected (width, height) in pixels, got {size!r}")
        moved = np.zeros(3) if translation is None else np.asarray(translation, dtype=np.float64)
        return cls(
            fx=float(f[0]),
            fy=float(f[1]),
            cx=float(c[0]),
            cy=float(c[1]),
            width=size[0],
            height=size[1],
            distortion=np.ravel(np.asarray(distortion, dtype=np.float64)),
            rotation=np.eye(3) if rotation is None else np.asarray(rotation, dtype=np.float64),
            translation=moved.reshape(3) if moved.size == 3 else moved,
        )

    @property
    def guessed_core(self) -> _core.Pinhole:
        """For the core, with unknown focal lengths."""
        return self._make_core(focal_known=False)

    def unsure_core(self, **sigmas: Any) -> _core.Pinhole:
        """For the core, with the degrees of freedom of a fit: arguments of `_core.Pinhole`."""
        return self._make_core(**sigmas)

    def _make_core(self, **sigmas: Any) -> _core.Pinhole:
        return _core.Pinhole(
            fx=self.fx,
            fy=self.fy,
            cx=self.cx,
            cy=self.cy,
            distortion=self.distortion,
            rotation=self.rotation,
            translation=self.translation,
            **sigmas,
        )

    @classmethod
    def guess(cls, width: int, height: int) -> Camera:
        """A camera for an image of unknown origin.

        The focal length is the image's diagonal (a diagonal field of view of 53 degrees, near that
        of a 43 mm lens on 35 mm film), the principal point its middle.
        """
        width, height = _checked_size("width", width), _checked_size("height", height)
        focal = math.hypot(width, height)
        return cls(
            fx=focal,
            fy=focal,
            cx=(width - 1) / 2,
            cy=(height - 1) / 2,
            width=width,
            height=height,
            guessed=True,
        )

    def zoomed(self, zoom: float) -> Camera:
        """The camera with its focal lengths times `zoom`."""
        return replace(self, fx=self.fx * zoom, fy=self.fy * zoom)

    def moved(self, turn: ArrayLike, shift: ArrayLike) -> Camera:
        """The camera rotated about its centre, which is then translated.

        Args:
            turn: (3,) axis-angle in the camera's axes, radians.
            shift: (3,) metres, along the world's axes.
        """
        rotation = rotation_matrix(_array("turn", turn, (3,)))
        translation = rotation @ (self.translation - self.rotation @ _array("shift", shift, (3,)))
        return replace(self, rotation=rotation @ self.rotation, translation=translation)

    @property
    def centre(self) -> Floats:
        """(3,) its centre in the world, metres."""
        return np.asarray(-self.rotation.T @ self.translation)

    def crop(self, left: float, top: float, width: int, height: int) -> Camera:
        """The camera of a crop of its image: a fit to the crop equals the fit to the whole image.

        Args:
            left, top: the pixel of the whole image that is at (0, 0) of the crop.
            width, height: size of the crop, pixels; it may extend beyond the image.
        """
        return replace(self, cx=self.cx - left, cy=self.cy - top, width=width, height=height)

    def resize(self, width: int, height: int) -> Camera:
        """The camera of its image resized, pixels; the corner (-0.5, -0.5) maps to itself."""
        x, y = width / self.width, height / self.height
        return replace(
            self,
            fx=self.fx * x,
            fy=self.fy * y,
            cx=(self.cx + 0.5) * x - 0.5,
            cy=(self.cy + 0.5) * y - 0.5,
            width=width,
            height=height,
        )

    def project(self, points: ArrayLike) -> Floats:
        """(N, 2) pixels of (N, 3) world points; NaN for those not in front of the camera."""
        return self.core.project(np.asarray(points, dtype=np.float64))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for files."""
        return {
            "kind": "pinhole",
            **{key: float(getattr(self, key)) for key in ("fx", "fy", "cx", "cy")},
            **self._place(),
            "distortion": self.distortion.tolist(),
            **({"guessed": True} if self.guessed else {}),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class WeakPerspectiveCamera(_PlacedCamera):
    """A scaled orthographic camera: u = scale X + cx, v = scale Y + cy.

    Depth has no effect: a fit leaves the depth of the body at 0.

    Args:
        scale: pixels per metre at the person, > 0; None: estimated by the fit.
        cx, cy: pixels; the optical axis.
        width, height, rotation, translation: as in `Camera`.

    Raises:
        ValueError: as `Camera`.
    """

    scale: float | None = None
    cx: float
    cy: float
    core: _core.WeakPerspective = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        core = _core.WeakPerspective(
            scale=1.0 if self.scale is None else self.scale,
            scale_known=self.scale is not None,
            cx=self.cx,
            cy=self.cy,
            rotation=self.rotation,
            translation=self.translation,
        )
        object.__setattr__(self, "core", core)

    def __repr__(self) -> str:
        scale = "unknown scale" if self.scale is None else f"{self.scale:.6g} px/m"
        return f"WeakPerspectiveCamera({scale}, cx={self.cx:.6g}, cy={self.cy:.6g}, {self._placed})"

    @classmethod
    def guess(cls, width: int, height: int) -> WeakPerspectiveCamera:
        """Axis through the centre of the image, unknown scale."""
        width, height = _checked_size("width", width), _checked_size("height", height)
        return cls(cx=(width - 1) / 2, cy=(height - 1) / 2, width=width, height=height)

    def scaled(self, zoom: float) -> WeakPerspectiveCamera:
        """The camera with its scale (1 where unknown) times `zoom`."""
        return replace(self, scale=(1.0 if self.scale is None else self.scale) * zoom)

    def project(self, points: ArrayLike) -> Floats:
        """(N, 2) pixels of (N, 3) world points."""
        return self.core.project(np.asarray(points, dtype=np.float64))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for files."""
        return {
            "kind": "weak_perspective",
            "scale": self.scale,
            "cx": float(self.cx),
            "cy": float(self.cy),
            **self._place(),
        }


AnyCamera = Camera | WeakPerspectiveCamera


def camera_from_dict(values: dict[str, Any]) -> AnyCamera:
    """The camera that `to_dict` wrote."""
    kinds: dict[str, type[AnyCamera]] = {
        "pinhole": Camera,
        "weak_perspective": WeakPerspectiveCamera,
    }
    arguments = dict(values)
    kind = arguments.pop("kind", None)
    if kind not in kinds:
        raise ValueError(f"camera kind: expected one of {', '.join(kinds)}, got {kind!r}")
    return kinds[kind](**arguments)
