"""Hand poses of Godot XR Tools (CC0 1.0): binary Godot resources of bones' rotations, and their
rest pose in a glTF file.

A pose is given by the world rotations of the bones in the frame of the wrist; those of the rest
pose and the directions of the bones in it say what the pose turns.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]

# SMPL-X's order of fingers, and Godot's names of their three segments.
_FINGERS = ("Index", "Middle", "Little", "Ring", "Thumb")
_SEGMENTS = {
    "Thumb": ("Metacarpal", "Proximal", "Distal"),
    "other": ("Proximal", "Intermediate", "Distal"),
}
# Of variants in Godot's binary resources (core/io/resource_format_binary.cpp).
_NODE_PATH, _FLOATS = 22, 33
_TWO_NAMES_ONE_SUBNAME = 0x1_0002  # Armature/Skeleton3D:bone
_KEY = 6  # time, transition, quaternion x y z w


def bone_names(side: str) -> tuple[str, ...]:
    """15 bones in SMPL-X's order; side is L or R."""
    return tuple(
        f"{finger}_{segment}_{side}"
        for finger in _FINGERS
        for segment in _SEGMENTS.get(finger, _SEGMENTS["other"])
    )


@dataclass(frozen=True)
class RestHand:
    """The left hand at rest, in the wrist's frame.

    Attributes:
        parents: bone to its parent, of all bones.
        local: bone to its rotation in its parent's frame.
        places: bone to where it begins, metres.
    """

    parents: dict[str, str]
    local: dict[str, Rotation]
    places: dict[str, Floats]


def read_rest(path: Path) -> RestHand:
    """The rest pose of L.gltf."""
    nodes = json.loads(path.read_text())["nodes"]
    parents = {
        nodes[child]["name"]: node["name"] for node in nodes for child in node.get("children", ())
    }
    local = {n["name"]: Rotation.from_quat(n["rotation"]) for n in nodes if "rotation" in n}
    offset = {n["name"]: np.array(n.get("translation", (0.0, 0.0, 0.0))) for n in nodes}
    places = {"Wrist_L": np.zeros(3)}

    def place(name: str) -> Floats:
        if name not in places:
            parent = parents[name]
            places[name] = place(parent) + world(parents, local, parent).apply(offset[name])
        return places[name]

    for name in local:
        if name.endswith("_L"):
            place(name)
    return RestHand(parents, local, places)


def world(parents: dict[str, str], local: dict[str, Rotation], name: str) -> Rotation:
    """A bone's rotation in the wrist's frame."""
    turn = Rotation.identity()
    while not name.startswith("Wrist"):
        turn = local[name] * turn
        name = parents[name]
    return turn


def read_pose(path: Path) -> dict[str, Rotation]:
    """Bone to its rotation in its parent's frame, of the first key of every track."""
    content = path.read_bytes()
    texts = _texts(content)
    pose: dict[str, Rotation] = {}
    bone, at = "", 0
    while at < len(content) - 8:
        kind, length = struct.unpack_from("<II", content, at)
        if kind == _NODE_PATH and length == _TWO_NAMES_ONE_SUBNAME:
            bone = texts[struct.unpack_from("<I", content, at + 16)[0]]
        elif kind == _FLOATS and length and length % _KEY == 0 and length < 1000:
            numbers = np.frombuffer(content, "<f4", _KEY, at + 8)
            if abs(np.linalg.norm(numbers[2:]) - 1) < 1e-2:
                pose[bone] = Rotation.from_quat(numbers[2:])
        at += 1
    return pose


def _texts(content: bytes) -> list[str]:
    """The table of strings, which begins with Armature: a count and the strings."""
    first = content.index(b"\x09\x00\x00\x00Armature\x00")
    count, at, texts = struct.unpack_from("<I", content, first - 4)[0], first, []
    for _ in range(count):
        length = struct.unpack_from("<I", content, at)[0]
        texts.append(content[at + 4 : at + 3 + length].decode())
        at += 4 + length
    return texts


def poses_on(rest_points: Floats, folder: Path) -> tuple[list[str], Floats]:
    """Names and poses (P, 15, 3) of a left hand whose points at rest are (21, 3), wrist, joints in
    SMPL-X's order, and tips: what turns Godot's bones turns ours, and every segment points as
    theirs does. Poses of the right hand come mirrored.
    """
    rest = read_rest(folder / "L.gltf")
    names = bone_names("L")
    tips = [f"{finger}_Tip_L" for finger in _FINGERS]
    theirs = np.stack([rest.places[name] for name in (*names, *tips)])
    palm = [0, 3, 6, 9]  # the first joints of the four fingers
    align = _alignment(theirs[palm], rest_points[1:16][palm])
    found, poses = [], []
    for side, folder_name in (("L", "left"), ("R", "right")):
        for path in sorted((folder / folder_name).glob("*.res")):
            local = {f"{bone[:-1]}L": turn for bone, turn in read_pose(path).items()}
            if side == "R":  # mirrored at the plane across the hand's x axis
                local = {bone: _mirror(turn) for bone, turn in local.items()}
            turns = rest.local | local
            worlds = []
            for bone, name in enumerate(names):
                finger, segment = divmod(bone, 3)
                end = bone + 1 if segment < 2 else 15 + finger
                delta = (
                    world(rest.parents, turns, name) * world(rest.parents, rest.local, name).inv()
                )
                ours = rest_points[1 + end] - rest_points[1 + bone]
                base = _between(ours, align.apply(theirs[end] - theirs[bone]))
                worlds.append(align * delta * align.inv() * base)
            pose = [
                (turn if bone % 3 == 0 else worlds[bone - 1].inv() * turn).as_rotvec()
                for bone, turn in enumerate(worlds)
            ]
            found.append(f"{path.stem} {side}")
            poses.append(pose)
    return found, np.array(poses)


def _alignment(theirs: Floats, ours: Floats) -> Rotation:
    """The rotation that takes directions from the wrist to theirs."""
    unit = [points / np.linalg.norm(points, axis=1, keepdims=True) for points in (theirs, ours)]
    return Rotation.align_vectors(unit[1], unit[0])[0]


def _mirror(turn: Rotation) -> Rotation:
    x, y, z, w = turn.as_quat()
    return Rotation.from_quat([x, -y, -z, w])


def _between(source: Floats, target: Floats) -> Rotation:
    return Rotation.align_vectors(target[None], source[None])[0]
