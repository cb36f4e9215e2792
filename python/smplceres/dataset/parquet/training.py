"""`export_training`: the arrays that training codes of body regressors read."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.files.writing import whole_file
from ..report import OK
from .arrow import pa, pq
from .plan import SUFFIX
from .run_files import read_configuration
from .store import Store

_CAMERA = ("fx", "fy", "cx", "cy")
_LISTS = ("global_orient", "body_pose", "betas", "transl")


def export(out: str | PathLike[str], path: str | PathLike[str], filesystem: Any) -> int:
    """`export_training`."""
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"path: expected a name ending in .npz, got {path.name!r}")
    store = Store(out, filesystem)
    read_configuration(store)
    parts = [part for name in store.files(SUFFIX) if (part := _of_file(store, name)) is not None]
    if not parts:
        raise ValueError(f"out: expected fitted rows, found none with status ok in {store}")
    arrays: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    with whole_file(path) as file:
        np.savez(file, **arrays)
    return len(arrays["pose"])


def _of_file(store: Store, name: str) -> dict[str, NDArray[Any]] | None:
    """The arrays of a file; None without fitted rows."""
    with store.open(name) as file, pq.ParquetFile(file) as parquet:
        names = set(parquet.schema_arrow.names)
        image = "image" if "image" in names else "row_id"
        table = parquet.read([image, "status", *_LISTS, *_CAMERA])
    fitted = pa.array([status == OK for status in table["status"].to_pylist()], pa.bool_())
    table = table.filter(fitted).combine_chunks()
    if not table.num_rows:
        return None
    lists = {name: _matrix(table[name]) for name in _LISTS}
    fx, fy, cx, cy = (table[name].to_numpy() for name in _CAMERA)
    intrinsics = np.zeros((table.num_rows, 3, 3), dtype=fx.dtype)
    intrinsics[:, 0, 0], intrinsics[:, 1, 1], intrinsics[:, 2, 2] = fx, fy, 1
    intrinsics[:, 0, 2], intrinsics[:, 1, 2] = cx, cy
    return {
        "imgname": np.array([str(each) for each in table[image].to_pylist()]),
        "pose": np.hstack([lists["global_orient"], lists["body_pose"]]),
        "shape": lists["betas"],
        "trans": lists["transl"],
        "cam_int": intrinsics,
    }


def _matrix(column: Any) -> NDArray[Any]:
    array = column.combine_chunks()
    flat = array.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat.reshape(len(column), -1))
