"""Videos written and read for tests, and a calibration of their cameras."""

from __future__ import annotations

import numpy as np
import pytest

av = pytest.importorskip("av")

# Small images, which are drawn quickly.
SIZE = (240, 180)

TOML = """
[cam_{name}]
size = [240, 180]
matrix = [[260.0, 0.0, 119.5], [0.0, 260.0, 89.5], [0.0, 0.0, 1.0]]
distortions = []
rotation = [0.0, {turn}, 0.0]
translation = [0.0, 0.0, {away}]
"""


def write_video(path, frames, size=SIZE):
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        grey = np.full((size[1], size[0], 3), 128, dtype=np.uint8)
        for _ in range(frames):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(grey)))
        file.mux(stream.encode())


def frames_of(path):
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
