"""Drawings of a fit: the body over its image, and from the side and above, to check depth.

Needs the optional Pillow: `pip install 'smplceres[viz]'`. The core rasterises on the CPU, without a
window (paint.h).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._native import _core
from ..body.model import BodyModel
from ..cameras.camera import AnyCamera, Camera
from ..evidence.views import FittedView, median_residual
from ..fit.covariance import Covariance
from ..fit.result import FitResult

try:
    from PIL import Image, ImageDraw, ImageFont
except ImportError as error:
    raise ImportError("drawings need Pillow: pip install 'smplceres[viz]'") from error

Floats = NDArray[np.float64]

Picture = NDArray[np.uint8]  # (H, W, 3) RGB

MESH_OPACITY = 0.75
# Parts that no observation tells are paler, on the image and on white.
UNKNOWN_OPACITY = 0.4
SIDE_VIEW_SIZE = (512, 512)

# Max distance of drawn projections from the image, in sides of the image: beyond are vertices near
# the plane of the camera and wrong keypoints.
_REACH = 10

_BODY = (130.0, 175.0, 230.0)
_UNKNOWN = (150.0, 150.0, 150.0)
_FITTED = (230, 30, 60, 1.0)
_BLACK = (0, 0, 0, 1.0)
_FAINT = (150, 150, 150, 1.0)
# Colours of confidence 0, 1/2 and 1.
_CONFIDENCE = np.array([(150, 40, 200), (255, 120, 60), (255, 225, 0)], dtype=np.float64)
# The standard deviation, metres, at the end of the colour scale.
_UNSURE = 0.1

# Rotations from the camera frame to views from the side and from above (x right, y down, z ahead).
_SIDE = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
_TOP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def draw_overlay(
    image: NDArray[Any] | Image.Image,
    result: FitResult,
    view: int = 0,
    *,
    colours: ArrayLike | None = None,
    labels: bool = False,
) -> Image.Image:
    """The fitted body over the image that its keypoints were detected in.

    Dots are detected keypoints, whose size and colour (purple to yellow) show the confidence,
    connected to a stick figure; rings are the fitted keypoints, with lines to the detected ones.
    Triangles with a vertex behind the camera are left out.

    Args:
        image: (H, W), (H, W, 3) or (H, W, 4) uint8, or a Pillow image, of the camera's size.
        result: a fit.
        view: index of the view of the image.
        colours: of the body, (3,) or one per vertex (V, 3), RGB 0 to 255, such as
            `uncertainty_colours`; None: blue, and translucent grey where no observation tells
            where the body is (`FitResult.unknown_vertices`).
        labels: write the residual of every keypoint, pixels, beside it.

    Returns:
        an RGB image of the same size.

    Raises:
        ValueError: an image of another type, or of another size than the camera's; an unknown view.
    """
    if not result.views:
        raise ValueError("result: expected a fit to an image, got one to points in space alone")
    if not 0 <= view < len(result.views):
        raise ValueError(f"view: expected 0 to {len(result.views) - 1}, got {view}")
    picture = _picture(image, result.views[view].camera)
    paint_overlay(picture, result, view, colours=colours, labels=labels)
    return Image.fromarray(picture)


def paint_overlay(
    picture: Picture,
    result: FitResult,
    view: int = 0,
    *,
    colours: ArrayLike | None = None,
    labels: bool = False,
) -> None:
    """`draw_overlay` in place on an array (H, W, 3) of the camera's size."""
    seen = result.views[view]
    camera, vertices = seen.camera, result.vertices
    _paint_body(
        picture,
        result,
        camera.project(vertices),
        camera.to_camera(vertices),
        colours=colours,
        perspective=isinstance(camera, Camera),
        opacity=MESH_OPACITY,
    )
    _paint_keypoints(picture, seen, labels)
    _paint_caption(
        picture,
        f"dots detected, yellow confident, purple not; rings fitted, median error "
        f"{median_residual([seen]):.1f} px",
    )


def draw_side_view(result: FitResult, *, colours: ArrayLike | None = None) -> Image.Image:
    """The fitted body from the side, on white: rotated by 90 degrees about the vertical axis.

    The axis is that of the camera, through the pelvis (the grey line); the camera is to the left.
    Without a camera the axis is y, pointing down. The projection is orthographic, scaled to fill
    the image: the bar is half a metre.

    Args:
        result: a fit.
        colours: as of `draw_overlay`.

    Returns:
        an RGB image of `SIDE_VIEW_SIZE`.
    """
    caption = "from the side, camera to the left; bar 0.5 m, grey line at the pelvis"
    return Image.fromarray(_turned_view(result, _SIDE, caption, colours, SIDE_VIEW_SIZE))


