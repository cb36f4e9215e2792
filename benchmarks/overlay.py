"""How fast bodies are drawn over a video, and how well the drawn silhouette covers the true one.

    python benchmarks/overlay.py [--frames 90]

A 1080 x 1920 video of one person is made (the built-in body in motion before noise), who fills most
of it; detection and fitting are no part of what is timed. Rows, frames a second of processor time,
the process held to one core:

    drawing     the body posed, shaded and painted over a frame, with its keypoints and caption
    video       the same, and the frame decoded and encoded (H.264): `overlay_video`

The silhouette: a body with fingers against its mask by Pillow, every triangle filled on a canvas
eight times as large, reduced, and cut at half; intersection over union at several sizes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import smplceres as sc
from smplceres._native import _core
from smplceres.look.overlay import Image, ImageDraw
from smplceres.look.overlay_video import av
from smplceres.overlay import paint_overlay
from smplceres.overlay_video import overlay_video

Bools = NDArray[np.bool_]

WIDTH, HEIGHT = 1080, 1920
CAMERA = sc.Camera(fx=1600, fy=1600, cx=539.5, cy=959.5, width=WIDTH, height=HEIGHT)
FINER = 8  # of the independent mask


def motion(model: sc.BodyModel, frames: int) -> sc.SequenceResult:
    """A person who swings arms and knees; fitted from exact keypoints."""
    seen = []
    for f in range(frames):
        pose = np.zeros((model.num_joints - 1, 3))
        pose[15, 2] = pose[16, 1] = np.sin(f / 7)
        pose[3, 0] = 0.6 + 0.5 * np.sin(f / 9)
        joints = model.joints(
            global_orient=[np.pi, 0.3 * np.sin(f / 20), 0],
            body_pose=pose,
            transl=[0, -0.15, 1.75 + 0.1 * np.sin(f / 15)],
        )
        seen.append(CAMERA.project(joints))
    return sc.fit_sequence(seen, CAMERA, fps=30, keypoint_format="smpl24", model=model, threads=1)


def write_video(path: Path, frames: int) -> None:
    """Noise that moves, softened: no easier to code than a filmed room."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 200, (HEIGHT // 12, WIDTH // 12, 3), dtype=np.uint8)
    room = np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for f in range(frames):
            picture = np.ascontiguousarray(np.roll(room, 2 * f, axis=1))
            target.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        target.mux(stream.encode())


def rate(run: Callable[[], int]) -> float:
    """Frames a second of processor time of what says how many it did; the better of two."""
    rates = []
    for _ in range(2):
        begin = time.process_time()
        frames = run()
        rates.append(frames / (time.process_time() - begin))
    return max(rates)


def true_mask(camera: sc.Camera, vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> Bools:
    """Where more than half of a pixel is in a triangle, by Pillow."""
    canvas = Image.new("L", (FINER * camera.width, FINER * camera.height))
    draw = ImageDraw.Draw(canvas)
    corners = (camera.project(vertices)[faces] + 0.5) * FINER - 0.5
    for corner in np.round(corners).reshape(len(faces), 6).tolist():
        draw.polygon(corner, fill=255)
    return np.asarray(canvas.reduce(FINER)) > 127


def drawn_mask(camera: sc.Camera, result: sc.FitResult) -> Bools:
    """The overlay's: where it covers more than half of a pixel, on black and on white."""
    shades = []
    for level in (0, 255):
        picture = np.full((camera.height, camera.width, 3), level, dtype=np.uint8)
        paint_mesh_alone(picture, result)
        shades.append(picture.astype(int))
    through = (shades[1] - shades[0]).mean(axis=2) / 255
    return np.asarray(through < 0.5)


def paint_mesh_alone(picture: NDArray[np.uint8], result: sc.FitResult) -> None:
    camera = result.views[0].camera
    _core.paint_mesh(
        picture,
        uv=camera.project(result.vertices),
        points=camera.to_camera(result.vertices),
        faces=result.faces,
        colours=np.broadcast_to(np.array([130.0, 175.0, 230.0]), result.vertices.shape),
        perspective=True,
        opacity=1.0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=90)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    model = sc.load_body_model()
    sequence = motion(model, options.frames)
    room = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)

    def draw_all() -> int:
        for frame in range(len(sequence)):
            paint_overlay(room, sequence[frame])
        return len(sequence)

    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "clip.mp4"
        write_video(video, options.frames)
        height = np.ptp(CAMERA.project(sequence[0].vertices)[:, 1])
        print(f"{WIDTH} x {HEIGHT}, a person of {height:.0f} px, one core")
        print(f"  drawing  {rate(draw_all):6.1f} frames a second")
        target = Path(folder) / "out.mp4"
        print(f"  video    {rate(lambda: overlay_video(video, sequence, target)):6.1f}")

    print("silhouette, intersection over union with the true mask")
    for width in (1080, 540, 270, 135):
        camera = CAMERA.resize(width, width * HEIGHT // WIDTH)
        view = sc.FittedView(sequence[0].keypoints, camera, sequence[0].keypoints2d)
        result = sequence[0]
        object.__setattr__(result, "views", (view,))
        drawn, true = drawn_mask(camera, result), true_mask(camera, result.vertices, result.faces)
        overlap = (drawn & true).sum() / (drawn | true).sum()
        print(f"  {camera.width:4d} x {camera.height:4d}  {overlap:.4f}")


if __name__ == "__main__":
    main()
