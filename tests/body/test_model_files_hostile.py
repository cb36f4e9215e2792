"""Body-model files that claim to be larger than memory or want to run code."""

from __future__ import annotations

import io
import os
import pickle
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_file_members import Python2, assert_holds, members_of, npz_with, write_npz, write_pkl
from smplceres.base.files import reading
from smplceres.base.files.archives import ModelFileError
from smplceres.base.files.pickle_reader import PickleFormatError, read_pickle
from smplceres.body.model_files import read_body_model


def limit_arrays(monkeypatch: pytest.MonkeyPatch, num_bytes: int) -> None:
    monkeypatch.setattr(reading, "SMALL_ARRAYS_BYTES", num_bytes)
    monkeypatch.setattr(reading, "WIDENING", 0)


def test_member_that_unpacks_too_large_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_arrays(monkeypatch, 10_000)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **(members_of() | {"posedirs": np.zeros((7, 3, 1000))}))
    (tmp_path / "body.npz").write_bytes(buffer.getvalue())
    with pytest.raises(ModelFileError, match="posedirs: expected at most 10000 bytes, got 168128"):
        read_body_model(tmp_path / "body.npz")


def test_array_that_widens_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_arrays(monkeypatch, 100_000)
    members = members_of() | {"posedirs": np.zeros((7, 3, 1000), np.int8)}
    with pytest.raises(ModelFileError, match="posedirs: expected at most 100000 bytes of arrays"):
        read_body_model(write_npz(tmp_path, **members))


def test_arrays_that_are_too_large_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = members_of()
    limit_arrays(monkeypatch, max(8 * array.size for array in members.values()) + 128)
    with pytest.raises(ModelFileError, match="bytes of arrays in the file, got more"):
        read_body_model(write_npz(tmp_path, **members))


def test_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = write_npz(tmp_path, **members_of())
    with path.open("r+b") as file:
        file.truncate(reading.MAX_FILE_BYTES + 1)  # a hole
    with pytest.raises(ModelFileError, match="expected at most 2147483648 bytes, got 2147483649"):
        read_body_model(path)


def test_header_that_claims_more_than_its_member_holds_is_refused(tmp_path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3)}\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(24)
    with pytest.raises(ModelFileError, match=r"v_template: expected \(1000000000000, 3\) elements"):
        read_body_model(npz_with(tmp_path, "v_template", content))


def python2_file_with(key: str, make: Callable[[Python2], bytes]) -> bytes:
    """A pickle of a good body but for one array."""
    writer = Python2(2)
    members = {name: writer.array(array) for name, array in members_of().items()}
    return writer.file(**(members | {key: make(writer)}))


def array_with_shape(writer: Python2, *shape: int) -> bytes:
    kind, empty = writer.name("numpy", "ndarray"), writer.sequence(writer.integer(0))
    made = writer.call("numpy.core.multiarray", "_reconstruct", kind, empty, writer.string(b"b"))
    sizes = writer.sequence(*(b"\x8a\x08" + struct.pack("<q", size) for size in shape))
    parts = [writer.integer(1), sizes, writer.dtype(np.dtype("<f8")), b"\x89"]
    return made + writer.sequence(*parts, writer.string(bytes(24))) + b"b"


def huge_sparse(writer: Python2) -> bytes:
    sizes = writer.sequence(writer.integer(2**31 - 1), writer.integer(2**31 - 1))
    empty = writer.array(np.zeros(1, np.int32))
    return writer.instance(
        "scipy.sparse.coo", "coo_matrix", _shape=sizes, row=empty, col=empty, data=empty
    )


def self_containing_ch(writer: Python2) -> bytes:
    index = writer.stored
    made = writer.store(b"cchumpy.ch\nCh\n)\x81")
    return made + writer.mapping(x=b"h" + bytes([index])) + b"b"


