"""The page about a run, and its plots: what is in it, in which order, and that it needs nothing."""

from __future__ import annotations

import base64
import io
import json
import re
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import smplceres as sc
from smplceres import cli, plots
from smplceres.look.report_sections import worst_frames
from smplceres.report import write_report

CAMERA = sc.Camera(fx=300, fy=300, cx=119.5, cy=89.5, width=240, height=180)


@pytest.fixture(scope="module")
def fit() -> sc.FitResult:
    """With one keypoint that no body explains."""
    pixels, confidence = _seen(0.0)
    pixels[_right_ankle()] = (230, 5)
    return sc.fit(np.c_[pixels, confidence], CAMERA, keypoint_format="openpose_body25")


@pytest.fixture(scope="module")
def sequence() -> sc.SequenceResult:
    """Twelve frames, of which frame 7 is the worst and 3 has nobody."""
    frames = [np.c_[_seen(0.05 * f)] for f in range(12)]
    frames[7][:, :2] += np.random.default_rng(0).normal(0, 6, frames[7][:, :2].shape)
    frames[5][_right_ankle(), :2] = (230, 5)
    frames[3] = None
    return sc.fit_sequence(frames, CAMERA, fps=25, keypoint_format="openpose_body25")


def _seen(lean: float) -> tuple[np.ndarray, np.ndarray]:
    model = sc.load_body_model()
    pose = np.zeros((23, 3))
    pose[15, 2], pose[2, 0] = -0.6 + lean, lean
    posed = model.parameters(None, [np.pi, 0, 0], pose, [0, -0.1, 3.4])
    points, numbers, _ = model.keypoint_points(sc.FORMATS["openpose_body25"])
    places = points.evaluate(model._core, **posed)[np.maximum(numbers, 0)]
    return CAMERA.project(places), (np.array(numbers) >= 0).astype(float)


def _right_ankle() -> int:
    return sc.FORMATS["openpose_body25"].names.index("right_ankle")


def text_of(page: str) -> str:
    """The page without its pictures."""
    return re.sub(r"data:[a-z/+]+;base64,[A-Za-z0-9+/=]+", "", page)


def pictures_of(page: str) -> list[Image.Image]:
    found = re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", page)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


def test_a_page_has_all_in_it_and_asks_for_nothing(fit, tmp_path) -> None:
    image = np.full((180, 240, 3), 90, dtype=np.uint8)
    write_report(tmp_path / "page.html", fit, images=image, title="a person", command="how it came")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.findall(r"https?:|//[a-z]|<script|<link|url\(", text_of(page))
    for svg in re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page):
        text = base64.b64decode(svg).decode()
        names_of_formats = r'xmlns(:\w+)?="[^"]*"|<metadata>.*?</metadata>'
        assert "http" not in re.sub(names_of_formats, "", text, flags=re.S)
    assert page.count("data:image/jpeg") == 4  # over it, from the side, from above, how sure
    assert page.count("data:image/svg") == 6
    text = text_of(page)
    for said in (
        "a person",
        "how it came",
        sc.build_info()["ceres"],
        *(s.name for s in fit.stages),
    ):
        assert said in text
    for private in (str(tmp_path), sys.prefix):
        assert private not in text


def test_it_says_which_keypoints_were_outliers(fit, tmp_path) -> None:
    write_report(tmp_path / "page.html", fit)
    section = (tmp_path / "page.html").read_text(encoding="utf-8").partition("Treated as")[2]
    rows = re.findall(r"<tr><th>(\w+)</th><td>([\d.]+) px off", section)
    assert rows[0][0] == "right_ankle" and float(rows[0][1]) > 100
    assert len(rows) == fit.outliers.sum()


def test_outliers_of_several_cameras_are_told_with_the_camera(tmp_path) -> None:
    pixels, confidence = _seen(0.0)
    off = pixels.copy()
    off[_right_ankle()] = (230, 5)
    seen = [np.c_[pixels, confidence], np.c_[off, confidence]]
    both = sc.fit(seen, [CAMERA, CAMERA], keypoint_format="openpose_body25")
    write_report(tmp_path / "page.html", both)
    section = (tmp_path / "page.html").read_text(encoding="utf-8").partition("Treated as")[2]
    assert "<th>right_ankle (1)</th>" in section


