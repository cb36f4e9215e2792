"""Loading body models: the package's own, and users' files."""

from __future__ import annotations

from functools import lru_cache
from os import PathLike

from ..base.files.package_data import DATA
from .model import BodyModel
from .model_files import read_body_model

GENDERS = ("neutral", "male", "female")


def load_body_model(
    path: str | PathLike[str] | None = None, *, gender: str = "neutral", num_betas: int = 10
) -> BodyModel:
    """The body model of a file, or one of the package's own.

    The package's bodies are free to use (CC0): made from MakeHuman's by
    `tools/build_body_model.py`, 12,214 vertices, 24 joints in SMPL's order and rest pose, up to 16
    betas of their own.

    Args:
        path: SMPL's .pkl, or .npz or .pkl with the same keys (SMPL, SMPL-H, SMPL-X); nothing in
            the file is executed. None: a body of the package, the same object every time.
        gender: "neutral", "male" or "female": which of the package's; a file is what it is.
        num_betas: how many shape coefficients to keep, if the body has as many.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; a file that is no body model, says which array and why.
        ValueError: another gender, num_betas below 1.
    """
    if path is None:
        return _own_body_model(gender, num_betas)
    return BodyModel(read_body_model(path, num_betas=num_betas))


@lru_cache(maxsize=8)
def _own_body_model(gender: str, num_betas: int) -> BodyModel:
    if gender not in GENDERS:
        raise ValueError(f"gender: expected one of {', '.join(GENDERS)}, got {gender!r}")
    return BodyModel(read_body_model(DATA / f"body_{gender}.npz", num_betas=num_betas))
