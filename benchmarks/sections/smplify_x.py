"""Fits of the same pictures by SMPLify-X's objective in PyTorch (peers/smplify_x.py) and by ours.

One body of 6890 vertices, SMPL's number, with pose blend shapes everywhere; one pose prior; BODY_25
with 3 px of noise; the same start. All on one thread, picture by picture, by the clock and by
processor time, which other work on the machine lengthens less. "points only" is the same
objective on a body cut down to the keypoints, which SMPLify-X's own code does not do; "double" does
not end in NaN as the published float32 does.
"""

from __future__ import annotations

import os
from collections import defaultdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import fit
import smplceres as sc
from cases import pictures

from .given import Given, LeftOutError
from .same_pictures import FORMAT, figures, joints_and_vertices, start_of, timed

ROUNDS = 5  # of ours, the best counts; a fit of SMPLify-X is timed once
WHOLE, DOUBLE, CUT = "SMPLify-X", "SMPLify-X, double", "SMPLify-X, points only"
THREADED = "SMPLify-X, all cores"
OURS: dict[str, dict[str, object]] = {
    "one start": {"starts": 1},
    "default": {},
    "SMPLify's preset": {"preset": "smplify", "starts": 1},
}


def measure(given: Given) -> dict[str, object]:
    try:
        import torch  # noqa: PLC0415
    except ImportError as missing:
        raise LeftOutError(f"needs PyTorch and smplx (`make bench`): {missing}") from None
    torch.set_num_threads(1)
    model = fit.dense_body()
    cases, arguments = given.cases(model, given.count(12, 1))
    camera = pictures.camera_of(arguments)
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
        if number < given.count(3, 0):
            torch.set_num_threads(os.cpu_count() or 1)
            call = partial(peers[WHOLE].fit, case.keypoints, camera, start)
            rows[THREADED].append(timed(call, case))
            torch.set_num_threads(1)
    return {"poses": given.poses_from, "fits": {name: figures(rows[name]) for name in rows}}


def make_peers(model: sc.BodyModel) -> dict[str, object]:
    """On the whole body, and on its joints and the keypoints' vertices alone."""
    import torch  # noqa: PLC0415

    from peers import smpl_files  # noqa: PLC0415
    from peers.smplify_x import SmplifyX  # noqa: PLC0415

    joints, vertices = joints_and_vertices(model)
    kept = [vertex for _, vertex in vertices]
    as_kept = [(keypoint, number) for number, (keypoint, _) in enumerate(vertices)]
    whole = smpl_files.smpl_arrays(model), vertices
    bodies = {
        WHOLE: (*whole, torch.float32),
        DOUBLE: (*whole, torch.float64),
        CUT: (smpl_files.points_only(model, kept), as_kept, torch.float32),
    }
    peers = {}
    for name, (arrays, numbered, dtype) in bodies.items():
        with TemporaryDirectory() as folder:
            smpl_files.write_for_smplx(Path(folder), arrays)
            peers[name] = SmplifyX(
                Path(folder), FORMAT, joints, numbered, sc.load_pose_prior(), dtype
            )
    return peers
