"""The network behind the conditional pose prior: from keypoints to a distribution of poses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from .._native import _core
from ..base.files.archives import floats_of, open_arrays, texts_of
from ..base.files.package_data import DATA
from ..base.pickled_fields import PickledFields
from ..keypoints.formats import KeypointFormat

Floats = NDArray[np.float64]

_LAYERS = ("input", "head", "norm")
_LAYERS_OF_BLOCK = ("norm", "first", "second")
_OTHERS = ("whitening", "mean", "scale", "degrees_of_freedom")


@dataclass(frozen=True, eq=False)
class Lifter(PickledFields):
    """A network that predicts a distribution of poses from the keypoints of one image.

    Args:
        arrays: its weights by name, as tools/train_lifter.py writes them.
        slots: (S,) the locations on the body that it knows, "+" between the parts of a mean.
    """

    arrays: dict[str, Floats]
    slots: tuple[str, ...]

    def __repr__(self) -> str:
        weights = sum(array.size for array in self.arrays.values())
        return f"Lifter({len(self.slots)} locations, {weights} weights)"

    @cached_property
    def core(self) -> _core.Lifter:
        """For the core; ValueError if the arrays are not a network."""
        return _core.Lifter(self.arrays, list(self.slots))

    def slots_of(self, keypoint_format: KeypointFormat) -> list[int]:
        """K indices among the slots; -1: a location that the network does not know."""
        if keypoint_format not in self._slots:
            self._slots[keypoint_format] = [
                self.core.slot_of(keypoint.location) for keypoint in keypoint_format.keypoints
            ]
        return self._slots[keypoint_format]

    @cached_property
    def _slots(self) -> dict[KeypointFormat, list[int]]:
        return {}


def load_lifter(path: str | PathLike[str] | None = None) -> Lifter:
    """A network from a file that tools/train_lifter.py wrote.

    Args:
        path: None: the network that comes with the package, the same object every time;
            docs/explain/learned_prior.md says what it was trained on.

    Raises:
        FileNotFoundError: no such file.
        ModelFileError: a ValueError; the file holds no network. Nothing in it is executed.
    """
    return _shipped_lifter() if path is None else _read_lifter(path)


@cache
def _shipped_lifter() -> Lifter:
    return _read_lifter(DATA / "lifter.npz")


def _read_lifter(path: str | PathLike[str]) -> Lifter:
    with open_arrays(path) as lookup:
        layers = list(_LAYERS)
        while lookup(f"block{len(layers) - len(_LAYERS)}_norm_weight") is not None:
            layers.append(f"block{len(layers) - len(_LAYERS)}")
        blocks = [
            f"{block}_{part}" for block in layers[len(_LAYERS) :] for part in _LAYERS_OF_BLOCK
        ]
        names = [f"{layer}_{part}" for layer in (*_LAYERS, *blocks) for part in ("weight", "bias")]
        arrays = {name: floats_of(lookup, name) for name in (*names, *_OTHERS)}
        lifter = Lifter(arrays, texts_of(lookup, "slots") or ())
        _ = lifter.core  # raises where the arrays are no network
    return lifter