def test_the_worst_frames_of_a_sequence_come_first(sequence, tmp_path) -> None:
    assert worst_frames(sequence)[0] == 7 and 3 not in worst_frames(sequence)
    greys = []

    def picture(frame: int) -> np.ndarray:
        greys.append(frame)
        return np.full((180, 240, 3), 100, dtype=np.uint8)

    write_report(tmp_path / "page.html", sequence, images=picture)
    text = text_of((tmp_path / "page.html").read_text(encoding="utf-8"))
    shown = [int(number) for number in re.findall(r"<h3>Frame (\d+),", text)]
    assert shown == worst_frames(sequence)[:6].tolist() == greys
    assert "right_ankle" in text.partition("Treated as")[2]
    assert re.search(r"<th>right_ankle</th><td>\d of 11 frames: [\d, -]*5", text)


def test_of_several_results_the_worst_comes_first(fit, sequence, tmp_path) -> None:
    told = []
    write_report(
        tmp_path / "page.html",
        {"one": fit, "many": sequence},
        progress=lambda _, done, total: told.append((done, total)),
    )
    assert told == [(done, 15) for done in range(1, 16)]  # 1 + 6 rows of pictures, 2 x 4 plots
    text = text_of((tmp_path / "page.html").read_text(encoding="utf-8"))
    errors = {"one": fit.reprojection_error(), "many": sequence.reprojection_error()}
    order = sorted(errors, key=lambda name: -errors[name])
    assert re.findall(r"<h2 id=\"r\d\">(\w+)</h2>", text) == order


def test_the_command_reports_a_folder_with_what_fit_drew(fit, sequence, tmp_path, capsys) -> None:
    fit.save(tmp_path / "a_person0.npz")
    Image.new("RGB", (240, 180), (255, 0, 0)).save(tmp_path / "a_person0_overlay.png")
    sequence.save(tmp_path / "clip.npz")
    sequence.export(tmp_path / "clip_amass.npz")  # no result, and left alone
    (tmp_path / "broken.npz").write_bytes(b"no archive")
    (tmp_path / "a_run.toml").write_text('image = "a.png"\nfocal = 300.0\n')
    assert cli.main(["report", str(tmp_path)]) == cli.ALL_FITTED
    assert "wrote" in capsys.readouterr().out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"<h2 id=\"r\d\">(\w+)</h2>", page).sort() == ["a_person0", "clip"].sort()
    assert "focal = 300.0" in page
    assert page.count("data:image/jpeg") == 4 + 3 * 6
    red = [
        picture
        for picture in pictures_of(page)
        if picture.getpixel((2, 2))[0] > 240 and picture.getpixel((2, 2))[1] < 15
    ]
    assert len(red) == 1, "the overlay as it was drawn: the picture of the run is gone"
    Image.new("RGB", (240, 180), (0, 255, 0)).save(tmp_path / "a.png")
    assert cli.main(["report", str(tmp_path)]) == cli.ALL_FITTED
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    corners = [picture.getpixel((2, 2)) for picture in pictures_of(page)]
    green = [corner for corner in corners if corner[1] > 240 and corner[0] < 15]
    assert len(green) == 2, "over the picture of the run, and how sure"
    Image.new("RGB", (24, 18)).save(tmp_path / "a.png")  # another, in its place
    assert cli.main(["report", str(tmp_path)]) == cli.ALL_FITTED
    again = sc.load_result(tmp_path / "clip.npz")
    np.testing.assert_array_equal(again.outliers, sequence.outliers)
    assert cli.main(["report", str(tmp_path / "clip.npz")]) == cli.ALL_FITTED
    assert (tmp_path / "clip_report.html").is_file()


