"""The C++ package, installed and moved: it fits as Python does and shows its headers alone."""

from __future__ import annotations

import os
import re
import resource
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import smplceres as sc
from smplceres.keypoint_formats import FORMATS

pytestmark = pytest.mark.cpp

ROOT = Path(__file__).resolve().parents[2]
CAMERA = sc.Camera(fx=1100, fy=1080, cx=640, cy=360, width=1280, height=720)
SEEDS = 100


def run(
    *command: str | Path, stdin: str = "", fails: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in command],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def build() -> Path:
    """The folder that CMake built libsmplceres in: SMPLCERES_BUILD, or the newest in build/."""
    named = os.environ.get("SMPLCERES_BUILD")
    found = [Path(named)] if named else [lib.parent for lib in ROOT.glob("build/*/libsmplceres.so")]
    assert found, "expected a build of libsmplceres in build/; `make test-cpp` makes one"
    return max(found, key=lambda folder: (folder / "libsmplceres.so").stat().st_mtime)


@pytest.fixture(scope="module")
def prefix(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that was moved: nothing is left where it was installed to."""
    folder = tmp_path_factory.mktemp("cpp")
    run("cmake", "--install", build, "--component", "cpp", "--prefix", folder / "installed")
    return (folder / "installed").rename(folder / "moved here")


@pytest.fixture(scope="module")
def examples(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    run("cmake", "-S", ROOT / "cpp/examples", "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder)
    return folder


@pytest.fixture(scope="module")
def consumer(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that calls what the examples leave out."""
    folder, source = tmp_path_factory.mktemp("consumer"), ROOT / "tests/cpp/consumer"
    run("cmake", "-S", source, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder)
    return folder / "consumer"


def camera_arguments() -> list[str]:
    return [repr(float(value)) for value in (CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy)]


def keypoints_of(
    rng: np.random.Generator, keypoint_format: str, *, turn: float = 0.0
) -> NDArray[np.float64]:
    """(K, 3) of a body in a random pose: 3 px of noise, one keypoint in ten missing."""
    model = sc.load_body_model()
    points, point_of, _ = model.keypoint_points(FORMATS[keypoint_format])
    places = points.evaluate(
        model._core,
        betas=rng.normal(size=model.num_betas),
        global_orient=np.array([np.pi, 0.0, 0.0]) + 0.3 * rng.normal(size=3) + [0, turn, 0],
        body_pose=0.25 * rng.normal(size=(model.num_joints - 1, 3)),
        transl=np.array([0.0, 0.0, 5.0]) + 0.3 * rng.normal(size=3),
    )
    numbers = np.array(point_of)
    rows = np.zeros((len(numbers), 3))
    on_body = numbers >= 0
    rows[on_body, :2] = CAMERA.project(places[numbers[on_body]])
    rows[on_body, :2] += rng.normal(scale=3.0, size=(int(on_body.sum()), 2))
    rows[on_body, 2] = rng.uniform(0.3, 1.0, size=int(on_body.sum()))
    rows[rng.uniform(size=len(rows)) < 0.1, 2] = 0.0
    return rows


SIDE = sc.Camera(
    **{name: getattr(CAMERA, name) for name in ("fx", "fy", "cx", "cy", "width", "height")},
    rotation=[[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
    translation=[-5, 0, 5],
)


def body_in_front() -> NDArray[np.float64]:
    """(24, 3) joints, which both cameras see."""
    rng = np.random.default_rng(11)
    model = sc.load_body_model()
    pose = 0.25 * rng.normal(size=(model.num_joints - 1, 3))
    return model.joints(global_orient=[np.pi, 0.3, 0], body_pose=pose, transl=[0.1, 0, 5])


def seen_by(camera: sc.Camera) -> NDArray[np.float64]:
    """(24, 3) of that body, 2 px of noise."""
    rng = np.random.default_rng(12)
    pixels = camera.project(body_in_front()) + rng.normal(scale=2.0, size=(24, 2))
    return np.column_stack([pixels, np.ones(24)])


def assert_same(got: dict[str, NDArray[np.float64]], expected: sc.FitResult) -> None:
    for name in ("global_orient", "body_pose", "betas", "transl"):
        np.testing.assert_array_equal(got[name], np.atleast_2d(getattr(expected, name)), name)


def lines(rows: NDArray[np.float64]) -> str:
    return "\n".join(" ".join(map(repr, row)) for row in rows.tolist())


def printed(text: str) -> dict[str, NDArray[np.float64]]:
    """Blocks `name rows columns` and the rows below."""
    blocks, words = {}, iter(text.split())
    for name in words:
        if name == "converged":
            blocks[name] = np.array(float(next(words)))
            continue
        shape = int(next(words)), int(next(words))
        count = shape[0] * shape[1]
        blocks[name] = np.array([float(next(words)) for _ in range(count)]).reshape(shape)
    return blocks


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_fit_is_that_of_python_bit_for_bit(seed: int, examples: Path) -> None:
    keypoint_format = ("openpose_body25", "coco17", "mediapipe33", "smpl24")[seed % 4]
    keypoints = keypoints_of(np.random.default_rng(seed), keypoint_format)
    arguments = [keypoint_format, *camera_arguments()]
    got = printed(run(examples / "fit_keypoints", *arguments, stdin=lines(keypoints)).stdout)
    expected = sc.fit(keypoints, CAMERA, keypoint_format=keypoint_format)
    assert bool(got["converged"]) == expected.converged
    for name in ("global_orient", "body_pose", "betas", "transl", "joints"):
        np.testing.assert_array_equal(got[name], np.atleast_2d(getattr(expected, name)), name)


def test_a_stream_is_tracked_as_in_python(examples: Path) -> None:
    """With a gap, in which the person is predicted, lost and found again."""
    stream, frames = [], []
    for frame in range(60):
        rng = np.random.default_rng(7)  # one pose that turns, the same noise
        seen = not 20 <= frame < 45
        keypoints = keypoints_of(rng, "openpose_body25", turn=0.02 * frame)
        frames.append((frame / 30, keypoints if seen else None))
        numbers = keypoints.ravel().tolist() if seen else []
        stream.append(" ".join(map(repr, [frame / 30, *numbers])))
    arguments = ["openpose_body25", *camera_arguments()]
    got = run(examples / "track_stream", *arguments, stdin="\n".join(stream)).stdout.splitlines()
    tracker = sc.Tracker(CAMERA, keypoint_format="openpose_body25")
    statuses = set()
    for (time, keypoints), line in zip(frames, got, strict=True):
        expected = tracker.update(keypoints, time)
        words = line.split()
        statuses.add(words[1])
        assert float(words[0]) == time
        assert words[1] == expected.status
        np.testing.assert_array_equal(np.array(words[2:5], dtype=float), expected.joints[0])
        # One inverse is Eigen's, the other LAPACK's.
        np.testing.assert_allclose(float(words[5]), expected.joint_std[0], rtol=1e-6)
    assert statuses == {"tracked", "predicted", "lost"}


def test_settings_are_those_of_python(consumer: Path) -> None:
    keypoints = seen_by(CAMERA)
    got = printed(run(consumer, "settings", stdin=lines(keypoints)).stdout)
    person = sc.Person(betas=got["betas"][0])
    np.testing.assert_allclose(got["betas"][0], np.linspace(-1, 1, 10), atol=1e-15)
    expected = sc.fit(
        *(keypoints, CAMERA),
        **{"keypoint_format": "smpl24", "preset": "smplify", "starts": 3, "sigma_px": 4.0},
        person=person,
    )
    assert_same(got, expected)
    np.testing.assert_array_equal(got["keypoints2d"], expected.keypoints2d)


def test_two_cameras_fit_as_in_python(consumer: Path) -> None:
    keypoints = [seen_by(CAMERA), seen_by(SIDE)]
    got = printed(run(consumer, "two_cameras", stdin=lines(np.concatenate(keypoints))).stdout)
    expected = sc.fit(keypoints, [CAMERA, SIDE], keypoint_format="smpl24")
    assert_same(got, expected)
    np.testing.assert_array_equal(got["keypoints2d"], expected.views[1].keypoints2d)


def test_a_focal_length_is_found_as_in_python(consumer: Path) -> None:
    got = printed(run(consumer, "focal", stdin=lines(seen_by(CAMERA))).stdout)
    expected = sc.fit(seen_by(CAMERA), CAMERA, keypoint_format="smpl24", estimate_focal=True)
    assert_same(got, expected)
    assert got["fx"].item() == expected.camera.fx != CAMERA.fx


def test_a_clip_is_fitted_as_in_python(consumer: Path) -> None:
    """12 frames, of which two are without a person."""
    model, rng = sc.load_body_model(), np.random.default_rng(13)
    clip = []
    for frame in range(12):
        pose = np.zeros((model.num_joints - 1, 3))
        pose[0, 0] = -0.05 * frame  # left hip
        joints = model.joints(
            global_orient=[np.pi, 0.02 * frame, 0], body_pose=pose, transl=[0, 0, 5]
        )
        seen = frame not in (5, 6)
        pixels = CAMERA.project(joints) + rng.normal(scale=2.0, size=(24, 2))
        clip.append(np.column_stack([pixels, np.full(24, float(seen))]))
    got = printed(run(consumer, "clip", stdin=lines(np.concatenate(clip))).stdout)
    times = np.arange(12) / 32
    expected = sc.fit_sequence(clip, CAMERA, keypoint_format="smpl24", times=times)
    np.testing.assert_array_equal(got["transl"], expected.transl)
    np.testing.assert_array_equal(got["joints"], expected.joints.reshape(-1, 3))
    np.testing.assert_array_equal(got["betas"][0], expected.betas)


def test_a_posed_body_is_that_of_python(consumer: Path) -> None:
    got = printed(run(consumer, "posed").stdout)
    model = sc.load_body_model(gender="female", num_betas=16)
    posed = model(
        global_orient=[0.1, -0.2, 0.3],
        body_pose=np.full((23, 3), 0.15),
        betas=np.linspace(-1, 1, 16),
        transl=[0, 1, 4],
    )
    np.testing.assert_array_equal(got["faces"], model.faces)
    # Betas are spread by Eigen and by NumPy: an ulp apart.
    np.testing.assert_allclose(got["vertices"], posed.vertices, atol=1e-14)
    np.testing.assert_allclose(got["joints"], posed.joints, atol=1e-14)


@pytest.fixture(scope="module")
def whole() -> sc.BodyModel:
    return sc.load_body_model("whole")


@pytest.fixture(scope="module")
def whole_keypoints(whole: sc.BodyModel) -> NDArray[np.float64]:
    """(137, 3) of a body with bent fingers and an open mouth, 1 px of noise."""
    rng = np.random.default_rng(14)
    points, point_of, _ = whole.keypoint_points(FORMATS["openpose_whole137"])
    pose = 0.2 * rng.normal(size=(whole.num_joints - 1, 3))
    places = points.evaluate(
        whole._core,
        betas=rng.normal(size=whole.num_betas),
        global_orient=np.array([np.pi, 0.2, 0.0]),
        body_pose=pose,
        transl=np.array([0.0, 0.0, 2.5]),
        slices={"expression": rng.normal(size=10)},
    )
    numbers = np.array(point_of)
    rows = np.zeros((len(numbers), 3))
    on_body = numbers >= 0
    pixels = CAMERA.project(places[numbers[on_body]])
    rows[on_body, :2] = pixels + rng.normal(size=pixels.shape)
    rows[on_body, 2] = 1.0
    return rows


def test_hands_and_face_are_fitted_as_in_python(
    consumer: Path, whole: sc.BodyModel, whole_keypoints: NDArray[np.float64]
) -> None:
    got = printed(run(consumer, "whole", stdin=lines(whole_keypoints)).stdout)
    expected = sc.fit(whole_keypoints, CAMERA, model=whole, keypoint_format="openpose_whole137")
    assert_same(got, expected)
    np.testing.assert_array_equal(got["expression"][0], expected.slices["expression"])
    assert np.abs(got["expression"]).max() > 0.1
    np.testing.assert_array_equal(got["keypoints2d"], expected.keypoints2d)
    posed = whole(
        body_pose=np.full((54, 3), 0.1),
        slices={"expression": np.linspace(-1, 1, 10)},
        transl=[0, 1, 4],
    )
    np.testing.assert_allclose(got["vertices"], posed.vertices, atol=1e-14)


def test_hands_and_face_are_tracked_as_in_python(
    consumer: Path, whole: sc.BodyModel, whole_keypoints: NDArray[np.float64]
) -> None:
    got = printed(run(consumer, "whole_stream", stdin=lines(whole_keypoints)).stdout)
    tracker = sc.Tracker(CAMERA, model=whole, keypoint_format="openpose_whole137")
    for frame in range(10):
        expected = tracker.update(whole_keypoints, frame / 32)
    for name in ("global_orient", "body_pose", "betas", "transl"):
        np.testing.assert_array_equal(got[name], np.atleast_2d(getattr(expected, name)), name)
    np.testing.assert_array_equal(got["expression"][0], expected.slices["expression"])
    # One inverse is Eigen's of a pose that was projected to components.
    np.testing.assert_allclose(got["joint_std"][0], expected.joint_std, rtol=1e-6)


def test_threads_share_a_body(consumer: Path) -> None:
    keypoints = seen_by(CAMERA)
    words = run(consumer, "threads", stdin=lines(keypoints)).stdout.split("joints 24 3\n")[1:]
    expected = sc.fit(keypoints, CAMERA, keypoint_format="smpl24")
    assert len(words) == 4
    for each in words:
        joints = np.array(each.split(), dtype=float).reshape(24, 3)
        np.testing.assert_array_equal(joints, expected.joints)


def test_what_cannot_be_fitted_is_refused_by_name(consumer: Path) -> None:
    refused = run(consumer, "refusals", stdin=lines(seen_by(CAMERA))).stdout.splitlines()
    expected = (
        *(
            "gender: expected neutral, male, female or whole, got 'child'",
            "keypoints: expected finite",
        ),
        *("confidence: expected finite values >= 0", "keypoints: expected", "rotation: expected"),
        *(
            "cameras: expected one per image, 1, got 0",
            "preset: expected default, whole-body, smplify",
        ),
        *("threads: expected", "betas: expected 10", "body_pose: expected 69 numbers, got 0"),
        "coefficients: expected those that the body has, 0, got 1",
        *("timestamp: expected a tracker that follows a person", "time"),
    )
    for message, begin in zip(refused, expected, strict=True):
        assert message.startswith(begin), message


def test_the_data_folder_can_be_named(examples: Path, prefix: Path) -> None:
    data = prefix / "share" / "smplceres"
    keypoints = lines(keypoints_of(np.random.default_rng(1), "coco17"))
    command = [examples / "fit_keypoints", "coco17", *camera_arguments()]
    named = run(*command, stdin=keypoints, SMPLCERES_DATA_DIR=str(data))
    assert named.stdout == run(*command, stdin=keypoints).stdout


def test_errors_are_one_line_that_names_what_is_wrong(examples: Path, tmp_path: Path) -> None:
    fit = examples / "fit_keypoints"
    camera = camera_arguments()
    short = run(fit, "coco17", *camera, stdin="1 2 3", fails=True).stderr
    assert short == "fit_keypoints: keypoints: expected [K, 3] with K = 17 (coco17), got [1, 3]\n"
    assert "format: expected one of openpose_body25," in run(fit, "x", *camera, fails=True).stderr
    assert (
        "fx: expected"
        in run(fit, "lsp14", "0", *camera[1:], stdin="1 2 1\n" * 14, fails=True).stderr
    )
    missing = run(fit, "lsp14", *camera, fails=True, SMPLCERES_DATA_DIR=str(tmp_path)).stderr
    assert missing == (
        f"fit_keypoints: {tmp_path}/body_neutral.npz: expected a file that can be read, got none\n"
    )


def test_the_library_shows_the_facade_alone(prefix: Path) -> None:
    (library,) = {path.resolve() for path in prefix.rglob("libsmplceres.so*")}
    shown = run("nm", "--dynamic", "--defined-only", "--demangle", library).stdout.splitlines()
    names = [line.split(maxsplit=2)[2] for line in shown]
    headers = "".join(path.read_text() for path in (prefix / "include/smplceres").glob("*.h"))
    assert names
    for name in names:
        found = re.match(r"smplceres::(?:(\w+)::)?~?(\w+)(?:=|\[abi:\w+\])?\(", name)
        assert found, name
        assert re.search(rf"\b{found[1] or found[2]}\b", headers), name


def compile_flags(prefix: Path, eigen: str) -> list[str]:
    return ["-std=c++17", "-O2", f"-I{prefix / 'include'}", "-isystem", eigen]


@pytest.fixture(scope="module")
def compiler(examples: Path) -> tuple[str, str]:
    """The compiler of the examples, and where Eigen is."""
    cache = (examples / "CMakeCache.txt").read_text()
    eigen_config = Path(re.search(r"^Eigen3_DIR:PATH=(.*)$", cache, re.M)[1])
    eigen = next(
        folder / "include/eigen3"
        for folder in eigen_config.parents
        if (folder / "include/eigen3").is_dir()
    )
    return re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)[1], str(eigen)


def test_headers_include_no_ceres_and_nothing_of_the_core(prefix: Path, compiler) -> None:
    cxx, eigen = compiler
    source = ROOT / "cpp/examples/fit_keypoints.cc"
    listed = run(cxx, *compile_flags(prefix, eigen), "-M", source).stdout
    included = shlex.split(listed.replace("\\\n", " "))[2:]
    assert not [name for name in included if "ceres/" in name and "smplceres/" not in name]
    ours = {Path(name).parent for name in included if "smplceres/" in name}
    assert ours == {prefix / "include/smplceres"}


def test_a_consumer_compiles_within_six_seconds(prefix: Path, compiler, tmp_path: Path) -> None:
    cxx, eigen = compiler
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for source in ("fit_keypoints.cc", "track_stream.cc"):
        flags = [*compile_flags(prefix, eigen), "-c", "-o", tmp_path / "consumer.o"]
        run(cxx, *flags, ROOT / "cpp/examples" / source)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert cpu / 2 < 6.0


def test_another_major_version_is_refused(prefix: Path, tmp_path: Path) -> None:
    for version, fails in (("0.1", False), ("1.0", True)):
        (tmp_path / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.21)\n"
            "project(consumer LANGUAGES CXX)\n"
            f"find_package(smplceres {version} REQUIRED)\n"
            'if(NOT EXISTS "${smplceres_DATA_DIR}/body_neutral.npz")\n'
            '  message(FATAL_ERROR "no data")\n'
            "endif()\n"
        )
        build = tmp_path / version
        run("cmake", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", fails=fails)


def test_tests_of_the_core_pass(build: Path) -> None:
    run(build / "cpp/tests/smplceres_tests")
