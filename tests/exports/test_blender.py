"""The .glb in Blender: joints, and the picture in the view of the camera (pip install bpy)."""

from __future__ import annotations

import numpy as np
import pytest

from smplceres import Camera, fit, load_body_model
from smplceres.exports.placing import placed

bpy = pytest.importorskip("bpy", reason="Blender as a module: pip install bpy")

# Blender ignores the aspect ratio of a camera, so that pixels are square.
CAMERA = Camera(fx=900, fy=900, cx=319.5, cy=239.5, width=640, height=480)


def test_blender_has_the_joints_and_sees_them_where_the_picture_does(tmp_path) -> None:
    """Blender turns y-up into z-up: x, -z, y. Joints to 0.1 mm, pixels to a hundredth."""
    from bpy_extras.object_utils import world_to_camera_view  # noqa: PLC0415  # exists with bpy
    from mathutils import Vector  # noqa: PLC0415  # the same

    model = load_body_model()
    joints = model.joints(global_orient=[2.9, 0.3, 0.2], transl=[0.2, 0, 4])
    result = fit(CAMERA.project(joints), CAMERA, keypoint_format="smpl24", starts=1)
    result.export(tmp_path / "person.glb", place="ground")
    motion = placed(result.motion(), "ground")

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "person.glb"))
    kinds = {each.type: each for each in bpy.data.objects}
    armature, camera = kinds["ARMATURE"], kinds["CAMERA"]
    heads = [armature.matrix_world @ armature.pose.bones[name].head for name in model.joint_names]
    x, y, z = motion.joints[0].T
    np.testing.assert_allclose(np.array(heads), np.stack([x, -z, y], axis=1), rtol=0, atol=1e-4)

    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = CAMERA.width, CAMERA.height
    seen = np.array([world_to_camera_view(scene, camera, Vector(head)) for head in heads])
    pixels = np.stack(
        [seen[:, 0] * CAMERA.width - 0.5, (1 - seen[:, 1]) * CAMERA.height - 0.5], axis=1
    )
    np.testing.assert_allclose(pixels, result.camera.project(result.joints), rtol=0, atol=0.01)