def test_results_of_earlier_versions_are_reported_as_far_as_they_tell(
    fit, sequence, tmp_path
) -> None:
    """Without costs and energies of stages, where they began, or the last stage of a sequence."""
    for name, result in (("fit", fit), ("clip", sequence)):
        result.save(tmp_path / f"{name}.npz")
        with np.load(tmp_path / f"{name}.npz") as archive:
            arrays = dict(archive)
        described = json.loads(str(arrays.pop("description")))
        windows = [described["stages"]] if name == "fit" else described["stages"]
        for stage in (stage for window in windows for stage in window):
            for key in ("costs", "initial_energies", "energies", "parameters"):
                del stage[key]
        described.pop("start", None)
        if name == "clip":
            del described["last_stage"]
        np.savez(tmp_path / f"{name}.npz", **arrays, description=json.dumps(described))
    results = {name: sc.load_result(tmp_path / f"{name}.npz") for name in ("fit", "clip")}
    write_report(tmp_path / "page.html", results)
    text = text_of((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "Cost by stage" not in text and "Residuals by keypoint" in text
    assert '<td class="n">unknown</td>' in text
    with pytest.raises(ValueError, match="result: expected one that has the costs"):
        plots.plot_costs(results["fit"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.npz"], "path: expected a saved result, found no file"),
        (["other.npz"], "path: expected a saved fit or sequence (.npz), got"),
        (["empty"], "PATH: expected a folder with saved results, found none in"),
        (["a.npz", "--out", "none/page.html"], "No such file or directory"),
        (["a.npz", "--out", "a.npz/page.html"], "Not a directory"),
        (["a.npz", "--out", "page.txt"], "path: expected a name ending in .html, got 'page.txt'"),
        (["a.npz", "--image", "small.png"], "image: expected the camera's 240 x 180 pixels"),
    ],
)
def test_what_cannot_be_reported_is_one_clear_line(
    arguments, said, fit, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    fit.save("a.npz")
    before = (tmp_path / "a.npz").read_bytes()
    np.savez("other.npz", poses=np.zeros(3))
    Image.new("RGB", (24, 18)).save("small.png")
    (tmp_path / "empty").mkdir()
    assert cli.main(["report", *arguments]) == cli.BAD_INPUT
    errors = capsys.readouterr().err
    assert said in errors and errors.count("\n") == 1
    assert (tmp_path / "a.npz").read_bytes() == before


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch) -> None:
    for module, missing in (
        ("report", "jinja2"),
        ("report", "matplotlib"),
        ("plots", "matplotlib"),
    ):
        with monkeypatch.context() as without:
            for name in [name for name in sys.modules if name.partition(".")[0] == missing]:
                without.setitem(sys.modules, name, None)
            without.setitem(sys.modules, missing, None)
            for loaded in ("report", "report_sections", "report_images", "plots"):
                without.delitem(sys.modules, f"smplceres.look.{loaded}", raising=False)
            with pytest.raises(ImportError, match=r"pip install 'smplceres\[report\]'"):
                __import__(f"smplceres.look.{module}")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "kind", ["weak perspective", "points in space", "two cameras", "a clip of two"]
)
def test_every_kind_of_result_is_reported(kind, tmp_path) -> None:
    """Also where a camera saw nobody, or there is no picture at all."""
    seen, turned = np.c_[_seen(0.0)], np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    other = sc.Camera(
        fx=300, fy=300, cx=119.5, cy=89.5, width=240, height=180, rotation=turned,
        translation=[-3.4, 0, 3.4],
    )  # fmt: skip
    nobody = np.zeros((25, 3))
    body25, cameras = "openpose_body25", [CAMERA, other]
    made = {
        "weak perspective": lambda: sc.fit(
            seen, sc.WeakPerspectiveCamera.guess(240, 180), keypoint_format=body25
        ),
        "points in space": lambda: sc.fit_joints3d(
            sc.load_body_model().joints(), keypoint_format="smpl24"
        ),
        "two cameras": lambda: sc.fit([seen, None], cameras, keypoint_format=body25),
        "a clip of two": lambda: sc.fit_sequence(
            [[seen] * 3, [nobody] * 3], cameras, fps=30, keypoint_format=body25
        ),
    }[kind]()
    write_report(tmp_path / "page.html", made)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"\bnan\b", text_of(page))
    assert page.count("data:image/svg") >= 4


# --- Plots ---


