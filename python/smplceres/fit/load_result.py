"""Loading of saved results of either kind."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ..base.files.npz_files import open_npz
from ..body.model import BodyModel
from .result import FitResult
from .sequence.result import SequenceResult


def load_result(
    path: str | PathLike[str], model: BodyModel | str | PathLike[str] | None = None
) -> FitResult | SequenceResult:
    """Reads an .npz of `FitResult.save` or `SequenceResult.save`.

    Args:
        path: of the file.
        model: of a sequence, the body that was fitted, or the path of one; None: the default.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not such a file, or another body.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"path: expected a saved result, found no file {path}")
    kind = kind_of(path)
    if kind is None:
        raise ValueError(f"path: expected a saved fit or sequence (.npz), got {path}")
    return FitResult.load(path) if kind is FitResult else SequenceResult.load(path, model)


def kind_of(path: Path) -> type[FitResult] | type[SequenceResult] | None:
    """The kind of a saved result; None for other files, such as an .npz in AMASS's layout."""
    try:
        with open_npz(path) as archive:
            names = archive.keys
    except (ValueError, OSError):
        return None
    if "description" not in names:
        return None
    return SequenceResult if "times" in names else FitResult if "vertices" in names else None
