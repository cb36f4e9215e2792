"""The page of a result: sliders, stages and timeline move the body; driven without a browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import numpy as np
import pytest

import smplceres as sc
from smplceres import cli

pytest.importorskip("viser", reason="needs viser: pip install 'smplceres[view]'")
from smplceres.cli.commands.view import has_screen
from smplceres.look.ellipsoids import ellipsoids
from smplceres.viewer import Viewer

CAMERA = sc.Camera(fx=300, fy=300, cx=119.5, cy=89.5, width=240, height=180)
SMPL24 = sc.FORMATS["smpl24"]


@pytest.fixture(scope="module")
def model() -> sc.BodyModel:
    return sc.load_body_model()


def keypoints_of(model: sc.BodyModel, lean: float) -> np.ndarray:
    pose = np.zeros((23, 3))
    pose[15, 2], pose[2, 0] = -0.6, lean
    joints = model.joints(global_orient=[np.pi, 0, 0], body_pose=pose, transl=[0, -0.1, 3.4])
    return CAMERA.project(joints)


@pytest.fixture(scope="module")
def fit(model) -> sc.FitResult:
    return sc.fit(keypoints_of(model, 0.0), CAMERA, keypoint_format=SMPL24, model=model)


@pytest.fixture(scope="module")
def sequence(model) -> sc.SequenceResult:
    frames = [keypoints_of(model, 0.1 * f) for f in range(5)]
    return sc.fit_sequence(frames, CAMERA, fps=30, keypoint_format=SMPL24, model=model)


@pytest.fixture(scope="module")
def viewer(fit):
    image = np.full((180, 240, 3), 90, dtype=np.uint8)
    with Viewer(fit, image=image, port=0) as viewer:
        yield viewer


@pytest.fixture(autouse=True)
def as_it_was(request) -> None:
    if "viewer" in request.fixturenames:
        request.getfixturevalue("viewer").reset()


def shown(viewer: Viewer) -> np.ndarray:
    """The mesh that pages are sent."""
    return np.asarray(viewer._mesh.vertices)


def test_the_page_is_served_here(viewer) -> None:
    assert viewer.address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(viewer.address, timeout=30) as page:
        assert page.status == 200 and b"<html" in page.read()


def test_it_begins_with_the_result(viewer, fit) -> None:
    np.testing.assert_allclose(shown(viewer), fit.vertices, atol=1e-6)
    assert [slider.value for slider in viewer.betas] == pytest.approx(fit.betas.tolist())


def test_the_picture_is_behind_the_body(viewer, fit) -> None:
    assert viewer._to_picture(CAMERA) > CAMERA.to_camera(fit.vertices)[:, 2].max()


def test_a_slider_of_the_shape_moves_the_mesh(viewer, fit, model) -> None:
    viewer.betas[0].value = 2.5
    expected = model(**{**fit.parameters, "betas": [2.5, *fit.betas[1:]]})
    np.testing.assert_allclose(shown(viewer), expected.vertices, atol=1e-6)
    assert np.abs(shown(viewer) - fit.vertices).max() > 0.02


def test_a_slider_of_the_pose_turns_the_chosen_joint_alone(viewer, fit, model) -> None:
    viewer.joint.value = "left_knee"
    knee = model.joint_names.index("left_knee") - 1
    assert [s.value for s in viewer.angles] == pytest.approx(np.degrees(fit.body_pose[knee]))
    viewer.angles[0].value = 70.0
    pose = fit.body_pose.copy()
    pose[knee, 0] = np.radians(70)
    expected = model(**{**fit.parameters, "body_pose": pose})
    np.testing.assert_allclose(shown(viewer), expected.vertices, atol=1e-6)
    viewer.reset()
    np.testing.assert_allclose(shown(viewer), fit.vertices, atol=1e-6)


def test_numbers_beyond_a_slider_are_kept_until_it_is_moved(model, fit) -> None:
    far = sc.fit(fit.keypoints, CAMERA, model=model, initial=fit)
    beyond = {**far.parameters, "betas": np.array([6.0, *far.betas[1:]])}
    with Viewer(far, port=0) as viewer:
        viewer._load(beyond)
        assert viewer.betas[0].value == 4.0
        viewer.betas[1].value = 1.0
        assert viewer.parameters["betas"][:2].tolist() == [6.0, 1.0]


def test_stages_can_be_stepped_through(viewer, fit, model) -> None:
    names = list(viewer._steps)
    assert names[0] == "the initial estimate" and "the result" in names
    for number, stage in enumerate(fit.stages, 1):
        viewer.step.value = f"{number} {stage.name}"
        expected = model(**stage.parameters).vertices
        np.testing.assert_allclose(shown(viewer), expected, atol=1e-6)
    viewer.step.value = "the initial estimate"
    np.testing.assert_allclose(shown(viewer), model(**fit.start).vertices, atol=1e-6)


def test_the_timeline_shows_the_frames_of_a_sequence(sequence) -> None:
    with Viewer(sequence, port=0) as viewer:
        assert viewer.frame.max == 4 and viewer.step is None
        viewer.frame.value = 3
        np.testing.assert_allclose(shown(viewer), sequence[3].vertices, atol=1e-6)
        viewer.betas[0].value = 3.0
        viewer.reset()
        np.testing.assert_allclose(shown(viewer), sequence[3].vertices, atol=1e-6)


def test_the_camera_has_the_picture_of_the_frame(model, tmp_path) -> None:
    """Of a track that begins at the video's third frame."""
    av = pytest.importorskip("av", reason="needs PyAV: pip install 'smplceres[video]'")
    with av.open(str(tmp_path / "clip.mp4"), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 240, 180, "yuv420p"
        for grey in (20, 60, 100, 140, 180):
            picture = np.full((180, 240, 3), grey, dtype=np.uint8)
            target.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        target.mux(stream.encode())
    late = sc.fit_sequence(
        [keypoints_of(model, 0.1 * f) for f in range(4)],
        CAMERA,
        times=np.arange(2, 6) / 30,
        keypoint_format=SMPL24,
        model=model,
    )
    with Viewer(late, video=tmp_path / "clip.mp4", port=0) as viewer:
        shades = []
        for frame in (0, 1, 2, 3):  # the video has none of the last
            viewer.frame.value = frame
            shades.append(float(np.mean(viewer._cameras[0].image)))
        assert shades == pytest.approx([100, 140, 180, 180], abs=6)


def test_ellipsoids_follow_the_timeline(sequence) -> None:
    with Viewer(sequence, port=0) as viewer:
        viewer._ellipsoids.visible = True
        viewer.frame.value = 3
        expected, _ = ellipsoids(sequence[3].joints, sequence[3].covariance().joints)
        np.testing.assert_allclose(np.asarray(viewer._ellipsoids.vertices), expected, atol=1e-5)


def test_a_saved_fit_is_shown_as_it_was(fit, tmp_path) -> None:
    fit.save(tmp_path / "fit.npz")
    with Viewer(sc.load_result(tmp_path / "fit.npz"), port=0) as viewer:
        assert list(viewer._steps)[1].startswith("1 ")
        viewer.betas[0].value = 2.0
        assert np.abs(shown(viewer) - fit.vertices).max() > 0.02
    with pytest.raises(ValueError, match="model: expected the body that was fitted, smplceres_neu"):
        Viewer(
            sc.load_result(tmp_path / "fit.npz"), model=sc.load_body_model(gender="male"), port=0
        )


@pytest.mark.parametrize("kind", ["weak perspective", "points in space", "two cameras"])
def test_every_kind_of_fit_is_shown(kind, model) -> None:
    """Also without a picture, and with a camera that has no place: its picture is then behind."""
    seen = keypoints_of(model, 0.0)
    turned = sc.Camera(
        fx=300, fy=300, cx=119.5, cy=89.5, width=240, height=180,
        rotation=[[0, 0, 1], [0, 1, 0], [-1, 0, 0]], translation=[-3.4, 0, 3.4],
    )  # fmt: skip
    picture = None
    if kind == "weak perspective":
        camera = sc.WeakPerspectiveCamera.guess(240, 180)
        fit = sc.fit(seen, camera, keypoint_format=SMPL24, model=model)
        picture = np.zeros((180, 240, 3), dtype=np.uint8)
    elif kind == "points in space":
        fit = sc.fit_joints3d(model.joints(), keypoint_format=SMPL24, model=model)
    else:
        seen = sc.Keypoints(seen, np.ones(24), SMPL24)
        fit = sc.fit([seen, None], [CAMERA, turned], model=model)
    with Viewer(fit, image=picture, port=0) as viewer:
        assert len(viewer._cameras) == len(fit.views)
        viewer.betas[0].value = 2.0
        assert np.abs(shown(viewer) - fit.vertices).max() > 0.02


def test_ellipsoids_are_where_the_gaussian_has_its_share(rng) -> None:
    centres = rng.normal(size=(4, 3))
    roots = rng.normal(size=(4, 3, 3))
    covariances = roots @ roots.transpose(0, 2, 1)
    vertices, faces = ellipsoids(centres, covariances)
    per_point = len(vertices) // 4
    for number, (centre, covariance) in enumerate(zip(centres, covariances, strict=True)):
        off = vertices[number * per_point : (number + 1) * per_point] - centre
        squared = np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off)
        np.testing.assert_allclose(squared, 6.251, rtol=1e-9)
    assert faces.min() == 0 and faces.max() == len(vertices) - 1
    covariances[1, 0, 0] = np.inf
    assert len(ellipsoids(centres, covariances)[0]) == 3 * per_point


