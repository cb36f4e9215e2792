"""glTF 2.0 in one binary file (.glb): skeleton, skinned mesh, animation, the camera.

Skinning in glTF moves a vertex to

    v = sum_k w_k G_k(theta) B_k (v_rest + sum_m a_m d_m),

G_k the world transform of joint k's node, B_k its inverse bind matrix (minus its place at rest),
w_k the four largest skinning weights, scaled to sum to 1, d_m the morph targets with weights a_m.
v_rest and the skeleton are of the fitted shape. On request B targets are *added to* betas and start
at 0; they leave the bones where they are. SMPL's pose blend shapes are functions of theta, which
glTF cannot express: they are left out, or given as one target per frame, active at its frame alone.

Source: Khronos, glTF 2.0 Specification, 2021.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.rotations import quaternion, rotation_matrix
from ..body.motion import Motion
from ..cameras.camera import Camera

Floats = NDArray[np.float64]

# Targets hold every vertex: 240 of the package's body are 35 MB.
MAX_CORRECTED_FRAMES = 240

_INFLUENCES = 4
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_COMPONENT_TYPES = {"u1": 5121, "u2": 5123, "u4": 5125, "f4": 5126}
_SKIN = [0.80, 0.62, 0.52, 1.0]
_GREY = [0.45, 0.45, 0.45, 0.45]


def write(
    motion: Motion,
    pose_correctives: bool | None = None,
    *,
    shape_morphs: bool = False,
    bones: Mapping[str, str] | None = None,
    unknown: NDArray[np.bool_] | None = None,
) -> bytes:
    """A file's content.

    Args:
        motion: in y-up coordinates, those of glTF.
        pose_correctives: pose blend shapes as morph targets, one per frame; None: for a single pose
            alone.
        shape_morphs: betas as morph targets.
        bones: names of joints, of `bones.BONES`; by default their own.
        unknown: (V,) vertices that are grey and translucent.

    Raises:
        ValueError: pose_correctives of more than 240 frames.
    """
    if pose_correctives is None:
        pose_correctives = len(motion) == 1
    if pose_correctives and len(motion) > MAX_CORRECTED_FRAMES:
        raise ValueError(
            f"pose_correctives: expected a clip of at most {MAX_CORRECTED_FRAMES} frames, got "
            f"{len(motion)}"
        )
    model, file = motion.model, _File()
    morphs = _morphs(motion, pose_correctives, shape_morphs)
    colours = None
    if unknown is not None and unknown.any():
        colours = np.where(unknown[:, None], _GREY, _SKIN)
    root = model.parents.tolist().index(-1)
    cameras, camera_nodes = _cameras(motion)
    first_camera = model.num_joints + 1
    scene = [root, model.num_joints, *range(first_camera, first_camera + len(camera_nodes))]
    mesh_node = {"name": model.name, "mesh": 0, "skin": 0}
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "smplceres"},
        "scene": 0,
        "scenes": [{"nodes": scene, "extras": {"fps": _fps(motion)}}],
        "nodes": [*_joint_nodes(motion, bones or {}), mesh_node, *camera_nodes],
        "meshes": [_mesh(file, motion, morphs, colours)],
        "materials": [_skin_material(colours)],
        "skins": [
            {
                "joints": list(range(model.num_joints)),
                "skeleton": root,
                "inverseBindMatrices": file.add(_inverse_binds(motion), "MAT4"),
            }
        ],
    }
    if cameras:
        document["cameras"] = cameras
    if len(motion) > 1:
        weights = morphs.weights if pose_correctives else None
        document["animations"] = [_animation(file, motion, weights)]
    return file.binary(document)


class _Morphs(NamedTuple):
    """Morph targets (M, V, 3), their names, and their weights by frame (F, M)."""

    targets: Floats
    names: list[str]
    weights: Floats


def _morphs(motion: Motion, pose_correctives: bool, shape_morphs: bool) -> _Morphs:
    shapes = motion.model.num_betas if shape_morphs else 0
    targets = np.moveaxis(motion.model.shapedirs, -1, 0)[:shapes]
    names = [f"betas {i}" for i in range(shapes)]
    weights = np.zeros((len(motion), shapes))
    if pose_correctives:
        targets = np.concatenate([targets, _pose_offsets(motion)])
        names += [f"pose {frame}" for frame in range(len(motion))]
        weights = np.hstack([weights, np.eye(len(motion))])
    return _Morphs(targets, names, weights)


def _mesh(file: _File, motion: Motion, morphs: _Morphs, colours: Floats | None) -> dict[str, Any]:
    mesh: dict[str, Any] = {
        "name": motion.model.name,
        "primitives": [_primitive(file, motion, morphs.targets, colours)],
        "extras": {"targetNames": morphs.names, "betas": motion.betas.tolist()},
    }
    return mesh | ({"weights": morphs.weights[0].tolist()} if morphs.names else {})


def _skin_material(colours: Floats | None) -> dict[str, Any]:
    """With colours of vertices they are all of the colour."""
    return {
        "name": "skin",
        "alphaMode": "OPAQUE" if colours is None else "BLEND",
        "pbrMetallicRoughness": {
            "baseColorFactor": _SKIN if colours is None else [1.0] * 4,
            "metallicFactor": 0.0,
            "roughnessFactor": 0.8,
        },
    }


def four_weights(lbs_weights: Floats) -> tuple[NDArray[np.int64], Floats]:
    """(V, 4) joints and (V, 4) weights, sum 1, of skinning weights (V, J): the largest; weights of
    0 refer to joint 0."""
    wide = np.pad(lbs_weights, ((0, 0), (0, max(0, _INFLUENCES - lbs_weights.shape[1]))))
    joints = np.argsort(-wide, axis=1, kind="stable")[:, :_INFLUENCES]
    weights = np.take_along_axis(wide, joints, axis=1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return np.where(weights > 0, joints, 0), weights


def vertex_normals(vertices: Floats, faces: NDArray[Any]) -> Floats:
    """(V, 3) outward unit normals: means over adjacent triangles, weighted by area."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    of_faces = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], of_faces)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    flat = length < 1e-15
    return np.asarray(np.where(flat, [0.0, 1.0, 0.0], normals / np.where(flat, 1.0, length)))


