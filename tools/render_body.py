#!/usr/bin/env python3
"""Draws the built-in body for docs/explain/body.md: mean, betas, landmarks and recorded poses.

    python tools/render_body.py --poses ../shared/data/mocap/val.npz --out docs/images/body

Needs: pip install smplceres pyvista pillow. Renders without a screen.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyvista
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import smplceres as sc
from smplceres.base.skeleton import SMPL_JOINTS

Floats = NDArray[np.float64]

FRONT, SIDE = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
SKIN = "#d8b8a0"
TILE = (300, 420)
NUM_SHOWN_BETAS = 6


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--body", help="a body's file [the package's own]")
    parser.add_argument("--gender", default="neutral")
    parser.add_argument("--poses", type=Path, help=".npz with poses (N, 24, 3) and suspect (N,)")
    parser.add_argument("--out", type=Path, default=Path("docs/images/body"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    model = sc.load_body_model(options.body, gender=options.gender)
    draw_mean(model).save(options.out / "mean.png")
    draw_landmarks(model).save(options.out / "landmarks.png")
    draw_betas(model).save(options.out / "betas.png")
    if options.poses:
        draw_poses(model, options.poses).save(options.out / "poses.png")


def draw_mean(model: sc.BodyModel) -> Image.Image:
    vertices = model().vertices
    return sheet(
        [
            [
                labelled(view(model, vertices, d), label)
                for d, label in ((FRONT, "front"), (SIDE, "side"))
            ]
        ]
    )


def draw_betas(model: sc.BodyModel) -> Image.Image:
    """A row a beta: -2, 0, +2 standard deviations, from the front and from the side."""
    rows = []
    for number in range(NUM_SHOWN_BETAS):
        bodies = []
        for value in (-2, 0, 2):
            betas = np.zeros(model.num_betas)
            betas[number] = value
            bodies.append((f"beta {number}: {value:+d}", model(betas=betas).vertices))
        rows.append(
            [
                labelled(view(model, vertices, direction, height=3.0, low=-1.9), label)
                for direction in (FRONT, SIDE)
                for label, vertices in bodies
            ]
        )
    return sheet(rows)


def draw_landmarks(model: sc.BodyModel) -> Image.Image:
    """Landmarks (red) and joints (blue) of the mean body from near."""
    vertices = model().vertices
    marks = np.array([weights @ vertices[chosen] for chosen, weights in model.landmarks.values()])
    at = dict(zip(model.landmarks, marks, strict=True))
    tiles = []
    for label, focus, direction, size in (
        ("head", at["nose"] * [1, 1, 0.5], (0.3, 0.1, 1), 0.36),
        ("head, side", at["nose"] * [1, 1, 0.5], (1, 0.1, 0.2), 0.36),
        ("shoulder", at["left_acromion"], (0.2, 0.4, 1), 0.6),
        ("hips", (at["left_hip_crease"] + at["right_hip_crease"]) / 2, (0.3, 0.1, 1), 0.7),
        ("left foot", at["left_big_toe"] - [0, 0, 0.1], (0.6, 0.7, 1), 0.36),
        ("left heel", at["left_heel"] + [0, 0, 0.1], (1, 0.2, -0.6), 0.36),
    ):
        tiles.append(
            labelled(render(model, vertices, focus, direction, size, marks, model().joints), label)
        )
    return sheet([tiles[:3], tiles[3:]])


def draw_poses(model: sc.BodyModel, path: Path) -> Image.Image:
    """Twelve recorded poses, each the one that is furthest in some respect, from front and side."""
    recorded = np.load(path)
    poses = recorded["poses"][~recorded["suspect"]][::3].astype(np.float64)
    poses[:, 0] = 0
    joints = np.array([model.joints(body_pose=pose[1:]) for pose in poses])
    tiles = []
    for label, measure in MEASURES.items():
        vertices = model(body_pose=poses[int(np.argmax(measure(poses, joints)))][1:]).vertices
        tiles.append([labelled(view(model, vertices, d), label) for d in (FRONT, (0.9, 0.2, 0.45))])
    pairs = [tiles[i] + tiles[i + 1] + tiles[i + 2] for i in range(0, len(tiles), 3)]
    return sheet(pairs)


def _at(joints: Floats, name: str) -> Floats:
    """(N, 3) a joint, from the neck."""
    return np.asarray(joints[:, SMPL_JOINTS.index(name)] - joints[:, SMPL_JOINTS.index("neck")])


def _angle(poses: Floats, name: str) -> Floats:
    return np.asarray(np.linalg.norm(poses[:, SMPL_JOINTS.index(name)], axis=1))


def _sides(function: Callable[..., Floats], values: Floats, name: str) -> tuple[Floats, Floats]:
    return function(values, f"left_{name}"), function(values, f"right_{name}")


def _raised(poses: Floats, joints: Floats) -> Floats:
    left, right = _sides(_at, joints, "wrist")
    return np.minimum(left[:, 1], right[:, 1])


def _crossed(poses: Floats, joints: Floats) -> Floats:
    left, right = _sides(_at, joints, "wrist")
    before = (np.minimum(left[:, 2], right[:, 2]) > 0.05) & (
        np.maximum(left[:, 1], right[:, 1]) < 0.2
    )
    return np.where(before, right[:, 0] - left[:, 0], -np.inf)


def _twist(poses: Floats, joints: Floats) -> Floats:
    return np.abs(
        sum(poses[:, SMPL_JOINTS.index(name), 1] for name in ("spine1", "spine2", "spine3"))
    )


def _forward(poses: Floats, joints: Floats) -> Floats:
    return np.asarray(
        sum(poses[:, SMPL_JOINTS.index(n), 0] for n in ("spine1", "spine2", "spine3"))
    )


MEASURES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "arms raised": _raised,
    "deep squat": lambda p, j: (
        np.minimum(*_sides(_angle, p, "knee")) + np.minimum(*_sides(_angle, p, "hip"))
    ),
    "arms crossed": _crossed,
    "trunk twisted": _twist,
    "knee bent most": lambda p, j: np.maximum(*_sides(_angle, p, "knee")),
    "elbow bent most": lambda p, j: np.maximum(*_sides(_angle, p, "elbow")),
    "foot highest": lambda p, j: np.maximum(*(side[:, 1] for side in _sides(_at, j, "ankle"))),
    "bent forward": _forward,
    "wrist turned most": lambda p, j: np.maximum(*_sides(_angle, p, "wrist")),
    "widest step": lambda p, j: np.linalg.norm(
        _at(j, "left_ankle") - _at(j, "right_ankle"), axis=1
    ),
    "hands behind": lambda p, j: -sum(side[:, 2] for side in _sides(_at, j, "wrist")),
    "shoulder turned most": lambda p, j: np.maximum(*_sides(_angle, p, "shoulder")),
}


# --- Pictures ---


def view(
    model: sc.BodyModel,
    vertices: Floats,
    direction: Sequence[float],
    height: float | None = None,
    low: float | None = None,
) -> Image.Image:
    """The whole body from a direction; `height` metres from `low` up, or what the body needs."""
    bottom, top = vertices[:, 1].min(), vertices[:, 1].max()
    width = np.hypot(np.ptp(vertices[:, 0]) * direction[2], np.ptp(vertices[:, 2]) * direction[0])
    extent = height or 1.06 * max(top - bottom, width * TILE[1] / TILE[0])
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    middle[1] = (bottom + top) / 2 if low is None else low + extent / 2
    return render(model, vertices, middle, direction, extent)


def render(
    model: sc.BodyModel,
    vertices: Floats,
    focus: Floats,
    direction: Sequence[float],
    extent: float,
    marks: Floats | None = None,
    joints: Floats | None = None,
) -> Image.Image:
    """`extent` metres about `focus`, from top to bottom; marks red, joints blue."""
    plotter = pyvista.Plotter(off_screen=True, window_size=TILE, border=False)
    faces = np.column_stack([np.full(len(model.faces), 3), model.faces])
    plotter.add_mesh(pyvista.PolyData(vertices, faces), color=SKIN, smooth_shading=True)
    for points, colour in ((marks, "red"), (joints, "blue")):
        if points is not None:
            plotter.add_points(points, color=colour, point_size=9, render_points_as_spheres=True)
    plotter.camera.focal_point = focus
    plotter.camera.position = focus + 4 * np.array(direction) / np.linalg.norm(direction)
    plotter.camera.up = (0, 1, 0)
    plotter.camera.parallel_projection = True
    plotter.camera.parallel_scale = extent / 2
    plotter.reset_camera_clipping_range()
    picture = Image.fromarray(plotter.screenshot(None, return_img=True))
    plotter.close()
    return picture


def labelled(picture: Image.Image, label: str) -> Image.Image:
    ImageDraw.Draw(picture).text((6, 4), label, fill="black")
    return picture


def sheet(rows: Sequence[Sequence[Image.Image]]) -> Image.Image:
    width, height = rows[0][0].size
    page = Image.new("RGB", (width * max(map(len, rows)), height * len(rows)), "white")
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            page.paste(picture, (c * width, r * height))
    return page


if __name__ == "__main__":
    main()
