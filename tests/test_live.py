"""examples/live.py: a body for every frame of a stream; a detector is stood in for."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")
from stand_in_detector import stand_in, standing
from videos import frames_of, write_video

FRAMES = 6
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "live.py"


@pytest.fixture
def live(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    specification = importlib.util.spec_from_file_location("live", EXAMPLE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def walking():
    return [standing(0.01 * frame) for frame in range(FRAMES)]


def test_a_video_is_followed_and_drawn_over(live, monkeypatch, capsys) -> None:
    write_video("walk.mp4", FRAMES)
    detector = stand_in(monkeypatch, [[one] for one in walking()])
    live.main(["--video", "walk.mp4", "--focal", "300", "--fast", "--out", "live.mp4"])
    said = capsys.readouterr().out
    assert f"{FRAMES} updates" in said and " tracked " in said
    assert re.search(r"ms an update: detector [\d.]+, tracker [\d.]+, drawing", said)
    pictures = frames_of("live.mp4")
    assert len(pictures) == len(detector.shown) == FRAMES
    there = frames_of("walk.mp4")[-1].astype(float)
    assert np.abs(pictures[-1] - there).max() > 50  # a body is in it


def test_nobody_in_a_video_is_no_error(live, monkeypatch, capsys) -> None:
    write_video("walk.mp4", FRAMES)
    stand_in(monkeypatch, [[] for _ in range(FRAMES)])
    live.main(["--video", "walk.mp4", "--fast", "--out", "live.mp4"])
    assert "nobody was seen" in capsys.readouterr().out
    assert len(frames_of("live.mp4")) == FRAMES


def test_recorded_keypoints_are_drawn_over_grey(live, capsys) -> None:
    Path("recorded").mkdir()
    for number, one in enumerate(walking()):
        rows = np.column_stack([one.xy, one.confidence]).ravel().tolist()
        people = {"version": 1.3, "people": [{"pose_keypoints_2d": rows}]}
        Path(f"recorded/{number:03d}.json").write_text(json.dumps(people))
    arguments = ["--format", "openpose_body25", "--size", "240", "180", "--focal", "300"]
    live.main(["--keypoints", "recorded", *arguments, "--fast", "--out", "live.mp4"])
    assert f"{FRAMES} updates" in capsys.readouterr().out
    assert len(frames_of("live.mp4")) == FRAMES


def test_frames_that_come_while_it_is_busy_are_left_out(live, monkeypatch) -> None:
    """By a clock that the test turns: each takes as long as 2.4 frames, but for the first."""
    now = [0.0]
    monkeypatch.setattr(live.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(live.time, "sleep", lambda wait: now.__setitem__(0, now[0] + wait))
    taken = []
    for frame in live.paced((live.Frame(n / 10, None, list) for n in range(12)), 0.1):
        taken.append(round(10 * frame.timestamp))
        now[0] += 0.24
    assert taken[:5] == [0, 1, 3, 5, 8]


def test_what_cannot_be_read_is_said_in_one_line(live, monkeypatch) -> None:
    stand_in(monkeypatch, [])
    with pytest.raises(SystemExit, match=r"live: .*none\.mp4"):
        live.main(["--video", "none.mp4"])
    with pytest.raises(SystemExit, match=r"live: --keypoints: expected \.json files"):
        live.main(["--keypoints", "."])
