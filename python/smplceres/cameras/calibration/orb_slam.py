"""Settings of ORB-SLAM: Camera.fx, Camera.k1, ... and Camera1.fx, Camera2.fx of a stereo pair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .tables import Table


def is_orb_slam(content: dict[Any, Any]) -> bool:
    return any(str(key).endswith(".fx") for key in content)


def tables(content: dict[Any, Any], path: Path) -> dict[str, Table]:
    """ValueError for a stereo pair, whose poses these names do not tell."""
    prefixes = [str(key).removesuffix(".fx") for key in content if str(key).endswith(".fx")]
    shared = _under(content, "Camera")
    if len(prefixes) > 1:
        raise ValueError(
            f"expected one camera of ORB-SLAM's, got {', '.join(prefixes)}: poses are not read"
        )
    table = shared | _under(content, prefixes[0])
    if "type" in table:
        table["camera_model"] = table.pop("type")
    return {path.stem: table}


def _under(content: dict[Any, Any], prefix: str) -> dict[str, Any]:
    return {
        str(key).removeprefix(prefix + "."): value
        for key, value in content.items()
        if str(key).startswith(prefix + ".")
    }
