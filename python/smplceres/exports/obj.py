"""Wavefront .obj: vertices and triangles of one pose, in text."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write(vertices: NDArray[Any], faces: NDArray[Any]) -> bytes:
    """A file's content.

    Args:
        vertices: (V, 3) metres, written to a micrometre.
        faces: (F, 3) vertex numbers, from 0.
    """
    text = io.StringIO()
    text.write("# smplceres; metres\n")
    np.savetxt(text, vertices, fmt="v %.6f %.6f %.6f")
    np.savetxt(text, faces + 1, fmt="f %d %d %d")
    return text.getvalue().encode()
