"""Points of .c3d files, by ezc3d."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from .content import Points


def read_c3d(path: Path) -> Points:
    """Labels may begin with the name of the subject and a colon, which is left out."""
    try:
        ezc3d: Any = importlib.import_module("ezc3d")
    except ImportError as error:
        raise ImportError(".c3d files need ezc3d: pip install 'smplceres[c3d]'") from error
    try:
        content = ezc3d.c3d(str(path))
    except Exception as error:  # ezc3d raises various errors on damaged files
        raise ValueError(f"expected a whole .c3d file, got another ({error})") from error
    parameters = content["parameters"]["POINT"]
    points = np.asarray(content["data"]["points"], dtype=np.float64)
    names = [str(label).rpartition(":")[2] for label in parameters["LABELS"]["value"]]
    units = parameters.get("UNITS", {}).get("value") or [""]
    frames = [[frame] for frame in points[:3].transpose(2, 1, 0)]
    return Points(frames, tuple(names[: points.shape[1]]), str(units[0]).strip().lower() or None)
