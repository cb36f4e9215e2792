#!/usr/bin/env python3
"""Draws the whole body for docs/explain/whole_body.md: expressions, hands, jaw, eyes, landmarks.

    python tools/render_whole_body.py --out docs/images/whole_body

Needs: pip install smplceres pyvista pillow scipy. Renders without a screen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyvista
from numpy.typing import NDArray
from PIL import Image

from body_model.posed import WholeBody
from body_model.surface import NUM_SKIN
from render_body import labelled, sheet

Floats = NDArray[np.float64]

DATA = Path(__file__).resolve().parents[1] / "python" / "smplceres" / "data"
TILE = (300, 300)
SKIN, WHITE, IRIS, LINING = (214, 172, 148), (242, 240, 238), (80, 55, 40), (120, 50, 50)
IRIS_ANGLE = 0.45  # radians from the middle of the eyeball's front
NUM_SHOWN_EXPRESSIONS = 10
HEAD, HAND = 0.27, 0.24  # metres shown
FRONT, ASLANT = (0.0, 0.05, 1.0), (0.75, 0.1, 0.65)


class Studio:
    """Pictures of one body."""

    def __init__(self, body: WholeBody) -> None:
        self.body = body
        self._colours = _colours(body)
        self._plotter = pyvista.Plotter(off_screen=True, window_size=TILE, border=False)
        self._plotter.set_background("white")
        self._plotter.enable_anti_aliasing("ssaa")
        count = np.full(len(body.faces), 3)
        self._cells = np.column_stack([count, body.faces])

    def draw(
        self,
        vertices: Floats,
        focus: Floats,
        direction: tuple[float, float, float],
        extent: float,
        marks: Floats | None = None,
    ) -> Image.Image:
        """`extent` metres about `focus`."""
        plotter, towards = self._plotter, np.array(direction) / np.linalg.norm(direction)
        plotter.clear_actors()
        mesh = pyvista.PolyData(vertices, self._cells)
        mesh["colour"] = self._colours
        plotter.add_mesh(mesh, scalars="colour", rgb=True, smooth_shading=True)
        if marks is not None:
            plotter.add_points(
                marks + 0.002 * towards, color="red", point_size=7, render_points_as_spheres=True
            )
        plotter.camera.focal_point = focus
        plotter.camera.position = focus + 4 * towards
        plotter.camera.up = (0, 1, 0) if abs(towards[1]) < 0.9 else (0, 0, -1)
        plotter.camera.parallel_projection = True
        plotter.camera.parallel_scale = extent / 2
        plotter.reset_camera_clipping_range()
        plotter.render()
        return Image.fromarray(plotter.screenshot(None, return_img=True))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--body", type=Path, default=DATA / "body_whole.npz")
    parser.add_argument("--out", type=Path, default=Path("docs/images/whole_body"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    studio = Studio(WholeBody(options.body))
    for name, picture in (
        ("face", draw_face(studio)),
        ("expressions", draw_expressions(studio)),
        ("hands", draw_hands(studio)),
        ("landmarks", draw_landmarks(studio)),
    ):
        picture.save(options.out / f"{name}.jpg", quality=85, optimize=True)


def draw_face(studio: Studio) -> Image.Image:
    """The jaw and the eyes."""
    tiles = []
    for label, joints, direction in (
        ("at rest", {}, FRONT),
        ("mouth open: jaw 16 degrees", {"jaw": (16, 0, 0)}, FRONT),
        ("mouth open, aslant", {"jaw": (16, 0, 0)}, ASLANT),
        ("jaw 25 degrees", {"jaw": (25, 0, 0)}, FRONT),
        ("eyes left", _gaze(0, 30), FRONT),
        ("eyes right", _gaze(0, -30), FRONT),
        ("eyes up", _gaze(-20, 0), FRONT),
        ("eyes down", _gaze(20, 0), FRONT),
    ):
        vertices, _ = studio.body(_pose(studio.body, joints))
        tiles.append(labelled(studio.draw(vertices, _face(studio.body), direction, HEAD), label))
    return sheet([tiles[:4], tiles[4:]])


def draw_expressions(studio: Studio) -> Image.Image:
    """Each coefficient at -2, 0 and +2; two coefficients a row."""
    tiles = []
    for number in range(NUM_SHOWN_EXPRESSIONS):
        for value in (-2, 0, 2):
            vertices = studio.body.rest(expression=value * np.eye(NUM_SHOWN_EXPRESSIONS)[number])
            picture = studio.draw(vertices, _face(studio.body), FRONT, 0.9 * HEAD)
            tiles.append(labelled(picture, f"expression {number}: {value:+d}"))
    return sheet([tiles[first : first + 6] for first in range(0, len(tiles), 6)])


def draw_hands(studio: Studio) -> Image.Image:
    """Ten poses of the left hand, each from the palm and from the thumb: flat, mean, and both ways
    along the components of largest spread.
    """
    body = studio.body
    mean, rows = body.arrays["hands_meanl"], body.arrays["hands_componentsl"]
    deviations = body.arrays["hands_sdl"]
    shown = [("flat", np.zeros(45)), ("mean", mean)]
    shown += [
        (f"component {number}: {sign:+.1f} sd", mean + sign * deviations[number] * rows[number])
        for number in range(4)
        for sign in (-1.5, 1.5)
    ]
    first = body.names.index("left_index1")
    focus = body.joints[body.names.index("left_middle1")] + np.array([-0.01, -0.02, 0.01])
    palms, sides = [], []
    for label, hand in shown:
        pose = np.zeros((len(body.names), 3))
        pose[first : first + 15] = hand.reshape(15, 3)
        vertices, _ = body(pose)
        palms.append(labelled(studio.draw(vertices, focus, (0, -1, 0.02), HAND), label))
        sides.append(studio.draw(vertices, focus, (0.25, 0.35, 1), HAND))
    return sheet([palms[:5], sides[:5], palms[5:], sides[5:]])


def draw_landmarks(studio: Studio) -> Image.Image:
    """The 68 points with the outline of four yaws, and the 21 of the hand."""
    body, arrays = studio.body, studio.body.arrays
    corners = body.template[body.faces]
    still = np.einsum("nk,nki->ni", arrays["lmk_bary_coords"], corners[arrays["lmk_faces_idx"]])
    tiles = []
    for row, yaw in ((0, 0), (20, 20), (39, 39), (78, -39)):
        weights, faces = arrays["dynamic_lmk_bary_coords"], arrays["dynamic_lmk_faces_idx"]
        outline = np.einsum("nk,nki->ni", weights[row], corners[faces[row]])
        # Seen from the right of a head turned to its left.
        viewer = (-float(np.sin(np.radians(yaw))), 0.0, float(np.cos(np.radians(yaw))))
        points = np.concatenate([still, outline])
        picture = studio.draw(body.template, _face(body), viewer, HEAD, points)
        tiles.append(labelled(picture, f"head turned {yaw:+d} degrees"))
    first = body.names.index("left_index1")
    wrist = body.names.index("left_wrist")
    tips = [
        body.template[body.landmark(f"left_{finger}_tip")].mean(axis=0)
        for finger in ("thumb", "index", "middle", "ring", "pinky")
    ]
    points = np.concatenate([body.joints[[wrist]], body.joints[first : first + 15], tips])
    focus = body.joints[body.names.index("left_middle1")] + np.array([-0.01, 0, 0.01])
    marks = points - np.array([0, 0.05, 0])  # before the palm: joints are inside it
    picture = studio.draw(body.template, focus, (0, -1, 0.02), HAND, marks)
    tiles.append(labelled(picture, "21 points of a hand"))
    return sheet([tiles])


def _face(body: WholeBody) -> Floats:
    nose = body.template[body.landmark("nose")].mean(axis=0)
    return nose * [0, 1, 0.5] + np.array([0, 0.02, 0])


def _gaze(down: float, left: float) -> dict[str, tuple[float, float, float]]:
    return {f"{side}_eye_smplhf": (down, left, 0) for side in ("left", "right")}


def _pose(body: WholeBody, joints: dict[str, tuple[float, float, float]]) -> Floats:
    """(55, 3) of rotation vectors in degrees."""
    pose = np.zeros((len(body.names), 3))
    for name, turn in joints.items():
        pose[body.names.index(name)] = np.radians(turn)
    return pose


def _colours(body: WholeBody) -> NDArray[np.uint8]:
    """(V, 3): skin, eyes with an iris, the lining of the mouth."""
    colours = np.tile(np.array(SKIN, np.uint8), (len(body.template), 1))
    colours[NUM_SKIN:] = LINING
    for side in ("left", "right"):
        joint = body.names.index(f"{side}_eye_smplhf")
        ball = np.flatnonzero(body.arrays["weights"][:, joint] > 0.5)
        outward = body.template[ball] - body.joints[joint]
        front = np.arccos(outward[:, 2] / np.linalg.norm(outward, axis=1)) < IRIS_ANGLE
        colours[ball], colours[ball[front]] = WHITE, IRIS
    return colours


if __name__ == "__main__":
    main()