def test_every_plot_is_a_figure_of_its_own(fit, sequence) -> None:
    covariance = fit.covariance()
    figures = [
        *(plot(each) for plot in (plots.plot_costs, plots.plot_energies, plots.plot_terms,
                                  plots.plot_residuals, plots.plot_shape)
          for each in (fit, sequence)),
        plots.plot_shape(fit, covariance),
        plots.plot_uncertainty(fit, covariance),
        plots.plot_frames(sequence),
        plots.plot_joint_angles(sequence),
        plots.plot_joint_angles(sequence, ["left_knee", "right_shoulder"]),
    ]  # fmt: skip
    assert all(isinstance(figure, Figure) for figure in figures)
    assert len({id(figure) for figure in figures}) == len(figures)
    assert "matplotlib.pyplot" not in sys.modules


def test_the_plot_of_costs_has_a_line_per_solve_of_what_the_solver_did(fit) -> None:
    lines = plots.plot_costs(fit).axes[0].lines
    solves = [costs for stage in fit.stages for costs in stage.costs]
    assert len(lines) == len(solves)
    for line, costs in zip(lines, solves, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), costs)
    x = np.concatenate([line.get_xdata() for line in lines])
    np.testing.assert_array_equal(x, np.arange(len(x)))


def test_the_plot_of_energies_stacks_to_the_costs(fit) -> None:
    axes = plots.plot_energies(fit).axes[0]
    tops = {}
    for bar in axes.patches:
        place = round(bar.get_x() + bar.get_width() / 2, 3)
        tops[place] = max(tops.get(place, 0.0), bar.get_y() + bar.get_height())
    for number, stage in enumerate(fit.stages):
        assert tops[round(number - 0.2, 3)] == pytest.approx(stage.initial_cost)
        assert tops[round(number + 0.2, 3)] == pytest.approx(stage.final_cost)


def test_the_plot_of_terms_goes_from_start_to_end_of_each_stage(fit) -> None:
    lines = [line for line in plots.plot_terms(fit).axes[0].lines if len(line.get_xdata())]
    drawn = sorted((round(float(line.get_xdata()[0] + 0.35)), *line.get_ydata()) for line in lines)
    least = 1e-6 * max(
        e for s in fit.stages for e in (*s.initial_energies.values(), *s.energies.values())
    )
    expected = sorted(
        (number, max(stage.initial_energies[term], least), max(energy, least))
        for number, stage in enumerate(fit.stages)
        for term, energy in stage.energies.items()
    )
    np.testing.assert_allclose(drawn, expected)


def test_what_nothing_tells_is_no_bar() -> None:
    """The depth of everybody under weak perspective."""
    camera = sc.WeakPerspectiveCamera(scale=80, cx=119.5, cy=89.5, width=240, height=180)
    fit = sc.fit(_seen(0.0)[0], camera, keypoint_format="openpose_body25")
    covariance = fit.covariance()
    std = covariance.joint_std_along(np.eye(3))
    assert np.isinf(std[:, 2]).all() and np.isfinite(std[:, :2]).all()
    axes = plots.plot_uncertainty(fit, covariance).axes[0]
    heights = np.array([bar.get_height() for bar in axes.patches]).reshape(3, 24)
    np.testing.assert_allclose(heights[:2].T, 100 * std[:, :2])
    assert (heights[2] == 0).all()
    assert sum(text.get_text() == "∞" for text in axes.texts) == 24


def test_the_plot_of_angles_is_in_degrees(sequence) -> None:
    figure = plots.plot_joint_angles(sequence, ["right_shoulder"])
    joint = sequence.joint_names.index("right_shoulder")
    np.testing.assert_allclose(
        figure.axes[0].lines[0].get_ydata(),
        np.degrees(np.linalg.norm(sequence.body_pose[:, joint - 1], axis=1)),
    )
    with pytest.raises(ValueError, match=r"joints: expected some of pelvis, .* got 'tail'"):
        plots.plot_joint_angles(sequence, ["tail"])


def test_a_videos_picture_is_filled_up_to_its_cameras_by_less_than_a_block() -> None:
    """Pose2Sim's videos of 1080 pixels have cameras of 1088."""
    from smplceres.look.report_images import _of_size  # noqa: PLC0415

    picture = np.full((20, 30, 3), 9, dtype=np.uint8)
    filled = _of_size(picture, 38, 18)
    assert filled.shape == (18, 38, 3) and (filled[:, :30] == 9).all() and not filled[:, 30:].any()
    assert _of_size(picture, 46, 20) is picture
