"""Runs of the program in a folder with keypoint files."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import smplceres
from smplceres import Camera, Keypoints

WIDTH, HEIGHT = 640, 480
CAMERA = Camera(fx=900, fy=900, cx=319.5, cy=239.5, width=WIDTH, height=HEIGHT)
ENDINGS = (".npz", ".json", ".obj", ".glb")
PICTURES = ("_overlay.png", "_side.png", "_top.png")


def smplceres_command(*arguments, folder):
    """Runs `smplceres` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "smplceres", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def with_module_missing(module, *arguments, folder):
    """Runs `smplceres` where importing a module fails."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; from smplceres.cli import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def standing(x, *, image_size=None):
    """Keypoints of the default body, upright and 4 m away, as `CAMERA` sees it."""
    model = smplceres.load_body_model()
    keypoint_format = smplceres.FORMATS["openpose_body25"]
    points, _, _ = model.keypoint_points(keypoint_format)
    pose = model.parameters(None, [np.pi, 0, 0], None, [x, 0.1, 4.0])
    xy = CAMERA.project(points.evaluate(model._core, **pose))
    return Keypoints(xy, np.full(25, 0.9), keypoint_format, image_size)


def assert_one_line_error(run, *parts):
    assert run.returncode == 2
    assert run.stderr.startswith("smplceres: error: ")
    assert run.stderr.count("\n") == 1 and run.stderr.endswith("\n")
    for part in parts:
        assert part in run.stderr
