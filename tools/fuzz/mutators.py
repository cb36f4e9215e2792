"""Changes of files that keep to their structure, so that damage gets past the first check.

Each function takes the bytes of a file and a generator, and returns other bytes. Files of all kinds
are changed by `damage_bytes` as well: the ends, bits and blocks of it, whatever they mean.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

# Bytes of the members of an archive that are unpacked to be changed.
_MAX_UNPACKED = 10**6

Mutator = Callable[[bytes, np.random.Generator], bytes]

# Numbers at which parsers and arithmetic break.
_NUMBERS = (
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-320",
    "NaN",
    "null",
    "9" * 400,
    "2147483648",
    "1.5",
    "true",
    '"x"',
)
_TOKENS = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[\[\]{}:,=]|\n")


def damage_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    """Cuts, flips, repeats, removes or overwrites a part."""
    if not content:
        return bytes(rng.integers(0, 256, 8, dtype=np.uint8))
    data = bytearray(content)
    at, size = int(rng.integers(len(data))), int(rng.integers(1, 65))
    match int(rng.integers(6)):
        case 0:
            del data[at:]
        case 1:
            data[at] ^= 1 << int(rng.integers(8))
        case 2:
            data[at:at] = data[at : at + size] * int(rng.integers(1, 9))
        case 3:
            del data[at : at + size]
        case 4:
            data[at : at + size] = rng.integers(0, 256, size, dtype=np.uint8).tobytes()
        case _:
            data[at : at + 4] = struct.pack(
                "<I", int(rng.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1]))
            )
    return bytes(data)


def damage_text(content: bytes, rng: np.random.Generator) -> bytes:
    """Replaces, doubles or removes a token: a number, a word, a bracket; or nests deeply."""
    tokens = list(_TOKENS.finditer(content))
    if not tokens:
        return damage_bytes(content, rng)
    token = tokens[int(rng.integers(len(tokens)))]
    other = tokens[int(rng.integers(len(tokens)))]
    new = {
        0: str(rng.choice(_NUMBERS)).encode(),
        1: b"",
        2: token[0] * 2,
        3: other[0],
        4: b"[" * int(rng.integers(1, 4000)),
        5: b"&a [*a, *a]",
        6: b"!!timestamp x",
    }[int(rng.integers(7))]
    return content[: token.start()] + new + content[token.end() :]


def damage_json(content: bytes, rng: np.random.Generator) -> bytes:
    """Replaces a value anywhere in the tree, or moves one to another place."""
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return damage_text(content, rng)
    places: list[tuple[Any, Any]] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        keys = (
            list(node)
            if isinstance(node, dict)
            else range(len(node))
            if isinstance(node, list)
            else ()
        )
        places += [(node, key) for key in keys]
        stack += [node[key] for key in keys]
    if not places:
        return damage_text(content, rng)
    node, key = places[int(rng.integers(len(places)))]
    other, its = places[int(rng.integers(len(places)))]
    values = [None, -1, 1e308, 10**30, True, "", "x", [], {}, [[]], other[its], 0.5]
    node[key] = values[int(rng.integers(len(values)))]
    try:
        return json.dumps(tree).encode()
    except (ValueError, RecursionError):  # a value within itself
        return damage_text(content, rng)


def damage_npz(content: bytes, rng: np.random.Generator) -> bytes:
    """Changes a member, its checksum valid: its array, its header, its content; or the archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _MAX_UNPACKED:
                return damage_bytes(content, rng)
            members = {name: archive.read(name) for name in archive.namelist()}
    except (
        ValueError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ):
        return damage_bytes(content, rng)
    name = str(rng.choice(list(members))) if members else "a.npy"
    match int(rng.integers(6)):
        case 0:
            return damage_bytes(content, rng)
        case 1:
            members.pop(name, None)
        case 2:
            members[name] = _npy(_some_array(rng))
        case 3:
            members[name] = (
                damage_text(members.get(name, b"")[:128], rng) + members.get(name, b"")[128:]
            )
        case 4:
            members[name] = members.get(str(rng.choice(list(members) or ["a"])), b"")
        case _:
            members[name] = damage_bytes(members.get(name, b""), rng)
    stream = io.BytesIO()
    method = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)[
        int(rng.integers(4))
    ]
    with zipfile.ZipFile(stream, "w", method) as archive:
        for each, data in members.items():
            archive.writestr(each, data)
    return stream.getvalue()


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=False)
    return stream.getvalue()


