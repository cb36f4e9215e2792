"""Fits of the same pictures by SMPLify-X's objective in PyTorch (peers/smplify_x.py) and by ours.

One body of 6890 vertices, SMPL's number, with pose blend shapes everywhere; one pose prior; BODY_25
with 3 px of noise; the same start. All on one thread, picture by picture, by the clock and by
processor time, which other work on the machine lengthens less. "points only" is the same
objective on a body cut down to the keypoints, which SMPLify-X's own code does not do.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import accuracy
import fit
import numpy as np
from timing import summary

import smplceres as sc
from smplceres.body import Parameters

from .given import Given, LeftOutError

ROUNDS = 5  # of ours, the best counts; a fit of SMPLify-X is timed once
WHOLE, CUT, THREADED = "SMPLify-X", "SMPLify-X, points only", "SMPLify-X, all cores"
OURS: dict[str, dict[str, object]] = {
    "one start": {"starts": 1},
    "default": {},
    "SMPLify's preset": {"preset": "smplify", "starts": 1},
}
FORMAT = sc.FORMATS["openpose_body25"]


def measure(given: Given) -> dict[str, object]:
    try:
        import torch  # noqa: PLC0415
    except ImportError as missing:
        raise LeftOutError(f"needs PyTorch and smplx (`make peers`): {missing}") from None
    torch.set_num_threads(1)
    model = fit.dense_body()
    cases, arguments = given.cases(model, given.count(16, 1))
    camera = accuracy.camera_of(arguments)
    peers = make_peers(model)
    ours = {"model": model, "keypoint_format": FORMAT, "threads": 1}
    sc.fit(cases[0].keypoints, camera, **ours)  # makes what is made once
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number, case in enumerate(cases):
        for name, options in OURS.items():
            call = partial(sc.fit, case.keypoints, camera, **ours, **options)
            rows[name].append(timed(call, case, ROUNDS))
        start = start_of(case, camera, model)
        for name, peer in peers.items():
            rows[name].append(timed(partial(peer.fit, case.keypoints, camera, start), case))
        if number < given.count(4, 0):
            torch.set_num_threads(os.cpu_count() or 1)
            call = partial(peers[WHOLE].fit, case.keypoints, camera, start)
            rows[THREADED].append(timed(call, case))
            torch.set_num_threads(1)
    return {"poses": given.poses_from, "fits": {name: figures(rows[name]) for name in rows}}


def make_peers(model: sc.BodyModel) -> dict[str, object]:
    """On the whole body, and on its joints and the keypoints' vertices alone."""
    from peers import smpl_files  # noqa: PLC0415
    from peers.smplify_x import SmplifyX  # noqa: PLC0415

    joints, vertices = [], []
    for keypoint, (location,) in enumerate(entry.location for entry in FORMAT.keypoints):
        if location in model.joint_names:
            joints.append((keypoint, model.joint_names.index(location)))
        else:
            vertices.append((keypoint, int(model.landmarks[location][0][0])))
    kept = [vertex for _, vertex in vertices]
    as_kept = [(keypoint, number) for number, (keypoint, _) in enumerate(vertices)]
    bodies = {
        WHOLE: (smpl_files.smpl_arrays(model), vertices),
        CUT: (smpl_files.points_only(model, kept), as_kept),
    }
    peers = {}
    for name, (arrays, numbered) in bodies.items():
        with TemporaryDirectory() as folder:
            smpl_files.write_for_smplx(Path(folder), arrays)
            peers[name] = SmplifyX(Path(folder), FORMAT, joints, numbered, sc.load_pose_prior())
    return peers


def start_of(case: accuracy.Case, camera: sc.Camera, model: sc.BodyModel) -> Parameters:
    """Where our fits start."""
    objective = sc.objective(case.keypoints, camera, model=model, keypoint_format=FORMAT, stage=-1)
    return objective.unpack(objective.x0)


def timed(call: partial, case: accuracy.Case, rounds: int = 1) -> dict[str, float]:
    """The best of the rounds, and how far its joints are from the truth."""
    clock, processor = [], []
    for _ in range(rounds):
        begin = time.perf_counter(), time.process_time()
        fitted = call()
        clock.append(time.perf_counter() - begin[0])
        processor.append(time.process_time() - begin[1])
    row = {"ms": 1e3 * min(clock), "cpu_ms": 1e3 * min(processor)}
    finite = bool(np.isfinite(fitted.joints).all())
    if finite:
        row["root_mm"] = accuracy.root_aligned(fitted.joints, case.joints)
        row["pa_mm"] = accuracy.procrustes_aligned(fitted.joints, case.joints)
    if hasattr(fitted, "evaluations"):
        row["evaluations"] = fitted.evaluations
    return {**row, "failed": float(not finite)}


def figures(rows: list[dict[str, float]]) -> dict[str, object]:
    keys = {key for row in rows for key in row} - {"failed"}
    measured = {key: [row[key] for row in rows if key in row] for key in sorted(keys)}
    return {
        **{key: summary(values) for key, values in measured.items()},
        "root_mean_mm": float(np.mean(measured.get("root_mm", [np.nan]))),
        "pa_mean_mm": float(np.mean(measured.get("pa_mm", [np.nan]))),
        "failed": int(sum(row["failed"] for row in rows)),
    }
