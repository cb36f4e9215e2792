"""pyarrow, which has no types."""

from __future__ import annotations

import importlib
from typing import Any

try:
    pa: Any = importlib.import_module("pyarrow")
except ImportError as error:
    raise ImportError("data sets need pyarrow: pip install 'smplceres[dataset]'") from error
pq: Any = importlib.import_module("pyarrow.parquet")
fs: Any = importlib.import_module("pyarrow.fs")
