"""Random fits of tools/fuzz/fits.py: over all options, most of them solved, none of them wrong."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import smplceres as sc

FITS = Path(__file__).parents[2] / "tools" / "fuzz" / "fits.py"
ALWAYS = {"keypoints", "camera", "keypoint_format", "max_time"}


def test_random_fits_have_all_options_and_are_solved_or_clear_errors(tmp_path: Path) -> None:
    code = (
        f"import sys, json; sys.path.insert(0, {str(FITS.parent)!r}); import fits; "
        "print(json.dumps(list(fits.OPTIONS)))"
    )
    names = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {*json.loads(names.stdout), *ALWAYS} == set(inspect.signature(sc.fit).parameters)
    command = [sys.executable, str(FITS), str(tmp_path), str(tmp_path / "now"), "3", "--fits", "60"]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    counts = sum((Counter(json.loads(line)) for line in run.stdout.splitlines()), Counter())
    assert set(counts) == {"solved fit", "clear fit"}
    assert counts["solved fit"] >= 30 and counts.total() == 60
