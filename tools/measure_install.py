"""What an installation downloads: every file that pip fetches for an extra, also versions that it
tries and drops, and their sum.

    python tools/measure_install.py detect [--python python3.12] [--limit 300]

pip resolves the requirements of `smplceres[EXTRA]`, as pyproject.toml states them, in a fresh
environment of that interpreter, without a cache, and installs nothing. The status is 1 where the
sum is above --limit, in megabytes. smplceres itself is left out. Needs a package index.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
# pip's words for a file that it fetches.
DOWNLOAD = re.compile(r"^\s*Downloading (\S+) \(([\d.]+) (bytes|kB|MB|GB)\)")
PIP = "-m pip install --dry-run --no-cache-dir --progress-bar off"
MEGABYTES = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}


def requirements_of(extra: str) -> list[str]:
    """Of the package and an extra, with those of extras that it names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    if extra and extra not in extras:
        raise SystemExit(f"extra: expected one of {', '.join(extras)}, got {extra!r}")
    found = list(project["dependencies"])
    open_extras = [extra] if extra else []
    while open_extras:
        for requirement in extras[open_extras.pop()]:
            if inner := re.fullmatch(r"smplceres\[(.+)\]", requirement):
                open_extras += inner[1].split(",")
            else:
                found.append(requirement)
    return found


def downloads(python: str, requirements: list[str]) -> list[tuple[str, float]]:
    """Names and megabytes of the files that pip fetches, in order."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        run = subprocess.run(
            [f"{folder}/bin/python", *PIP.split(), *requirements],
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        raise SystemExit(f"pip failed:\n{run.stderr}")
    found = (DOWNLOAD.match(line) for line in run.stdout.splitlines())
    return [
        (each[1].rpartition("/")[2], float(each[2]) * MEGABYTES[each[3]]) for each in found if each
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("extra", nargs="?", default="")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--limit", type=float, default=float("inf"))
    arguments = parser.parse_args()
    files = downloads(arguments.python, requirements_of(arguments.extra))
    for name, size in files:
        print(f"{size:8.1f} MB  {name}")
    total = sum(size for _, size in files)
    print(f"{total:8.1f} MB  in {len(files)} files")
    return int(total > arguments.limit)


if __name__ == "__main__":
    sys.exit(main())
