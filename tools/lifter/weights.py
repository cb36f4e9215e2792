"""A network's file: the arrays that cpp/smplceres/lift/lifter.h evaluates, in 16 bits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .images import Slots
from .network import Lifter


def write(path: Path, network: Lifter, slots: Slots, acknowledgement: str) -> None:
    """Writes the arrays, and beside them a text with the acknowledgement."""
    arrays: dict[str, NDArray[np.generic]] = {"slots": np.array(slots.names)}
    for name, tensor in _layers(network):
        arrays[name] = _half(tensor)
    kept = network.rows_of_pose()
    arrays["head_weight"] = _half(network.head.weight[kept])
    arrays["head_bias"] = _half(network.head.bias[kept])
    arrays["whitening"] = _half(network.triangle())
    arrays["mean"], arrays["scale"] = network.mean.numpy(), network.scale.numpy()
    arrays["degrees_of_freedom"] = np.float32(network.dof().detach())
    arrays["acknowledgement"] = np.array(acknowledgement)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, **arrays)
    os.replace(unfinished, path)
    if acknowledgement:
        path.with_suffix(".NOTICE.txt").write_text(acknowledgement + "\n", encoding="utf-8")


def read(path: Path, network: Lifter, slots: Slots) -> None:
    """Sets the weights of `network`, but those of betas, which no file has.

    Raises:
        ValueError: the file is of a network of another size or of other slots.
    """
    with np.load(path) as file:
        arrays = dict(file)
    if arrays["slots"].tolist() != list(slots.names):
        raise ValueError(f"{path}: expected a network of the slots {', '.join(slots.names)}")
    kept = network.rows_of_pose()
    with torch.no_grad():
        for name, tensor in _layers(network):
            _set(path, name, tensor, arrays)
        for name, tensor in (
            ("head_weight", network.head.weight),
            ("head_bias", network.head.bias),
        ):
            rows = tensor[kept]
            _set(path, name, rows, arrays)
            tensor[kept] = rows
        _set(path, "whitening", network.whitening, arrays)
        network.whitening.copy_(network.whitening.triu(1))
        _set(path, "mean", network.mean, arrays)
        _set(path, "scale", network.scale, arrays)
        # Written values are at least 4, the limit (Lifter.dof).
        beyond = max(float(arrays["degrees_of_freedom"]) - 4.0, 1e-3)
        network.log_dof.fill_(float(np.log(beyond)))


def _layers(network: Lifter) -> Iterator[tuple[str, Tensor]]:
    """Names in the file, and weights of all layers but the head."""
    layers: dict[str, nn.Module] = {"input": network.input, "norm": network.norm}
    for number, block in enumerate(network.blocks):
        for part in ("norm", "first", "second"):
            layers[f"block{number}_{part}"] = getattr(block, part)
    for name, layer in layers.items():
        yield f"{name}_weight", layer.weight
        yield f"{name}_bias", layer.bias


def _half(tensor: Tensor) -> NDArray[np.float16]:
    return tensor.detach().numpy().astype(np.float16)


def _set(path: Path, name: str, tensor: Tensor, arrays: dict[str, NDArray[np.generic]]) -> None:
    if name not in arrays or arrays[name].shape != tuple(tensor.shape):
        got = arrays[name].shape if name in arrays else "nothing"
        raise ValueError(f"{path}: expected {name} of shape {tuple(tensor.shape)}, got {got}")
    tensor.copy_(torch.from_numpy(arrays[name].astype(np.float32)))