@pytest.mark.parametrize(
    ("key", "make", "words"),
    [
        ("v_template", lambda w: array_with_shape(w, 2**40, 3), "got 24 bytes for them"),
        ("v_template", lambda w: array_with_shape(w, 2**62, 3), "expected a shape"),
        ("v_template", lambda w: array_with_shape(w, -1, 3), "expected a shape"),
        ("J_regressor", huge_sparse, "expected a sparse matrix of a regressor's size"),
        ("v_template", self_containing_ch, "expected arrays nested at most 8 deep"),
    ],
)
def test_pickled_array_of_impossible_size_is_refused(
    tmp_path: Path, key: str, make: Callable[[Python2], bytes], words: str
) -> None:
    with pytest.raises(ModelFileError, match=f"{key}: .*{words}"):
        read_body_model(write_pkl(tmp_path, python2_file_with(key, make)))


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02Nr\xff\xff\xff\xff.",  # stored at index 4294967295
        b"Np4294967295000\n.",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x.",  # 2^60 bytes follow, it says
        b"\x80\x05\x96" + struct.pack("<Q", 2**60) + b"x.",
        b"\x80\x02}N" + b"2\x86" * 60 + b"Ns.",  # a key of 2^60 tuples, to be hashed
        b"\x80\x02]" + b"2a" * 1000 + b".",  # a list within itself
    ],
)
def test_small_pickle_never_takes_much_memory_or_time(tmp_path: Path, content: bytes) -> None:
    start = time.perf_counter()
    with pytest.raises(ModelFileError):
        read_body_model(write_pkl(tmp_path, content))
    assert time.perf_counter() - start < 1  # seconds; microseconds are usual


