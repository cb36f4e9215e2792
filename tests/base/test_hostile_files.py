"""Damaged and malicious files: one clear error that names the file, soon and in little memory."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hostile_reading
import smplceres as sc
from smplceres.base.files.reading import array_limit, naming, parsing

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the limit of memory is read from /proc"
)

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
SECONDS = 1.0
READER_OF = {
    **dict.fromkeys(("bomb_depth", "claim_depth", "depth"), "depth"),
    **dict.fromkeys(("bomb_mask", "mask"), "mask"),
    **dict.fromkeys(("calib", "toml", "yaml"), "cameras"),
    **dict.fromkeys(("claim_keypoints", "keypoints"), "keypoints"),
    **dict.fromkeys(("frames", "h5"), "frames"),
    **{"ckpt": "step", "pickle": "body_model", "prior": "pose_prior", "seq": "result"},
}


def reader_of(name: str) -> str:
    return next(reader for begin, reader in READER_OF.items() if name.startswith(begin))


# --- Files of the same kinds, made here ---


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def lying_size() -> bytes:
    """An .npz whose member unpacks to a hundred times of what its header and directory say."""
    content = io.BytesIO()
    np.lib.format.write_array(content, np.zeros((17, 3)))
    stream = io.BytesIO()
    more = hostile_reading.MEMORY + 2**20
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("keypoints.npy", content.getvalue() + bytes(more))
    told, true = len(content.getvalue()), len(content.getvalue()) + more
    return stream.getvalue().replace(true.to_bytes(4, "little"), told.to_bytes(4, "little"))


def doubled_tuples(end: bytes) -> bytes:
    return b"\x80\x02}U\nv_templateN" + b"2\x86" * 60 + end


def deeplabcut_of(columns: int) -> str:
    """Each column of another individual and another bodypart."""
    rows = {
        "scorer": ["a"] * columns,
        "individuals": [f"i{k}" for k in range(columns)],
        "bodyparts": [f"left_knee{k}" for k in range(columns)],
        "coords": ["x"] * columns,
        "0": ["1"] * columns,
    }
    return "\n".join(",".join([name, *fields]) for name, fields in rows.items())


def hdf5(make: Callable[[Any], None]) -> bytes:
    h5py = pytest.importorskip("h5py")
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        make(file.create_group("df"))
    return stream.getvalue()


def filled(group: Any) -> None:
    group.create_dataset("block0_values", (10**5, 10**5), "f8", fillvalue=1.0)
    group.attrs["block0_items_nlevels"] = 0


def of_another_file(group: Any) -> None:
    group.create_dataset("block0_values", (8,), "f8", external=[("/etc/passwd", 0, 64)])
    group.attrs["block0_items_nlevels"] = 0


def many_opcodes() -> bytes:
    return b"\x80\x02" + b"]" * 2**20 + b"."


MADE: dict[str, Callable[[], bytes | str]] = {
    "keypoints widened.npz": lambda: npz(keypoints=np.zeros((3 * 10**6, 17, 3), np.int8)),
    "keypoints zeros.npz": lambda: npz(keypoints=np.zeros((3 * 10**5, 17, 3))),
    "keypoints lying.npz": lying_size,
    "keypoints folded.npz": lambda: npz(keypoints=np.zeros((17, 3)))[:-30],
    "keypoints text.npz": lambda: npz(keypoints=np.zeros((17, 3)), format=np.array("x" * 10**8)),
    "body_model many.npz": lambda: npz(
        **{key: np.zeros((10**6, 3)) for key in ("v_template", "shapedirs", "posedirs", "weights")},
        parents=np.array([-1]),
    ),
    "body_model lists.pkl": many_opcodes,
    "body_model digits.pkl": lambda: b"I" + b"9" * 5000 + b"\n.",
    "body_model tuples.pkl": lambda: doubled_tuples(b"s."),
    "body_model called.pkl": lambda: b"\x80\x02N" + b"2\x86" * 60 + b"cnumpy\nndarray\nR.",
    "pose_prior deep.pkl": lambda: b"\x80\x02" + b"N" + b"\x85" * 10**6 + b".",
    "cameras merge.yaml": lambda: "".join(
        f"a{k}: &a{k} {{<<: [{', '.join([f'*a{k - 1}'] * 9)}]}}\n" if k else "a0: &a0 {x: 1}\n"
        for k in range(9)
    ),
    "cameras dashes.yaml": lambda: "- " * 30000 + "1",
    "cameras wide.yaml": lambda: "a: [" + "[1], " * 50000 + "]",
    "cameras dotted.toml": lambda: ".".join("a" * 60000) + " = 1",
    "cameras quoted.toml": lambda: "a = '" + "." * 60000 + "'\n[b]\nc=1",
    "cameras digits.toml": lambda: "[a]\nsize = [" + "9" * 400 + ", 1]",
    "frames deep.json": lambda: "[" * 10**5,
    "frames digits.json": lambda: '[{"image_id": ' + "9" * 10**5 + "}]",
    "frames far.json": lambda: json.dumps(
        [{"image_id": k, "keypoints": [1.0] * 51} for k in (1, 10**12)]
    ),
    "frames individuals.csv": lambda: deeplabcut_of(9000),
    "frames lines.csv": lambda: "scorer" + ",a" * 10**5 + "\ncoords" + ",x" * 10**5 + "\n1" * 10**5,
    "frames quote.csv": lambda: 'scorer,"' + "x" * 10**6,
    "frames bytes.csv": lambda: b"\xff\xfe\x00scorer",
    "frames fill.h5": lambda: hdf5(filled),
    "frames elsewhere.h5": lambda: hdf5(of_another_file),
    "result nothing.npz": lambda: npz(description=np.array("[]"), times=np.zeros(3)),
    "result depth.npz": lambda: npz(description=np.array("[" * 10**5), vertices=np.zeros(3)),
    "depth objects.npy": lambda: (
        b"\x93NUMPY\x01\x00\x46\x00"
        + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(69)
        + b"\n"
        + pickle.dumps(1)
    ),
    "image postscript.png": lambda: "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "image chunk.png": lambda: (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x78\0\0\0\x6e\x01\0\0\0\0\xc4\x90\xea\xf9"
        b"\x40\0\x01\x0aIDAT" + bytes(99)
    ),
    "mask empty.png": lambda: b"",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of reading each file, by its name, in one process with a limit of memory."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = []
    for path in sorted(HOSTILE.iterdir()):
        copy = folder / path.name
        copy.write_bytes(path.read_bytes())
        lines.append(f"{reader_of(path.name)} {copy}")
    for name, make in MADE.items():
        content = make()
        path = folder / name.partition(" ")[2]
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        lines.append(f"{name.partition(' ')[0]} {path}")
    run = subprocess.run(
        [sys.executable, hostile_reading.__file__],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(lines)
    return {Path(each["path"]).name: each for each in answers}


FILES = [path.name for path in sorted(HOSTILE.iterdir())]


@pytest.mark.parametrize("name", [*FILES, *(name.partition(" ")[2] for name in MADE)])
def test_a_hostile_file_is_one_error_with_its_name_soon_and_in_little_memory(
    outcomes: dict[str, Any], name: str
) -> None:
    outcome = outcomes[name]
    assert outcome["seconds"] < SECONDS
    assert "MemoryError" not in [kind for kind, _ in outcome["errors"]]
    if name.startswith("ckpt"):
        assert outcome["errors"] == []  # the step is done again
        return
    assert outcome["clear"]
    assert outcome["errors"], "expected an error, got a file that was read"
    message = outcome["errors"][0][1]
    assert name in message
    assert "expected" in message


def test_long_names_of_images_take_no_time(tmp_path: Path) -> None:
    people = [{"image_id": f"{'1' * 10**5}a{k}b", "keypoints": [1.0] * 51} for k in (1, 9)]
    path = tmp_path / "names.json"
    path.write_text(json.dumps(people))
    begin = time.process_time()
    assert [len(frame) for frame in sc.read_frames(path, "coco17")] == [1, *[0] * 7, 1]
    assert time.process_time() - begin < SECONDS


@pytest.mark.parametrize("reader", [name for name in hostile_reading.READERS if name != "step"])
def test_a_folder_is_an_error_that_names_it(tmp_path: Path, reader: str) -> None:
    ending = {"cameras": ".yaml", "mask": ".png", "image": ".png", "depth": ".npy"}
    ending |= {"run": ".toml", "format": ".toml", "video": ".mp4", "keypoints3d": ".npy"}
    folder = tmp_path / f"folder{ending.get(reader, '.npz')}"
    folder.mkdir()
    with pytest.raises((ValueError, OSError), match="folder"):
        hostile_reading.READERS[reader](folder)


def test_every_public_reader_is_fuzzed() -> None:
    names = {name.partition("_")[2] for name in sc.__all__ if name.startswith(("read_", "load_"))}
    assert len(names) > 9 and names <= set(hostile_reading.READERS)


def test_the_fuzzer_harvests_what_tests_read_and_reads_it_damaged(tmp_path: Path) -> None:
    """A new reader is fuzzed with the files of its own tests, without being added to a list."""
    root = Path(__file__).parents[2]
    tests = tmp_path / "test_new_reader.py"
    tests.write_text(
        "import smplceres as sc\n"
        "def test(tmp_path):\n"
        "    (tmp_path / 'c.toml').write_text('[c]\\nsize = [64, 48]\\nmatrix = [[50, 0, 32], '\n"
        "        '[0, 50, 24], [0, 0, 1]]\\nrotation = [0.1, 0, 0]\\n')\n"
        "    sc.read_cameras(tmp_path / 'c.toml')\n"
    )
    out = tmp_path / "out"
    environment = {
        **os.environ,
        "PYTHONPATH": str(root / "tools" / "fuzz"),
        "SMPLCERES_HARVEST": str(out / "seeds"),
    }
    harvest = [sys.executable, "-m", "pytest", "-q", "-p", "harvest", str(tests)]
    subprocess.run(harvest, env=environment, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert [path.name for path in out.glob("seeds/*/c.toml")] == ["c.toml"]
    script = [sys.executable, str(root / "tools" / "fuzz" / "files.py"), str(out)]
    fuzz = [*script, str(tmp_path / "folder"), "1", "--files", "200"]
    run = subprocess.run(fuzz, check=True, stdout=subprocess.PIPE, text=True)
    counts = sum((Counter(json.loads(line)) for line in run.stdout.splitlines()), Counter())
    assert counts["files"] == 200
    assert counts["read cameras"] and counts["clear cameras"] > 50
    assert {name.partition(" ")[0] for name in counts} == {"files", "read", "clear"}


def test_any_error_of_a_parser_becomes_one_that_names_the_file_and_what_was_expected() -> None:
    for error in (KeyError("a"), RecursionError(), MemoryError(), SystemError("b"), OSError("c")):
        with (
            pytest.raises(ValueError, match=r"^x\.json: expected JSON, got a damaged one \(.+\)$"),
            naming("x.json"),
            parsing("JSON"),
        ):
            raise error


@pytest.mark.parametrize("error", [ImportError("PyYAML"), FileNotFoundError(2, "no", "x.json")])
def test_a_missing_library_or_file_is_no_damage(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, naming("x.json"), parsing("JSON"):
        raise error
    assert raised.value is error


def test_the_shipped_models_take_a_quarter_of_what_a_file_may_at_most() -> None:
    for path in (Path(sc.__file__).parent / "data").glob("body_*.npz"):
        with np.load(path) as archive:
            needed = sum(8 * archive[key].size for key in archive)
        assert 4 * needed < array_limit(path.stat().st_size)
