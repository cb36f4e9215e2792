"""Loading body models."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from os import PathLike

from .body import BodyModel
from .model_files import read_body_model
from .synthetic import make_body_model_arrays


def load_body_model(path: str | PathLike[str] | None = None, *, num_betas: int = 10) -> BodyModel:
    """The body model of a file, or the default body.

    Args:
        path: SMPL's .pkl, or .npz or .pkl with the same keys (SMPL, SMPL-H, SMPL-X); nothing in
            the file is executed. None: the synthetic body, the same object every time.
        num_betas: how many shape coefficients to keep, if the body has as many.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; a file that is no body model, says which array and why.
    """
    if path is None:
        return default_body_model(num_betas)
    return BodyModel(read_body_model(path, num_betas=num_betas))


@lru_cache(maxsize=2)
def default_body_model(num_betas: int = 10) -> BodyModel:
    """The body used where none is given, with its first `num_betas` shape coefficients."""
    if num_betas < 1:
        raise ValueError(f"num_betas: expected at least 1, got {num_betas}")
    arrays = make_body_model_arrays(0)
    return BodyModel(replace(arrays, shapedirs=arrays.shapedirs[:, :, :num_betas]))
