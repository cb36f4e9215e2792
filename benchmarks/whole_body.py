"""Accuracy of fits of whole bodies: fingers, face, jaw and body, on synthetic people.

    python benchmarks/whole_body.py --data FOLDER [--people 40] [--noise 3] [--turned]

FOLDER/mocap/val.npz (--poses) holds the body poses. Fingers are random poses of the hand prior,
expressions and jaws of theirs; a hand is about 130 px wide. Finger tips are compared in the frame
of the wrist, once as fitted (which includes the error of the wrist) and once with the true rotation
of the body.
--turned: how many hands stay turned by more than 90 degrees where the stages of hands and face
start at the true body with both hands turned by half a turn about their forearms.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

import smplceres as sc
from cases.errors import root_aligned
from smplceres.base.skeleton import FACE_LANDMARKS
from smplceres.body.parameters import Parameters

Floats = NDArray[np.float64]

FORMAT = sc.FORMATS["openpose_whole137"]
BODY = 25  # keypoints of the format that are the body's
PX_PER_METRE = 684.0  # a hand of 0.19 m spans 130 px
DEPTH = 4.0
SIZE = 2000
FINGERS = ("thumb", "index", "middle", "ring", "pinky")


def camera() -> sc.Camera:
    focal = PX_PER_METRE * DEPTH
    return sc.Camera(fx=focal, fy=focal, cx=SIZE / 2, cy=SIZE / 2, width=SIZE, height=SIZE)


def person(model: sc.BodyModel, pose: Floats, rng: np.random.Generator) -> Parameters:
    """A pose (24, 3) with random hands, jaw, expression, shape and yaw."""
    body_pose = np.zeros((model.num_joints - 1, 3))
    body_pose[:21] = pose[1:22]
    body_pose[21] = [abs(rng.normal(0, 0.12)), 0, 0]
    for _, first, mean, directions in model.layout.components:
        z = rng.normal(size=directions.shape[2])
        body_pose[first - 1 : first - 1 + len(mean)] = mean + directions @ z
    yaw = rng.uniform(-0.7, 0.7)
    turn = np.array([np.pi * np.cos(yaw / 2), 0, np.pi * np.sin(yaw / 2)])
    return {
        "betas": rng.normal(0, 1, model.num_betas),
        "global_orient": turn,
        "body_pose": body_pose,
        "transl": np.array([0, 0.2, DEPTH]),
        "slices": {"expression": rng.normal(0, 0.7, 10)},
    }


def places(model: sc.BodyModel, parameters: Parameters) -> Floats:
    """(K, 3) the keypoints of the format; NaN where the body has none."""
    points, numbers, _ = model.keypoint_points(FORMAT)
    at = points.evaluate(model._core, **parameters)
    return np.array([at[i] if i >= 0 else np.full(3, np.nan) for i in numbers])


def seen(model: sc.BodyModel, parameters: Parameters, noise: float, rng) -> sc.Keypoints:
    at = places(model, parameters)
    on_body = np.isfinite(at[:, 0])
    xy = np.zeros((len(at), 2))
    xy[on_body] = camera().project(at[on_body])
    xy[on_body] += rng.normal(0, noise, (on_body.sum(), 2))
    return sc.Keypoints(xy, on_body.astype(float), FORMAT)


def without_details(keypoints: sc.Keypoints) -> sc.Keypoints:
    confidence = keypoints.confidence.copy()
    confidence[BODY:] = 0
    return sc.Keypoints(keypoints.xy, confidence, FORMAT)


def tips_of(model: sc.BodyModel, parameters: Parameters, side: str) -> Floats:
    """(5, 3) in the frame of the wrist."""
    alone = parameters | {"global_orient": np.zeros(3), "transl": np.zeros(3)}
    body_pose = np.array(alone["body_pose"])
    body_pose[:21] = 0
    return in_wrist(model, alone | {"body_pose": body_pose}, side)


def in_wrist(model: sc.BodyModel, parameters: Parameters, side: str) -> Floats:
    """(5, 3) tips less the wrist, in the axes of the camera."""
    body = model(**parameters)
    wrist = body.joints[model.joint_names.index(f"{side}_wrist")]
    vertices = [model.landmarks[f"{side}_{finger}_tip"] for finger in FINGERS]
    return np.array([weights @ body.vertices[numbers] for numbers, weights in vertices]) - wrist


def face_of(model: sc.BodyModel, parameters: Parameters) -> Floats:
    vertices = model(**parameters).vertices
    return np.array(
        [model.landmarks[name][1] @ vertices[model.landmarks[name][0]] for name in FACE_LANDMARKS]
    )


def rigid_distance(a: Floats, b: Floats) -> Floats:
    """(N,) distances after the similarity that takes a closest to b, mm."""
    p, q = a - a.mean(axis=0), b - b.mean(axis=0)
    u, s, vt = np.linalg.svd(p.T @ q)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    moved = (s * signs).sum() / (p**2).sum() * p @ (u * signs) @ vt
    return 1e3 * np.linalg.norm(moved - q, axis=1)


def with_turned_wrists(model: sc.BodyModel, parameters: Parameters) -> Parameters:
    """The body with hands in their mean pose, turned by half a turn about their forearms."""
    body_pose = np.array(parameters["body_pose"])
    for _, first, mean, _ in model.layout.components:
        body_pose[first - 1 : first - 1 + len(mean)] = mean
    rest = model.joints(betas=parameters["betas"])
    for side in ("left", "right"):
        wrist = model.joint_names.index(f"{side}_wrist")
        forearm = rest[wrist] - rest[model.parents[wrist]]
        half_turn = Rotation.from_rotvec(np.pi * forearm / np.linalg.norm(forearm))
        wrong = half_turn * Rotation.from_rotvec(body_pose[wrist - 1])
        body_pose[wrist - 1] = wrong.as_rotvec()
    return parameters | {"body_pose": body_pose}


def angle_of_hand(model: sc.BodyModel, a: Parameters, b: Parameters, side: str) -> float:
    """Degrees between the rotations of the wrist in the world."""
    joint, turns = model.joint_names.index(f"{side}_wrist"), [Rotation.identity()] * 2
    while joint >= 0:
        for i, body in enumerate((a, b)):
            own = body["global_orient"] if joint == 0 else body["body_pose"][joint - 1]
            turns[i] = Rotation.from_rotvec(own) * turns[i]
        joint = model.parents[joint]
    return float(np.degrees((turns[0].inv() * turns[1]).magnitude()))


def report_turned(model: sc.BodyModel, poses: Floats, noise: float, rng) -> None:
    angles = []
    for pose in poses:
        truth = person(model, pose.reshape(-1, 3), rng)
        start = with_turned_wrists(model, truth)
        fit = sc.fit(
            seen(model, truth, noise, rng),
            camera(),
            model=model,
            preset=sc.whole_body_stages()[-2:],
            initial={name: start[name] for name in start if name != "slices"},
            check=False,
            threads=1,
        )
        angles.extend(
            angle_of_hand(model, fit.parameters, truth, side) for side in ("left", "right")
        )
    share = np.mean(np.array(angles) > 90)
    print(f"hands that stay turned: {100 * share:.1f} % of {len(angles)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--noise", type=float, default=3.0)
    parser.add_argument("--poses", default="val")
    parser.add_argument("--turned", action="store_true")
    parser.add_argument("--preset", default="whole-body")
    arguments = parser.parse_args()
    rng = np.random.default_rng(5)
    model = sc.load_body_model("whole")
    poses = np.load(arguments.data / "mocap" / f"{arguments.poses}.npz")["poses"]
    chosen = poses[rng.choice(len(poses), arguments.people, replace=False)]
    if arguments.turned:
        report_turned(model, chosen.astype(float), arguments.noise, rng)
        return
    tips, free_tips, faces, jaws, bodies, alone, times, times_alone = ([] for _ in range(8))
    for pose in chosen.astype(float):
        truth = person(model, pose.reshape(-1, 3), rng)
        keypoints = seen(model, truth, arguments.noise, rng)
        settings = {"model": model, "threads": 1}
        begin = time.process_time()
        fit = sc.fit(keypoints, camera(), preset=arguments.preset, **settings)
        times.append(time.process_time() - begin)
        begin = time.process_time()
        plain = sc.fit(without_details(keypoints), camera(), **settings)
        times_alone.append(time.process_time() - begin)
        for side in ("left", "right"):
            apart = tips_of(model, fit.parameters, side) - tips_of(model, truth, side)
            tips.extend(1e3 * np.linalg.norm(apart, axis=1))
            together = in_wrist(model, fit.parameters, side) - in_wrist(model, truth, side)
            free_tips.extend(1e3 * np.linalg.norm(together, axis=1))
        faces.extend(rigid_distance(face_of(model, fit.parameters), face_of(model, truth)))
        jaws.append(np.degrees(abs(fit.jaw_pose[0] - truth["body_pose"][21, 0])))
        joints = model.joints(**truth)[:22]
        bodies.append(root_aligned(fit.joints[:22], joints))
        alone.append(root_aligned(plain.joints[:22], joints))
    for name, values in (
        ("finger tips in the wrist's frame, mm", tips),
        ("finger tips less the wrist, mm", free_tips),
        ("68 points of the face, aligned, mm", faces),
        ("jaw, degrees", jaws),
        ("joints of the body, mm", bodies),
        ("the same from its keypoints alone, mm", alone),
        ("CPU ms of a fit", 1e3 * np.array(times)),
        ("CPU ms from the body's keypoints alone", 1e3 * np.array(times_alone)),
    ):
        print(f"{name:40} median {np.median(values):7.2f}   mean {np.mean(values):7.2f}")


if __name__ == "__main__":
    main()
