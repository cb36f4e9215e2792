"""The settings of all fits of a data set: checked, described, and sent to workers."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from .._native.build import build_info
from ..base.files.reading import load_bytes
from ..body.load import load_body_model, own_body_named
from ..body.model import BodyModel
from ..body.model_arrays import BodyModelArrays
from ..cameras.camera import Camera
from ..evidence.ground import Ground
from ..evidence.noise import with_noise
from ..evidence.person import Person
from ..fit.inputs import checked_lifter, checked_limits, checked_model, checked_prior, stages_for
from ..fit.presets import stage_from_dict, stage_to_dict
from ..fit.sequence.checkpoint import digest
from ..fit.single import fit
from ..fit.solving import Solving, set_solver_options
from ..keypoints.formats import KeypointFormat, format_named

# Arguments of `fit` that belong to one image, or that a data set has arguments of its own for.
_OF_ONE_FIT = frozenset(
    (
        *("keypoints", "camera", "model", "mask", "keypoints3d", "points", "depth", "initial"),
        *("threads", "refine_cameras"),
    )
)
_ARGUMENTS = inspect.signature(fit).parameters
OPTIONS = tuple(name for name in _ARGUMENTS if name not in _OF_ONE_FIT)


# Options whose arrays are described by their digest.
_DESCRIBED_BY_DIGEST = frozenset({"pose_prior", "joint_limits", "lifter"})


@dataclass(frozen=True)
class Settings:
    """What each fit of a data set gets beside its row; plain values that pickle.

    Attributes:
        version: of the package.
        model: how a worker makes the body.
        camera: of rows without one of their own.
        stages: as dicts.
        options: further arguments of `fit`.
        described: the same for files and for comparison, arrays by their SHA-256.
    """

    version: str
    model: _ModelSource
    camera: Camera | None
    stages: tuple[dict[str, Any], ...]
    options: dict[str, Any]
    described: dict[str, Any]

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `fit` that are the same for all rows.

        Raises:
            ValueError: this process has another version of the package, or another file at the
                path of the body.
        """
        if self.version != version("smplceres"):
            raise ValueError(
                f"smplceres: expected version {self.version} in all workers, as that of the run, "
                f"got {version('smplceres')}"
            )
        preset = [stage_from_dict(stage) for stage in self.stages]
        return {**self.options, "model": self.model.load(), "preset": preset, "threads": 1}


@dataclass(frozen=True)
class _ModelSource:
    """A body of the package by its name, a file by its path and SHA-256, or arrays."""

    name: str = ""
    num_betas: int = 0
    path: str = ""
    sha256: str = ""
    arrays: BodyModelArrays | None = None

    def load(self) -> BodyModel:
        if self.arrays is not None:
            return BodyModel(self.arrays)
        if self.path:
            if _sha256_of_file(self.path) != self.sha256:
                raise ValueError(
                    f"model: expected the file of the run at {self.path} in all workers, got "
                    "another one"
                )
            return load_body_model(self.path)
        model = own_body_named(self.name, self.num_betas)
        assert model is not None
        return model


def settings_of(
    model: BodyModel | str | PathLike[str] | None,
    camera: Camera | None,
    options: Mapping[str, Any],
) -> tuple[Settings, BodyModel]:
    """The settings from the arguments of `fit_dataset`, and the body.

    Raises:
        TypeError: an option that `fit` does not have or that belongs to one image; as `fit`.
        ValueError: as `fit`.
    """
    if unknown := sorted(set(options) - set(OPTIONS)):
        raise TypeError(
            f"options: expected arguments of fit that rows share ({', '.join(OPTIONS)}), got "
            f"{', '.join(unknown)}"
        )
    if camera is not None and not isinstance(camera, Camera):
        raise TypeError(f"camera: expected a Camera or None, got {type(camera).__name__}")
    body = checked_model(model)
    given = {name: value for name, value in options.items() if not _is_default(name, value)}
    stages = stages_for(given.pop("preset", "default"), (), False, body)
    given |= _checked(given, body)
    set_solver_options(
        stages, *(given.pop(name, None) for name in ("jacobian", "linear_solver", "minimizer"))
    )
    Solving.of(stages, given.get("starts", "auto"), 1, given.get("max_time"))
    plain_stages = tuple(stage_to_dict(stage) for stage in stages)
    described = {
        "smplceres": version("smplceres"),
        "model": _described_model(body),
        "pose_prior": _digest_of(checked_prior(given.get("pose_prior"), body)),
        "joint_limits": _digest_of(checked_limits(given.get("joint_limits"), body)),
        "lifter": _digest_of(checked_lifter(given.get("lifter"))),
        "camera": None if camera is None else camera.to_dict(),
        "stages": list(plain_stages),
        "options": {
            name: _plain(value)
            for name, value in sorted(given.items())
            if name not in _DESCRIBED_BY_DIGEST
        },
    }
    source = _model_source(model, body)
    return Settings(version("smplceres"), source, camera, plain_stages, given, described), body


