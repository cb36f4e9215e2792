#!/usr/bin/env python3
"""Draws the image of docs/explain/conventions.md: frames of body, camera and exports, pixels.

    python tools/draw_conventions.py --out docs/images/conventions.png

Needs: pip install smplceres[viz].
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

import smplceres as sc
from smplceres._native import _core

Floats = NDArray[np.float64]

FINE = 2  # drawn at twice the size, for smooth lines
WIDTH, HEIGHT = 620, 400  # of a panel, pixels
SKIN = (130.0, 175.0, 230.0)
INK, FAINT = (40, 40, 40), (150, 150, 150)
AXES = ((204, 51, 51), (51, 140, 51), (51, 102, 204))  # x, y, z
# Three axes as columns, in the camera's frame (x right, y down, z ahead).
TRIADS = {
    '"opencv"': (np.eye(3), ("x", "y", "z")),
    '"y-up", "gltf"': (np.diag([1.0, -1.0, -1.0]), ("x", "y", "z")),
    '"z-up", "ros"': (np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]]), ("x", "y", "z")),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("docs/images/conventions.png"))
    options = parser.parse_args()
    sheet = Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), "white")
    for number, draw in enumerate((draw_body, draw_camera, draw_pixels, draw_exports)):
        panel = draw().resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        sheet.paste(panel, (number % 2 * WIDTH, number // 2 * HEIGHT))
    sheet.quantize(64, dither=Image.Dither.NONE).save(options.out, optimize=True)


class Panel:
    """A white picture of a scene in the camera's frame, seen without perspective from aside."""

    def __init__(self, title: str, turn: float, tilt: float, scale: float, centre: ArrayLike):
        self.image = np.full((FINE * HEIGHT, FINE * WIDTH, 3), 255, dtype=np.uint8)
        self.title, self.scale = title, FINE * scale
        around_y, around_x = np.radians(turn), np.radians(tilt)
        c, s = np.cos(around_y), np.sin(around_y)
        aside = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        c, s = np.cos(around_x), np.sin(around_x)
        self.turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ aside
        self.shift = np.array([WIDTH, HEIGHT]) * FINE / 2 - self.scale * self.turned(centre)[:2]
        self.lines: list[tuple[Floats, Floats, tuple[int, int, int], float, bool]] = []
        self.texts: list[tuple[Floats, str, tuple[int, int, int], str]] = []

    def turned(self, points: ArrayLike) -> Floats:
        return np.asarray(points, dtype=np.float64) @ self.turn.T

    def places(self, points: ArrayLike) -> Floats:
        return self.scale * self.turned(points)[..., :2] + self.shift

    def mesh(self, vertices: Floats, faces: NDArray[np.int32]) -> None:
        _core.paint_mesh(
            self.image,
            uv=self.places(vertices),
            points=self.turned(vertices),
            faces=faces,
            colours=np.broadcast_to(np.asarray(SKIN), vertices.shape),
            perspective=False,
            opacity=1.0,
        )

    def line(
        self,
        start: ArrayLike,
        end: ArrayLike,
        colour: tuple[int, int, int] = FAINT,
        width: float = 1.5,
        *,
        arrow: bool = False,
    ) -> None:
        ends = self.places([start, end])
        self.lines.append((ends[0], ends[1], colour, width, arrow))

    def text(
        self, place: ArrayLike, text: str, colour: tuple[int, int, int] = INK, anchor: str = "mm"
    ) -> None:
        self.texts.append((self.places(place), text, colour, anchor))

    def axes(self, origin: ArrayLike, axes: Floats, length: float, names: tuple[str, ...]) -> None:
        """Axes are columns."""
        for axis, name, colour in zip(axes.T, names, AXES, strict=True):
            start = np.asarray(origin, dtype=np.float64)
            self.line(start, start + length * axis, colour, 3.0, arrow=True)
            right, down = self.turned(axis)[:2]
            if abs(right) > 0.5 * abs(down):
                anchor = "lm" if right > 0 else "rm"
            else:
                anchor = "mt" if down > 0 else "mb"
            self.text(start + (length + 12 * FINE / self.scale) * axis, name, colour, anchor)

    def finished(self) -> Image.Image:
        image = Image.fromarray(self.image)
        pen = ImageDraw.Draw(image)
        for start, end, colour, width, arrow in self.lines:
            pen.line([tuple(start), tuple(end)], fill=colour, width=round(FINE * width))
            along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
            if arrow:
                across = np.array([-along[1], along[0]])
                back = end - 9 * FINE * along
                tip = end + 5 * FINE * along
                wings = (tip, back + 5 * FINE * across, back - 5 * FINE * across)
                pen.polygon([tuple(each) for each in wings], fill=colour)
        font = ImageFont.load_default(16 * FINE)
        for place, text, colour, anchor in self.texts:
            pen.text(tuple(place), text, fill=colour, font=font, anchor=anchor,
                     stroke_width=3 * FINE, stroke_fill="white")  # fmt: skip
        pen.text(
            (16 * FINE, 14 * FINE), self.title, fill=INK, font=ImageFont.load_default(19 * FINE)
        )
        return image


