"""Stanford .ply, binary, little-endian: vertices and triangles of one pose."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def write(vertices: NDArray[Any], faces: NDArray[Any]) -> bytes:
    """A file's content.

    Args:
        vertices: (V, 3) metres, written as 32-bit floats.
        faces: (F, 3) vertex numbers, from 0.
    """
    header = "\n".join(
        [
            "ply",
            "format binary_little_endian 1.0",
            "comment smplceres; metres",
            f"element vertex {len(vertices)}",
            *(f"property float {axis}" for axis in "xyz"),
            f"element face {len(faces)}",
            "property list uchar int vertex_indices",
            "end_header\n",
        ]
    )
    triangles = np.empty(len(faces), dtype=[("count", "u1"), ("vertices", "<i4", 3)])
    triangles["count"], triangles["vertices"] = 3, faces
    return header.encode() + vertices.astype("<f4").tobytes() + triangles.tobytes()
