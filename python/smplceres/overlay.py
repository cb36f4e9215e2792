"""Pictures of a fit: the body over its image, and from the side, where wrong depth shows.

Needs Pillow, which the package itself does not: `pip install 'smplceres[viz]'`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .camera import AnyCamera
from .result import FitResult
from .views import FittedView

try:
    from PIL import Image, ImageDraw, ImageFont
except ImportError as error:
    raise ImportError("pictures need Pillow: pip install 'smplceres[viz]'") from error

Floats = NDArray[np.float64]

MESH_OPACITY = 0.75
SIDE_VIEW_SIZE = (512, 512)

_SUPERSAMPLING = 2
# Pixels, in sides of the picture: farther out than this a projection is no place to draw to (a
# vertex just in front of the camera's plane, a keypoint that is nonsense).
_REACH = 10

_BODY = np.array([130.0, 175.0, 230.0])
_DETECTED = (255, 200, 0, 255)
_FITTED = (230, 30, 60, 255)
_FAINT = (150, 150, 150, 255)

# Towards the light: above, left of and behind the viewer (x right, y down, z forward).
_LIGHT = np.array([-0.4, -0.6, -0.7]) / np.linalg.norm([-0.4, -0.6, -0.7])


def draw_overlay(
    image: NDArray[Any] | Image.Image, result: FitResult, view: int = 0
) -> Image.Image:
    """The fitted body over the image that its keypoints were detected in.

    Dots are detected keypoints, larger with more confidence, joined to a stick figure; rings are
    the fitted ones, with a line to the detected. Triangles that the camera cannot see are left out.

    Args:
        image: (H, W), (H, W, 3) or (H, W, 4) uint8, or a Pillow image, of the camera's size.
        result: a fit.
        view: which of the result's views the image is.

    Returns:
        an RGB image of the same size.

    Raises:
        ValueError: an image of another kind, or of another size than the camera's; a result without
            that view.
    """
    if not result.views:
        raise ValueError("result: expected a fit to an image, got one to points in space alone")
    if not 0 <= view < len(result.views):
        raise ValueError(f"view: expected 0 to {len(result.views) - 1}, got {view}")
    seen = result.views[view]
    camera, vertices = seen.camera, result.vertices
    picture = _rgba(image, camera)
    mesh = _mesh_layer(
        camera.project(vertices), camera.to_camera(vertices), result.faces, picture.size
    )
    mesh.putalpha(mesh.getchannel("A").point([round(MESH_OPACITY * a) for a in range(256)]))
    picture.alpha_composite(mesh)
    picture.alpha_composite(_keypoint_layer(seen, picture.size))
    _write_caption(
        picture,
        f"dots detected, rings fitted, median error {result.reprojection_error():.1f} px",
    )
    return picture.convert("RGB")


def draw_side_view(result: FitResult) -> Image.Image:
    """The fitted body from the side, on white: turned by 90 degrees about the vertical axis.

    The axis is the camera's, through the pelvis (the grey line); the camera stands to the left. Of
    a result without a camera the axis is y, pointing down.
    Without perspective, and scaled to fill the picture: the bar is half a metre.

    Returns:
        an RGB image of `SIDE_VIEW_SIZE`.
    """
    points = np.vstack([result.joints[:1], result.vertices])
    if result.camera is not None:
        points = result.camera.to_camera(points)
    pelvis = points[0]
    x, y, z = (points[1:] - pelvis).T
    turned = np.stack([z, y, -x], axis=1)
    low, high = turned.min(axis=0), turned.max(axis=0)
    scale = 0.85 * min(SIDE_VIEW_SIZE) / max(float((high - low)[:2].max()), 1e-6)
    origin = np.array(SIDE_VIEW_SIZE) / 2 - scale * (low + high)[:2] / 2

    picture = Image.new("RGBA", SIDE_VIEW_SIZE, "white")
    draw = ImageDraw.Draw(picture)
    draw.line((origin[0], 0, origin[0], SIDE_VIEW_SIZE[1]), fill=_FAINT)
    pixels = scale * turned[:, :2] + origin
    picture.alpha_composite(_mesh_layer(pixels, turned, result.faces, SIDE_VIEW_SIZE))
    draw.line((8, 12, 8 + scale / 2, 12), fill=(0, 0, 0, 255), width=3)
    _write_caption(picture, "from the side, camera to the left; bar 0.5 m, grey line at the pelvis")
    return picture.convert("RGB")


def _rgba(image: NDArray[Any] | Image.Image, camera: AnyCamera) -> Image.Image:
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
    return image.convert("RGB").convert("RGBA")  # a picture's own transparency is no part of it


# --- The mesh ---


def _mesh_layer(
    pixels: Floats, points: Floats, faces: NDArray[np.int32], size: tuple[int, int]
) -> Image.Image:
    """The shaded mesh, opaque on a transparent picture, farthest triangles first.

    Args:
        pixels: (V, 2) where the vertices are in the picture; NaN behind the camera.
        points: (V, 3) the vertices in the viewer's frame: x right, y down, z forward.
        faces: (F, 3) counter-clockwise from outside.
        size: of the picture.
    """
    canvas = _Canvas(size)
    faces = faces[_drawable(pixels[faces], size)]
    faces = faces[np.argsort(-points[faces, 2].mean(axis=1), kind="stable")]
    corners = canvas.fine(pixels[faces]).reshape(-1, 6).tolist()
    colours = _shades(points, faces).tolist()
    for corner, (red, green, blue) in zip(corners, colours, strict=True):
        canvas.draw.polygon(corner, fill=(red, green, blue, 255))
    return canvas.reduced()


def _drawable(triangles: Floats, size: tuple[int, int]) -> NDArray[np.bool_]:
    """(F,) which of (F, 3, 2) projected triangles face the viewer and touch the picture."""
    (ax, ay), (bx, by), (cx, cy) = np.moveaxis(triangles, 0, -1)
    # Counter-clockwise from outside is clockwise, of negative area, where y points down.
    facing = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) < 0
    inside = ((triangles.max(axis=1) >= 0) & (triangles.min(axis=1) <= size)).all(axis=1)
    within_reach = (np.abs(triangles) < _REACH * max(size)).all(axis=(1, 2))
    return np.asarray(facing & inside & within_reach)  # NaN compares false


def _shades(points: Floats, faces: NDArray[np.int32]) -> NDArray[np.int64]:
    """(F, 3) colours, from normals averaged over the triangles that share a vertex."""
    a, b, c = np.moveaxis(points[faces], 1, 0)
    normals = np.zeros_like(points)
    np.add.at(normals, faces, np.cross(b - a, c - a)[:, None])
    soft = normals[faces].sum(axis=1)
    length = np.linalg.norm(soft, axis=1)
    cosine = soft @ _LIGHT / np.where(length > 0, length, 1)
    brightness = 0.45 + 0.35 * (1 + cosine) ** 2 / 2  # wrapped, so that no side is black
    colours: Floats = np.clip(brightness[:, None] * _BODY, 0, 255).round()
    return colours.astype(np.int64)


# --- The keypoints ---


def _keypoint_layer(view: FittedView, size: tuple[int, int]) -> Image.Image:
    canvas = _Canvas(size)
    unit = canvas.unit
    detected, fitted = view.keypoints.xy, view.keypoints2d
    reach = _REACH * max(size)
    seen = view.keypoints.visible & (np.abs(detected) < reach).all(axis=1)
    drawn = seen & (np.abs(fitted) < reach).all(axis=1)
    for start, end in view.keypoints.format.limbs:
        if seen[start] and seen[end]:
            canvas.line(detected[start], detected[end], _DETECTED, unit)
    for k in np.flatnonzero(drawn):
        canvas.line(detected[k], fitted[k], _FITTED, unit)
        canvas.ring(fitted[k], 4 * unit, _FITTED, 1.5 * unit)
    for k in np.flatnonzero(seen):
        canvas.dot(detected[k], (1 + 2 * min(view.keypoints.confidence[k], 1.0)) * unit, _DETECTED)
    return canvas.reduced()


class _Canvas:
    """A transparent picture, drawn larger and reduced, so that edges come out smooth."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.image = Image.new("RGBA", (_SUPERSAMPLING * size[0], _SUPERSAMPLING * size[1]))
        self.draw = ImageDraw.Draw(self.image)
        self.unit = max(1.0, max(size) / 600)  # pixels; what is a hair's breadth in this picture

    @staticmethod
    def fine(pixels: Floats) -> Floats:
        """Pixels of the picture, centres at integers, as those of the larger one.

        Whole ones: Pillow cuts fractions off, which would shift all to the upper left.
        """
        return np.round((pixels + 0.5) * _SUPERSAMPLING - 0.5)

    def line(self, start: Floats, end: Floats, colour: tuple[int, ...], width: float) -> None:
        ends = (*self.fine(start).tolist(), *self.fine(end).tolist())
        self.draw.line(ends, fill=colour, width=round(width * _SUPERSAMPLING))

    def dot(self, centre: Floats, radius: float, colour: tuple[int, ...]) -> None:
        self.draw.ellipse(self._box(centre, radius), fill=colour, outline=(0, 0, 0, 255))

    def ring(self, centre: Floats, radius: float, colour: tuple[int, ...], width: float) -> None:
        box = self._box(centre, radius)
        self.draw.ellipse(box, outline=colour, width=round(width * _SUPERSAMPLING))

    def _box(self, centre: Floats, radius: float) -> tuple[float, float, float, float]:
        x, y = self.fine(centre).tolist()
        radius *= _SUPERSAMPLING
        return x - radius, y - radius, x + radius, y + radius

    def reduced(self) -> Image.Image:
        return self.image.reduce(_SUPERSAMPLING)


def _write_caption(picture: Image.Image, text: str) -> None:
    """A line of small text on a dark strip at the bottom left."""
    font = ImageFont.load_default()
    _, _, right, bottom = font.getbbox(text)
    strip = Image.new("RGBA", (int(right) + 8, int(bottom) + 4), (0, 0, 0, 160))
    ImageDraw.Draw(strip).text((4, 1), text, fill="white", font=font)
    unit = max(1, round(max(picture.size) / 600))
    strip = strip.resize((unit * strip.width, unit * strip.height), Image.Resampling.BICUBIC)
    strip = strip.crop((0, 0, min(strip.width, picture.width), min(strip.height, picture.height)))
    picture.alpha_composite(strip, (0, picture.height - strip.height))