def _some_array(rng: np.random.Generator) -> np.ndarray:
    shape = tuple(
        int(size) for size in rng.choice([0, 1, 2, 3, 17, 24, 69, 1000], int(rng.integers(4)))
    )
    kind = str(rng.choice(["f8", "f4", "f2", "i8", "u1", "b1", "U5", "S3", "c16", "M8[s]"]))
    values = rng.choice([0.0, -1.0, 1.0, 1e300, 1e-300, np.nan, np.inf, 7.0], shape)
    with np.errstate(all="ignore"):
        return (
            np.nan_to_num(values).astype(np.int64).astype(kind)
            if kind[0] in "M"
            else values.astype(kind)
        )


def damage_pickle(content: bytes, rng: np.random.Generator) -> bytes:
    """Inserts opcodes that double, call, build or store, or numbers of another size."""
    at = int(rng.integers(len(content) + 1))
    opcodes = [
        b"2\x86" * 60,
        b"R",
        b"b",
        b"}",
        b"]",
        b"(",
        b"q\x01",
        b"h\x01",
        b"0",
        b"a",
        b"s",
        b"\x81",
    ]
    opcodes += [
        b"cposix\nsystem\n",
        b"cnumpy\nndarray\n",
        b"\x8a\xff",
        b"X\xff\xff\xff\x7f",
        b"\x93",
        b".",
    ]
    if rng.integers(2):
        return damage_bytes(content, rng)
    return content[:at] + opcodes[int(rng.integers(len(opcodes)))] + content[at:]


def damage_png(content: bytes, rng: np.random.Generator) -> bytes:
    """Changes a chunk with a valid checksum, such as the size in the header."""
    chunks, at = [], 8
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    if not chunks or rng.integers(3) == 0:
        return damage_bytes(content, rng)
    number = int(rng.integers(len(chunks)))
    kind, data = chunks[number]
    if kind == b"IHDR" and rng.integers(2):
        width, height = (int(rng.choice([0, 1, 24, 13000, 2**31 - 1, 2**32 - 1])) for _ in range(2))
        data = struct.pack(">II", width, height) + data[8:]
    else:
        data = damage_bytes(data, rng)
    chunks[number] = (kind, data)
    if rng.integers(4) == 0:
        chunks.append(chunks.pop(int(rng.integers(len(chunks)))))
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return content[:8] + b"".join(packed)


# By the ending of a file; others are text or, where UTF-8 cannot be decoded, bytes.
MUTATORS: dict[str, tuple[Mutator, ...]] = {
    ".json": (damage_json, damage_text),
    ".npz": (damage_npz,),
    ".pt": (damage_npz,),
    ".pth": (damage_npz,),
    ".pkl": (damage_pickle,),
    ".png": (damage_png,),
}


def mutators_of(ending: str, content: bytes) -> tuple[Mutator, ...]:
    """Those for files of this ending and content."""
    if ending in MUTATORS:
        return MUTATORS[ending]
    return (damage_bytes,) if b"\0" in content else (damage_text,)


def damaged(ending: str, content: bytes, rng: np.random.Generator) -> bytes:
    """One to four changes, each by a mutator of the kind or of bytes; by bytes where the mutator
    itself cannot read what was damaged before."""
    for _ in range(int(rng.integers(1, 5))):
        structured = mutators_of(ending, content)
        mutators = (*structured, *structured, damage_bytes)
        mutator = mutators[int(rng.integers(len(mutators)))]
        try:
            content = mutator(content, rng)
        except Exception:  # any of those that the readers under test turn into one
            content = damage_bytes(content, rng)
    return content
