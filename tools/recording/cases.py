"""The registry of what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# What a case computes, by name; `contents.arrays_of` says which types the values may have.
Values = Mapping[str, object]
Case = Callable[[], Values]

CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Registers a function as the case `name`, below which the names of its arrays lie."""

    def register(function: Case) -> Case:
        if name in CASES:
            raise ValueError(f"case: expected a new name, got {name!r} twice")
        CASES[name] = function
        return function

    return register