def _pose_offsets(motion: Motion) -> Floats:
    """(F, V, 3) displacements of the body at rest by pose blend shapes, metres."""
    rotations = rotation_matrix(motion.poses[:, 1:]) - np.eye(3)
    posedirs = motion.model.posedirs
    flat = posedirs.reshape(-1, posedirs.shape[-1]) @ rotations.reshape(len(motion), -1).T
    return np.asarray(flat.T.reshape(len(motion), -1, 3))


def _rest_vertices(motion: Motion) -> Floats:
    return np.asarray(motion.model.v_template + motion.model.shapedirs @ motion.betas)


def _inverse_binds(motion: Motion) -> Floats:
    """(J, 16) column-major."""
    binds = np.tile(np.eye(4), (motion.model.num_joints, 1, 1))
    binds[:, :3, 3] = -motion.rest_joints
    return binds.transpose(0, 2, 1).reshape(-1, 16)


def _fps(motion: Motion) -> float | None:
    """Frames per second; None for frames that are not evenly spaced."""
    try:
        return motion.fps
    except ValueError:
        return None


def _cameras(motion: Motion) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Cameras and their nodes. glTF's look along -z with y up, and have their principal point in
    the middle of the image and no distortion: the camera's own numbers are in the extras."""
    seen = [camera for camera in motion.cameras if isinstance(camera, Camera)]
    cameras, nodes = [], []
    for number, camera in enumerate(_distinct(seen)):
        name = f"camera {number}" if number else "camera"
        lens = {
            "yfov": 2 * np.arctan(camera.height / (2 * camera.fy)),
            "aspectRatio": camera.width * camera.fy / (camera.height * camera.fx),
            "znear": 0.01,
            "zfar": 1000.0,
        }
        cameras.append({"name": name, "type": "perspective", "perspective": lens})
        pose = np.eye(4)
        pose[:3, :3] = camera.rotation.T @ np.diag([1.0, -1.0, -1.0])
        pose[:3, 3] = camera.centre
        nodes.append(
            {
                "name": name,
                "camera": number,
                "matrix": pose.T.ravel().tolist(),
                "extras": {"opencv": camera.to_dict()},
            }
        )
    return cameras, nodes


def _distinct(cameras: Sequence[Camera]) -> list[Camera]:
    """Without those of later frames that are the same."""
    described: dict[str, Camera] = {}
    for camera in cameras:
        described.setdefault(json.dumps(camera.to_dict()), camera)
    return list(described.values())


