"""C3D of biomechanics: trajectories of the joints as points, millimetres, z-up.

One block of parameters and one of 32-bit floats; little-endian (Intel).
"""

from __future__ import annotations

import struct

import numpy as np

from ..body.motion import Motion

_BLOCK = 512
_MAX_FRAMES = 65535
_FLOATS = -1.0  # a scale below 0: coordinates are 32-bit floats
_INTEL = 84


def write(motion: Motion) -> bytes:
    """A file's content; labels of points are the names of joints.

    Raises:
        ValueError: frames that are not evenly spaced, more than 65535 frames.

    Source: The C3D File Format, a Technical User Guide (Motion Lab Systems).
    """
    names, frames = motion.model.joint_names, len(motion)
    if frames > _MAX_FRAMES:
        raise ValueError(f"motion: expected at most {_MAX_FRAMES} frames for .c3d, got {frames}")
    parameters = _parameters(names, frames, motion.fps)
    blocks = len(parameters) // _BLOCK
    first_of_data = 2 + blocks
    parameters = _parameters(names, frames, motion.fps, first_of_data)
    header = struct.pack(
        "<BBHHHHHfHHf", 2, 80, len(names), 0, 1, frames, 0, _FLOATS, first_of_data, 0, motion.fps
    )
    points = np.zeros((frames, len(names), 4), dtype="<f4")
    points[..., :3] = 1000 * motion.joints
    data = points.tobytes()
    return _filled(header) + parameters + _filled(data)


def _filled(content: bytes) -> bytes:
    """Up to whole blocks."""
    return content + bytes(-len(content) % _BLOCK)


def _parameters(names: tuple[str, ...], frames: int, rate: float, first: int = 0) -> bytes:
    labels = [name.encode("ascii") for name in names]
    width = max(map(len, labels))
    text = b"".join(label.ljust(width) for label in labels)
    entries = [
        _group(1, b"POINT"),
        _parameter(1, b"USED", 2, (), struct.pack("<H", len(names))),
        _parameter(1, b"FRAMES", 2, (), struct.pack("<H", frames)),
        _parameter(1, b"DATA_START", 2, (), struct.pack("<H", first)),
        _parameter(1, b"SCALE", 4, (), struct.pack("<f", _FLOATS)),
        _parameter(1, b"RATE", 4, (), struct.pack("<f", rate)),
        _parameter(1, b"UNITS", -1, (2,), b"mm"),
        _parameter(1, b"X_SCREEN", -1, (2,), b"+X"),
        _parameter(1, b"Y_SCREEN", -1, (2,), b"+Z"),
        _parameter(1, b"LABELS", -1, (width, len(names)), text),
        _group(2, b"ANALOG"),
        _parameter(2, b"USED", 2, (), struct.pack("<H", 0)),
        bytes(2),
    ]
    content = b"".join(entries)
    blocks = -(-(len(content) + 4) // _BLOCK)
    return _filled(struct.pack("<BBBB", 1, 80, blocks, _INTEL) + content)


def _group(number: int, name: bytes) -> bytes:
    """Length and negative number, name, offset to the next entry, an empty description."""
    return struct.pack("<bb", len(name), -number) + name + struct.pack("<HB", 3, 0)


def _parameter(
    group: int, name: bytes, kind: int, dimensions: tuple[int, ...], data: bytes
) -> bytes:
    """`kind`: bytes of an element, -1 for characters."""
    body = struct.pack("<bB", kind, len(dimensions)) + bytes(dimensions) + data + b"\0"
    return struct.pack("<bb", len(name), group) + name + struct.pack("<H", len(body) + 2) + body
