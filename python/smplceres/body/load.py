"""Loading body models: those of the package, and files of users."""

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
    """The body model of a file, or one of the package.

    The bodies of the package are free to use (CC0). They are made from MakeHuman's by
    `tools/build_body_model.py`: 12,214 vertices, 24 joints in SMPL's order and rest pose, up to 16
    betas, which differ from SMPL's.

    Args:
        path: SMPL's .pkl, or .npz or .pkl with the same keys (SMPL, SMPL-H, SMPL-X); nothing in
            the file is executed. None: a body of the package, the same object every time.
        gender: "neutral", "male" or "female", of the package; not used with a file.
        num_betas: number of shape coefficients to keep, if the body has that many.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file is not a body model; names the array and the reason.
        ValueError: an unknown gender, num_betas below 1.
    """
    if path is None:
        return _own_body_model(gender, num_betas)
    return BodyModel(read_body_model(path, num_betas=num_betas))


@lru_cache(maxsize=8)
def _own_body_model(gender: str, num_betas: int) -> BodyModel:
    if gender not in GENDERS:
        raise ValueError(f"gender: expected one of {', '.join(GENDERS)}, got {gender!r}")
    return BodyModel(read_body_model(DATA / f"body_{gender}.npz", num_betas=num_betas))
