"""Fits that know more than keypoints: points in space, clouds, depth, masks, the person, ground."""

from __future__ import annotations

import numpy as np

import smplceres as sc

from .cases import Values, case
from .inputs import (
    CAMERA,
    SMALL,
    SMALL_INTRINSICS,
    WORLD,
    Floats,
    Person,
    body,
    depth_image,
    in_world,
    mask_image,
    person,
    points_of,
    ring,
    rng_of,
    seen_by,
    stage_with,
    surface_points,
)


def _turned(somebody: Person, rng: np.random.Generator) -> Person:
    """A start some 5 degrees and 5 cm away."""
    return {
        "global_orient": somebody["global_orient"] + rng.normal(0, 0.05, 3),
        "transl": somebody["transl"] + rng.normal(0, 0.03, 3),
    }


def _covariances(rng: np.random.Generator, count: int) -> Floats:
    """(count, 3, 3), correlated, of standard deviations about 2 cm."""
    root = 0.02 * (rng.normal(0, 0.6, (count, 3, 3)) + 0.3 * np.eye(3))
    return np.asarray(root @ root.transpose(0, 2, 1))


@case("fit/keypoints3d")
def keypoints3d() -> Values:
    rng = rng_of("keypoints3d")
    somebody = in_world(person(rng))
    seen = seen_by(WORLD, somebody, rng)
    joints = body().joints(**somebody) + rng.normal(0, 0.01, (24, 3))
    confidence = np.ones(24)
    confidence[[4, 20, 22]] = 0
    uneven = sc.Keypoints3D(joints, confidence, sc.FORMATS["smpl24"], _covariances(rng, 24))
    of_camera = sc.Keypoints3D(WORLD.to_camera(joints), format=sc.FORMATS["smpl24"], frame="camera")
    found: dict[str, object] = {
        "joints": sc.fit(seen, WORLD, keypoints3d=joints),
        "uneven": sc.fit(seen, WORLD, keypoints3d=uneven),
        "of_camera": sc.fit(seen, WORLD, keypoints3d=of_camera),
        "smplify": sc.fit(seen, WORLD, keypoints3d=uneven, preset="smplify"),
    }
    stage = stage_with(reprojection=1.0, points3d=2.0, pose_prior=20.0)
    stage.solver.max_iterations = 4
    for robust in ("none", "huber", "geman_mcclure"):
        stage.points3d.robust = robust
        for jacobian in ("fast", "autodiff"):
            found[f"{robust}_{jacobian}"] = sc.fit(
                seen, WORLD, keypoints3d=uneven, preset=[stage], jacobian=jacobian
            )
    return found


@case("fit/joints3d")
def joints3d() -> Values:
    rng = rng_of("joints3d")
    somebody = in_world(person(rng))
    joints = body().joints(**somebody)
    off = joints + rng.normal(0, 0.02, joints.shape)
    vertices = np.arange(100, body().num_vertices, 250)
    markers = sc.Keypoints3D.from_markers(
        body(), vertices, body()(**somebody).vertices[vertices] + rng.normal(0, 0.01, (49, 3))
    )
    keypoints = np.nan_to_num(points_of(sc.FORMATS["openpose_body25"], somebody))
    return {
        "exact": sc.fit_joints3d(joints),
        "off": sc.fit_joints3d(off, sigma=0.02),
        "uneven": sc.fit_joints3d(
            sc.Keypoints3D(off, format=sc.FORMATS["smpl24"], covariance=_covariances(rng, 24))
        ),
        "markers": sc.fit_joints3d(markers),
        "keypoints": sc.fit_joints3d(keypoints, keypoint_format="openpose_body25"),
        "known": sc.fit_joints3d(off, ground=sc.Ground(), person=sc.Person(height=1.75)),
        "gaussian": sc.fit_joints3d(off, pose_prior=sc.anatomical_prior(24)),
        "stage": sc.fit_joints3d(off, stages=sc.joints3d_stages()[:3]),
    }


@case("fit/points")
def points() -> Values:
    rng = rng_of("points")
    somebody = person(rng, depth=3.0)
    seen = seen_by(CAMERA, somebody, rng)
    cloud, normals = surface_points(somebody, rng, 1500)
    facing = sc.PointCloud(cloud, normals=normals, confidence=rng.uniform(0.5, 1, len(cloud)))
    front = sc.PointCloud(cloud[normals[:, 2] < 0], sensor=[0, 0, 0], sigma=0.005)
    start = _turned(somebody, rng)
    return {
        "with_keypoints": sc.fit(seen, CAMERA, points=cloud),
        "normals": sc.fit(seen, CAMERA, points=facing),
        "two": sc.fit(seen, CAMERA, points=[facing, front]),
        "alone": sc.fit(None, points=cloud, initial=start),
        "alone_normals": sc.fit(None, points=facing, initial=start),
        "front": sc.fit(None, points=front, initial=start),
        "smplify": sc.fit(seen, CAMERA, points=cloud, preset="smplify"),
    }


@case("fit/cloud_stage")
def cloud_stage() -> Values:
    rng = rng_of("cloud stage")
    somebody = person(rng, depth=3.0)
    cloud, normals = surface_points(somebody, rng, 400)
    given = sc.PointCloud(cloud, normals=normals)
    stage = stage_with(cloud=3.0, pose_prior=20.0, shape_prior=20.0)
    stage.solver.max_iterations = 4
    stage.cloud.gate = 0.2
    found: dict[str, object] = {}
    for robust in ("none", "huber", "geman_mcclure"):
        stage.cloud.robust = robust
        for jacobian in ("fast", "autodiff"):
            found[f"{robust}_{jacobian}"] = sc.fit(
                None, points=given, initial=somebody, preset=[stage], jacobian=jacobian
            )
    return found


