"""What other programs get of an export: how far joints and mesh are from the body's own.

    python benchmarks/exports.py --data FOLDER [--poses 400] [--json FILE]

FOLDER holds mocap/val.npz (poses (N, 24, 3) of SMPL, axis-angle; lengths of its clips; suspect).
Poses are drawn from it, shapes from the prior. The .glb is read by pygltflib and skinned by NumPy
as viewers do it (tests/glb.py), the .bvh by bvhio: pip install "smplceres[test]". Distances are
over all vertices or joints of all poses, millimetres.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import bvhio
import numpy as np

import smplceres as sc
from smplceres.body.motion_files import read_motions
from smplceres.exports import Settings, export_motion

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from glb import Glb

TOGETHER = 20  # poses of one file, which are of one shape


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--poses", type=int, default=400)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    rng = np.random.default_rng(7)
    clips = read_motions(options.data / "mocap" / "val.npz")
    poses = rng.permutation(np.concatenate([clip.poses for clip in clips]))[: options.poses]
    model = sc.load_body_model()
    mesh: dict[bool, list[np.ndarray]] = {False: [], True: []}
    joints: dict[str, list[np.ndarray]] = {".glb": [], ".bvh": []}
    with tempfile.TemporaryDirectory() as folder:
        for begin in range(0, len(poses), TOGETHER):
            some = poses[begin : begin + TOGETHER]
            motion = sc.Motion(
                model=model,
                poses=some,
                betas=rng.normal(size=model.num_betas),
                transl=rng.normal(size=(len(some), 3)),
                times=np.arange(len(some)) / 30,
                coordinates="y-up",
            )
            exact = np.array([motion.body(frame).vertices for frame in range(len(some))])
            for correctives, distances in mesh.items():
                export_motion(motion, f"{folder}/motion.glb", settings=Settings(correctives))
                glb = Glb(f"{folder}/motion.glb")
                found = [glb.vertices(frame) for frame in range(len(some))]
                distances.append(np.linalg.norm(found - exact, axis=-1).ravel())
            export_motion(motion, f"{folder}/motion.bvh")
            root = bvhio.readAsHierarchy(f"{folder}/motion.bvh")
            for frame, of_body in enumerate(motion.joints):
                root.loadPose(frame)
                places = {joint.Name: list(joint.PositionWorld) for joint, _, _ in root.layout()}
                of_bvh = np.array([places[name] for name in model.joint_names])
                of_glb = glb.worlds(frame)[:, :3, 3]
                joints[".glb"].append(np.linalg.norm(of_glb - of_body, axis=-1))
                joints[".bvh"].append(np.linalg.norm(of_bvh - of_body, axis=-1))

    figures = {
        "mesh of .glb, without pose correctives": figures_of(mesh[False]),
        "mesh of .glb, with them": figures_of(mesh[True]),
        **{f"joints of {suffix}": figures_of(found) for suffix, found in joints.items()},
    }
    print(f"{len(poses)} poses, {model.name}\n")
    print("| mm | mean | 99 % | worst |\n|---|---|---|---|")
    for name, figure in figures.items():
        print(f"| {name} | " + " | ".join(f"{figure[key]:.3g}" for key in figure) + " |")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


def figures_of(distances: list[np.ndarray]) -> dict[str, float]:
    all_of_them = 1e3 * np.concatenate(distances)
    return {
        "mean": float(all_of_them.mean()),
        "99 %": float(np.percentile(all_of_them, 99)),
        "worst": float(all_of_them.max()),
    }


if __name__ == "__main__":
    main()
