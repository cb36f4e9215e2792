"""`smplceres sequence`, and videos of what it fits."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from checks import seen_by, standing_person
from smplceres import Camera, SequenceResult, cli, fit_people, fit_sequence, load_body_model
from smplceres.base.progress import ProgressBar
from smplceres.cli.output import one_line
from videos import SIZE, TOML, frames_of, write_video

pytest.importorskip("av")
from smplceres.look.overlay_video import video_size
from smplceres.overlay_video import overlay_video

CAMERA = Camera(fx=260, fy=260, cx=119.5, cy=89.5, width=SIZE[0], height=SIZE[1])


@pytest.fixture(scope="module")
def model():
    return load_body_model()


def moving(model, rng, frames, x=0.0):
    person = standing_person(model, rng)
    return [
        person | {"transl": np.array([x + 0.01 * f, 0.1, 4.0 + 0.02 * f])} for f in range(frames)
    ]


def write_frames(folder, clips):
    """OpenPose's files of people, each a list of keypoints; numbered without zeros before."""
    folder.mkdir()
    for number, people in enumerate(zip(*clips, strict=True)):
        seen = [np.c_[k.xy, k.confidence].ravel().tolist() for k in people]
        content = {"people": [{"pose_keypoints_2d": k} for k in seen]}
        (folder / f"f_{number}_keypoints.json").write_text(json.dumps(content))


def run(*arguments):
    """Without the page, whose plots take a second."""
    return cli.main(["sequence", *map(str, arguments), "--no-report"])


def test_everybody_in_a_folder_is_fitted_drawn_and_written(tmp_path, capsys, model, rng) -> None:
    """Twelve frames: in the order of their numbers, which is not that of their names."""
    people = [moving(model, rng, 12, x) for x in (-0.6, 0.6)]
    clips = [[seen_by(CAMERA, model, each) for each in person] for person in people]
    write_frames(tmp_path / "clip", clips)
    write_video(tmp_path / "clip.mp4", 12)
    out = tmp_path / "out"
    arguments = [
        tmp_path / "clip",
        "--fps",
        30,
        "--focal",
        260,
        "--out",
        out,
        "--export",
        "bvh,csv",
    ]
    assert run(*arguments, "--video", tmp_path / "clip.mp4") == cli.ALL_FITTED
    assert "clip_person1: 12 frames (0 to 11, seen in 12)" in capsys.readouterr().out
    for number in (0, 1):
        result = SequenceResult.load(out / f"clip_person{number}.npz", model)
        assert len(result) == 12 and result.reprojection_error() < 2
        assert np.all(np.diff(result.transl[:, 0]) > 0)
        assert (out / f"clip_person{number}.bvh").is_file()
    pictures = frames_of(out / "clip_overlay.mp4")
    assert len(pictures) == 12
    blue = pictures[5][..., 2].astype(int) - pictures[5][..., 0]  # bodies are, the video is grey
    assert all((blue[:, side] > 30).sum() > 200 for side in (slice(0, 110), slice(130, 240)))


def test_cameras_are_those_that_folders_are_named_like(tmp_path, capsys, model, rng) -> None:
    motion = moving(model, rng, 4)
    texts = {"01": TOML.format(name="01", turn=0.0, away=0.0)}
    texts["02"] = TOML.format(name="02", turn=0.8, away=1.0)
    (tmp_path / "Calib.toml").write_text(texts["02"] + texts["01"])
    from smplceres import read_cameras  # noqa: PLC0415

    cameras = read_cameras(tmp_path / "Calib.toml")
    for name in ("01", "02"):
        clip = [seen_by(cameras[f"cam_{name}"], model, each) for each in motion]
        write_frames(tmp_path / f"cam{name}_json", [clip])
    (tmp_path / "cam02_json" / "f_2_keypoints.json").write_text("{")
    folders = [tmp_path / "cam01_json", tmp_path / "cam02_json"]
    common = ["--cameras", tmp_path / "Calib.toml", "--fps", 30, "--out", tmp_path / "out"]
    assert run(*folders, *common) == cli.SOME_NOT_FITTED
    assert "skipped frame 2 of cam02_json" in capsys.readouterr().out
    result = SequenceResult.load(tmp_path / "out" / "cam01_json.npz", model)
    truth = np.array([model.joints(**each) for each in motion])
    assert np.linalg.norm(result.joints - truth, axis=-1).mean() < 0.06
    assert run(*folders, *common, "--strict") == cli.BAD_INPUT

    folders[1].rename(tmp_path / "left_json")
    assert run(folders[0], tmp_path / "left_json", *common) == cli.BAD_INPUT
    assert "--cameras: expected one camera with the name of left_json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}/none"], "INPUT: expected a folder"),
        (["{}/empty"], "expected keypoint files in the folder"),
        (["{}/clip", "{}/clip"], "--cameras: expected a calibration"),
        (["{}/clip"], "image size"),
        (["{}/clip", "--video", "a.mp4", "b.mp4"], "--video: expected one per INPUT, 1, got 2"),
        (["{}/clip", "--video", "none.mp4"], "video: expected a file, found none"),
    ],
)
def test_wrong_arguments_are_named(arguments, said, tmp_path, capsys, model, rng) -> None:
    write_frames(tmp_path / "clip", [[seen_by(CAMERA, model, p) for p in moving(model, rng, 1)]])
    (tmp_path / "empty").mkdir()
    arguments = [each.format(tmp_path) for each in arguments]
    assert run(*arguments, "--fps", 30, "--out", tmp_path / "out") == cli.BAD_INPUT
    assert said in capsys.readouterr().err


