"""Reading YAML."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from .reading import load_text, parsing

# Hundreds of cameras; parsing a file of this size takes seconds.
_MAX_BYTES = 2**17

# Calibrations nest five deep. The time of PyYAML grows with the square of the depth.
_MAX_DEPTH = 32

# Values of a file in which aliases are replaced by what they stand for.
_MAX_VALUES = 2**17


def load_yaml(path: Path) -> Any:
    """The content of a YAML file, of its first document; plain data, matrices of OpenCV as dicts.

    Raises:
        ImportError: PyYAML is missing.
        OSError: the file cannot be read.
        ValueError: not YAML, not in UTF-8, or aliases that stand for more than 131,072 values.
    """
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError as error:
        raise ImportError(
            "YAML calibrations need PyYAML: pip install 'smplceres[calibration]'"
        ) from error

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # found at run time
        """YAML of OpenCV: matrices are tagged mappings of rows, cols and data."""

        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.depth += 1
            _check_depth(self.depth)
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    def of_opencv(loader: Any, _: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        return loader.construct_sequence(node, deep=True)

    Loader.add_multi_constructor("tag:yaml.org,2002:opencv-", of_opencv)
    # The first line of FileStorage, %YAML:1.0, is not valid YAML.
    text = re.sub(r"\A%YAML[^\n]*\n", "", load_text(path, _MAX_BYTES))
    _check_depth(_depth_of_brackets(text))
    with parsing("YAML"):
        loader = Loader(text)
        root = loader.get_node() if loader.check_node() else None
    if root is None:
        return None
    _check_size(root)
    with parsing("YAML"):
        return loader.construct_document(root)


def _check_depth(depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError(f"expected YAML of at most {_MAX_DEPTH} levels, got more")


def _depth_of_brackets(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _check_size(root: Any) -> None:
    """ValueError where aliases stand for too many values, or for what contains them."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    stack = [root]
    while stack:
        node = stack[-1]
        if id(node) in sizes:
            stack.pop()
            continue
        parts = _parts(node)
        new = [part for part in parts if id(part) not in sizes]
        if new:
            if any(id(part) in open_nodes or part is node for part in new):
                raise ValueError("expected YAML, got an alias of a value that contains it")
            open_nodes.add(id(node))
            stack.extend(new)
            continue
        stack.pop()
        open_nodes.discard(id(node))
        sizes[id(node)] = 1 + sum(sizes[id(part)] for part in parts)
        if sizes[id(node)] > _MAX_VALUES:
            raise ValueError(f"expected YAML of at most {_MAX_VALUES} values, got more by aliases")


def _parts(node: Any) -> list[Any]:
    """The nodes in a sequence or in a mapping."""
    if isinstance(node.value, str):
        return []
    return [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
