"""Loading body models: those of the package, and files of users."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import lru_cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from ..base.files.package_data import DATA
from .model import BodyModel, BodyOrigin
from .model_files import read_body_model

GENDERS = ("neutral", "male", "female")


WHOLE = "whole"


def load_body_model(
    path: str | PathLike[str] | None = None, *, gender: str = "neutral", num_betas: int = 10
) -> BodyModel:
    """The body model of a file, or one of the package.

    The bodies of the package are free to use (CC0). They are made from MakeHuman's by
    `tools/build_body_model.py`: 12,214 vertices, 24 joints in SMPL's order and rest pose, up to 16
    betas, which differ from SMPL's. The whole body also has fingers, jaw, eyes and an expression:
    55 joints in SMPL-X's order, and the same betas are the same person.

    Args:
        path: SMPL's .pkl, or .npz or .pkl with the same keys (SMPL, SMPL-H, SMPL-X); nothing in
            the file is executed. "whole": the package's body with hands and face. None: a body of
            the package, the same object every time. Results and pickles remember the path and a
            hash of the file, and load it again where it is still the same.
        gender: "neutral", "male" or "female", of the package; not used with a file.
        num_betas: number of shape coefficients to keep, if the body has that many.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file is not a body model; names the array and the reason.
        ValueError: an unknown gender, num_betas below 1.
    """
    if path is not None and fspath(path) == WHOLE:
        return _own_body_model(WHOLE, num_betas)
    if path is None:
        if gender not in GENDERS:
            raise ValueError(f"gender: expected one of {', '.join(GENDERS)}, got {gender!r}")
        return _own_body_model(gender, num_betas)
    arrays = read_body_model(path, num_betas=num_betas)
    origin = BodyFile(str(Path(path).resolve()), _hash_of(path), num_betas)
    model = BodyModel(arrays, origin)
    _FROM_FILES[origin] = model
    return model


@dataclass(frozen=True)
class OwnBody:
    """A body of the package.

    Attributes:
        gender: or "whole".
        num_betas: that were asked for.
    """

    gender: str
    num_betas: int

    def load(self) -> BodyModel:
        """The body; ValueError for an unknown gender."""
        if self.gender not in (*GENDERS, WHOLE):
            known = ", ".join((*GENDERS, WHOLE))
            raise ValueError(f"gender: expected one of {known}, got {self.gender!r}")
        return _own_body_model(self.gender, self.num_betas)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return asdict(self)


@dataclass(frozen=True)
class BodyFile:
    """A file of a body.

    Attributes:
        path: absolute.
        sha256: of its content, hexadecimal.
        num_betas: that were asked for.
    """

    path: str
    sha256: str
    num_betas: int

    def load(self) -> BodyModel:
        """The body: the one in memory, or from the file.

        Raises:
            FileNotFoundError: no such file.
            ValueError: the file has changed.
        """
        loaded = _FROM_FILES.get(self)
        if loaded is not None:
            return loaded
        if (found := _hash_of(self.path)) != self.sha256:
            raise ValueError(
                f"model: expected {self.path} as it was (sha256 {self.sha256[:8]}), "
                f"got another file ({found[:8]})"
            )
        return load_body_model(self.path, num_betas=self.num_betas)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.path}, sha256 {self.sha256[:8]}"


def origin_from_dict(values: dict[str, Any]) -> BodyOrigin:
    """The inverse of `to_dict` of an origin."""
    if "gender" in values:
        return OwnBody(str(values["gender"]), int(values["num_betas"]))
    return BodyFile(str(values["path"]), str(values["sha256"]), int(values["num_betas"]))


def own_body_named(name: str, num_betas: int) -> BodyModel | None:
    """A body of the package by its name, such as `smplceres_neutral`; None: it is no such body."""
    gender = name.removeprefix("smplceres_")
    if gender == name or gender not in (*GENDERS, WHOLE) or num_betas < 1:
        return None
    return _own_body_model(gender, num_betas)


@lru_cache(maxsize=8)
def _own_body_model(kind: str, num_betas: int) -> BodyModel:
    arrays = read_body_model(DATA / f"body_{kind}.npz", num_betas=num_betas)
    return BodyModel(arrays, OwnBody(kind, num_betas))


_FROM_FILES: WeakValueDictionary[BodyFile, BodyModel] = WeakValueDictionary()


def _hash_of(path: str | PathLike[str]) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
