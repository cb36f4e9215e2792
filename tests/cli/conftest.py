"""Fixtures of this folder."""

from __future__ import annotations

import pytest
from PIL import Image

import smplceres
from cli_runs import HEIGHT, WIDTH, standing


@pytest.fixture
def folder(tmp_path):
    """A folder with two.npz (two people), known.npz (one, with the image's size), frame.png."""
    size = (WIDTH, HEIGHT)
    smplceres.write_keypoints(tmp_path / "two.npz", [standing(-0.6), standing(0.5)])
    smplceres.write_keypoints(tmp_path / "known.npz", [standing(0, image_size=size)])
    Image.new("RGB", size, (90, 90, 90)).save(tmp_path / "frame.png")
    return tmp_path
