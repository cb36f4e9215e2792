"""fit_dataset: fits to the rows of Parquet files, on all cores or on a cluster."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

from ..body.model import BodyModel
from ..cameras.camera import Camera
from .report import DatasetCheck, DatasetReport


def fit_dataset(
    source: str | PathLike[str],
    out: str | PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    camera: Camera | None = None,
    model: BodyModel | str | PathLike[str] | None = None,
    executor: Any = None,
    workers: int | None = None,
    address: str | None = None,
    only: tuple[int, int] | None = None,
    rows_per_unit: int = 2000,
    resume: bool = True,
    on_error: str = "row",
    covariance: bool | str = False,
    dtype: str = "float64",
    filesystem: Any = None,
    progress: Callable[[int, int], None] | None = None,
    **fit_options: Any,
) -> DatasetReport:
    """Fits a body to each row of Parquet files, as `fit` does, and writes Parquet files.

    Each row of the input is in the output exactly once, in the same order within a file, whatever
    is killed meanwhile: the same call continues where the last one ended. Results are bitwise equal
    for any number of workers and any engine, on processors that load the same core (`build_info`).

    Columns of the input (others by `columns`): `keypoints`, 3K numbers x, y, confidence as a
    fixed-size list, a list, or lists [K, 3]; and, where present, `row_id` (integers or text;
    absent: file and row number), `keypoint_format`, `image` (its name), a camera: `fx` (pixels;
    `fy`, `cx`, `cy`, absent: as fx, and the middle), `width`, `height`, `distortion`, `rotation` (9
    numbers, row-major) and `translation`, as of `Camera`.

    Columns of the output: `row_id`, `source` (file), `source_row`, `status` ("ok", "not_converged",
    "failed"), `error`, `global_orient` (3), `body_pose` (3(J-1)), `betas` (B), `transl` (3),
    further slices of the body by name, `joints` (3J), `sigma_px`, `median_residual_px`, `cost` (the
    sum of energies), `fx`, `fy`, `cx`, `cy` of the camera that was used, `alternatives` (other
    poses of comparable energy), `image`, and the columns to `keep`. Failed rows hold nulls. The
    metadata under the key `smplceres` are JSON: version, build, SHA-256 of the body, prior, stages,
    options, units and frame.

    Args:
        source: a Parquet file, or a folder of them; a path, or a URI (s3, gs, hdfs).
        out: a folder for a file per unit and `_smplceres.json`, the configuration.
        columns: the column of the input by what it is, as {"keypoints": "pose2d"}.
        keep: columns of the input that the output shall have too.
        camera: of rows without `fx`; None: guessed from `width` and `height`, as by `fit`.
        model: as of `fit`; a path must lead to the same file in all workers.
        executor: None or "local": processes on this machine; "dask", "ray"; a
            `distributed.Client`; or any object whose submit(function, *args) returns futures.
        workers: number of processes on this machine; None: the cores that affinity and control
            groups allow.
        address: of a Dask scheduler, or a Ray cluster.
        only: (i, n): the units i, i + n, i + 2n, ..., 0 <= i < n. n such runs, on machines that
            share `out`, are the whole.
        rows_per_unit: rows after which a file is written, at most; a unit never crosses row
            groups of the input.
        resume: keep finished units; False: fit them again.
        on_error: "row": an error of a row is written, the run continues; "raise": it ends the run.
        covariance: False; "joints": also `joint_std` (J), metres, as of `Covariance`; True or
            "full": also `covariance` (N^2), of the variables in the order of `Covariance.names`.
        dtype: "float64" or "float32", of the output.
        filesystem: of `pyarrow.fs` or fsspec, for both folders.
        progress: called with the number of finished rows and the total, first with the rows of
            earlier runs.
        fit_options: further arguments of `fit`, the same for all rows, such as preset, starts,
            keypoint_format, estimate_focal, person, ground; max_time, seconds a row.

    A row that ends its process is written as failed, "process died".

    Raises:
        ValueError: an invalid argument; an input without the columns; `out` of another
            configuration; `on_error="raise"` and a row that failed.
        TypeError: as `fit`; an option that belongs to one image.
        FileNotFoundError, OSError: the input or the output cannot be read or written.
        ImportError: pyarrow, Dask or Ray is missing.
        KeyboardInterrupt: Ctrl-C or SIGTERM, after the units at hand; a second one: at once.
    """
    running = importlib.import_module(".parquet.running", __package__)
    report: DatasetReport = running.run_dataset(
        source,
        out,
        columns=columns,
        keep=keep,
        camera=camera,
        model=model,
        executor=executor,
        workers=workers,
        address=address,
        only=only,
        rows_per_unit=rows_per_unit,
        resume=resume,
        on_error=on_error,
        covariance=covariance,
        dtype=dtype,
        filesystem=filesystem,
        progress=progress,
        fit_options=fit_options,
    )
    return report


def check_dataset(
    source: str | PathLike[str], out: str | PathLike[str], *, filesystem: Any = None
) -> DatasetCheck:
    """Whether each row of an input is in the output of `fit_dataset` exactly once.

    It reads footers alone. The same call of `fit_dataset` redoes what is missing or wrong.

    Args:
        source, out, filesystem: as of `fit_dataset`.

    Raises:
        ValueError: `out` is no folder of `fit_dataset`, or the input no Parquet.
        OSError: a folder cannot be read.
        ImportError: pyarrow is missing.
    """
    checking = importlib.import_module(".parquet.checking", __package__)
    check: DatasetCheck = checking.check(source, out, filesystem)
    return check


def export_training(
    out: str | PathLike[str], path: str | PathLike[str], *, filesystem: Any = None
) -> int:
    """Writes fitted rows as the .npz that training codes of body regressors read.

    Arrays of the N rows that are "ok", in the order of the files: imgname (N,), of the column
    `image`, or row_id without one; pose (N, 3J) axis-angles, the root first, radians; shape (N, B);
    trans (N, 3) metres; cam_int (N, 3, 3), the intrinsics that the fit used, pixels.

    Args:
        out, filesystem: as of `fit_dataset`.
        path: of the file, on this machine.

    Returns:
        N.

    Raises:
        ValueError: `out` is no folder of `fit_dataset`, or has no fitted row.
        OSError: a file cannot be read or written.
        ImportError: pyarrow is missing.
    """
    training = importlib.import_module(".parquet.training", __package__)
    count: int = training.export(out, path, filesystem)
    return count


def keypoints_to_parquet(
    source: str | PathLike[str],
    path: str | PathLike[str],
    *,
    keypoint_format: Any = None,
    image_size: tuple[int, int] | None = None,
    rows_per_group: int = 20_000,
) -> int:
    """Converts keypoint files to a Parquet file for `fit_dataset`.

    Args:
        source: a file of `read_keypoints`, such as COCO's annotations, or a folder of them, such
            as OpenPose's, with its subfolders.
        path: of the Parquet file, on this machine: row_id (text), image, keypoints [3K],
            keypoint_format and, where known, width and height.
        keypoint_format, image_size: as of `read_keypoints`; image_size is also that of images
            whose files do not state one.
        rows_per_group: rows of a row group.

    Returns:
        the number of people.

    Raises:
        FileNotFoundError: no such file or folder.
        KeypointFileError: a ValueError; a file cannot be read.
        ValueError: a folder without keypoint files, or nobody in any.
        OSError: the file cannot be written.
        ImportError: pyarrow is missing.
    """
    converting = importlib.import_module(".parquet.converting", __package__)
    count: int = converting.convert(source, path, keypoint_format, image_size, rows_per_group)
    return count
