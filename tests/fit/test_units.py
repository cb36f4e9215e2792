"""Units of time stamps, and of calibrations on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from smplceres import InputWarning
from smplceres.cli import make_parser
from smplceres.cli.options import camera_named_like, cameras_of_file
from smplceres.fit.sequence.clip import checked_times

CASES = Path(__file__).resolve().parents[1] / "cases"


@pytest.mark.parametrize(("unit", "per_second"), [("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_time_stamps_of_another_unit_are_said_and_read(unit, per_second) -> None:
    stamps = np.arange(5) / 30 * per_second
    with pytest.warns(InputWarning, match=f'times: frames are .* s apart.*time_unit="{unit}"'):
        checked_times(None, stamps, 5)
    np.testing.assert_allclose(checked_times(None, stamps, 5, unit), np.arange(5) / 30)


def test_a_unit_of_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="time_unit: expected one of s, ms, us, ns, got 'min'"):
        checked_times(None, [0, 1], 2, "min")


def test_the_unit_of_a_calibration_is_an_option() -> None:
    path = str(CASES / "freemocap.toml")
    given = ["fit", "a.json", "--cameras", path, "--calibration-unit", "mm"]
    cameras = cameras_of_file(make_parser().parse_args(given))
    assert cameras["cam_0"].translation.tolist() == [0, 0, 2.5]


def test_the_camera_of_an_input_is_named_exactly(tmp_path) -> None:
    table = {"K": np.diag([9.0, 9.0, 1.0]).tolist(), "size": [8, 8]}
    path = tmp_path / "rig.json"
    path.write_text(
        json.dumps({name: table | {"size": [n, n]} for n, name in ((1, "cam_1"), (10, "cam_10"))})
    )
    given = ["fit", "a.json", "--cameras", str(path)]
    cameras = cameras_of_file(make_parser().parse_args(given))
    assert camera_named_like("cam_10", cameras).width == 10
    assert camera_named_like("cam01_json", cameras).width == 1
    with pytest.raises(ValueError, match="--cameras: expected one camera with the name of cam_3"):
        camera_named_like("cam_3", cameras)
