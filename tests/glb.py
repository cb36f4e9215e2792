"""An independent reader of .glb files: pygltflib finds the arrays, and they are skinned as viewers
do it."""

from __future__ import annotations

import numpy as np
import pygltflib
from scipy.spatial.transform import Rotation


class Glb:
    """What pygltflib finds in a .glb, and what the specification says of it."""

    def __init__(self, path):
        self.document = pygltflib.GLTF2().load(str(path))
        self.data = self.document.binary_blob()
        self.names = [node.name for node in self.document.nodes]

    def array(self, number):
        accessor = self.document.accessors[number]
        view = self.document.bufferViews[accessor.bufferView]
        types = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor.type]
        data = np.frombuffer(
            self.data, types[accessor.componentType], accessor.count * width, view.byteOffset
        )
        return data.reshape(accessor.count, width).astype(np.float64)

    @property
    def primitive(self):
        return self.document.meshes[0].primitives[0]

    def channels(self):
        """(node, path) to (times, values)."""
        (animation,) = self.document.animations
        return {
            (channel.target.node, channel.target.path): tuple(
                self.array(number)
                for number in (
                    animation.samplers[channel.sampler].input,
                    animation.samplers[channel.sampler].output,
                )
            )
            for channel in animation.channels
        }

    def worlds(self, frame=None):
        """(J, 4, 4) of the skin's joints; None: as the nodes stand without animation."""
        channels = {} if frame is None else self.channels()

        def local(number, path):
            if (number, path) in channels:
                return channels[number, path][1][frame]
            return getattr(self.document.nodes[number], path)

        worlds = {}

        def walk(number, parent):
            own = np.eye(4)
            own[:3, :3] = Rotation.from_quat(local(number, "rotation")).as_matrix()
            own[:3, 3] = local(number, "translation")
            worlds[number] = parent @ own
            for child in self.document.nodes[number].children:
                walk(child, worlds[number])

        (skin,) = self.document.skins
        walk(skin.skeleton, np.eye(4))
        return np.array([worlds[joint] for joint in skin.joints])

    def targets(self):
        return np.array([self.array(target["POSITION"]) for target in self.primitive.targets])

    def vertices(self, frame=None):
        """As a viewer skins them."""
        weights = np.array(self.document.meshes[0].weights or [])
        (mesh_node,) = (k for k, node in enumerate(self.document.nodes) if node.skin is not None)
        if frame is not None and (mesh_node, "weights") in self.channels():
            values = self.channels()[mesh_node, "weights"][1]
            weights = values.reshape(-1, len(weights))[frame]
        attributes = self.primitive.attributes
        rest = self.array(attributes.POSITION)
        if len(weights):
            rest = rest + np.tensordot(weights, self.targets(), axes=1)
        binds = self.array(self.document.skins[0].inverseBindMatrices).reshape(-1, 4, 4)
        moves = self.worlds(frame) @ binds.transpose(0, 2, 1)
        joints = self.array(attributes.JOINTS_0).astype(int)
        blended = np.einsum(
            "vk,vkab->vab", self.array(attributes.WEIGHTS_0), moves[joints][:, :, :3]
        )
        return np.einsum("vab,vb->va", blended, np.pad(rest, ((0, 0), (0, 1)), constant_values=1))
