"""Body-model files made by hand, those of Python 2 among them."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smplceres.base.skeleton import joint_names
from smplceres.body.model_arrays import BodyModelArrays

Members = dict[str, NDArray[Any]]


def members_of(num_joints: int = 3, num_columns: int = 4, num_vertices: int = 7) -> Members:
    """What a file of a small body holds, under SMPL's keys and with SMPL's types."""
    rng = np.random.default_rng(num_joints)
    weights = rng.random((num_vertices, num_joints))
    parents = np.maximum(np.arange(num_joints) - 2, 0)
    parents[0] = 2**32 - 1
    return {
        "v_template": rng.normal(size=(num_vertices, 3)),
        "shapedirs": rng.normal(size=(num_vertices, 3, num_columns)),
        "posedirs": rng.normal(size=(num_vertices, 3, 9 * (num_joints - 1))),
        "J_regressor": rng.random((num_joints, num_vertices)),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.stack([parents, np.arange(num_joints)]).astype(np.uint32),
        "f": np.array([[0, 1, 2], [2, 1, 3], [4, 5, 6]], np.uint32),
    }


def write_npz(folder: Path, **members: Any) -> Path:
    np.savez(folder / "body.npz", **members)
    return folder / "body.npz"


def write_pkl(folder: Path, content: bytes) -> Path:
    (folder / "body.pkl").write_bytes(content)
    return folder / "body.pkl"


def assert_holds(arrays: BodyModelArrays, members: Members, num_betas: int) -> None:
    np.testing.assert_array_equal(arrays.v_template, members["v_template"])
    np.testing.assert_array_equal(arrays.shapedirs, members["shapedirs"][:, :, :num_betas])
    np.testing.assert_array_equal(arrays.posedirs, members["posedirs"])
    np.testing.assert_array_equal(arrays.J_regressor, members["J_regressor"])
    np.testing.assert_array_equal(arrays.lbs_weights, members["weights"])
    np.testing.assert_array_equal(arrays.faces, members["f"])
    assert arrays.parents.tolist() == [-1, *members["kintree_table"][0, 1:].tolist()]
    for array in (arrays.parents, arrays.faces):
        assert array.dtype == np.int32


def arrays_of(num_joints: int = 3) -> BodyModelArrays:
    members = members_of(num_joints)
    return BodyModelArrays(
        name="small",
        v_template=members["v_template"],
        shapedirs=members["shapedirs"],
        posedirs=members["posedirs"],
        J_regressor=members["J_regressor"],
        lbs_weights=members["weights"],
        parents=np.array([-1, *members["kintree_table"][0, 1:]], np.int32),
        faces=members["f"].astype(np.int32),
        joint_names=joint_names(num_joints),
        landmarks={
            "nose": (np.array([4], np.int32), np.ones(1)),
            "chin": (np.array([1, 5], np.int32), np.array([0.25, 0.75])),
        },
    )


class Python2:
    """Writes pickles opcode by opcode as Python 2's cPickle does, with its memo, strings and names.

    Methods return the bytes that leave a value on the stack.
    """

    def __init__(self, protocol: int) -> None:
        self.protocol = protocol
        self.stored = 0

    def store(self, code: bytes) -> bytes:
        index, self.stored = self.stored, self.stored + 1
        if self.protocol == 0:
            return code + b"p%d\n" % index
        return code + (b"q" + bytes([index]) if index < 256 else b"r" + struct.pack("<I", index))

    def string(self, raw: bytes) -> bytes:
        if self.protocol == 0:
            return self.store(b"S" + repr(raw)[1:].encode() + b"\n")
        size = len(raw)
        head = b"U" + bytes([size]) if size < 256 else b"T" + struct.pack("<i", size)
        return self.store(head + raw)

    def integer(self, number: int) -> bytes:
        if self.protocol == 0:
            return b"I%d\n" % number
        return b"K" + bytes([number]) if 0 <= number < 256 else b"J" + struct.pack("<i", number)

    def boolean(self, value: bool) -> bytes:
        if self.protocol == 0:
            return b"I01\n" if value else b"I00\n"
        return b"\x88" if value else b"\x89"

    def sequence(self, *items: bytes) -> bytes:
        return self.store(b"(" + b"".join(items) + b"t")

    def name(self, module: str, name: str) -> bytes:
        return self.store(f"c{module}\n{name}\n".encode())

    def mapping(self, **items: bytes) -> bytes:
        pairs = [self.string(key.encode()) + value for key, value in items.items()]
        if self.protocol == 0:
            return self.store(b"(d") + b"".join(pair + b"s" for pair in pairs)
        return self.store(b"}") + b"(" + b"".join(pairs) + b"u"

    def call(self, module: str, name: str, *arguments: bytes) -> bytes:
        return self.store(self.name(module, name) + self.sequence(*arguments) + b"R")

    def dtype(self, dtype: np.dtype[Any]) -> bytes:
        code = self.string(dtype.str[1:].encode())
        made = self.call("numpy", "dtype", code, self.integer(0), self.integer(1))
        order = self.string(dtype.str[:1].encode())
        state = [self.integer(3), order, b"NNN", self.integer(-1), self.integer(-1)]
        return made + self.sequence(*state, self.integer(0)) + b"b"

    def array(self, array: NDArray[Any], module: str = "numpy.core.multiarray") -> bytes:
        kind = self.name("numpy", "ndarray")
        empty = self.sequence(self.integer(0))
        made = self.call(module, "_reconstruct", kind, empty, self.string(b"b"))
        fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        return (
            made
            + self.sequence(
                self.integer(1),
                self.sequence(*(self.integer(size) for size in array.shape)),
                self.dtype(array.dtype),
                self.boolean(fortran),
                self.string(array.tobytes(order="A")),
            )
            + b"b"
        )

    def instance(self, module: str, name: str, **state: bytes) -> bytes:
        if self.protocol == 0:
            base = self.name("__builtin__", "object")
            made = self.call("copy_reg", "_reconstructor", self.name(module, name), base, b"N")
        else:
            made = self.store(self.name(module, name) + b")\x81")
        return made + self.mapping(**state) + b"b"

    def ch(self, array: NDArray[Any]) -> bytes:
        changed = self.call("__builtin__", "set", self.store(b"(l"))
        return self.instance("chumpy.ch", "Ch", x=self.array(array), _dirty_vars=changed, _itr=b"N")

    def csc(self, dense: NDArray[np.float64], module: str = "scipy.sparse.csc") -> bytes:
        cols, rows = np.nonzero(dense.T)
        indptr = np.concatenate([[0], np.cumsum(np.bincount(cols, minlength=dense.shape[1]))])
        return self.instance(
            module,
            "csc_matrix",
            _shape=self.sequence(*(self.integer(size) for size in dense.shape)),
            maxprint=self.integer(50),
            data=self.array(dense[rows, cols]),
            indices=self.array(rows.astype(np.int32)),
            indptr=self.array(indptr.astype(np.int32)),
        )

    def file(self, **items: bytes) -> bytes:
        return (b"" if self.protocol == 0 else b"\x80\x02") + self.mapping(**items) + b"."


def python2_smpl(members: Members, protocol: int) -> bytes:
    """SMPL's original form: shapedirs selected from a longer chumpy array, sparse J_regressor."""
    writer = Python2(protocol)
    longer = np.concatenate([members["shapedirs"], members["shapedirs"] + 1], axis=2)
    chosen = np.arange(longer.size).reshape(longer.shape)[:, :, : members["shapedirs"].shape[2]]
    shapedirs = writer.instance(
        "chumpy.reordering",
        "Select",
        a=writer.ch(longer),
        idxs=writer.array(chosen.ravel()),
        preferred_shape=writer.sequence(*(writer.integer(size) for size in chosen.shape)),
    )
    return writer.file(
        bs_style=writer.string(b"lbs"),
        bs_type=writer.string(b"lrotmin"),
        v_template=writer.ch(members["v_template"]),
        shapedirs=shapedirs,
        posedirs=writer.array(np.asfortranarray(members["posedirs"])),
        J_regressor=writer.csc(members["J_regressor"]),
        J=writer.instance("chumpy.ch_ops", "MatVecMult", mtx=b"N", vec=b"N"),
        weights=writer.ch(members["weights"]),
        kintree_table=writer.array(members["kintree_table"]),
        f=writer.array(members["f"]),
    )


def npz_with(folder: Path, name: str, content: bytes) -> Path:
    """An .npz whose member `name` has any content at all."""
    path = write_npz(folder, **{key: a for key, a in members_of().items() if key != name})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{name}.npy", content)
    return path
