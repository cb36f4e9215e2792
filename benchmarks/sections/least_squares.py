"""Fits of the same pictures by SciPy's least_squares on a NumPy body (peers/numpy_body.py) and by
ours: BODY_25, 3 px of noise, one start, one thread, picture by picture. The NumPy body is cut down
to the keypoints and joints; its Jacobian is numerical, column by column as SciPy does it, or in one
batch. Ours is the default preset, which has more terms."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

import fit
import smplceres as sc
from cases import pictures

from .given import Given, LeftOutError
from .same_pictures import FORMAT, figures, joints_and_vertices, start_of, timed

OURS, BATCHED, COLUMNS = "smplceres", "SciPy, batched differences", "SciPy, 2-point"
ROUNDS = {OURS: 5, BATCHED: 2, COLUMNS: 1}


def measure(given: Given) -> dict[str, object]:
    try:
        from peers import numpy_body, smpl_files  # noqa: PLC0415
    except ImportError as missing:
        raise LeftOutError(f"needs SciPy: {missing}") from None
    model = fit.dense_body()
    cases, arguments = given.cases(model, given.count(12, 1))
    camera = pictures.camera_of(arguments)
    joints, vertices = joints_and_vertices(model)
    arrays = smpl_files.points_only(model, [vertex for _, vertex in vertices])
    number_of = {keypoint: number for number, (keypoint, _) in enumerate(vertices)}
    number_of |= {keypoint: len(vertices) + joint for keypoint, joint in joints}
    peer = numpy_body.LeastSquaresFit(
        numpy_body.NumpyBody(arrays),
        [number_of[keypoint] for keypoint in range(len(number_of))],
        [len(vertices) + joint for joint in range(model.num_joints)],
        sc.load_pose_prior(),
    )
    ours = {"model": model, "keypoint_format": FORMAT, "threads": 1, "starts": 1}
    sc.fit(cases[0].keypoints, camera, **ours)  # makes what is made once
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number, case in enumerate(cases):
        start = start_of(case, camera, model)
        rivals = {OURS: partial(sc.fit, case.keypoints, camera, **ours)}
        for name, batched in ((BATCHED, True), (COLUMNS, False)):
            rivals[name] = partial(
                peer.fit, case.keypoints, camera, start, batched=batched, stages=sc.default_stages()
            )
        if number >= given.count(4, 1):
            del rivals[COLUMNS]
        for name, call in rivals.items():
            rows[name].append(timed(call, case, ROUNDS[name]))
    return {"poses": given.poses_from, "fits": {name: figures(rows[name]) for name in rows}}
