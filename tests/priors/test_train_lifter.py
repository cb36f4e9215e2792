"""tools/train_lifter.py: what it trains is what a fit evaluates, and it can be stopped."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import smplceres as sc
from smplceres.keypoints.formats import COCO17

pytestmark = pytest.mark.peers

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def tool(monkeypatch):
    """The tool with sets so small that it trains in a second."""
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(TOOLS))
    import train_lifter  # noqa: PLC0415  # found by the path above

    monkeypatch.setattr(train_lifter, "BATCH", 32)
    monkeypatch.setattr(train_lifter, "BODIES_AT_ONCE", 64)
    monkeypatch.setattr(train_lifter, "VIEWS_OF_BODY", 2)
    monkeypatch.setattr(train_lifter, "SAVE_S", 0.0)
    yield train_lifter
    for name in [name for name in sys.modules if name.split(".")[0] in ("lifter", "train_lifter")]:
        del sys.modules[name]


@pytest.fixture
def motions(tmp_path, rng) -> str:
    poses = np.cumsum(rng.normal(0, 0.03, (60, 24, 3)), axis=0)
    path = tmp_path / "motions.npz"
    np.savez(path, poses=poses, lengths=np.array([40, 20]))
    return str(path)


def train(tool, motions, out, pairs: int, *more: str) -> None:
    sizes = ["--width", "16", "--blocks", "1"]
    tool.main([motions, "--out", str(out), "--pairs", str(pairs), *sizes, *more])


def test_training_that_was_stopped_continues(tool, motions, tmp_path, monkeypatch) -> None:
    train(tool, motions, tmp_path / "whole.npz", 1024)
    save = tool.Training.save

    def stop(training, path) -> None:
        save(training, path)
        if training.step == 16:
            raise KeyboardInterrupt

    monkeypatch.setattr(tool.Training, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        train(tool, motions, tmp_path / "stopped.npz", 1024)
    monkeypatch.setattr(tool.Training, "save", save)
    train(tool, motions, tmp_path / "stopped.npz", 1024)
    whole, stopped = (np.load(tmp_path / f"{name}.npz") for name in ("whole", "stopped"))
    for name in whole:
        np.testing.assert_array_equal(whole[name], stopped[name], err_msg=name)


def test_state_of_other_settings_is_refused(tool, motions, tmp_path) -> None:
    out = tmp_path / "lifter.npz"
    train(tool, motions, out, 1024)
    with pytest.raises(SystemExit, match="expected the state of"):
        tool.main([motions, "--out", str(out), "--pairs", "2048", "--width", "8", "--blocks", "1"])


def test_training_begins_with_a_written_network(tool, motions, tmp_path) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    train(tool, motions, first, 1024)
    train(tool, motions, second, 32, "--begin-with", str(first), "--rate", "1e-5")
    written, again = np.load(first), np.load(second)
    for name in set(written) - {"slots", "acknowledgement"}:
        np.testing.assert_allclose(again[name], written[name], atol=2e-3, err_msg=name)
    with pytest.raises(SystemExit, match="expected input_weight of shape"):
        sizes = ["--pairs", "64", "--width", "8", "--blocks", "1"]
        tool.main([motions, "--out", str(second), *sizes, "--begin-with", str(first)])


def test_fits_evaluate_what_was_trained(tool, motions, tmp_path, rng) -> None:
    """The input and the network in C++ are those of the tool."""
    import torch  # noqa: PLC0415  # of the extra `lifter`

    from lifter.images import Slots, network_input  # noqa: PLC0415  # need torch
    from lifter.network import Lifter  # noqa: PLC0415  # needs torch

    train(tool, motions, tmp_path / "lifter.npz", 1024)
    read = sc.load_lifter(tmp_path / "lifter.npz")
    slots = Slots.of_formats()
    assert slots.names == read.slots
    state = torch.load(tmp_path / "lifter.state", weights_only=True)["average"]
    network = Lifter(
        3 * len(slots.names) + 4,
        10,
        16,
        1,
        read.arrays["mean"],
        read.arrays["scale"],
    )
    network.load_state_dict(
        {
            name.removeprefix("module."): value
            for name, value in state.items()
            if name != "n_averaged"
        }
    )
    camera = sc.Camera(fx=1000, fy=1000, cx=400, cy=300, width=800, height=600)
    keypoints = np.c_[rng.uniform(100, 700, (17, 2)), rng.uniform(0.2, 1, 17)]
    keypoints[3, 2] = 0
    rays, confidence = torch.zeros(1, len(slots.names), 2), torch.zeros(1, len(slots.names))
    for (u, v, c), slot in zip(keypoints, read.slots_of(COCO17), strict=True):
        rays[0, slot] = torch.tensor([(u - 400) / 1000, (v - 300) / 1000])
        confidence[0, slot] = c
    x, _ = network_input(rays, confidence, torch.tensor([True]), torch.zeros(1))
    with torch.no_grad():
        expected = network(x).pose[0].numpy()
    stages = [sc.Stage()]
    stages[0].conditional_prior.weight = 1.0
    fitted = sc.fit(
        keypoints, camera, keypoint_format="coco17", lifter=read, preset=stages, starts=1
    )
    # Weights are stored with 16 bits.
    np.testing.assert_allclose(fitted.body_pose.ravel()[:63], expected, atol=5e-3)