class Runs:
    """Pickles as a call of a function, which unpickling would make."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def touching(marker: Path) -> list[tuple[Runs, str]]:
    """Objects that create `marker` when unpickled, and the global by which they do."""
    code = f"open({str(marker)!r}, 'w').close()"
    return [
        (Runs(os.system, f"touch {marker}"), rf"{os.name}\.system"),
        (Runs(eval, code), r"\w+\.eval"),
        (Runs(exec, code), r"\w+\.exec"),
        (Runs(subprocess.call, ["touch", str(marker)]), r"(commands|subprocess)\.call"),
        (Runs(__import__, "antigravity"), r"\w+\.__import__"),
        (Runs(np.load, str(marker), "r", True), r"numpy[\w.]*\.load"),
        (Runs(np.save, str(marker), 1), r"numpy[\w.]*\.save"),
    ]


@pytest.mark.parametrize("index", range(7))
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickle_that_calls_a_function_is_refused_and_nothing_runs(
    tmp_path: Path, protocol: int, index: int
) -> None:
    marker = tmp_path / "ran"
    hostile, name = touching(marker)[index]
    content = pickle.dumps({"v_template": hostile}, protocol)
    with pytest.raises(ModelFileError, match=f"got the global {name} at byte .* refused"):
        read_body_model(write_pkl(tmp_path, content))
    assert not marker.exists()


def test_npz_member_that_calls_a_function_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for hostile, name in touching(marker)[:4]:
        members = members_of() | {"v_template": np.array(hostile, dtype=object)}
        with pytest.raises(ModelFileError, match=f"v_template: .*got the global {name}"):
            read_body_model(write_npz(tmp_path, **members))
        assert not marker.exists()


def test_npz_member_that_is_not_needed_never_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    hostile = np.array(touching(marker)[0][0], dtype=object)
    path = write_npz(tmp_path, joint2num=hostile, **members_of())
    assert_holds(read_body_model(path), members_of(), 4)
    assert not marker.exists()


def python2_call(marker: Path) -> bytes:
    return b"cposix\nsystem\n(U" + bytes([len(f"touch {marker}")]) + f"touch {marker}tR".encode()


NESTED = {
    "in_chumpy_state": lambda w, call: w.instance("chumpy.ch", "Ch", x=call),
    "in_unused_chumpy_state": lambda w, call: w.instance("chumpy.ch", "Ch", _cache=call),
    "in_sparse_state": lambda w, call: w.instance("scipy.sparse.csc", "csc_matrix", data=call),
    "as_argument_of_reconstruct": lambda w, call: w.call(
        "numpy.core.multiarray", "_reconstruct", call, w.sequence(), w.string(b"b")
    ),
    "as_argument_of_dtype": lambda w, call: w.call("numpy", "dtype", call),
    "as_argument_of_reconstructor": lambda w, call: w.call("copy_reg", "_reconstructor", call),
}


@pytest.mark.parametrize("where", NESTED)
def test_call_nested_in_an_admitted_object_is_refused_and_nothing_runs(
    tmp_path: Path, where: str
) -> None:
    marker = tmp_path / "ran"
    content = python2_file_with("shapedirs", lambda w: NESTED[where](w, python2_call(marker)))
    with pytest.raises(ModelFileError, match=r"got the global posix\.system"):
        read_body_model(write_pkl(tmp_path, content))
    assert not marker.exists()


HOSTILE_BUT_ADMITTED = {
    "reconstruct_of_another_type": lambda w: w.call(
        "numpy.core.multiarray",
        "_reconstruct",
        w.name("chumpy.ch", "Ch"),
        w.sequence(w.integer(2**31 - 1), w.integer(2**31 - 1)),
        w.string(b"f8"),
    ),
    "array_of_objects": lambda w: w.array(np.zeros(2)).replace(b"U\x02f8", b"U\x02O8"),
    "structured_dtype": lambda w: w.array(np.zeros(2)).replace(b"U\x02f8", b"U\x02V8"),
    "dtype_by_expression": lambda w: w.array(np.zeros(2)).replace(b"U\x02f8", b"U\x05f8,f8"),
    "scalar_without_bytes": lambda w: w.call("numpy.core.multiarray", "scalar", w.string(b"f8")),
    "a_class": lambda w: w.name("numpy", "ndarray"),
    "an_encoded_text": lambda w: w.call("_codecs", "encode", w.string(b"x"), w.string(b"zlib")),
    "a_chumpy_expression": lambda w: w.instance("chumpy.ch_ops", "MatVecMult", mtx=b"N"),
    "ch_without_x": lambda w: w.instance("chumpy.ch", "Ch", y=b"N"),
    "select_beyond_its_array": lambda w: w.instance(
        "chumpy.reordering", "Select", a=w.ch(np.zeros(3)), idxs=w.array(np.array([99]))
    ),
    "a_list": lambda w: b"]",
}


@pytest.mark.parametrize("case", HOSTILE_BUT_ADMITTED)
def test_admitted_object_that_is_no_array_is_refused_by_key(tmp_path: Path, case: str) -> None:
    content = python2_file_with("v_template", HOSTILE_BUT_ADMITTED[case])
    with pytest.raises(ModelFileError, match="v_template: expected"):
        read_body_model(write_pkl(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x80\x02cchumpy.ch\nCh\nN}b.", "expected a record .*, got a NoneType"),
        (b"\x80\x02cchumpy.ch\nCh\n}U\x01xNsb.", "expected a record .*, got a Global"),
        (b"\x80\x02cnumpy\nndarray\n(N}U\x0c__setstate__Nstb.", "expected a record"),
        (b"\x80\x02U\x06system)R.", "expected a global .*, got a str"),
        (b"\x80\x02]]a)\x81.", "expected a global .*, got a list"),
        (b"(Vos\nVsystem\ni__builtin__\neval\n.", "opcode b'i'"),
        (b"(c__builtin__\nobject\no.", "opcode b'o'"),
        (b"Pid\n.", "opcode b'P'"),
        (b"\x80\x02\x82\x01.", "opcode"),
        (b"\x80\x02cchumpy.os\nsystem.\n.", "refused"),
        (b"\x80\x02cscipy.sparse\ncsc_matrix.__init__\n.", "refused"),
        (b"\x80\x02cchumpyevil\nCh\n.", "refused"),
        (b"\x80\x06N.", "protocol 0 to 5, got 6"),
        (b"h\x05.", "expected a stored value 5"),
        (b"t.", "expected a mark"),
        (b"0.", "expected a value on the stack"),
        (b"I" + b"9" * 5000 + b"\n.", "expected an integer"),
    ],
)
def test_odd_opcodes_are_refused(content: bytes, words: str) -> None:
    with pytest.raises(PickleFormatError, match=words):
        read_pickle(content)


def test_names_of_special_methods_in_a_state_are_but_keys(tmp_path: Path) -> None:
    def make(writer: Python2) -> bytes:
        return writer.instance(
            "chumpy.ch",
            "Ch",
            x=writer.array(members_of()["v_template"]),
            __class__=writer.name("numpy", "ndarray"),
            __setstate__=writer.name("_codecs", "encode"),
            __dict__=b"}",
        )

    arrays = read_body_model(write_pkl(tmp_path, python2_file_with("v_template", make)))
    np.testing.assert_array_equal(arrays.v_template, members_of()["v_template"])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_is_read_as_pickle_reads_it(protocol: int) -> None:
    data = {
        "numbers": [0, 1, -1, 255, 256, 65536, -(2**31), 2**40, -(2**70), 0.5, float("inf")],
        "texts": ["", "a", "ä€😀", "line\nbreak", "quote'\"\\", "x" * 300],
        "nested": ({"a": None}, (True, False), [], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    }
    data["twice"] = data["texts"]
    assert read_pickle(pickle.dumps(data, protocol)) == data