def draw_body() -> Image.Image:
    """At rest: SMPL's frame, as the camera's frame would have it turned upright."""
    model = sc.load_body_model()
    upright = np.diag([1.0, -1.0, -1.0])  # the body's y up is the picture's -y
    panel = Panel("body (SMPL), at rest", 32, 14, 150, [0, 0.14, 0])
    panel.mesh(model().vertices @ upright.T, model.faces)
    panel.axes([0, 0, 0], upright, 0.95, ("x, the person's left", "y, up", "z, where it faces"))
    return panel.finished()


def draw_camera() -> Image.Image:
    model = sc.load_body_model()
    body = model(global_orient=[np.pi, 0, 0], transl=[0, 0.15, 3.0])
    panel = Panel("camera (OpenCV)", 55, 16, 135, [0, 0.12, 1.7])
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [0.62, 0.62, 0]
    corners[:, 2] = 1.55
    panel.mesh(body.vertices, model.faces)
    for corner, following in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        panel.line([0, 0, 0], corner)
        panel.line(corner, following, INK, 2.0)
    panel.axes([0, 0, 0], np.eye(3), 0.62, ("x, right", "y, down", "z, forward"))
    return panel.finished()


def draw_pixels() -> Image.Image:
    panel = Panel("pixels: centres at integers", 0, 0, 62, [2.3, 1.6, 0])
    columns, rows = 5, 4
    for x in range(columns + 1):
        panel.line([x - 0.5, -0.5, 0], [x - 0.5, rows - 0.5, 0])
    for y in range(rows + 1):
        panel.line([-0.5, y - 0.5, 0], [columns - 0.5, y - 0.5, 0])
    for x in range(columns):
        for y in range(rows):
            panel.line([x - 0.03, y, 0], [x + 0.03, y, 0], INK, 4.0)
    panel.line([0, 0, 0], [1.7, 0, 0], AXES[0], 3.0, arrow=True)
    panel.line([0, 0, 0], [0, 1.7, 0], AXES[1], 3.0, arrow=True)
    panel.text([2.1, 0, 0], "x", AXES[0])
    panel.text([0, 2.1, 0], "y", AXES[1])
    panel.text([-0.5, -0.8, 0], "-0.5")
    panel.text([-0.62, 0, 0], "(0, 0)", INK, "rm")
    panel.text([columns - 0.5, -0.8, 0], "width - 0.5")
    panel.text([-0.62, rows - 0.5, 0], "height - 0.5", INK, "rm")
    return panel.finished()


def draw_exports() -> Image.Image:
    panel = Panel("exports and conversions, seen from behind the camera", 28, 20, 120, [0, 0.1, 0])
    for number, (name, (axes, letters)) in enumerate(TRIADS.items()):
        right = panel.turn[0] * 1.7 * (number - 1)  # across the panel
        panel.axes(right, axes, 0.62, letters)
        panel.text(right + panel.turn[1] * 1.2, name)
    return panel.finished()


if __name__ == "__main__":
    main()
