"""Reads damaged files in this process, until it is ended: by a crash, a limit or `run.py`.

A damaged file is read by every reader that reads a seed of its ending. The limits are the
system's: SIGPROF ends the process after SECONDS of CPU on one file, and memory is refused beyond
that of `hostile_reading`. What was tried last is on disk then, in FOLDER/tried, and the reader's
name is at the beginning of FOLDER/now.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mmap
import re
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools" / "fuzz")]

from mutators import damaged  # noqa: E402

import hostile_reading  # noqa: E402

SECONDS = 5.0
# Inputs that one process reads: a leak reaches the limit of memory within them.
FILES = 50_000
# The file among a seed's that a reader is given.
FIRST = "first"
# Seeds of an ending, in a random order, that a reader is tried on before it counts as none for it.
_TRIED = 40
_MAX_BYTES = 256 * 1024
# Errors that differ in numbers, names and quoted content alone are the same.
_DETAILS = re.compile(r"'[^']*'|\"[^\"]*\"|\S*[/\\]\S*|[\d.e+-]+|\([^)]*\)")

# The files of a folder, the first the one that is read.
Seed = dict[str, bytes]


def load_seeds(folder: Path) -> Iterator[Seed]:
    for each in sorted(folder.iterdir()):
        if (each / FIRST).is_file():
            first = (each / FIRST).read_text()
            names = [first, *(path.name for path in sorted(each.iterdir()))]
            yield {name: (each / name).read_bytes() for name in names if name != FIRST}


def save_seed(seed: Seed, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in seed.items():
        (folder / name).write_bytes(content)
    (folder / FIRST).write_text(next(iter(seed)))


def digest(seed: Seed) -> str:
    return hashlib.sha256(b"".join(seed.values())).hexdigest()[:12]


class Now:
    """What is tried, in memory that outlives the process."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(64))
        with path.open("rb+") as file:
            self._map = mmap.mmap(file.fileno(), 64)

    def set(self, text: str) -> None:
        self._map[:] = text.encode()[:64].ljust(64, b"\0")
        signal.setitimer(signal.ITIMER_PROF, SECONDS)


class Trial:
    """Files read in FOLDER."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tried"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.now = Now(folder / "now")

    def read(self, reader: str, seed: Seed, *, write: bool = True) -> tuple[str, str]:
        """The kind of the outcome, `read`, `clear` or what is wrong, and the error."""
        first = self._folder / next(iter(seed))
        if write:
            self.write(seed)
        self.now.set(reader)
        outcome = hostile_reading.tried(reader, first)
        if not outcome["errors"]:
            return ("not finite" if outcome["odd"] else "read"), str(outcome["odd"] or "")
        kind, message = outcome["errors"][0]
        if any(each == "MemoryError" for each, _ in outcome["errors"]):
            return "memory", message
        if not outcome["clear"]:
            return kind, message
        return ("clear" if first.name in message else "nameless"), message

    def write(self, seed: Seed) -> None:
        for path in self._folder.iterdir():
            if path.is_file() and path.name not in seed:
                path.unlink()
        for name, content in seed.items():
            (self._folder / name).write_bytes(content)


def readers_of(seeds: list[Seed], trial: Trial) -> dict[str, list[str]]:
    """Readers by the endings of which they read a seed, among the first _TRIED."""
    by_ending: dict[str, list[Seed]] = {}
    for seed in seeds:
        by_ending.setdefault(_ending(seed), []).append(seed)
    found = {}
    for ending, of_ending in by_ending.items():
        found[ending] = [
            reader
            for reader in hostile_reading.READERS
            if any(trial.read(reader, seed)[0] == "read" for seed in of_ending[:_TRIED])
        ]
    return {ending: readers for ending, readers in found.items() if readers}


def known_readers(seeds: list[Seed], trial: Trial, path: Path) -> dict[str, list[str]]:
    """`readers_of`, kept in a file for the next process with the same seeds and readers."""
    key = [len(seeds), sorted(hostile_reading.READERS)]
    kept = json.loads(path.read_text()) if path.exists() else {}
    if kept.get("key") != key:
        kept = {"key": key, "readers": readers_of(seeds, trial)}
        path.write_text(json.dumps(kept))
    return dict(kept["readers"])


def _ending(seed: Seed) -> str:
    return Path(next(iter(seed))).suffix.lower()


def fuzz(out: Path, folder: Path, rng: np.random.Generator, files: int) -> None:
    """Writes a line of counts every second or so to standard output."""
    trial = Trial(folder)
    corpus, failures = out / "corpus", out / "failures"
    corpus.mkdir(parents=True, exist_ok=True)
    (out / "seeds").mkdir(exist_ok=True)
    seeds = list(load_seeds(out / "seeds"))
    readers = known_readers(seeds, trial, out / "readers.json")
    seeds += load_seeds(corpus)
    by_ending = {
        ending: [seed for seed in seeds if _ending(seed) == ending] for ending in sorted(readers)
    }
    hostile_reading.limit_memory()
    known: set[tuple[str, str]] = set()
    counts: Counter[str] = Counter()
    said = time.monotonic()
    for _ in range(files):
        ending = str(rng.choice(list(by_ending)))
        of_ending = by_ending[ending]
        seed = dict(of_ending[int(rng.integers(len(of_ending)))])
        name = str(rng.choice(list(seed)))
        trial.now.set("mutator")
        seed[name] = damaged(ending, seed[name], rng)[:_MAX_BYTES]
        trial.write(seed)
        counts["files"] += 1
        new = False
        for reader in readers[ending]:
            kind, message = trial.read(reader, seed, write=False)
            counts[f"{kind} {reader}"] += 1
            key = (reader, _DETAILS.sub("", message)[:120])
            new |= key not in known
            known.add(key)
            if kind not in ("clear", "read"):
                place = failures / f"{reader}_{kind}_{digest(seed)}".replace(" ", "_")
                save_seed(seed, place)
                (place / "message.txt").write_text(message)
        if new:
            save_seed(seed, corpus / digest(seed))
            of_ending.append(seed)
        if time.monotonic() - said > 1:
            print(json.dumps(counts), flush=True)
            counts, said = Counter(), time.monotonic()
    print(json.dumps(counts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="with seeds/")
    parser.add_argument("folder", type=Path, help="for the file that is tried")
    parser.add_argument("seed", type=int, nargs="+")
    parser.add_argument("--files", type=int, default=FILES)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    fuzz(options.out, options.folder, np.random.default_rng(options.seed), options.files)


if __name__ == "__main__":
    main()
