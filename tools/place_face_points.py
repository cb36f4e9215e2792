#!/usr/bin/env python3
"""Finds MediaPipe's 478 face points on the whole body's skin: body_model/face_points.csv.

    python tools/place_face_points.py

Renders the heads of random people from around their front, mouth shut and open, lets MediaPipe's
face mesh find its points in the pictures, and casts them back on to the mesh. A point is the median
over the pictures that show its skin, on the mean face. tools/build_whole_body.py reads the file.

Needs: pip install 'numpy<2' mediapipe==0.10.21 pyvista scipy. Renders without a screen.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import mediapipe
import numpy as np
import pyvista
from numpy.typing import NDArray

from body_model.posed import WholeBody
from body_model.surface import Surface, face_skin

Floats = NDArray[np.float64]

TOOLS = Path(__file__).resolve().parent
NUM_PICTURES = 36
SIZE, EXTENT = 720, 0.34  # pixels and metres, of a picture
# Directions that heads are seen from, degrees: to the side, from above.
DIRECTIONS = ((0, 0), (-12, 0), (12, 0), (-28, 0), (28, 0), (0, 10))
JAW_OPEN = np.radians(16)
SKIN, WHITE, IRIS = (205, 160, 135), (240, 238, 235), (70, 45, 30)
IRIS_ANGLE = 0.5  # radians from the middle of the eyeball's front
# The cosine between view and skin, at least: the outline of the face lies at its edge, where the
# ray is not trusted; eyelids and lips end in narrow strips that are seen from the side.
FACING, FACING_OUTLINE, FACING_EDGES = 0.25, 0.45, 0.02
OUTLINE = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
EDGES = (
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    *(263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
)


@dataclass(frozen=True)
class View:
    """An orthographic camera: the middle of the picture, and its axes to the right, up and to the
    viewer.
    """

    focus: Floats
    axes: Floats


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = TOOLS.parent / "python" / "smplceres" / "data"
    parser.add_argument("--body", type=Path, default=data / "body_whole.npz")
    parser.add_argument("--out", type=Path, default=TOOLS / "body_model" / "face_points.csv")
    options = parser.parse_args()
    body = WholeBody(options.body)
    faces = body.faces[face_skin(body)[body.faces].all(axis=1)]
    rng = np.random.default_rng(0)
    needed = np.full(478, FACING)
    needed[list(OUTLINE)], needed[list(EDGES)] = FACING_OUTLINE, FACING_EDGES
    found = []
    with mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=True, refine_landmarks=True, min_detection_confidence=0.3
    ) as detector:
        for number in range(NUM_PICTURES):
            pose = np.zeros((len(body.names), 3))
            pose[body.names.index("jaw"), 0] = JAW_OPEN * (number % 2)
            betas = rng.normal(0, 0.7 * (number >= 2 * len(DIRECTIONS)), 16)
            vertices, _ = body(pose, betas)
            view = view_of(body, vertices, *DIRECTIONS[number // 2 % len(DIRECTIONS)])
            pixels = detect(detector, picture(body, vertices, view))
            if pixels is not None:
                found.append(cast(Surface(vertices, faces), view, pixels, needed, body.template))
    points = np.nanmedian(np.array(found), axis=0)
    number = (~np.isnan(np.array(found)[..., 0])).sum(axis=0)
    spread = 1000 * np.nanmedian(np.linalg.norm(np.array(found) - points, axis=2), axis=0)
    hidden = np.flatnonzero(number == 0)
    print(
        f"{len(found)} faces; spread {np.nanmedian(spread):.2f} mm median, "
        f"{np.nanpercentile(spread, 95):.1f} mm at 95 %; seen by none: {hidden}"
    )
    rest = Surface(body.template, faces)
    rows = ["# point, vertices of body_whole.npz, weights; tools/place_face_points.py"]
    for point, place in enumerate(points):
        if np.isfinite(place).all():
            face, weights = rest.nearest(place)
            rows.append(",".join(map(str, [point, *faces[face], *np.round(weights, 4)])))
    options.out.write_text("\n".join(rows) + "\n")


def view_of(body: WholeBody, vertices: Floats, yaw: float, pitch: float) -> View:
    yaw, pitch = np.radians(yaw), np.radians(pitch)
    viewer = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.array([np.cos(yaw), 0, -np.sin(yaw)])
    nose = vertices[body.landmark("nose")].mean(axis=0) * [0, 1, 1]
    axes = np.stack([right, np.cross(viewer, right), viewer])
    return View(nose + np.array([0, 0.01, -0.06]), axes)


def picture(body: WholeBody, vertices: Floats, view: View) -> NDArray[np.uint8]:
    colours = np.tile(np.array(SKIN, np.uint8), (len(vertices), 1))
    for name in ("left_eye_smplhf", "right_eye_smplhf"):
        joint = body.names.index(name)
        ball = np.flatnonzero(body.arrays["weights"][:, joint] > 0.5)
        outward = body.template[ball] - body.joints[joint]
        front = np.arccos(outward[:, 2] / np.linalg.norm(outward, axis=1)) < IRIS_ANGLE
        colours[ball], colours[ball[front]] = WHITE, IRIS
    plotter = pyvista.Plotter(off_screen=True, window_size=(SIZE, SIZE), border=False)
    plotter.set_background("gray")
    mesh = pyvista.PolyData(vertices, np.column_stack([np.full(len(body.faces), 3), body.faces]))
    mesh["colour"] = colours
    plotter.add_mesh(mesh, scalars="colour", rgb=True, smooth_shading=True)
    plotter.camera.focal_point = view.focus
    plotter.camera.position = view.focus + 4 * view.axes[2]
    plotter.camera.up = view.axes[1]
    plotter.camera.parallel_projection = True
    plotter.camera.parallel_scale = EXTENT / 2
    plotter.reset_camera_clipping_range()
    image = plotter.screenshot(None, return_img=True)
    plotter.close()
    return np.ascontiguousarray(image)


def detect(detector: object, image: NDArray[np.uint8]) -> Floats | None:
    """(478, 2) pixels."""
    found = detector.process(image).multi_face_landmarks  # type: ignore[attr-defined]  # no stubs
    if found is None:
        return None
    return np.array([[each.x, each.y] for each in found[0].landmark]) * SIZE - 0.5


def cast(surface: Surface, view: View, pixels: Floats, needed: Floats, rest: Floats) -> Floats:
    """(478, 3) places at rest of what is seen at pixels; NaN where the skin faces away."""
    places = np.full((len(pixels), 3), np.nan)
    for point, (x, y) in enumerate((pixels - (SIZE - 1) / 2) * EXTENT / SIZE):
        hit = surface.first_hit(view.focus + x * view.axes[0] - y * view.axes[1], view.axes)
        if hit is not None:
            face, weights = hit
            if surface.normals[face] @ view.axes[2] >= needed[point]:
                places[point] = weights @ rest[surface.faces[face]]
    return places


if __name__ == "__main__":
    main()