def build_of_core() -> dict[str, Any]:
    """The core that fits in this process: results are bitwise equal for equal builds."""
    info = build_info()
    return {name: info[name] for name in ("arch", "ceres", "eigen", "simd", "compiler")}


def _is_default(name: str, value: Any) -> bool:
    """Defaults that are given explicitly make no other configuration."""
    default = _ARGUMENTS[name].default
    return value is default or (type(value) is type(default) and bool(value == default))


def _checked(given: Mapping[str, Any], body: BodyModel) -> dict[str, Any]:
    """The options that are objects or files, read and without what does not pickle."""
    checked: dict[str, Any] = {}
    if "pose_prior" in given:
        checked["pose_prior"] = replace(checked_prior(given["pose_prior"], body))
    if "joint_limits" in given:
        limits = checked_limits(given["joint_limits"], body)
        checked["joint_limits"] = None if limits is None else replace(limits)
    if "lifter" in given:
        checked["lifter"] = replace(checked_lifter(given["lifter"]))
    if "keypoint_format" in given:
        checked["keypoint_format"] = format_named(given["keypoint_format"])
    if "sigma_px" in given and np.ndim(given["sigma_px"]) == 0:
        with_noise((), given["sigma_px"])
    for name, kind in (("person", Person), ("ground", Ground)):
        if name in given and not isinstance(given[name], kind):
            raise TypeError(f"{name}: expected a {kind.__name__}, got {type(given[name]).__name__}")
    return checked


def _described_model(body: BodyModel) -> dict[str, Any]:
    arrays = ("v_template", "shapedirs", "posedirs", "J_regressor", "lbs_weights")
    return {
        "name": body.name,
        "sha256": digest([*(getattr(body, name) for name in arrays), body.parents, body.faces]),
        "num_joints": body.num_joints,
        "num_betas": body.num_betas,
        "joint_names": list(body.joint_names),
        "slices": {name: int(size) for name, size in body.layout.further},
    }


def _model_source(model: BodyModel | str | PathLike[str] | None, body: BodyModel) -> _ModelSource:
    if own_body_named(body.name, body.num_betas) is body:
        return _ModelSource(name=body.name, num_betas=body.num_betas)
    if model is not None and not isinstance(model, BodyModel):
        path = str(Path(fspath(model)).absolute())
        return _ModelSource(path=path, sha256=_sha256_of_file(path))
    if body.layout.further or body.layout.components:
        raise TypeError("model: expected the path of a body with further slices, got a BodyModel")
    arrays = BodyModelArrays(
        **{
            name: getattr(body, name)
            for name in (each.name for each in fields(BodyModelArrays))
            if name not in ("frame_slices", "pose_components")
        }
    )
    return _ModelSource(arrays=arrays)


def _sha256_of_file(path: str) -> str:
    return hashlib.sha256(load_bytes(Path(path))).hexdigest()


def _digest_of(settings: Any) -> str | None:
    """SHA-256 of a prior, limits or a network."""
    if settings is None:
        return None
    values: list[Any] = []
    for each in fields(settings):
        value = getattr(settings, each.name)
        values += (
            [part for key in value for part in (key, value[key])]
            if isinstance(value, Mapping)
            else [value]
        )
    return digest(values)


def _plain(value: Any) -> Any:
    """A value of an option, as JSON has it."""
    if isinstance(value, Person | Ground):
        return value.to_dict()
    if isinstance(value, KeypointFormat):
        return {each.name: "+".join(each.location) for each in value.keypoints}
    return value.tolist() if hasattr(value, "tolist") else value