# --- Errors and the command ---


@pytest.fixture
def taken():
    """A port in use."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def saved(fit, tmp_path):
    fit.save(tmp_path / "fit.npz")
    return tmp_path / "fit.npz"


def test_a_port_in_use_is_one_clear_line(taken, saved, capsys) -> None:
    before = saved.read_bytes()
    assert cli.main(["view", str(saved), "--port", str(taken), "--no-open"]) == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert f"port: expected a free one, got {taken}, which is in use" in said and "--port" in said
    assert said.count("\n") == 1
    assert saved.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.npz"], "path: expected a saved result, found no file"),
        (["fit.npz", "--video", "clip.mp4"], "--video: expected a sequence, got a fit"),
        (["fit.npz", "--image", "none.png"], "image: expected a file, found none at none.png"),
        (["fit.npz", "--host", "192.0.2.1"], "host: expected an address of this machine"),
    ],
)
def test_what_cannot_be_shown_is_one_clear_line(
    arguments, said, saved, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(saved.parent)
    assert cli.main(["view", *arguments, "--no-open", "--port", "0"]) == cli.BAD_INPUT
    errors = capsys.readouterr().err
    assert said in errors and errors.count("\n") == 1


def test_an_image_of_another_size_is_refused(fit) -> None:
    with pytest.raises(ValueError, match="image: expected the camera's 240 x 180 pixels, got 24 x"):
        Viewer(fit, image=np.zeros((18, 24, 3), dtype=np.uint8), port=0)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_without_a_screen_it_prints_the_address_and_goes_on_serving(saved) -> None:
    """Until Ctrl-C, which is no error."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    code = (  # where tests run in the background, shells have them ignore Ctrl-C
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from smplceres.cli import main; raise SystemExit(main())"
    )
    command = [sys.executable, "-c", code, "view", str(saved), "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            address = line.split("look at ")[1].split()[0]
            with urllib.request.urlopen(address, timeout=30) as page:
                assert page.status == 200
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == cli.ALL_FITTED
            assert "Traceback" not in process.stdout.read()
        finally:
            process.kill()


def test_a_screen_is_what_a_browser_needs(monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_screen()


def test_without_viser_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "viser", None)
    monkeypatch.delitem(sys.modules, "smplceres.look.viewer")
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[view\]'"):
        __import__("smplceres.look.viewer")
