"""Every writer writes files whole or not at all: on a full disk nothing is left of a new file, and
the file that was there before stays as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smplceres as sc
from checks import random_arrays
from smplceres.base.files.writing import UNFINISHED, whole_file, whole_file_name, write_whole
from smplceres.body.model_files import write_body_model
from smplceres.cli.stills import _save
from smplceres.fit.sequence.checkpoint import Checkpoint

CAMERA = sc.Camera(fx=500, fy=500, cx=320, cy=240, width=640, height=480)
ROWS = np.column_stack([np.linspace(100, 400, 50).reshape(25, 2), np.ones(25)])
FULL = "No space left"


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with 4 kB of space."""
    folder = tmp_path_factory.mktemp("disk")
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=8k", "none", str(folder)]
    mounted = mount is not None and not subprocess.call(
        [mount, *options], stderr=subprocess.DEVNULL
    )
    if not mounted:
        pytest.skip("a small file system cannot be mounted here: it needs root")
    (folder / "taken").write_bytes(bytes(4096))
    yield folder
    # Lazily: errors that pytest keeps hold files of libraries open.
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def fit() -> sc.FitResult:
    return sc.fit(ROWS, CAMERA, keypoint_format="openpose_body25", starts=1, max_time=1e-9)


@pytest.fixture(scope="module")
def clip() -> sc.SequenceResult:
    return sc.fit_sequence([ROWS] * 3, CAMERA, keypoint_format="openpose_body25", fps=30)


def write_people(path: Path, fit: Any, clip: Any) -> None:
    sc.write_keypoints(path, [sc.Keypoints.from_array(ROWS, "openpose_body25")] * 99)


def write_model(path: Path, fit: Any, clip: Any) -> None:
    write_body_model(path, random_arrays(np.random.default_rng(0)))


def write_report(path: Path, fit: Any, clip: Any) -> None:
    pytest.importorskip("matplotlib")
    from smplceres.report import write_report  # noqa: PLC0415  # needs matplotlib

    write_report(path, fit)


def write_picture(path: Path, fit: Any, clip: Any) -> None:
    image = pytest.importorskip("PIL.Image")
    noise = np.random.default_rng(0).integers(0, 255, (99, 99, 3), dtype=np.uint8)
    _save(image.fromarray(noise), path)


def write_run_json(path: Path, fit: Any, clip: Any) -> None:
    write_whole(path, "{" + " " * 9999 + "}")


def write_overlay_video(path: Path, fit: Any, clip: Any) -> None:
    pytest.importorskip("av")
    from smplceres.overlay_video import overlay_video  # noqa: PLC0415  # needs PyAV
    from videos import write_video  # noqa: PLC0415  # needs PyAV

    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "in.mp4"
        write_video(video, 3, (CAMERA.width, CAMERA.height))
        overlay_video(video, clip, path)


def write_rerun(path: Path, fit: Any, clip: Any) -> None:
    pytest.importorskip("rerun", reason="needs rerun-sdk: pip install 'smplceres[rerun]'")
    from smplceres.rerun_log import log_rerun  # noqa: PLC0415  # needs rerun-sdk

    log_rerun(fit, path)


