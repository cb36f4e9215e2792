"""`smplceres fit` of videos; a detector is stood in for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("av")
import av

from smplceres import SequenceResult, cli
from smplceres.detect.video import people_of_video, read_detections
from smplceres.media.video_files import _quarters
from smplceres.video_files import read_video, video_pictures
from stand_in_detector import SIZE, StandIn, stand_in, standing
from videos import TOML, frames_of, write_video

FRAMES = 6


def walking(x=0.0):
    return [standing(x + 0.01 * frame) for frame in range(FRAMES)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_video("walk.mp4", FRAMES)
    return tmp_path


def run(*arguments):
    """Without the page, whose plots take a second."""
    return cli.main(["fit", *map(str, arguments), "--no-report"])


def written():
    return {path.name for path in Path("out").iterdir()}


def test_a_video_goes_to_motion_overlay_glb_report_and_what_was_detected(
    monkeypatch, capsys
) -> None:
    stand_in(monkeypatch, [[one] for one in walking()])
    assert cli.main(["fit", "walk.mp4", "--focal", "300"]) == cli.ALL_FITTED
    endings = (".npz", ".glb", "_overlay.mp4", "_keypoints.jsonl", "_report.html", "_run.toml")
    assert written() == {f"walk{ending}" for ending in endings}
    motion = SequenceResult.load("out/walk.npz")
    assert len(motion) == FRAMES and motion.reprojection_error() < 2
    np.testing.assert_allclose(np.diff(motion.times), 1 / 30)
    assert len(frames_of("out/walk_overlay.mp4")) == FRAMES
    assert "people in 6 of 6 frames" in capsys.readouterr().out
    assert Path("out/walk_report.html").read_text().count("<img") > 3


def test_people_are_linked_over_time_and_told_apart(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [list(pair) for pair in zip(walking(-0.5), walking(0.5), strict=True)])
    assert run("walk.mp4", "--export", "none", "--json") == cli.ALL_FITTED
    assert {"walk_person0.npz", "walk_person1.npz"} <= written()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["seen"] for line in lines] == [FRAMES, FRAMES]
    x = [SequenceResult.load(line["files"][0]).joints[0, 0, 0] for line in lines]
    assert min(x) < 0 < max(x)


def same_motion(motion: SequenceResult, other: SequenceResult) -> None:
    """But for the order in which numbers are added: that of Ceres, which solves for motion between
    frames, depends on where they lie in memory where a register holds four."""
    np.testing.assert_allclose(motion.body_pose, other.body_pose, atol=1e-10, rtol=0)


def test_a_stopped_detection_goes_on_and_a_finished_one_is_taken(monkeypatch, capsys) -> None:
    def stopped():
        yield from ([one] for one in walking()[:4])
        raise KeyboardInterrupt

    stand_in(monkeypatch, stopped())
    assert run("walk.mp4") == cli.INTERRUPTED
    assert "detections so far are in out/walk_keypoints.jsonl" in capsys.readouterr().err
    detector = stand_in(monkeypatch, [[one] for one in walking()[4:]])
    assert run("walk.mp4", "--export", "none") == cli.ALL_FITTED
    assert len(detector.shown) == 2
    first = SequenceResult.load("out/walk.npz")
    detector = stand_in(monkeypatch, [])
    assert run("walk.mp4", "--export", "none") == cli.ALL_FITTED
    assert detector.shown == []
    same_motion(SequenceResult.load("out/walk.npz"), first)
    assert not Path("out/walk_checkpoint").exists()


def test_detections_of_another_video_are_made_again(monkeypatch) -> None:
    stand_in(monkeypatch, [[one] for one in walking()])
    assert run("walk.mp4", "--export", "none") == cli.ALL_FITTED
    write_video("walk.mp4", FRAMES - 1)
    detector = stand_in(monkeypatch, [[one] for one in walking()])
    assert run("walk.mp4", "--export", "none") == cli.ALL_FITTED
    assert len(detector.shown) == FRAMES - 1


def test_detections_are_a_sequence_of_their_own(monkeypatch) -> None:
    stand_in(monkeypatch, [[one] for one in walking()])
    assert run("walk.mp4", "--export", "none") == cli.ALL_FITTED
    again = ["sequence", "out/walk_keypoints.jsonl", "--out", "again", "--export", "none"]
    assert cli.main(again) == cli.ALL_FITTED
    first, second = (SequenceResult.load(f"{name}/walk.npz") for name in ("out", "again"))
    same_motion(second, first)


def test_the_readable_part_of_a_damaged_video_is_fitted_and_the_loss_said(
    monkeypatch, capsys
) -> None:
    write_video("whole.mkv", 4 * FRAMES)
    whole = Path("whole.mkv").read_bytes()
    Path("walk.mkv").write_bytes(whole[: len(whole) * 7 // 8])
    people = walking()
    stand_in(monkeypatch, [[people[f % FRAMES]] for f in range(4 * FRAMES)])
    assert run("walk.mkv", "--export", "none") == cli.SOME_NOT_FITTED
    assert "walk.npz" in written()
    said = capsys.readouterr().out
    assert re.search(r"walk.mkv: expected 24 frames, as the file says, got \d+ that FFmpeg", said)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_by_the_name_of_the_file() -> None:
    detector = StandIn([[one] for one in walking()])
    with pytest.raises(OSError, match=r"No space left on device.*'/dev/full'"):
        people_of_video("walk.mp4", lambda: detector, "/dev/full")


def test_nobody_in_a_video_is_said(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[]] * FRAMES)
    assert run("walk.mp4") == cli.NOBODY_FOUND
    assert (
        "a person in 6 frames of the video, mediapipe found none; --boxes"
        in capsys.readouterr().err
    )


def test_somebody_who_is_seen_too_briefly_is_said(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[one] for one in walking()[:2]] + [[]] * (FRAMES - 2))
    assert run("walk.mp4") == cli.NOBODY_FOUND
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "walk.mp4: expected a person who is visible in at least 5 frames" in said
    assert "got people in 2 of " in said


def test_a_video_that_cannot_be_drawn_keeps_its_motion(monkeypatch, capsys) -> None:
    stand_in(monkeypatch, [[one] for one in walking()])

    def broken(*_, **__):
        raise ImportError("videos need PyAV and Pillow: pip install 'smplceres[video]'")

    monkeypatch.setattr("smplceres.look.overlay_video.overlay_video", broken)
    assert run("walk.mp4") == cli.SOME_NOT_FITTED
    assert {"walk.npz", "walk.glb"} <= written()
    assert "pip install 'smplceres[video]'" in capsys.readouterr().out


def test_videos_of_calibrated_cameras_are_of_one_person(monkeypatch) -> None:
    Path("Calib.toml").write_text(
        TOML.format(name="01", turn=0.0, away=0.0) + TOML.format(name="02", turn=0.0, away=0.5)
    )
    for name in ("cam01.mp4", "cam02.mp4"):
        write_video(name, FRAMES)
    stand_in(monkeypatch, [[one] for one in (*walking(), *walking())])
    given = ("cam01.mp4", "cam02.mp4", "--cameras", "Calib.toml", "--export", "none")
    assert cli.main(["fit", *given]) == cli.ALL_FITTED
    assert {"cam01.npz", "cam01_overlay.mp4", "cam02_overlay.mp4"} <= written()
    assert len(SequenceResult.load("out/cam01.npz").views[0]) == 2
    page = Path("out/cam01_report.html").read_text()
    assert page.count("data:image/jpeg") == FRAMES * 4  # both views, from the side, from above


def test_several_videos_without_a_calibration_are_fitted_one_by_one(monkeypatch) -> None:
    write_video("run.mp4", FRAMES)
    stand_in(monkeypatch, [[one] for one in walking()] + [[]] * FRAMES)
    assert run("walk.mp4", "run.mp4", "--export", "none") == cli.SOME_NOT_FITTED
    assert "walk.npz" in written() and "run.npz" not in written()


# --- Files ---


def test_a_video_is_described_and_read(folder) -> None:
    video = read_video("walk.mp4")
    assert (video.width, video.height, video.fps, video.num_frames) == (*SIZE, 30, FRAMES)
    pictures = list(video_pictures("walk.mp4"))
    assert len(pictures) == FRAMES and pictures[0].shape == (SIZE[1], SIZE[0], 3)
    with pytest.raises(FileNotFoundError, match=r"video: .* none at none\.mp4"):
        read_video("none.mp4")
    Path("noise.mp4").write_bytes(b"noise")
    with pytest.raises(ValueError, match=r"noise.mp4: video: expected one that FFmpeg reads"):
        read_video("noise.mp4")


@pytest.mark.parametrize(("turned", "quarters"), [(0, 0), (-90, 3), (90, 1), (180, 2), (-180, 2)])
def test_frames_of_phones_are_turned_upright(turned, quarters) -> None:
    """rotation: degrees counter-clockwise that bring a frame upright, as rot90's quarters are."""
    assert _quarters(SimpleNamespace(rotation=turned)) == quarters


