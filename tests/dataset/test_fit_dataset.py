"""fit_dataset: every row once, as `fit` fits it; what it writes, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import smplceres as sc
from dataset_rows import CAMERA, bytes_of, fixed, people, run, table_of, with_camera, write_rows


def fit_table(tmp_path, table, **options):
    """The output of a run on one table."""
    pq.write_table(table, tmp_path / "in.parquet")
    with ThreadPoolExecutor(1) as executor:  # without the start of a process
        sc.fit_dataset(tmp_path / "in.parquet", tmp_path / "out", executor=executor, **options)
    return table_of(tmp_path / "out")


def test_importing_the_package_does_not_import_pyarrow() -> None:
    code = "import sys, smplceres; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_pyarrow_the_error_says_what_to_install(tmp_path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None; import smplceres as sc\n"
        f"sc.fit_dataset({str(tmp_path)!r}, 'out')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: data sets need pyarrow: pip install 'smplceres[dataset]'" in run.stderr


def test_rows_are_those_of_fit_in_the_order_of_the_input(source, fitted) -> None:
    table = table_of(fitted)
    assert table["row_id"].to_pylist() == [*range(20), *range(100, 105)]
    assert table["source"].to_pylist() == ["a.parquet"] * 20 + ["more/b.parquet"] * 5
    assert table["source_row"].to_pylist() == [*range(20), *range(5)]
    given = pq.read_table(source / "a.parquet")["keypoints"].to_pylist()
    for number in (0, 13):
        rows = np.array(given[number], dtype=np.float64).reshape(25, 3)
        expected = sc.fit(rows, CAMERA, threads=1)
        row = table.slice(number, 1).to_pylist()[0]
        for name in ("global_orient", "body_pose", "betas", "transl", "joints"):
            np.testing.assert_array_equal(row[name], getattr(expected, name).ravel())
        assert row["status"] == "ok" and row["error"] is None
        assert row["sigma_px"] == expected.sigma_px
        assert row["median_residual_px"] == expected.reprojection_error()
        assert row["cost"] == sum(expected.energies.values())
        assert row["fx"] == 900 and row["cx"] == 319.5
        assert len(row["alternatives"]) == len(expected.alternatives)


def test_a_unit_is_a_part_of_a_row_group_and_names_its_file(source, fitted) -> None:
    assert sorted(bytes_of(fitted)) == [
        *(f"a/{group:05d}-{first:08d}.parquet" for group in (0, 1) for first in (0, 4)),
        *("a/00002-00000000.parquet", "a/00002-00000004.parquet"),
        *("more/b/00000-00000000.parquet", "more/b/00000-00000004.parquet"),
    ]


def test_the_metadata_say_what_was_done(fitted) -> None:
    path = fitted / "a" / "00000-00000000.parquet"
    metadata = json.loads(pq.read_metadata(path).metadata[b"smplceres"])
    configuration = json.loads((fitted / "_smplceres.json").read_text())
    assert metadata["configuration"] == configuration
    assert metadata["build"]["arch"] == sc.build_info()["arch"]
    assert metadata["unit"]["counts"] == {"ok": 4, "not_converged": 0, "failed": 0}
    assert configuration["smplceres"] == sc.__version__
    assert len(configuration["model"]["sha256"]) == len(configuration["pose_prior"]) == 64
    assert len(configuration["stages"]) == len(sc.default_stages())
    assert configuration["units"]["length"] == "m"


@pytest.mark.parametrize("workers", [2, 8])
def test_any_number_of_workers_writes_the_same_bytes(source, fitted, tmp_path, workers) -> None:
    sc.fit_dataset(source, tmp_path / "out", rows_per_unit=4, workers=workers)
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)


def test_parts_joined_are_the_whole(source, fitted, tmp_path) -> None:
    out = tmp_path / "out"
    reports = [
        sc.fit_dataset(source, out, rows_per_unit=4, workers=1, only=(part, 3)) for part in range(3)
    ]
    assert sum(report.rows for report in reports) == 25
    assert bytes_of(out) == bytes_of(fitted)


def test_a_second_run_fits_nothing_and_reports_the_same(source, fitted) -> None:
    before = {path: path.stat().st_mtime_ns for path in fitted.rglob("*.parquet")}
    seen = []
    report = sc.fit_dataset(
        source, fitted, rows_per_unit=4, progress=lambda done, total: seen.append((done, total))
    )
    assert (report.rows, report.ok, report.units, report.resumed_units) == (25, 25, 8, 8)
    assert seen == [(25, 25)]
    assert {path: path.stat().st_mtime_ns for path in fitted.rglob("*.parquet")} == before


def test_without_resume_units_are_fitted_again(source, fitted, tmp_path) -> None:
    sc.fit_dataset(source, tmp_path / "out", rows_per_unit=4, workers=1)
    report = sc.fit_dataset(source, tmp_path / "out", rows_per_unit=4, workers=1, resume=False)
    assert report.resumed_units == 0
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)


def test_progress_counts_rows(source, tmp_path) -> None:
    seen = []
    sc.fit_dataset(
        source, tmp_path / "out", workers=1, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(0, 25), (7, 25), (14, 25), (20, 25), (25, 25)]


def test_lists_nested_lists_and_other_names_are_the_same_rows(tmp_path) -> None:
    rows = people(2)
    layouts = {
        "fixed": fixed(rows),
        "list": pa.array([row.ravel() for row in rows]),
        "nested": pa.array([row.tolist() for row in rows]),
        "pairs": pa.array([row[:, :2].tolist() for row in rows]),
    }
    poses = {}
    for name, keypoints in layouts.items():
        (tmp_path / name).mkdir()
        table = fit_table(
            tmp_path / name, with_camera({"pose2d": keypoints}), columns={"keypoints": "pose2d"}
        )
        poses[name] = table["body_pose"].to_pylist()
        assert table["row_id"].to_pylist() == ["in.parquet:0", "in.parquet:1"]
    assert poses["fixed"] == poses["list"] == poses["nested"]
    assert poses["pairs"] != poses["fixed"]  # its confidences are 1, not 0.9


def test_cameras_are_columns_an_argument_or_guessed(tmp_path) -> None:
    rows = fixed(people(1))
    sized = pa.table({"keypoints": rows, "width": [640], "height": [480]})
    bare = pa.table({"keypoints": rows})
    (tmp_path / "given").mkdir(), (tmp_path / "guessed").mkdir()
    given = fit_table(tmp_path / "given", bare, camera=CAMERA).to_pylist()[0]
    guessed = fit_table(tmp_path / "guessed", sized).to_pylist()[0]
    assert given["fx"] == 900 and guessed["fx"] == 800
    with pytest.raises(ValueError, match=r"in.parquet: width, height: expected columns"):
        fit_table(tmp_path, bare)


def test_a_camera_has_distortion_and_a_place(tmp_path) -> None:
    turned = sc.Camera(
        **{name: getattr(CAMERA, name) for name in ("fx", "fy", "cx", "cy", "width", "height")},
        distortion=[-0.1],
        rotation=np.diag([1.0, -1.0, -1.0]),
        translation=[0, 0, 5],
    )
    rows = people(1)
    table = with_camera(
        {
            "keypoints": fixed(rows),
            "distortion": [[-0.1]],
            "rotation": [np.diag([1.0, -1.0, -1.0]).ravel()],
            "translation": [[0.0, 0.0, 5.0]],
        }
    )
    row = fit_table(tmp_path, table).to_pylist()[0]
    expected = sc.fit(rows[0].astype(np.float64), turned, threads=1)
    np.testing.assert_array_equal(row["transl"], expected.transl)


def test_columns_are_kept_and_images_carried(tmp_path) -> None:
    table = with_camera(
        {"keypoints": fixed(people(2)), "image": ["x.jpg", "y.jpg"], "split": [1, None]}
    )
    fitted = fit_table(tmp_path, table, keep=["split"])
    assert fitted["image"].to_pylist() == ["x.jpg", "y.jpg"]
    assert fitted["split"].to_pylist() == [1, None]
    with pytest.raises(ValueError, match=r"keep: expected no names of the output, got image"):
        sc.fit_dataset(tmp_path / "in.parquet", tmp_path / "other", keep=["image"])


def test_float32_and_uncertainty(tmp_path) -> None:
    rows = people(1)
    table = with_camera({"keypoints": fixed(rows)})
    row = fit_table(tmp_path, table, dtype="float32", covariance=True)
    assert row.schema.field("joints").type.value_type == pa.float32()
    expected = sc.fit(rows[0].astype(np.float64), CAMERA, threads=1).covariance()
    values = row.to_pylist()[0]
    np.testing.assert_array_equal(values["joint_std"], expected.joint_std.astype(np.float32))
    matrix = np.reshape(values["covariance"], expected.matrix.shape)
    np.testing.assert_array_equal(matrix, expected.matrix.astype(np.float32))


def test_further_slices_of_a_body_are_columns(tmp_path) -> None:
    from smplceres.dataset.parquet.table import BodySizes  # noqa: PLC0415  # needs pyarrow

    sizes = BodySizes(24, 10, {"expression": 5})
    assert sizes.lists()["expression"] == 5
    assert sizes.variables == 72 + 3 + 5 + 10 + 1


def test_options_of_fit_hold_for_all_rows(tmp_path) -> None:
    rows = people(1)
    table = with_camera({"keypoints": fixed(rows)})
    prior = sc.anatomical_prior(24)
    options = {
        "preset": sc.smplify_stages(),
        "pose_prior": prior,
        "person": sc.Person(height=1.7),
        "starts": 2,
        "sigma_px": 3.0,
    }
    row = fit_table(tmp_path, table, **options).to_pylist()[0]
    expected = sc.fit(rows[0].astype(np.float64), CAMERA, threads=1, **options)
    np.testing.assert_array_equal(row["body_pose"], expected.body_pose.ravel())


def test_a_body_may_be_an_object_or_a_file(tmp_path) -> None:
    table = with_camera({"keypoints": fixed(people(1))})
    female = sc.load_body_model(gender="female", num_betas=4)
    (tmp_path / "own").mkdir(), (tmp_path / "made").mkdir()
    own = fit_table(tmp_path / "own", table, model=female)
    assert len(own["betas"][0].as_py()) == 4
    female.name = "somebody"  # no longer a body of the package
    made = fit_table(tmp_path / "made", table, model=female)
    assert made["body_pose"].to_pylist() == own["body_pose"].to_pylist()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"rows_per_unit": 5}, "rows_per_unit"),
        ({"starts": 3}, "options.starts"),
        ({"preset": "smplify"}, "stages"),
        ({"model": sc.load_body_model(num_betas=5)}, r"model.num_betas, model.sha256"),
        ({"pose_prior": sc.anatomical_prior(24)}, "pose_prior"),
        ({"dtype": "float32"}, "dtype"),
        ({"camera": CAMERA}, "camera"),
    ],
)
def test_another_configuration_is_refused(source, fitted, changed, named) -> None:
    with pytest.raises(ValueError, match=rf"out: expected a run .*, got another {named}; use"):
        sc.fit_dataset(source, fitted, **{"rows_per_unit": 4} | changed)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"rows_per_unit": 0}, ValueError, "rows_per_unit: expected a whole number >= 1, got 0"),
        ({"on_error": "skip"}, ValueError, "on_error: expected 'row' or 'raise', got 'skip'"),
        ({"dtype": "float16"}, ValueError, "dtype: expected"),
        ({"only": (3, 3)}, ValueError, r"only: expected \(i, n\) with 0 <= i < n"),
        ({"covariance": "some"}, ValueError, "covariance: expected False, True"),
        ({"workers": 0}, ValueError, "workers: expected a whole number >= 1 or None, got 0"),
        ({"executor": "slurm"}, ValueError, "executor: expected one of local, dask, ray"),
        ({"executor": 3}, TypeError, "executor: expected local, dask, ray, or an object with"),
        ({"address": "tcp://there"}, ValueError, "address: expected engine dask or ray with it"),
        ({"columns": {"keypoint": "x"}}, ValueError, "columns: expected some of keypoints,"),
        ({"columns": {"image": "x"}}, ValueError, r"a.parquet: image: expected a column 'x', got"),
        ({"columns": {"keypoints": "fx"}}, ValueError, "keypoints: expected a list of numbers"),
        ({"keep": ["x"]}, ValueError, "keep: expected a column 'x', got row_id"),
        ({"keep": "x"}, ValueError, "keep: expected a list of columns, got 'x'"),
        ({"mask": None}, TypeError, "options: expected arguments of fit that rows share"),
        ({"keypoint_format": "body26"}, ValueError, "body26"),
        ({"starts": 0}, ValueError, "starts: expected a whole number >= 1"),
        ({"max_time": -1}, ValueError, "max_time"),
        ({"sigma_px": 0}, ValueError, "sigma_px: expected pixels > 0, got 0"),
        ({"person": 1.8}, TypeError, "person: expected a Person, got float"),
        (
            {"camera": sc.WeakPerspectiveCamera.guess(640, 480)},
            TypeError,
            "camera: expected a Camera or None, got WeakPerspectiveCamera",
        ),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_written(
    source, tmp_path, options, error, said
) -> None:
    with pytest.raises(error, match=said):
        sc.fit_dataset(source, tmp_path / "out", **options)
    assert bytes_of(tmp_path) == {}


def test_wrong_folders_are_refused(source, fitted, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"source: expected a Parquet file or a folder of them"):
        sc.fit_dataset(tmp_path, tmp_path / "out")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(ValueError, match=r"x.parquet: expected a Parquet file, got another"):
        sc.fit_dataset(tmp_path / "x.parquet", tmp_path / "out")
    with pytest.raises(ValueError, match=r"out: expected an empty folder .* no _smplceres.json"):
        sc.fit_dataset(source, source)
    with pytest.raises(ValueError, match=r"nowhere://x: expected a path or a URI"):
        sc.fit_dataset("nowhere://x", tmp_path / "out")


def test_uris_are_read_and_written(source, fitted, tmp_path) -> None:
    sc.fit_dataset(source.as_uri(), (tmp_path / "out").as_uri(), rows_per_unit=4, workers=1)
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)


def test_the_command_line_is_the_function(source, fitted, tmp_path) -> None:
    (tmp_path / "fit.toml").write_text('command = "dataset"\nrows-per-unit = 4\nworkers = 2\n')
    done = run(source, tmp_path / "out", "--config", tmp_path / "fit.toml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("25 rows: 25 ok, 0 not converged, 0 failed; 8 units; ")
    assert bytes_of(tmp_path / "out") == bytes_of(fitted)
    again = run(source, tmp_path / "out", "--rows-per-unit", 4, "--json")
    assert json.loads(again.stdout)["resumed_units"] == 8
    other = run(source, tmp_path / "out")
    assert other.returncode == 2
    assert other.stderr.count("\n") == 1 and "got another rows_per_unit" in other.stderr


def test_the_command_line_passes_columns_and_cameras(tmp_path) -> None:
    table = pa.table({"pose2d": fixed(people(1)), "split": ["train"]})
    pq.write_table(table, tmp_path / "in.parquet")
    done = run(
        *(tmp_path / "in.parquet", tmp_path / "out", "--columns", "keypoints=pose2d"),
        *("--keep", "split", "--image-size", 640, 480, "--focal", 900, "--workers", 1, "--quiet"),
        *("--covariance", "joints", "--only", "0/1", "--starts", 1),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    row = table_of(tmp_path / "out").to_pylist()[0]
    assert (row["split"], row["fx"], len(row["joint_std"])) == ("train", 900, 24)


def test_an_array_of_jobs_may_have_more_jobs_than_units(tmp_path) -> None:
    write_rows(tmp_path / "in.parquet", people(1))
    report = sc.fit_dataset(tmp_path / "in.parquet", tmp_path / "out", only=(5, 8))
    assert (report.rows, report.units, report.complete) == (0, 0, True)