WRITERS: dict[str, tuple[str, Callable[[Path, Any, Any], None]]] = {
    "fit": ("a.npz", lambda path, fit, clip: fit.save(path)),
    "fit as JSON": ("a.json", lambda path, fit, clip: fit.save(path)),
    "sequence": ("a.npz", lambda path, fit, clip: clip.save(path)),
    "glTF": ("a.glb", lambda path, fit, clip: fit.export(path)),
    "mesh": ("a.obj", lambda path, fit, clip: fit.export(path)),
    "motion": ("a.bvh", lambda path, fit, clip: clip.export(path)),
    "people": ("a.npz", write_people),
    "model": ("a.npz", write_model),
    "picture": ("a.png", write_picture),
    "report": ("a.html", write_report),
    "text": ("a.json", write_run_json),
    "video": ("a.mp4", write_overlay_video),
    "Rerun": ("a.rrd", write_rerun),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_leaves_nothing_and_what_was_there(
    writer: str, full_disk: Path, fit: Any, clip: Any
) -> None:
    name, write = WRITERS[writer]
    path = full_disk / name
    with pytest.raises(OSError, match=FULL) as raised:
        write(path, fit, clip)
    assert str(path) in str(raised.value)
    assert [each.name for each in full_disk.iterdir()] == ["taken"]
    path.write_bytes(b"before")
    with pytest.raises(OSError, match=FULL):
        write(path, fit, clip)
    assert path.read_bytes() == b"before"
    path.unlink()


def test_lines_of_detections_end_whole_and_the_run_goes_on_from_them(full_disk: Path) -> None:
    """They are appended, so that a killed run has its frames: the last line may be cut."""
    video = pytest.importorskip("smplceres.detect.video")
    path = full_disk / "detections.jsonl"
    people = [sc.Keypoints.from_array(ROWS, "openpose_body25")]
    header = {"video": {"width": 640, "height": 480, "fps": 30.0, "num_frames": 99}}
    written = 0
    with pytest.raises(OSError, match=FULL) as raised, video._Lines(path, header) as lines:
        for written in range(99):  # noqa: B007  # used after an error
            lines.add(people)
    assert str(path) in str(raised.value)
    assert 0 < written < 99
    again = video._Lines(path, header)
    assert len(list(again._kept())) == len(again.frames) == written
    np.testing.assert_array_equal(again.frames[-1][0].xy, ROWS[:, :2])
    path.unlink()


def test_a_step_of_a_checkpoint_is_whole_or_missing(full_disk: Path) -> None:
    folder = full_disk / "run"
    checkpoint = Checkpoint(folder, lambda: [])
    with pytest.raises(OSError, match=FULL):
        checkpoint.save("step", {"a": np.random.default_rng(0).random(9999)})
    assert [each.name for each in folder.iterdir()] == ["run.json"]
    assert Checkpoint(folder, lambda: []).load("step") is None
    shutil.rmtree(folder)


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_any_error_removes_the_unfinished_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with pytest.raises(type(error)), whole_file(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.bin"]


def test_a_written_file_keeps_its_permissions_and_its_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"before")
    (tmp_path / "target").chmod(0o640)
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "after"
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o640


def test_a_pipe_or_device_is_written_to_directly() -> None:
    with whole_file(os.devnull) as file:
        file.write(b"a")
    assert not Path(os.devnull).is_file()


def test_an_unfinished_file_of_a_killed_run_is_no_other_file_of_a_checkpoint(
    tmp_path: Path,
) -> None:
    (tmp_path / f".0123{UNFINISHED}").write_bytes(b"half")
    Checkpoint(tmp_path, lambda: [])


def test_a_damaged_step_is_computed_again(tmp_path: Path) -> None:
    arrays = {"a": np.arange(100.0), "text": np.array("b")}
    Checkpoint(tmp_path, lambda: []).save("step", arrays)
    path = tmp_path / "step.npz"
    whole = path.read_bytes()
    again = Checkpoint(tmp_path, lambda: []).load("step")
    assert again is not None
    np.testing.assert_array_equal(again["a"], arrays["a"])
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        found = Checkpoint(tmp_path, lambda: []).load("step")
        assert found is None or all(np.array_equal(found[key], arrays[key]) for key in arrays)
    for other in ("other", "step2"):  # another step's file
        path.with_stem(other).write_bytes(whole)
        assert Checkpoint(tmp_path, lambda: []).load(other) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"inputs": 3}', "\xff"])
def test_a_damaged_run_json_is_one_clear_error(tmp_path: Path, content: str) -> None:
    Checkpoint(tmp_path, lambda: [])
    (tmp_path / "run.json").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=r"checkpoint: expected a run .* damaged .*run\.json"):
        Checkpoint(tmp_path, lambda: [])


def test_the_name_for_libraries_is_in_the_same_folder(tmp_path: Path) -> None:
    with whole_file_name(tmp_path / "a.mp4") as unfinished:
        assert unfinished.parent == tmp_path and unfinished.suffix == UNFINISHED
        unfinished.write_bytes(b"video")
    assert (tmp_path / "a.mp4").read_bytes() == b"video"
