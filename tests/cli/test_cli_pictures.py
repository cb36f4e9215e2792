"""`smplceres fit` of pictures, many at once, and of lines of JSON; a detector is stood in for."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smplceres import FitResult, cli, read_keypoints, write_keypoints
from stand_in_detector import CAMERA, SIZE, stand_in, standing

ENDINGS = (".npz", ".json", ".obj", ".glb", "_overlay.png", "_side.png", "_top.png")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.jpg", "c.webp"):
        Image.new("RGB", SIZE, (90, 90, 90)).save(name)
    return tmp_path


def run(*arguments):
    """Without the page, whose plots take a second."""
    return cli.main(["fit", *map(str, arguments), "--no-report"])


def written(folder="out"):
    return {path.name for path in Path(folder).iterdir()}


def test_a_picture_goes_to_results_overlays_glb_and_what_was_detected(monkeypatch, capsys) -> None:
    detector = stand_in(monkeypatch, [[standing(-0.3), standing(0.3)]])
    assert run("a.png") == cli.ALL_FITTED
    expected = {f"a_person{n}{ending}" for n in (0, 1) for ending in ENDINGS}
    assert written() == expected | {"a_keypoints.npz", "a_run.toml"}
    assert detector.shown[0].shape == (SIZE[1], SIZE[0], 3)
    result = FitResult.load("out/a_person1.npz")
    assert result.camera.width == SIZE[0] and np.median(result.residuals) < 2
    kept = read_keypoints("out/a_keypoints.npz")
    np.testing.assert_array_equal(kept[1].xy, standing(0.3).xy)
    said = capsys.readouterr()
    assert "converged" in said.out and said.err == ""


def test_pictures_go_to_one_page_which_is_over_them(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[standing()], [standing()]])
    assert cli.main(["fit", "a.png", "b.jpg", "--export", "none"]) == cli.ALL_FITTED
    assert "wrote out/report.html" in capsys.readouterr().out
    page = Path("out/report.html").read_text()
    assert "a_person0" in page and "b_person0" in page and "data:image/" in page
    assert not list(Path("out").glob("?_report.html"))


@pytest.mark.parametrize("missing", ["matplotlib", "jinja2"])
def test_without_what_a_page_needs_the_rest_is_written_and_a_line_says_so(
    monkeypatch, missing, capsys
) -> None:
    for module in ("report", "report_sections", "report_images", "plots"):
        monkeypatch.delitem(sys.modules, f"smplceres.look.{module}", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    stand_in(monkeypatch, [[standing()]])
    assert cli.main(["fit", "a.png"]) == cli.ALL_FITTED
    said = capsys.readouterr().out
    assert re.search(r"no out/a_report\.html: .*: pip install 'smplceres\[report\]'\n", said)
    assert "a_person0_overlay.png" in written() and "a_report.html" not in written()


def test_a_phones_picture_is_shown_upright_to_the_detector(monkeypatch) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees
    Image.new("RGB", (SIZE[1], SIZE[0])).save("phone.jpg", exif=exif)
    detector = stand_in(monkeypatch, [[standing()]])
    assert run("phone.jpg") == cli.ALL_FITTED
    assert detector.shown[0].shape == (SIZE[1], SIZE[0], 3)


@pytest.mark.parametrize("given", [("a.png", "b.jpg", "c.webp"), (".",), ("[a-c].*",)])
def test_many_pictures_are_named_searched_for_or_matched(monkeypatch, given, capsys) -> None:
    stand_in(monkeypatch, [[standing()], [standing(0.2)], [standing(0.4)]])
    assert run(*given, "--export", "none") == cli.ALL_FITTED
    assert {f"{name}_person0.npz" for name in "abc"} <= written()
    x = [FitResult.load(f"out/{name}_person0.npz").joints[0, 0] for name in "abc"]
    assert x == sorted(x)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_pictures_without_a_person_or_that_cannot_be_read_do_not_stop_others(
    monkeypatch, capsys
) -> None:
    Path("d.png").write_bytes(b"no picture")
    stand_in(monkeypatch, [[], [standing()], [standing()]])
    assert run("a.png", "b.jpg", "d.png", "c.webp") == cli.SOME_NOT_FITTED
    assert {"b_person0.npz", "c_person0.npz"} <= written()
    said = capsys.readouterr().out
    assert "a.png: expected a person in the image, standin found none" in said
    assert "expected an image that Pillow reads, got a damaged one" in said


def test_nobody_in_a_picture_has_a_status_of_its_own(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[]])
    assert run("a.png") == cli.NOBODY_FOUND
    assert capsys.readouterr().err.count("\n") == 1
    stand_in(monkeypatch, [[], []])
    assert run("a.png", "b.jpg") == cli.NOBODY_FOUND


def test_a_picture_that_cannot_be_read_is_one_line(monkeypatch, capsys) -> None:
    Path("d.png").write_bytes(b"no picture")
    stand_in(monkeypatch, [])
    assert run("d.png") == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert said.startswith(
        "smplceres: error: d.png: expected an image that Pillow reads, got a damaged one"
    )
    assert said.count("\n") == 1


def test_what_cannot_be_drawn_is_told_and_the_result_kept(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[standing()]])

    def no_disk(*_):
        raise OSError(28, "No space left on device", "out/a_person0_overlay.png")

    monkeypatch.setattr("smplceres.look.overlay.draw_overlay", no_disk)
    assert run("a.png") == cli.SOME_NOT_FITTED
    assert {"a_person0.npz", "a_person0.glb", "a_person0_side.png"} <= written()
    assert "could not write out/a_person0_overlay.png: No space" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_line(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[standing()]])
    assert run("a.png", "--out", "b.jpg/out") == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert "--out: expected a folder, got a file: " in said and "b.jpg" in said


def test_a_folder_that_cannot_be_written_to_is_one_line_before_anything_is_done(
    monkeypatch, capsys
) -> None:
    detector = stand_in(monkeypatch, [[standing()]])
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert run("a.png") == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert "--out: expected a writable folder: out" in said
    assert said.count("\n") == 1 and detector.shown == []


def test_ctrl_c_keeps_what_is_written(monkeypatch, capsys) -> None:
    def people():
        yield [standing()]
        raise KeyboardInterrupt

    stand_in(monkeypatch, people())
    assert run("a.png", "b.jpg") == cli.INTERRUPTED
    assert "a_person0.npz" in written()


def test_json_is_a_line_a_person_and_nothing_else(monkeypatch, capsys) -> None:
    unseen = read_keypoints_of_nobody()
    stand_in(monkeypatch, [[standing(), unseen], [standing()]])
    assert run("a.png", "b.jpg", "--json") == cli.SOME_NOT_FITTED
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["input"], line["person"]) for line in lines] == [
        ("a.png", 0),
        ("a.png", 1),
        ("b.jpg", 0),
    ]
    assert "visible" in lines[1]["error"]
    result = FitResult.load("out/a_person0.npz")
    assert lines[0]["transl"] == result.transl.tolist()
    assert lines[0]["files"][0] == "out/a_person0.npz" and Path(lines[0]["files"][-1]).is_file()


def read_keypoints_of_nobody():
    keypoints = standing()
    return type(keypoints)(keypoints.xy, 0 * keypoints.confidence, keypoints.format, SIZE)


def test_quiet_says_nothing_but_errors(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[standing()], []])
    assert run("a.png", "b.jpg", "--quiet") == cli.SOME_NOT_FITTED
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and "b.jpg" in said.err


def test_keypoint_files_and_pictures_go_together(monkeypatch) -> None:
    write_keypoints("known.npz", [standing()])
    stand_in(monkeypatch, [[standing()]])
    assert run("known.npz", "a.png", "--export", "none") == cli.ALL_FITTED
    assert {"known_person0.npz", "a_person0.npz"} <= written()


def test_a_calibration_gives_the_camera_that_the_picture_is_named_like(monkeypatch) -> None:
    Path("Calib.toml").write_text(
        "".join(
            f"[cam_{name}]\nsize = [240, 180]\ndistortions = []\n"
            f"matrix = [[{focal}, 0.0, 119.5], [0.0, {focal}, 89.5], [0.0, 0.0, 1.0]]\n"
            "rotation = [0.0, 0.0, 0.0]\ntranslation = [0.0, 0.0, 0.0]\n"
            for name, focal in (("a", 300.0), ("b", 400.0))
        )
    )
    Path("a.png").rename("cam_a.png")
    stand_in(monkeypatch, [[standing()]])
    assert run("cam_a.png", "--calibration", "Calib.toml") == cli.ALL_FITTED
    assert FitResult.load("out/cam_a_person0.npz").camera.fx == 300


# --- Lines of JSON ---


def lines_of(monkeypatch, capsys, text, *arguments):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    status = run("-", *arguments)
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def line_of(person, **more):
    rows = np.column_stack([person.xy, person.confidence]).tolist()
    width, height = SIZE
    return {"keypoints": rows, "width": width, "height": height, **more}


def test_a_line_of_keypoints_in_is_a_line_of_a_body_out(monkeypatch, capsys) -> None:
    camera = [CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy]
    given = [line_of(standing(x), id=x, camera=camera, format="body25") for x in (-0.3, 0.3)]
    text = "\n".join(map(json.dumps, given)) + "\n\n"
    status, said = lines_of(monkeypatch, capsys, text)
    assert status == cli.ALL_FITTED
    assert [line["id"] for line in said] == [-0.3, 0.3]
    for line, x in zip(said, (-0.3, 0.3), strict=True):
        assert np.linalg.norm(np.array(line["joints"])[0, [0, 2]] - [x, 4.0]) < 0.3
        assert line["reprojection_error_px"] < 2 and line["camera"]["fx"] == CAMERA.fx
        assert np.shape(line["body_pose"]) == (23, 3)
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "expected a line of JSON"),
        ("[1]", "expected an object"),
        ("{}", "keypoints: expected"),
        ('{"keypoints": [[1, 2]], "width": 9, "height": 9}', "keypoints: expected"),
        ('{"keypoints": "x", "width": 9, "height": 9}', "keypoints: expected"),
        ('{"keypoints": [[1, 2, 3]]}', "image size: expected width and height"),
        ('{"keypoints": [[1, 2, 3]], "widht": 9}', "expected the keys .* got 'widht'"),
        ('{"keypoints": [[1,2,3]], "width": 9, "height": 9, "format": "x"}', "format: expected"),
    ],
)
def test_a_bad_line_is_an_error_in_its_place_and_the_next_goes_on(
    monkeypatch, capsys, line, said
) -> None:
    good = json.dumps(line_of(standing()))
    status, lines = lines_of(monkeypatch, capsys, f"{line}\n{good}\n", "--focal", 300)
    assert status == cli.SOME_NOT_FITTED and len(lines) == 2
    assert re.search(said, lines[0]["error"]) and "transl" in lines[1]


@pytest.mark.parametrize(
    "camera", [[1, 2, 3], "wide", [0, 300, 1, 1], ["a", 300, 1, 1], [None, 300, 1, 1]]
)
def test_a_bad_camera_in_a_line_is_an_error_in_its_place(monkeypatch, capsys, camera) -> None:
    text = json.dumps(line_of(standing(), camera=camera, id="x"))
    status, (line,) = lines_of(monkeypatch, capsys, text)
    assert status == cli.SOME_NOT_FITTED and set(line) == {"id", "error"}
