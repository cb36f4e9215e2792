"""Bodies fitted to points in space: `sc.fit_joints3d` and smplfitter, one thread, without an image.

Recorded poses on bodies of random shape, 6890 vertices, pose blend shapes everywhere; points with
noise on each axis. smplfitter needs vertices and, where it has not all of them, joints: it is given
both, ours the vertices alone as markers on the skin, or the joints alone. Times are per body, one
by one; smplfitter's also in a batch of 64, what it is made for. Error: mean over all vertices of
the posed mesh.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import fit
import smplceres as sc
from peers import smpl_files
from smplceres.body.parameters import Parameters, parameters_of
from timing import summary, time_in_rounds

from .given import Given, LeftOutError

VERTICES = (64, 256, 1024)
NOISES_MM = (0.0, 5.0)
BATCH, ONE_BY_ONE = 64, 24  # bodies
ITERATIONS = (1, 3)  # of smplfitter: its default, and what it calls reasonable
BETA_REGULARIZER = 0.0  # of smplfitter; the most exact here of those it recommends, 0 to 10
LEAST_SIGMA = 1e-3  # metres, told to ours where there is no noise

# Vertices (N, K, 3) and joints (N, 24, 3) of N bodies to what poses each.
Fitter = Callable[[np.ndarray, np.ndarray], list[Parameters]]


def measure(given: Given) -> dict[str, object]:
    try:
        import smplfitter  # noqa: F401, PLC0415
        import torch  # noqa: PLC0415
    except ImportError as missing:
        raise LeftOutError(f"needs PyTorch and smplfitter (`make bench`): {missing}") from None
    torch.set_num_threads(1)
    model = fit.dense_body()
    bodies = random_bodies(model, given, given.count(BATCH, 2))
    figures: dict[str, object] = {"poses": given.poses_from, "bodies": len(bodies)}
    sizes = VERTICES if not given.quick else VERTICES[:1]
    with TemporaryDirectory() as folder:
        smpl_files.write_for_smplfitter(Path(folder), smpl_files.smpl_arrays(model))
        for count in sizes:
            chosen = np.random.default_rng(count).choice(model.num_vertices, count, replace=False)
            rivals = smplfitters(Path(folder), chosen)
            for noise in NOISES_MM:
                figures[f"{count} vertices, {noise:g} mm"] = compare(
                    model, bodies, chosen, noise, rivals
                )
    return figures


def random_bodies(model: sc.BodyModel, given: Given, count: int) -> list[sc.Body]:
    rng = np.random.default_rng(0)
    poses = np.concatenate([clip.poses for clip in given.clips()])
    return [
        model(
            betas=rng.normal(size=model.num_betas),
            global_orient=pose[0],
            body_pose=pose[1:],
            transl=rng.normal(size=3),
        )
        for pose in poses[rng.choice(len(poses), count, replace=False)]
    ]


def compare(
    model: sc.BodyModel,
    bodies: list[sc.Body],
    chosen: np.ndarray,
    noise_mm: float,
    rivals: dict[str, Fitter],
) -> dict[str, object]:
    rng = np.random.default_rng(1)
    vertices, joints = (
        points + rng.normal(0, 1e-3 * noise_mm, points.shape)
        for points in (
            np.stack([body.vertices[chosen] for body in bodies]),
            np.stack([body.joints for body in bodies]),
        )
    )
    fitters = {**ours(model, chosen, max(1e-3 * noise_mm, LEAST_SIGMA)), **rivals}
    times: dict[str, list[float]] = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    for fitter in fitters.values():
        fitter(vertices[:1], joints[:1])  # makes what is made once
    for i, body in enumerate(bodies[:ONE_BY_ONE]):
        for name, fitter in fitters.items():
            begin = time.perf_counter()
            (parameters,) = fitter(vertices[i : i + 1], joints[i : i + 1])
            times[name].append(time.perf_counter() - begin)
            away = model(**parameters).vertices - body.vertices
            errors[name].append(1e3 * np.linalg.norm(away, axis=1).mean())
    figures = {
        name: {"ms": summary(times[name], scale=1e3), "vertices_mm": summary(errors[name])}
        for name in fitters
    }
    batches = {name: partial(fitter, vertices, joints) for name, fitter in rivals.items()}
    for name, seconds in time_in_rounds(batches, rounds=3).items():
        figures[name]["batch_ms"] = summary(seconds, scale=1e3 / len(bodies))
    return figures


def ours(model: sc.BodyModel, chosen: np.ndarray, sigma: float) -> dict[str, Fitter]:
    covariance = sigma**2 * np.eye(3)
    markers = sc.Keypoints3D.from_markers(
        model, chosen, np.zeros((len(chosen), 3)), offsets=0.0
    ).format

    def fit_markers(vertices: np.ndarray, _: np.ndarray) -> list[Parameters]:
        seen = sc.Keypoints3D(vertices[0], None, markers, covariance)
        return [parameters_of(sc.fit_joints3d(seen, model=model))]

    def fit_joints(_: np.ndarray, joints: np.ndarray) -> list[Parameters]:
        seen = sc.Keypoints3D.from_array(joints[0], "smpl24", sigma=sigma)
        return [parameters_of(sc.fit_joints3d(seen, model=model))]

    return {"smplceres, vertices": fit_markers, "smplceres, joints": fit_joints}


def smplfitters(folder: Path, chosen: np.ndarray) -> dict[str, Fitter]:
    """Its PyTorch backend, the fastest of them in `forward`, by the number of iterations."""
    import torch  # noqa: PLC0415
    from smplfitter.pt import BodyFitter, BodyModel  # noqa: PLC0415

    body = BodyModel("smpl", "neutral", model_root=str(folder), vertex_subset=chosen)
    fitter = BodyFitter(body)

    def fit_times(iterations: int) -> Fitter:
        def fit_batch(vertices: np.ndarray, joints: np.ndarray) -> list[Parameters]:
            with torch.inference_mode():
                fitted = fitter.fit(
                    torch.tensor(vertices, dtype=torch.float32),
                    torch.tensor(joints, dtype=torch.float32),
                    num_iter=iterations,
                    beta_regularizer=BETA_REGULARIZER,
                )
            pose, betas, trans = (
                fitted[key].numpy().astype(np.float64)
                for key in ("pose_rotvecs", "shape_betas", "trans")
            )
            return [
                {
                    "betas": betas[i],
                    "global_orient": pose[i, :3],
                    "body_pose": pose[i, 3:].reshape(-1, 3),
                    "transl": trans[i],
                }
                for i in range(len(pose))
            ]

        return fit_batch

    return {f"smplfitter, {count} iterations": fit_times(count) for count in ITERATIONS}
