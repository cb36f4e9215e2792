"""Results of smplceres as named arrays, without what depends on time: seconds and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import singledispatch
from typing import Any

import numpy as np

import smplceres as sc

from .archive import Arrays

PARAMETERS = ("global_orient", "body_pose", "betas", "transl")


def arrays_of(name: str, value: object) -> Arrays:
    """The arrays of a value: NumPy's, numbers, texts, None, results of smplceres, and mappings and
    sequences of these."""
    return dict(_flat(name, value))


def _flat(name: str, value: object) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    content = _content(value)
    if not isinstance(content, Mapping):
        array = np.asarray(content)
        if array.dtype.kind not in "biufU":
            raise TypeError(f"{name}: expected numbers or text, got {type(value).__name__}")
        yield name, array
        return
    for key, part in content.items():
        yield from _flat(f"{name}/{key}", part)


def _attributes(value: object, *names: str) -> dict[str, object]:
    return {name: getattr(value, name) for name in names}


@singledispatch
def _content(value: object) -> object:
    """A mapping of parts, or what NumPy makes an array of."""
    return value


@_content.register(type(None))
def _(value: None) -> object:
    return "None"


@_content.register(list)
@_content.register(tuple)
def _(value: Sequence[object]) -> object:
    plain = (bool, int, float, str, np.number)
    if value and all(isinstance(each, plain) for each in value):
        return np.array(value)
    return {"length": len(value), **{str(number): each for number, each in enumerate(value)}}


@_content.register
def _(value: sc.Camera) -> object:
    return value.to_dict()


@_content.register
def _(value: sc.WeakPerspectiveCamera) -> object:
    return value.to_dict()


@_content.register
def _(value: sc.Keypoints) -> object:
    return _attributes(value, "xy", "confidence") | {"format": value.format.name}


@_content.register
def _(value: sc.Stage) -> object:
    return _options(value)


def _options(value: Any) -> dict[str, object]:
    """The properties of a stage, and those of the options that it holds."""
    names = [name for name, member in vars(type(value)).items() if isinstance(member, property)]
    plain = (bool, int, float, str)
    parts = {name: getattr(value, name) for name in names}
    return {
        name: part if isinstance(part, plain) else _options(part) for name, part in parts.items()
    }


@_content.register
def _(value: sc.StageReport) -> object:
    return _attributes(
        value,
        *("name", "iterations", "initial_cost", "final_cost", "costs", "termination_type"),
        *("minimizer", "linear_solver", "jacobian", "num_residuals", "num_parameters"),
        *("initial_energies", "energies", "parameters"),
    )


@_content.register
def _(value: sc.FittedView) -> object:
    return _attributes(value, "camera", "keypoints", "keypoints2d", "residuals")


@_content.register
def _(value: sc.FitResult) -> object:
    hypotheses = [
        _attributes(each, *PARAMETERS, "joints", "energies", "kept", "cost")
        for each in value.hypotheses
    ]
    parts = _attributes(
        value,
        *PARAMETERS,
        *("joints", "views", "stages", "energies", "converged", "num_starts", "model_name"),
        *("sigma_px", "keypoints3d", "residuals3d", "start"),
    )
    if value.knows_outliers:
        parts["outliers"] = value.outliers
    return parts | {
        "hypotheses": hypotheses,
        "num_alternatives": len(value.alternatives),
        "reprojection_error": value.reprojection_error(),
    }


@_content.register
def _(value: sc.SequenceResult) -> object:
    return _attributes(
        value,
        *("times", *PARAMETERS, "joints", "seen", "cameras", "skipped", "stages", "energies"),
        *("converged", "model_name", "keypoints2d", "residuals", "outliers"),
    ) | {"reprojection_error": value.reprojection_error()}


@_content.register
def _(value: sc.Tracked) -> object:
    return _attributes(
        value, "timestamp", "status", *PARAMETERS, "velocity", "energies", "joints", "joint_std"
    )


@_content.register
def _(value: sc.Covariance) -> object:
    return _attributes(
        value,
        *("matrix", "names", "sigma_px", "joints", "keypoints2d", "prior_std"),
        *("joint_std", "undetermined"),
    ) | {"joint_std_along": value.joint_std_along(np.eye(3)[1:])}


@_content.register
def _(value: sc.Measurements) -> object:
    return {"lengths": value.lengths, "std": value.std}


@_content.register
def _(value: sc.Penetration) -> object:
    pairs = [
        _attributes(pair, "parts", "max_depth", "mean_depth", "num_vertices")
        for pair in value.pairs
    ]
    return _attributes(value, "vertices", "depths") | {"pairs": pairs}


@_content.register
def _(value: sc.FitFailure) -> object:
    return {"index": value.index, "error": type(value.error).__name__}
