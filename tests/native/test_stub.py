"""The committed stub is the one that the built core generates, and documents all of it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from generate_stub import STUB, make_stub

HOW = f"{STUB.name} is out of date: run tools/generate_stub.py"


# Methods that mean the same in every class.
PYTHONS_OWN = {"__getstate__", "__setstate__", "__eq__", "__hash__", "__repr__"}


def undocumented(body: list[ast.stmt], owner: str = "") -> Iterator[str]:
    """Names of definitions without documentation; __init__ without arguments needs none, nor do
    methods that mean the same in every class and the terms of a stage, whose options are
    documented."""
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ClassDef):
            if ast.get_docstring(node) is None:
                yield node.name
            yield from undocumented(node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef) and node.name not in PYTHONS_OWN:
            has_arguments = len(node.args.args) + len(node.args.kwonlyargs) > 1
            if ast.get_docstring(node) is None and (node.name[0] != "_" or has_arguments):
                yield owner + node.name
        elif isinstance(node, ast.AnnAssign) and owner:
            documented = isinstance(following, ast.Expr)
            if ast.unparse(node.target) in PYTHONS_OWN:
                continue
            if not documented and not ast.unparse(node.annotation).endswith("Options"):
                yield owner + ast.unparse(node.target)


def test_the_stub_is_that_of_the_binary() -> None:
    assert make_stub() == STUB.read_text(encoding="utf-8"), HOW


def test_the_stub_documents_all_of_the_binary() -> None:
    assert list(undocumented(ast.parse(STUB.read_text(encoding="utf-8")).body)) == []