@pytest.mark.parametrize(("turned", "corner"), [(90, (-1, 0)), (-90, (0, -1))])
def test_the_overlay_of_a_phones_video_is_upright_as_the_fit_saw_it(
    monkeypatch, turned, corner
) -> None:
    """Coded lying, with the turn in the file; its upper left is white, wherever that ends."""
    lying = np.full((*SIZE, 3), 128, dtype=np.uint8)
    lying[:40, :40] = 255
    with av.open("phone.mp4", "w") as file:
        stream = file.add_stream("libx264", rate=30)
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this PyAV writes no turns")
        stream.height, stream.width = SIZE
        stream.pix_fmt = "yuv420p"
        stream.set_display_rotation(turned)
        for _ in range(FRAMES):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(lying, format="rgb24")))
        file.mux(stream.encode())
    detector = stand_in(monkeypatch, [[one] for one in walking()])
    assert run("phone.mp4", "--focal", 300, "--export", "none") == cli.ALL_FITTED
    (shown, *_), (drawn, *_) = detector.shown, frames_of("out/phone_overlay.mp4")
    assert shown.shape == drawn.shape == (SIZE[1], SIZE[0], 3)
    places = [30, -30]  # within the white square, and above the caption
    for picture in (shown, drawn):
        bright = picture[np.ix_(places, places)].mean(axis=2) > 240
        assert bright.sum() == 1 and bright[corner]


def test_detections_are_kept_as_they_come_and_half_a_line_is_done_again() -> None:
    people = [[one] for one in walking()]
    found = people_of_video("walk.mp4", lambda: StandIn(people), "kept.jsonl")
    assert [frame[0].xy.tolist() for frame in found.people] == [
        frame[0].xy.tolist() for frame in people
    ]
    lines = Path("kept.jsonl").read_text().splitlines(keepends=True)
    Path("kept.jsonl").write_text("".join(lines[:3]) + lines[3][:40])
    detector = StandIn(people[2:])
    again = people_of_video("walk.mp4", lambda: detector, "kept.jsonl")
    assert len(detector.shown) == FRAMES - 2
    for one, other in zip(again.people, read_detections("kept.jsonl").people, strict=True):
        np.testing.assert_array_equal(one[0].xy, other[0].xy)
    Path("other.jsonl").write_text("{}\n")
    with pytest.raises(ValueError, match=r"other.jsonl: expected detections of a video"):
        read_detections("other.jsonl")