@case("fit/depth")
def depth() -> Values:
    rng = rng_of("depth")
    somebody = person(rng, depth=3.0)
    seen = seen_by(SMALL, somebody, rng, noise=1.0)
    image = depth_image(SMALL, somebody)
    image += (image > 0) * rng.normal(0, 0.005, image.shape)
    about, further = ring(2, **SMALL_INTRINSICS), person(rng)
    images = [depth_image(camera, further) for camera in about]
    both = [seen_by(camera, further, rng, noise=1.0) for camera in about]
    return {
        "image": image,
        "with_keypoints": sc.fit(seen, SMALL, depth=image),
        "masked_points": sc.fit(
            seen, SMALL, points=sc.PointCloud.from_depth(image, SMALL, mask=image > 0, stride=2)
        ),
        "alone": sc.fit(None, SMALL, depth=image, initial=_turned(somebody, rng)),
        "two_cameras": sc.fit(both, about, depth=images),
        "one_of_two": sc.fit(both, about, depth=[None, images[1]]),
        "with_mask": sc.fit(seen, SMALL, depth=image, mask=image > 0),
    }


@case("fit/mask")
def mask() -> Values:
    rng = rng_of("mask")
    somebody = person(rng, depth=3.0)
    seen = seen_by(SMALL, somebody, rng, noise=1.0)
    image = mask_image(SMALL, somebody)
    about, further = ring(2, **SMALL_INTRINSICS), person(rng)
    both = [seen_by(camera, further, rng, noise=1.0) for camera in about]
    weak = sc.WeakPerspectiveCamera(scale=115.0, cx=119.5, cy=119.5, width=240, height=240)
    found: dict[str, object] = {
        "image": image,
        "default": sc.fit(seen, SMALL, mask=image),
        "uint8": sc.fit(seen, SMALL, mask=255 * image.astype(np.uint8), sigma_px=1.0),
        "two_cameras": sc.fit(both, about, mask=[mask_image(about[0], further), None]),
        "weak": sc.fit(seen, weak, mask=sc.Mask(image)),
        "known": sc.fit(seen, SMALL, mask=image, person=sc.Person(height=1.8)),
    }
    stage = stage_with(
        reprojection=1.0,
        pose_prior=20.0,
        shape_prior=20.0,
        silhouette_inside=100.0,
        silhouette_contour=200.0,
    )
    stage.solver.max_iterations = 4
    stage.silhouette_inside.points = 100
    stage.silhouette_inside.sigma = stage.silhouette_contour.sigma = 1.0
    for robust in ("none", "huber", "geman_mcclure"):
        stage.silhouette_inside.robust = stage.silhouette_contour.robust = robust
        for jacobian in ("fast", "autodiff"):
            found[f"{robust}_{jacobian}"] = sc.fit(
                seen, SMALL, mask=image, initial=somebody, preset=[stage], jacobian=jacobian
            )
    return found


@case("fit/person")
def known_person() -> Values:
    rng = rng_of("person")
    somebody = person(rng)
    seen = seen_by(CAMERA, somebody, rng)
    height = sc.standing_height(body(), somebody["betas"])
    limbs = sc.limb_lengths(body(), somebody["betas"])
    some = {name: limbs[name] for name in ("left_thigh", "right_forearm", "hip_width")}
    people = {
        "height": sc.Person(height=height),
        "tall": sc.Person(height=2.0, height_sigma=0.05),
        "limbs": sc.Person(limb_lengths=some, limb_sigma=0.02),
        "both": sc.Person(height=height, limb_lengths=some),
        "betas": sc.Person(betas=somebody["betas"]),
        "betas_and_height": sc.Person(betas=somebody["betas"], height=height),
        "betas_sigma": sc.Person(betas=somebody["betas"], betas_sigma=0.3, height=height),
    }
    found: dict[str, object] = {
        name: sc.fit(seen, CAMERA, person=each) for name, each in people.items()
    }
    found["smplify"] = sc.fit(seen, CAMERA, person=people["both"], preset="smplify")
    found["focal"] = sc.fit(seen, CAMERA.zoomed(1.2), person=people["height"], estimate_focal=True)
    found["autodiff"] = sc.fit(seen, CAMERA, person=people["both"], jacobian="autodiff", starts=1)
    return found


@case("fit/ground")
def ground() -> Values:
    rng = rng_of("ground")
    somebody = in_world(person(rng, spread=0.1))
    seen = seen_by(WORLD, somebody, rng)
    in_camera = person(rng, spread=0.1)
    floor = sc.Ground((0, -1, 0), -1.1, sigma=0.05)
    of_camera = seen_by(CAMERA, in_camera, rng)
    return {
        "world": sc.fit(seen, WORLD, ground=sc.Ground()),
        "no_contact": sc.fit(seen, WORLD, ground=sc.Ground(offset=0.1, contact=False)),
        "camera": sc.fit(of_camera, CAMERA, ground=floor),
        "with_height": sc.fit(of_camera, CAMERA, ground=floor, person=sc.Person(height=1.8)),
        "smplify": sc.fit(seen, WORLD, ground=sc.Ground(), preset="smplify"),
        "autodiff": sc.fit(seen, WORLD, ground=sc.Ground(), jacobian="autodiff", starts=1),
    }
