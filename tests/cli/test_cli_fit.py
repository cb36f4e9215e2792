"""`smplceres fit` on keypoint files, through the program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smplceres
from cli_runs import (
    ENDINGS,
    HEIGHT,
    PICTURES,
    WIDTH,
    assert_one_line_error,
    smplceres_command,
    standing,
    with_module_missing,
)
from smplceres import FitResult, Keypoints, cli
from smplceres.body.model_files import write_body_model
from smplceres.cli import fit_settings
from smplceres.synthetic import make_body_model_arrays


def command_in_this_process(*arguments, folder, monkeypatch, capsys):
    """The same, without the half second that an interpreter takes to start."""
    monkeypatch.chdir(folder)
    try:
        status = cli.main([str(argument) for argument in arguments])
    except SystemExit as end:  # as argparse ends
        status = end.code
    said = capsys.readouterr()
    return subprocess.CompletedProcess(arguments, status, said.out, said.err)


def unseen(image_size=None):
    return Keypoints(np.zeros((25, 2)), np.zeros(25), "openpose_body25", image_size)


def test_fit_writes_every_file_of_every_person(folder):
    run = smplceres_command("fit", "two.npz", "--image", "frame.png", "--out", "a/b", folder=folder)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    expected = {f"two_person{n}{ending}" for n in (0, 1) for ending in (*ENDINGS, *PICTURES)}
    expected |= {"two_run.toml", "two_report.html"}
    assert {path.name for path in (folder / "a/b").iterdir()} == expected

    for number, x in enumerate((-0.6, 0.5)):
        base = folder / "a/b" / f"two_person{number}"
        result = FitResult.load(f"{base}.npz")
        assert result.camera.width == WIDTH
        assert np.median(result.residuals) < 5
        assert np.sign(result.joints[0, 0]) == np.sign(x)
        written = json.loads(Path(f"{base}.json").read_text())
        assert written["transl"] == result.transl.tolist()
        obj = Path(f"{base}.obj").read_text()
        assert len(re.findall("^v ", obj, re.M)) == len(result.vertices)
        assert len(re.findall("^f ", obj, re.M)) == len(result.faces)
        assert Image.open(f"{base}_overlay.png").size == (WIDTH, HEIGHT)
        assert Image.open(f"{base}_side.png").size == (512, 512)


def test_the_overlay_covers_the_person_and_little_else(folder):
    run = smplceres_command(
        *("fit", "two.npz", "--image", "frame.png", "--person", 1, "--out", "o", "--no-report"),
        folder=folder,
    )
    assert run.returncode == 0, run.stderr
    assert not list((folder / "o").glob("*person0*"))
    drawn = np.asarray(Image.open(folder / "o/two_person1_overlay.png"))[:-20]
    rows, columns = np.nonzero((drawn != 90).any(axis=2))
    xy = standing(0.5).xy
    low, high = xy.min(axis=0) - 40, xy.max(axis=0) + 40  # hands, crown and soles lie beyond
    inside = (columns > low[0]) & (columns < high[0]) & (rows > low[1]) & (rows < high[1])
    assert inside.mean() > 0.99
    for k in range(25):
        x, y = np.round(xy[k]).astype(int)
        assert (drawn[y, x] != 90).any()


def test_without_an_image_no_picture_is_drawn_and_pillow_is_not_needed(folder):
    run = with_module_missing("PIL", "fit", "known.npz", "--out", "o", folder=folder)
    assert run.returncode == 0, run.stderr
    expected = {f"known_person0{ending}" for ending in ENDINGS} | {"known_run.toml"}
    assert {path.name for path in (folder / "o").iterdir()} == expected


def test_export_writes_the_formats_that_are_asked_for(folder):
    """And says so; .npz and .json of other programs under names of their own."""
    exports = "glb,bvh,obj,ply,npz,json,csv"
    run = smplceres_command(
        *("fit", "known.npz", "--out", "out", "--export", exports), folder=folder
    )
    assert run.returncode == 0, run.stderr
    endings = (".bvh", ".ply", "_amass.npz", "_motion.json", ".csv")
    written = {path.name for path in (folder / "out").iterdir()} - {"known_run.toml"}
    assert written == {f"known_person0{ending}" for ending in (*ENDINGS, *endings)}
    assert ".obj,.glb,.bvh,.ply,_amass.npz,_motion.json,.csv" in run.stdout
    model = smplceres.load_body_model()
    motion = smplceres.Motion.read(folder / "out" / "known_person0_amass.npz", model)
    result = FitResult.load(folder / "out" / "known_person0.npz")
    np.testing.assert_allclose(motion.to("opencv").joints[0], result.joints, atol=1e-9)


def test_fit_reports_stages_error_and_convergence(folder):
    run = smplceres_command("fit", "known.npz", "--out", "o", folder=folder)
    result = FitResult.load(folder / "o/known_person0.npz")
    lines = [line.split() for line in run.stdout.splitlines()]
    assert "stage iterations cost before cost after ms termination" in [
        " ".join(line) for line in lines
    ]
    for stage in result.stages:
        (row,) = (row for row in lines if row[: len(stage.name.split())] == stage.name.split())
        iterations, before, after, ms, termination = row[-5:]
        assert int(iterations) == stage.iterations
        assert float(before) == pytest.approx(stage.initial_cost, abs=0.051)
        assert float(after) == pytest.approx(stage.final_cost, abs=0.051)
        assert float(ms) == pytest.approx(1e3 * stage.time, abs=0.0051)
        assert termination == stage.termination_type
    error, height = result.reprojection_error(), result.keypoints.height_px
    assert f"reprojection error: {error:.1f} px" in run.stdout
    assert f"{100 * error / height:.1f} % of their height, {height:.0f} px" in run.stdout
    assert ("  converged in" if result.converged else "  not converged (") in run.stdout


def test_a_fit_that_runs_out_of_time_says_so_and_is_written(folder):
    run = smplceres_command(
        "fit", "known.npz", "--out", "o", "--max-time", "1e-9", folder=folder
    )  # fmt: skip
    assert run.returncode == 0
    assert "not converged (" in run.stdout
    assert (folder / "o/known_person0.npz").is_file()


def fitted_camera(folder, *arguments):
    run = smplceres_command(
        "fit", "two.npz", "--person", 0, "--out", "o", *arguments, folder=folder
    )
    assert run.returncode == 0, run.stderr
    return run.stdout, FitResult.load(folder / "o/two_person0.npz").camera


SIZE = ("--image-size", WIDTH, HEIGHT)


def test_a_guessed_camera_is_said_to_be_guessed(folder):
    said, camera = fitted_camera(folder, *SIZE, "--no-estimate-focal")
    assert "camera: guessed, focal length 800 px" in said
    assert (camera.fx, camera.cx) == (800, 319.5)


def test_a_camera_that_nobody_gives_is_found(folder):
    said, camera = fitted_camera(folder, *SIZE)
    assert f"camera: focal length {camera.fx:.0f} px estimated" in said
    assert 600 < camera.fx < 1200 and camera.fx != 800  # found, not the guess by the picture's size


def test_a_focal_length_puts_the_principal_point_in_the_middle(folder):
    said, camera = fitted_camera(folder, *SIZE, "--focal", "750.5")
    assert "guessed" not in said
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (750.5, 750.5, 319.5, 239.5)


def test_a_camera_and_distortion_arrive_as_given_negative_exponents_included(folder):
    given = ("--camera", 900, 910, 320, 240, "--distortion", "-0.1", "-2.6e-05", "1e-3")
    _, camera = fitted_camera(folder, *SIZE, *given)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (900, 910, 320, 240)
    assert camera.distortion.tolist() == [-0.1, -2.6e-05, 1e-3]


def test_a_depth_image_goes_to_the_fit(folder):
    depth = np.full((HEIGHT, WIDTH), 9.0)  # of a wall: nothing of the body
    np.save(folder / "depth.npy", depth)
    given = ("--camera", 900, 910, 320, 240, "--depth", "depth.npy")
    fitted_camera(folder, *SIZE, *given)
    np.save(folder / "depth.npy", depth[:10])
    fit = ("fit", "known.npz", "--out", "out")
    run = smplceres_command(*fit, *given, folder=folder)
    assert_one_line_error(run, f"depth: expected [{HEIGHT}, {WIDTH}], got [10, {WIDTH}]")
    run = smplceres_command(*fit, "--depth", "depth.npy", folder=folder)
    assert_one_line_error(run, "--depth: expected --camera or --focal with it, got neither")


def test_weak_perspective_reports_the_scale_it_found(folder):
    said, camera = fitted_camera(folder, *SIZE, "--weak-perspective")
    assert camera.scale == pytest.approx(900 / 4, rel=0.2)
    assert f"camera: weak perspective, scale {camera.scale:.1f} px/m" in said


def test_the_image_size_comes_from_the_image_turned_upright(folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees
    Image.new("RGB", (HEIGHT, WIDTH)).save(folder / "phone.jpg", exif=exif)
    _, camera = fitted_camera(folder, "--image", "phone.jpg")
    assert (camera.width, camera.height) == (WIDTH, HEIGHT)


def test_an_unknown_image_size_is_an_error_that_names_the_options(folder):
    run = smplceres_command("fit", "two.npz", "--out", "o", folder=folder)
    assert_one_line_error(run, "--image-size W H", "--image")
    assert not (folder / "o").exists()


def test_image_sizes_that_differ_are_an_error_that_names_both(folder):
    run = smplceres_command(
        *("fit", "known.npz", "--out", "o", "--image-size", 1920, 1080), folder=folder
    )
    assert_one_line_error(run, "--image-size 1920 x 1080", "the keypoint file 640 x 480")


@pytest.mark.parametrize(
    ("arguments", "check"),
    [
        (("--preset", "smplify"), lambda r: r.stages[1].name == "body 1"),
        (("--starts", "4"), lambda r: r.num_starts >= 4),
        (("--linear-solver", "DENSE_QR"), lambda r: r.stages[-1].linear_solver == "DENSE_QR"),
        (("--minimizer", "dogleg"), lambda r: r.stages[-1].minimizer == "dogleg"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_solver_options_take_effect(folder, arguments, check):
    run = smplceres_command("fit", "known.npz", "--out", "o", *arguments, folder=folder)
    assert run.returncode == 0, run.stderr
    assert check(FitResult.load(folder / "o/known_person0.npz"))


@pytest.mark.parametrize("jacobian", ["fast", "autodiff"])
def test_the_jacobian_reaches_the_fit(folder, jacobian, monkeypatch):
    # Both find the same body, so that the result does not tell.
    asked = []

    def recording(*arguments, **options):
        asked.append(options["jacobian"])
        return smplceres.fit(*arguments, **options)

    monkeypatch.setattr(fit_settings, "fit", recording)
    arguments = ["fit", folder / "known.npz", "--out", folder / "o", "--jacobian", jacobian]
    assert cli.main([str(argument) for argument in arguments]) == 0
    assert asked == [jacobian]


def test_format_model_and_pose_prior_are_read(folder):
    write_body_model(folder / "mine.npz", make_body_model_arrays(1))
    means = np.full((1, 69), 0.1)  # a prior so narrow that it is the pose
    np.savez(folder / "prior.npz", weights=[1.0], means=means, covars=[1e-8 * np.eye(69)])
    rows = np.column_stack([standing(0).xy, np.ones(25)])
    np.savez(folder / "nameless.npz", keypoints=rows)
    run = smplceres_command(
        *("fit", "nameless.npz", "--format", "body_25", *SIZE, "--out", "o"),
        *("--model", "mine.npz", "--pose-prior", "prior.npz"),
        folder=folder,
    )
    assert run.returncode == 0, run.stderr
    assert "(openpose_body25)" in run.stdout
    result = FitResult.load(folder / "o/nameless_person0.npz")
    assert result.model_name == "synthetic_1"
    np.testing.assert_allclose(result.body_pose, 0.1, atol=0.01)


def test_people_who_cannot_be_fitted_are_reported_in_a_line_and_do_not_stop_the_others(folder):
    smplceres.write_keypoints(folder / "three.npz", [unseen(), standing(0), unseen()])
    run = smplceres_command("fit", "three.npz", *SIZE, "--out", "o", folder=folder)
    assert run.returncode == 1
    assert run.stderr == ""
    lost = [line for line in run.stdout.splitlines() if "not fitted" in line]
    assert [line[:10] for line in lost] == ["person 0: ", "person 2: "]
    assert all("visible" in line and "got 0" in line for line in lost)
    assert (folder / "o/three_person1.npz").is_file()


def test_nobody_in_the_file_is_said_and_is_no_failure(folder):
    (folder / "empty.json").write_text('{"people": []}')
    run = smplceres_command("fit", "empty.json", *SIZE, "--out", "o", folder=folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert "no person" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((), ["COMMAND"]),
        (("fly",), ["fly"]),
        (("fit",), ["INPUT"]),
        (("fit", "none.json", "--out", "o"), ["none.json", "not found"]),
        (("fit", "broken.json", "--out", "o"), ["broken.json", "JSON"]),
        (("fit", "notes.md", "--out", "o"), ["notes.md", ".json", ".png", ".mp4"]),
        (("fit", "none.png", "--out", "o"), ["none.png"]),
        (("fit", "*.jpg", "--out", "o"), ["INPUT", "*.jpg"]),
        (("fit", "empty", "--out", "o"), ["INPUT", "empty"]),
        (("fit", "known.npz", "broken.json", "--image", "frame.png"), ["--image", "got 2"]),
        (("fit", "frame.png", "--image", "frame.png"), ["--image", "keypoint file"]),
        (("fit", "known.npz", "--mask", "detect"), ["--mask", "images"]),
        (("fit", "known.npz", "known.npz"), ["INPUT", "known 2 times"]),
        (("fit", "-", "known.npz"), ["INPUT", "- alone"]),
        (("fit", "-", "--image", "frame.png"), ["--image", "got -"]),
        (("fit", "notes.mp4", "--person", "1"), ["--person", "images", "got videos"]),
        (
            (
                "fit",
                "none.mp4",
            ),
            ["none.mp4"],
        ),
        (
            (
                "fit",
                "notes.mp4",
            ),
            ["notes.mp4", "FFmpeg"],
        ),
        (("fit", "known.npz", "--out", "frame.png"), ["frame.png"]),
        (("fit", "known.npz", "--out", "o", "--image", "none.png"), ["none.png"]),
        (("fit", "known.npz", "--out", "o", "--image", "broken.json"), ["broken.json"]),
        (("fit", "known.npz", "--out", "o", "--format", "openpose26"), ["openpose26", "coco17"]),
        (("fit", "known.npz", "--out", "o", "--person", "1"), ["--person", "below 1", "got 1"]),
        (("fit", "known.npz", "--out", "o", "--person", "-1"), ["--person"]),
        (("fit", "known.npz", "--out", "o", "--export", "glb,fbx"), ["--export", "'fbx'", "bvh"]),
        (("fit", "known.npz", "--out", "o", "--focal", "0"), ["got 0"]),
        (("fit", "known.npz", "--out", "o", "--focal", "9", "--weak-perspective"), ["--focal"]),
        (("fit", "known.npz", "--out", "o", "--camera", "9", "9"), ["--camera"]),
        (("fit", "known.npz", "--out", "o", "--distortion", "0.1"), ["--distortion", "--focal"]),
        (("fit", "known.npz", "--out", "o", "--image-size", "0", "480"), ["image_size"]),
        (("fit", "known.npz", "--out", "o", "--model", "none.pkl"), ["none.pkl"]),
        (("fit", "known.npz", "--out", "o", "--model", "known.npz"), ["known.npz", "parents"]),
        (("fit", "known.npz", "--out", "o", "--pose-prior", "known.npz"), ["known.npz"]),
        (("fit", "known.npz", "--out", "o", "--lifter", "known.npz"), ["known.npz"]),
        (("fit", "known.npz", "--out", "o", "--lifter", "none.npz"), ["none.npz"]),
        (("fit", "known.npz", "--out", "o", "--starts", "0"), ["starts", "got 0"]),
        (("fit", "known.npz", "--out", "o", "--max-time", "-1"), ["max_time", "got -1"]),
        (("fit", "known.npz", "--out", "o", "--linear-solver", "QR"), ["linear_solver", "got QR"]),
        (("fit", "known.npz", "--out", "o", "--minimizer", "newton"), ["--minimizer", "newton"]),
        (("info", "none.npz"), ["none.npz"]),
        (("info", "frame.png"), ["frame.png"]),
    ],
    ids=" ".join,
)
def test_wrong_input_is_one_line_on_stderr_and_status_2(
    folder, arguments, parts, monkeypatch, capsys
):
    (folder / "broken.json").write_text("{")
    for name in ("notes.md", "notes.mp4"):
        (folder / name).write_text("notes")
    (folder / "empty").mkdir()
    run = command_in_this_process(*arguments, folder=folder, monkeypatch=monkeypatch, capsys=capsys)
    assert_one_line_error(run, *parts)


def test_a_reader_who_goes_is_no_error(folder):
    """As `head -1` of a pipe goes."""
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run(
        [sys.executable, "-m", "smplceres", "info"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert run.stderr == "" and run.returncode == cli.SOME_NOT_FITTED


def test_a_missing_pillow_is_an_error_that_names_the_pip_command(folder):
    run = with_module_missing(
        *("PIL", "fit", "known.npz", "--image", "frame.png", "--out", "o"), folder=folder
    )
    assert_one_line_error(run, "pip install 'smplceres[viz]'")