def _joint_nodes(motion: Motion, bones: Mapping[str, str]) -> list[dict[str, Any]]:
    """The skeleton, in the pose of the first frame."""
    parents, rest = motion.model.parents, motion.rest_joints
    nodes = []
    for joint, parent in enumerate(parents.tolist()):
        place = motion.joints[0, joint] if parent < 0 else rest[joint] - rest[parent]
        name = motion.model.joint_names[joint]
        node = {
            "name": bones.get(name, name),
            "translation": place.tolist(),
            "rotation": _x_first(quaternion(motion.poses[0, joint])).tolist(),
        }
        children = np.flatnonzero(parents == joint).tolist()
        nodes.append(node | ({"children": children} if children else {}))
    return nodes


def _x_first(quaternions: Floats) -> Floats:
    return np.asarray(quaternions[..., [1, 2, 3, 0]])


def _primitive(
    file: _File, motion: Motion, targets: Floats, colours: Floats | None
) -> dict[str, Any]:
    vertices, faces = _rest_vertices(motion), motion.model.faces
    joints, weights = four_weights(motion.model.lbs_weights)
    number = "u1" if motion.model.num_joints <= 256 else "u2"
    morphs = [
        {"POSITION": file.add(target, "VEC3", target=_ARRAY_BUFFER, bounds=True)}
        for target in targets
    ]
    return {
        "attributes": {
            "POSITION": file.add(vertices, "VEC3", target=_ARRAY_BUFFER, bounds=True),
            "NORMAL": file.add(vertex_normals(vertices, faces), "VEC3", target=_ARRAY_BUFFER),
            "JOINTS_0": file.add(joints, "VEC4", number, target=_ARRAY_BUFFER),
            "WEIGHTS_0": file.add(weights, "VEC4", target=_ARRAY_BUFFER),
        }
        | ({} if colours is None else {"COLOR_0": file.add(colours, "VEC4", target=_ARRAY_BUFFER)}),
        "indices": file.add(faces.ravel(), "SCALAR", "u4", target=_ELEMENT_ARRAY_BUFFER),
        "material": 0,
    } | ({"targets": morphs} if morphs else {})


def _animation(file: _File, motion: Motion, weights: Floats | None) -> dict[str, Any]:
    """Rotations of all joints, the root's place, and weights of the targets if they change."""
    times = file.add(motion.times - motion.times[0], "SCALAR", bounds=True)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def animate(node: int, path: str, output: int) -> None:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        samplers.append({"input": times, "output": output, "interpolation": "LINEAR"})

    root = motion.model.parents.tolist().index(-1)
    animate(root, "translation", file.add(motion.joints[:, root], "VEC3"))
    for joint in range(motion.model.num_joints):
        rotations = _x_first(quaternion(motion.poses[:, joint]))
        # q and -q are the same rotation: signs are chosen near to the previous frame.
        flips = np.sign((rotations[1:] * rotations[:-1]).sum(axis=1))
        rotations[1:] *= np.cumprod(np.where(flips < 0, -1.0, 1.0))[:, None]
        animate(joint, "rotation", file.add(rotations, "VEC4"))
    if weights is not None:
        animate(motion.model.num_joints, "weights", file.add(weights.ravel(), "SCALAR"))
    return {"name": "motion", "samplers": samplers, "channels": channels}


@dataclass
class _File:
    """The accessors and the one buffer of a .glb."""

    accessors: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    buffer: bytearray = field(default_factory=bytearray)

    def add(
        self,
        values: NDArray[Any],
        kind: str,
        number: str = "f4",
        *,
        target: int | None = None,
        bounds: bool = False,
    ) -> int:
        """Appends an array, one element a row; returns the number of the accessor."""
        data = np.ascontiguousarray(values, dtype="<" + number)
        view: dict[str, Any] = {
            "buffer": 0,
            "byteOffset": len(self.buffer),
            "byteLength": data.nbytes,
        }
        accessor: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": _COMPONENT_TYPES[number],
            "count": len(data),
            "type": kind,
        }
        if target is not None:
            view["target"] = target
        if bounds:  # of the numbers as stored, in 32 bits
            rows = data.reshape(len(data), -1)
            accessor |= {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
        self.views.append(view)
        self.accessors.append(accessor)
        self.buffer += data.tobytes()
        self.buffer += bytes(-len(self.buffer) % 4)
        return len(self.accessors) - 1

    def binary(self, document: dict[str, Any]) -> bytes:
        """The container: a header, the document, the buffer."""
        whole = document | {
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": len(self.buffer)}],
        }
        text = json.dumps(whole, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
        chunks += struct.pack("<II", len(self.buffer), 0x004E4942) + bytes(self.buffer)
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