def test_ctrl_c_says_where_what_is_done_is(tmp_path, capsys, model, rng, monkeypatch) -> None:
    write_frames(tmp_path / "clip", [[seen_by(CAMERA, model, p) for p in moving(model, rng, 3)]])
    arguments = [tmp_path / "clip", "--fps", 30, "--focal", 260, "--image-size", 240, 180]
    arguments += ["--out", tmp_path / "out"]

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ProgressBar, "__call__", stop)
        assert run(*arguments) == cli.INTERRUPTED
    assert "the same command continues" in capsys.readouterr().err
    kept = list((tmp_path / "out" / "clip_checkpoint").rglob("*.npz"))
    assert len(kept) == 1
    assert run(*arguments) == cli.ALL_FITTED


def test_the_bar_says_how_much_is_left() -> None:
    bar = ProgressBar()
    bar._what = "frames"
    assert bar.line(15, 60, 3.0).endswith("] 15/60, 9 s left")
    assert bar.line(60, 60, 3.0).count("#") == 30


def test_videos_that_do_not_fit_are_refused(tmp_path, model, rng) -> None:
    motion = moving(model, rng, 2)
    result = fit_sequence([seen_by(CAMERA, model, p) for p in motion], CAMERA, fps=30, model=model)
    write_video(tmp_path / "large.mp4", 2, (320, 240))
    write_video(tmp_path / "clip.mp4", 3)
    (tmp_path / "noise.mp4").write_bytes(b"noise")
    assert video_size(tmp_path / "large.mp4") == (320, 240)
    out = tmp_path / "out.mp4"
    with pytest.raises(ValueError, match=r"video: expected the camera's 240 x 180 .* 320 x 240"):
        overlay_video(tmp_path / "large.mp4", result, out)
    with pytest.raises(ValueError, match="video: expected one that FFmpeg reads"):
        overlay_video(tmp_path / "noise.mp4", result, out)
    with pytest.raises(FileNotFoundError, match="video: expected a file"):
        overlay_video(tmp_path / "none.mp4", result, out)
    with pytest.raises(ValueError, match="view: expected 0 to 0, got 1"):
        overlay_video(tmp_path / "clip.mp4", result, out, view=1)
    with pytest.raises(ValueError, match=r"path: expected a name ending in \.mp4"):
        overlay_video(tmp_path / "clip.mp4", result, tmp_path / "out.avi")
    with pytest.raises(ValueError, match="results: expected at least one person"):
        overlay_video(tmp_path / "clip.mp4", [], out)
    assert overlay_video(tmp_path / "clip.mp4", result, out) == 2


def test_a_video_that_cannot_be_written_is_told_by_its_own_name(tmp_path, model, rng) -> None:
    """Not by that of the one that was read."""
    motion = moving(model, rng, 2)
    result = fit_sequence([seen_by(CAMERA, model, p) for p in motion], CAMERA, fps=30, model=model)
    write_video(tmp_path / "clip.mp4", 3)
    (tmp_path / "file").write_text("")
    for place, error in (("file/out.mp4", NotADirectoryError), ("no/out.mp4", FileNotFoundError)):
        with pytest.raises(error) as raised:
            overlay_video(tmp_path / "clip.mp4", result, tmp_path / place)
        assert place in one_line(raised.value) and "clip.mp4" not in str(raised.value)
    with pytest.raises(ValueError, match="video: expected one that FFmpeg reads"):
        cut = (tmp_path / "clip.mp4").read_bytes()[:200]
        (tmp_path / "cut.mp4").write_bytes(cut)
        overlay_video(tmp_path / "cut.mp4", result, tmp_path / "out.mp4")


def test_insets_of_a_video_show_the_nearest_person(tmp_path, model, rng) -> None:
    motion = moving(model, rng, 2)
    result = fit_sequence([seen_by(CAMERA, model, p) for p in motion], CAMERA, fps=30, model=model)
    write_video(tmp_path / "clip.mp4", 2)
    assert overlay_video(tmp_path / "clip.mp4", result, tmp_path / "out.mp4", insets=True) == 2
    picture = frames_of(tmp_path / "out.mp4")[0]
    side = min(180 // 4, 240 // 3)
    corner = picture[: 2 * side, -side:]
    assert np.median(corner) > 240 and (corner[..., 2].astype(int) - corner[..., 0] > 30).sum() > 40


def test_without_pyav_the_error_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "smplceres.look.overlay_video")
    with pytest.raises(ImportError, match=r"pip install 'smplceres\[video\]'"):
        __import__("smplceres.look.overlay_video")


def test_people_of_a_clip_are_drawn_where_they_are_there(tmp_path, model, rng) -> None:
    seen = [seen_by(CAMERA, model, p) for p in moving(model, rng, 8)]
    frames = [[k] if f >= 3 else [] for f, k in enumerate(seen)]
    fitted = fit_people(frames, CAMERA, fps=30, model=model)
    write_video(tmp_path / "clip.mp4", 8)
    assert overlay_video(tmp_path / "clip.mp4", fitted, tmp_path / "out.mp4") == 8
    pictures = frames_of(tmp_path / "out.mp4")
    blue = [(p[..., 2].astype(int) - p[..., 0] > 30).sum() for p in pictures]
    assert max(blue[:3]) < 20 and min(blue[3:]) > 200
