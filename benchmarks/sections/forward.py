"""Posing a body of 6890 vertices with pose blend shapes everywhere, as SMPL's: ours, smplx and
smplfitter, called from Python on one thread. One body; a batch of 64; joints alone, which smplx has
only with the mesh. All agree on the vertices to a fraction of a millimetre (`apart_mm`). Beside
them ours on a body whose pose blend shapes are local, as those of the package's bodies are: the
others' time does not depend on that."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import fit
import smplceres as sc
from peers import smpl_files
from smplceres._native import _core
from smplceres.synthetic import make_body_model
from timing import summary, time_in_rounds

from .given import Given, LeftOutError

BATCH = 64
DTYPES = (np.float64, np.float32)
BACKENDS = {"np": "NumPy", "pt": "PyTorch", "nb": "Numba"}  # of smplfitter

# What poses one body or a batch, returning vertices, and joints alone.
Calls = dict[str, dict[str, Callable[[], Any]]]


def measure(given: Given) -> dict[str, object]:
    os.environ["NUMBA_NUM_THREADS"] = "1"
    model = fit.dense_body()
    rng = np.random.default_rng(0)
    poses = {
        "betas": rng.normal(size=(BATCH, model.num_betas)),
        "global_orient": rng.normal(size=(BATCH, 3)),
        "body_pose": rng.normal(0, 0.3, (BATCH, model.num_joints - 1, 3)),
        "transl": rng.normal(size=(BATCH, 3)),
    }
    calls: Calls = {"one body": {}, f"batch of {BATCH}": {}, "joints alone": {}}
    vertices: dict[str, np.ndarray] = {}
    left_out: dict[str, str] = {}
    add_ours("smplceres, local blend shapes", calls, vertices, make_body_model(0), poses)
    add_ours("smplceres", calls, vertices, model, poses)
    arrays = smpl_files.smpl_arrays(model)
    for name, add in rivals().items():
        with TemporaryDirectory() as folder:
            try:
                add(calls, vertices, Path(folder), arrays, poses)
            except ImportError as missing:
                left_out[name] = f"not installed: {missing}"
    if len(vertices) < 2:  # ours alone
        raise LeftOutError("needs smplx and smplfitter (`make bench`)")
    rounds = {"one body": (60, 3), f"batch of {BATCH}": (8, 1), "joints alone": (60, 20)}
    times = {
        name: {
            rival: summary(values, scale=1e3)
            for rival, values in time_in_rounds(
                group, given.count(rounds[name][0], 2), rounds[name][1]
            ).items()
        }
        for name, group in calls.items()
    }
    alone = _core.time_points(
        model._joint_points, model._core, **{name: values[0] for name, values in poses.items()}
    )
    return {
        "ms": times,
        "joints_without_python_us": summary(alone, scale=1e6),
        "apart_mm": {
            name: float(1e3 * np.abs(other - vertices["smplceres"]).max())
            for name, other in vertices.items()
        },
        "rivals_left_out": left_out,
    }


def add_ours(
    name: str,
    calls: Calls,
    vertices: dict[str, np.ndarray],
    model: sc.BodyModel,
    poses: dict[str, np.ndarray],
) -> None:
    one = {name: values[0] for name, values in poses.items()}
    for of, given in (("one body", one), (f"batch of {BATCH}", poses)):
        double, single = (partial(model, **given, dtype=t, threads=1) for t in DTYPES)
        calls[of][name], calls[of][f"{name}, float32"] = double, single
    if not calls["joints alone"]:
        calls["joints alone"]["smplceres"] = partial(model.joints, **one, threads=1)
    vertices["smplceres"] = model(**one).vertices


def rivals() -> dict[str, Callable[..., None]]:
    def smplfitter(backend: str) -> Callable[..., None]:
        return lambda *given: add_smplfitter(backend, *given)

    return {
        "smplx": add_smplx,
        **{f"smplfitter, {name}": smplfitter(backend) for backend, name in BACKENDS.items()},
    }


def add_smplx(
    calls: Calls,
    vertices: dict[str, np.ndarray],
    folder: Path,
    arrays: smpl_files.Arrays,
    poses: dict[str, np.ndarray],
) -> None:
    import smplx  # noqa: PLC0415
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    body = smplx.create(smpl_files.write_for_smplx(folder, arrays), "smpl", num_betas=10)

    def call(count: int, **options: bool) -> Callable[[], Any]:
        tensors = {
            name: torch.tensor(values[:count].reshape(count, -1), dtype=torch.float32)
            for name, values in poses.items()
        }

        def posed() -> Any:
            with torch.inference_mode():
                return body(**tensors, **options)

        return posed

    calls["one body"]["smplx"] = call(1)
    calls[f"batch of {BATCH}"]["smplx"] = call(BATCH)
    calls["joints alone"]["smplx"] = call(1, return_verts=False)
    vertices["smplx"] = call(1)().vertices[0].numpy()


def add_smplfitter(
    backend: str,
    calls: Calls,
    vertices: dict[str, np.ndarray],
    folder: Path,
    arrays: smpl_files.Arrays,
    poses: dict[str, np.ndarray],
) -> None:
    name = f"smplfitter, {BACKENDS[backend]}"
    library = importlib.import_module(f"smplfitter.{backend}")
    smpl_files.write_for_smplfitter(folder, arrays)
    body = library.BodyModel("smpl", "neutral", model_root=str(folder))
    pose = np.concatenate([poses["global_orient"][:, None], poses["body_pose"]], axis=1)
    inputs = {
        "pose_rotvecs": pose.reshape(BATCH, -1),
        "shape_betas": poses["betas"],
        "trans": poses["transl"],
    }
    inputs = {key: values.astype(np.float32) for key, values in inputs.items()}
    if backend == "pt":
        import torch  # noqa: PLC0415

        torch.set_num_threads(1)
        inputs = {key: torch.tensor(values) for key, values in inputs.items()}

    def call(count: int, **options: bool) -> Callable[[], Any]:
        chosen = {key: values[:count] for key, values in inputs.items()}
        if backend != "pt":
            return lambda: body(**chosen, **options)

        def posed() -> Any:
            with torch.inference_mode():
                return body(**chosen, **options)

        return posed

    calls["one body"][name] = call(1)
    calls[f"batch of {BATCH}"][name] = call(BATCH)
    calls["joints alone"][name] = call(1, return_vertices=False)
    vertices[name] = np.asarray(call(1)()["vertices"][0])
