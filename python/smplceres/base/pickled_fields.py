"""Pickling of dataclasses that cache objects of the core."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


class PickledFields:
    """A base of dataclasses that are copied and pickled by their fields alone: cached properties,
    some of which are objects of the core, are computed again."""

    def __getstate__(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]  # a dataclass