def draw_top_view(result: FitResult, *, colours: ArrayLike | None = None) -> Image.Image:
    """The fitted body from above, the camera below the image; otherwise as `draw_side_view`."""
    caption = "from above, camera below; bar 0.5 m, grey line at the pelvis"
    return Image.fromarray(_turned_view(result, _TOP, caption, colours, SIDE_VIEW_SIZE))


def paint_insets(picture: Picture, results: Sequence[FitResult]) -> None:
    """Draws the first from the side and from above, at the right edge of an image, in place."""
    side = min(picture.shape[0] // 4, picture.shape[1] // 3)
    for number, turn in enumerate((_SIDE, _TOP)):
        inset = _turned_view(results[0], turn, "", None, (side, side))
        picture[number * side : (number + 1) * side, -side:] = inset


def uncertainty_colours(
    result: FitResult, covariance: Covariance, model: BodyModel | None = None
) -> Floats:
    """(V, 3) colours of a body by the uncertainty of its joints, blended by skinning weights.

    Yellow for a standard deviation of 0, purple from 10 cm on: the root mean square of both axes of
    the image, without depth, which an image hardly constrains.

    Args:
        result: a fit.
        covariance: its `covariance()`.
        model: the body; needed for a fit that was loaded, which has none.

    Raises:
        ValueError: a loaded fit without its model.
    """
    model = result.needed_model(model)
    turn = np.eye(3) if result.camera is None else result.camera.rotation
    across = np.minimum(covariance.joint_std_along(turn[:2]), 1.0)  # the end of the scale
    std = model.lbs_weights @ np.sqrt((across**2).mean(axis=1))
    return _by_confidence(1 - std / _UNSURE)


def _by_confidence(confidence: ArrayLike) -> Floats:
    """(N, 3) colours of (N,) numbers 0 to 1."""
    at = np.linspace(0, 1, len(_CONFIDENCE))
    clipped = np.clip(confidence, 0, 1)
    return np.stack([np.interp(clipped, at, channel) for channel in _CONFIDENCE.T], axis=-1)


def _turned_view(
    result: FitResult,
    turn: Floats,
    caption: str,
    colours: ArrayLike | None,
    size: tuple[int, int],
) -> Picture:
    points = np.vstack([result.joints[:1], result.vertices])
    if result.camera is not None:
        points = result.camera.to_camera(points)
    turned = (points[1:] - points[0]) @ turn.T
    low, high = turned[:, :2].min(axis=0), turned[:, :2].max(axis=0)
    scale = 0.85 * min(size) / max(float((high - low).max()), 1e-6)
    origin = np.array(size) / 2 - scale * (low + high) / 2

    picture = np.full((size[1], size[0], 3), 255, dtype=np.uint8)
    line = (origin[0], 0, origin[0], size[1])
    _paint_strokes(picture, [(line, 0.0, 0.5, _FAINT)])
    _paint_body(
        picture,
        result,
        scale * turned[:, :2] + origin,
        turned,
        colours=colours,
        perspective=False,
        opacity=1.0,
    )
    _paint_strokes(picture, [((8, 12, 8 + scale / 2, 12), 0.0, 1.5, _BLACK)])
    if caption:
        _paint_caption(picture, caption)
    return picture


def _picture(image: NDArray[Any] | Image.Image, camera: AnyCamera) -> Picture:
    """A copy for drawing."""
    if not isinstance(image, Image.Image):
        array = np.asarray(image)
        if array.dtype != np.uint8 or not (
            array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
        ):
            raise ValueError(
                "image: expected (H, W), (H, W, 3) or (H, W, 4) uint8, "
                f"got {array.shape} {array.dtype}"
            )
        image = Image.fromarray(array)
    if image.size != (camera.width, camera.height):
        raise ValueError(
            f"image: expected the camera's {camera.width} x {camera.height} pixels, "
            f"got {image.width} x {image.height}"
        )
    return np.array(image.convert("RGB"))  # without transparency


def _paint_body(
    picture: Picture,
    result: FitResult,
    pixels: Floats,
    points: Floats,
    *,
    colours: ArrayLike | None,
    perspective: bool,
    opacity: float,
) -> None:
    """The unknown parts first, so that they hide nothing that is known."""
    parts = [(result.faces, colours, opacity)]
    if colours is None:
        unknown = result.unknown_vertices()[result.faces].all(axis=1)
        parts = [
            (result.faces[unknown], _UNKNOWN, UNKNOWN_OPACITY),
            (result.faces[~unknown], None, opacity),
        ]
    for faces, colour, strength in parts:
        if len(faces):
            _paint_mesh(
                picture,
                pixels,
                points,
                faces,
                colours=colour,
                perspective=perspective,
                opacity=strength,
            )


def _paint_mesh(
    picture: Picture,
    pixels: Floats,
    points: Floats,
    faces: NDArray[np.int32],
    *,
    colours: ArrayLike | None,
    perspective: bool,
    opacity: float,
) -> None:
    _core.paint_mesh(
        picture,
        uv=pixels,
        points=points,
        faces=faces,
        colours=np.broadcast_to(np.asarray(_BODY if colours is None else colours), points.shape),
        perspective=perspective,
        opacity=opacity,
    )


# --- The keypoints ---

# Ends, radius, half width, colour: see `_core.paint_strokes`.
_Stroke = tuple[Sequence[float], float, float, Sequence[float]]


def _paint_strokes(picture: Picture, strokes: Sequence[_Stroke]) -> None:
    if strokes:
        ends, radii, half_widths, colours = zip(*strokes, strict=True)
        _core.paint_strokes(
            picture, ends=ends, radii=radii, half_widths=half_widths, colours=colours
        )


def _paint_keypoints(picture: Picture, view: FittedView, labels: bool) -> None:
    unit = _hairbreadth(picture)
    detected, fitted = view.keypoints.xy, view.keypoints2d
    confidence = np.minimum(view.keypoints.confidence, 1.0)
    colours = [(*colour, 1.0) for colour in _by_confidence(confidence).tolist()]
    reach = _REACH * max(picture.shape)
    seen = view.keypoints.visible & (np.abs(detected) < reach).all(axis=1)
    drawn = seen & (np.abs(fitted) < reach).all(axis=1)
    strokes: list[_Stroke] = []
    for start, end in view.keypoints.format.limbs:
        if seen[start] and seen[end]:
            surer = start if confidence[start] < confidence[end] else end
            line = (*detected[start], *detected[end])
            strokes.append((line, 0.0, unit / 2, colours[surer]))
    for k in np.flatnonzero(drawn):
        strokes.append(((*detected[k], *fitted[k]), 0.0, unit / 2, _FITTED))
        strokes.append(((*fitted[k], *fitted[k]), 4 * unit, 0.75 * unit, _FITTED))
    for k in np.flatnonzero(seen):
        radius = (1 + 2 * confidence[k]) * unit
        strokes.append(((*detected[k], *detected[k]), 0.0, radius, colours[k]))
        strokes.append(((*detected[k], *detected[k]), radius, 0.5, _BLACK))
    _paint_strokes(picture, strokes)
    if labels:
        for k in np.flatnonzero(drawn):
            _paint_text(picture, f"{view.residuals[k]:.0f}", fitted[k] + 5 * unit)


def _hairbreadth(picture: Picture) -> float:
    """Pixels, >= 1."""
    return max(1.0, float(max(picture.shape)) / 600)


# --- Text ---


def _paint_caption(picture: Picture, text: str) -> None:
    """A line of small text on a dark strip at the bottom left."""
    _paint_text(picture, text, (0, picture.shape[0]))


def _paint_text(picture: Picture, text: str, corner: ArrayLike) -> None:
    """White text on a dark strip with its lower left at a pixel, clipped to the image."""
    font = ImageFont.load_default()
    _, _, width, height = font.getbbox(text)
    strip = Image.new("L", (int(width) + 8, int(height) + 4), 0)
    ImageDraw.Draw(strip).text((4, 1), text, fill=255, font=font)
    unit = max(1, round(max(picture.shape) / 600))
    strip = strip.resize((unit * strip.width, unit * strip.height), Image.Resampling.BICUBIC)
    ink = np.asarray(strip)
    left, bottom = (int(each) for each in np.asarray(corner))
    top = bottom - ink.shape[0]
    ink = ink[max(0, -top) :, max(0, -left) :]
    top, left = max(0, top), max(0, left)
    under = picture[top : top + ink.shape[0], left : left + ink.shape[1]]
    ink = ink[: under.shape[0], : under.shape[1], None] / 255
    under[:] = (0.37 * (1 - ink) * under + 255 * ink).astype(np.uint8)
