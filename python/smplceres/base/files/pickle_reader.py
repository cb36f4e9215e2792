"""Reading pickles without executing anything that they hold.

A pickle is a program: it names functions and calls them. Here the opcodes are interpreted, but a
name only becomes a `Global` and a call only a `Record` of the function's name and its arguments, so
that nothing can be called. `as_array` then reads the records that represent arrays: NumPy arrays,
SciPy sparse matrices and chumpy wrappers, none of which need be installed.

The opcodes of all protocols (0 to 5) are those of the pickletools module; the opcodes that are left
out create objects that no array contains.
"""

from __future__ import annotations

import math
import pickle
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class PickleFormatError(ValueError):
    """A pickle that is damaged or holds more than plain data and arrays."""


@dataclass(frozen=True)
class Global:
    """A name in a pickle, as one of the admitted kinds."""

    kind: str


@dataclass(eq=False)
class Record:
    """An object of a pickle: its kind, the arguments of its constructor, its state."""

    kind: str
    arguments: tuple[object, ...]
    state: object = None


# Python 2 says __builtin__ and copy_reg; NumPy 2.0 moved numpy.core to numpy._core.
_KINDS = {
    ("numpy", "ndarray"): "numpy.ndarray",
    ("numpy", "dtype"): "numpy.dtype",
    ("_codecs", "encode"): "codecs.encode",
    ("copy_reg", "_reconstructor"): "copyreg._reconstructor",
    ("copyreg", "_reconstructor"): "copyreg._reconstructor",
}

for _core in ("numpy.core", "numpy._core"):
    _KINDS[_core + ".multiarray", "_reconstruct"] = "numpy.ndarray"
    _KINDS[_core + ".multiarray", "scalar"] = "numpy.scalar"
    _KINDS[_core + ".numeric", "_frombuffer"] = "numpy.frombuffer"

for _builtins in ("__builtin__", "builtins"):
    for _name in ("object", "set", "bytes", "dict", "list", "int", "float"):
        _KINDS[_builtins, _name] = "builtins." + _name

# An array has some twenty opcodes. Larger files may have more, where they hold arrays.
_FEW_OPCODES = 2**18
_BYTES_PER_OPCODE = 16

for _dict in ("OrderedDict", "defaultdict"):
    _KINDS["collections", _dict] = "collections.dict"
# joblib's description of an array, whose bytes follow in the file.
_KINDS["joblib.numpy_pickle", "NumpyArrayWrapper"] = "joblib.array"
_KINDS["torch._utils", "_rebuild_tensor_v2"] = "torch.tensor"
_KINDS["torch._utils", "_rebuild_parameter"] = "torch.parameter"
for _type in ("Double", "Float", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool"):
    _KINDS["torch", _type + "Storage"] = f"torch.{_type}Storage"
_SPARSE_CLASS = re.compile(r"(csc|csr|coo)_(matrix|array)")


def read_pickle(data: bytes) -> object:
    """The content of a pickle: numbers, strings, bytes, tuples, lists, dicts and `Record`s.

    Strings of Python 2 are read as latin-1, sets as lists; keys of dicts that are neither text nor
    numbers are dropped.

    Raises:
        PickleFormatError: a damaged pickle, one that names anything besides arrays, or one of very
            many opcodes.
    """
    return _PickleReader(data).read()


def _kind_of(module: object, name: object, position: int) -> Global:
    if isinstance(module, str) and isinstance(name, str):
        if (module, name) in _KINDS:
            return Global(_KINDS[module, name])
        sparse = _SPARSE_CLASS.fullmatch(name)
        if sparse and (module + ".").startswith("scipy.sparse."):
            return Global("scipy.sparse." + sparse[1])
        if (module + ".").startswith("chumpy.") and name.isidentifier():
            return Global("chumpy." + name)
    raise PickleFormatError(
        f"expected arrays alone, got the global {_text(module)}.{_text(name)}"
        f" at byte {position}, which is refused"
    )


def _text(value: object) -> str:
    """For messages: tuples within tuples can stand for text without end, so their type is named."""
    return value[:80] if isinstance(value, str) else f"({type(value).__name__})"


class _Cursor:
    """A position in the bytes of a pickle, where arguments of opcodes are read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, count: int) -> bytes:
        end = self.position + count
        if count < 0 or end > len(self.data):
            raise PickleFormatError(
                f"expected {count} bytes at byte {self.position}, got the end of the pickle"
            )
        piece = self.data[self.position : end]
        self.position = end
        return piece

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise PickleFormatError(
                f"expected a line at byte {self.position}, got the end of the pickle"
            )
        return self.take(end + 1 - self.position)[:-1]

    def text_line(self) -> str:
        return self.line().decode("utf-8")

    def unsigned(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def signed(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little", signed=True)

    def decimal(self) -> int | bool:
        """An integer in digits; 00 and 01 are how protocols 0 and 1 write booleans."""
        digits = self.line().rstrip(b"L")
        if digits in (b"00", b"01"):
            return digits == b"01"
        if len(digits) > 40:
            raise PickleFormatError(f"expected an integer before byte {self.position}")
        return int(digits)

    def quoted(self) -> str:
        """A Python 2 string literal, with its escapes."""
        literal = self.line().strip()
        if len(literal) < 2 or literal[:1] != literal[-1:] or literal[:1] not in (b"'", b'"'):
            raise PickleFormatError(f"expected a quoted string before byte {self.position}")
        return literal[1:-1].decode("unicode_escape")

    def latin1(self, size: int) -> str:
        return self.take(self.unsigned(size)).decode("latin-1")

    def utf8(self, size: int) -> str:
        return self.take(self.unsigned(size)).decode("utf-8", "surrogatepass")

    def raw(self, size: int) -> bytes:
        return self.take(self.unsigned(size))


_LITERALS: dict[bytes, Callable[[_Cursor], object]] = {
    pickle.NONE: lambda cursor: None,
    pickle.NEWTRUE: lambda cursor: True,
    pickle.NEWFALSE: lambda cursor: False,
    pickle.INT: _Cursor.decimal,
    pickle.LONG: _Cursor.decimal,
    pickle.BININT: lambda cursor: cursor.signed(4),
    pickle.BININT1: lambda cursor: cursor.unsigned(1),
    pickle.BININT2: lambda cursor: cursor.unsigned(2),
    pickle.LONG1: lambda cursor: cursor.signed(cursor.unsigned(1)),
    pickle.FLOAT: lambda cursor: float(cursor.line()),
    pickle.BINFLOAT: lambda cursor: struct.unpack(">d", cursor.take(8))[0],
    pickle.STRING: _Cursor.quoted,
    pickle.BINSTRING: lambda cursor: cursor.latin1(4),
    pickle.SHORT_BINSTRING: lambda cursor: cursor.latin1(1),
    pickle.UNICODE: lambda cursor: cursor.line().decode("raw_unicode_escape"),
    pickle.BINUNICODE: lambda cursor: cursor.utf8(4),
    pickle.SHORT_BINUNICODE: lambda cursor: cursor.utf8(1),
    pickle.BINUNICODE8: lambda cursor: cursor.utf8(8),
    pickle.BINBYTES: lambda cursor: cursor.raw(4),
    pickle.SHORT_BINBYTES: lambda cursor: cursor.raw(1),
    pickle.BINBYTES8: lambda cursor: cursor.raw(8),
    pickle.BYTEARRAY8: lambda cursor: cursor.raw(8),
    pickle.EMPTY_TUPLE: lambda cursor: (),
    pickle.EMPTY_LIST: lambda cursor: [],
    pickle.EMPTY_DICT: lambda cursor: {},
    pickle.EMPTY_SET: lambda cursor: [],
}


class _PickleReader:
    """Interprets the opcodes of one pickle on a stack of plain values."""

    def __init__(self, data: bytes) -> None:
        self.cursor = _Cursor(data)
        # One stack per open MARK, the last on top.
        self.stacks: list[list[Any]] = [[]]
        self.memo: dict[int, object] = {}

    def read(self) -> object:
        count, limit = 0, _FEW_OPCODES + len(self.cursor.data) // _BYTES_PER_OPCODE
        try:
            while (opcode := self.cursor.take(1)) != pickle.STOP:
                count += 1
                if count > limit:
                    raise PickleFormatError(f"expected at most {limit} opcodes, got more")
                if opcode in _LITERALS:
                    self.push(_LITERALS[opcode](self.cursor))
                elif opcode in _ACTIONS:
                    _ACTIONS[opcode](self)
                else:
                    raise PickleFormatError(
                        f"expected plain data, got the opcode {opcode!r}"
                        f" at byte {self.cursor.position - 1}, which is refused"
                    )
            return self.pop()
        except PickleFormatError:
            raise
        except ValueError as error:  # invalid digits, escapes or UTF-8
            raise PickleFormatError(f"{error}, before byte {self.cursor.position}") from error

    def push(self, value: object) -> None:
        self.stacks[-1].append(value)

    def pop(self) -> Any:
        if not self.stacks[-1]:
            raise PickleFormatError(
                f"expected a value on the stack before byte {self.cursor.position}, got none"
            )
        return self.stacks[-1].pop()

    def pop_to_mark(self) -> list[Any]:
        if len(self.stacks) < 2:
            raise PickleFormatError(f"expected a mark before byte {self.cursor.position}, got none")
        return self.stacks.pop()

    def pop_a(self, expected: type) -> Any:
        value = self.pop()
        if not isinstance(value, expected):
            raise PickleFormatError(
                f"expected a {expected.__name__.lower()} before byte {self.cursor.position},"
                f" got a {type(value).__name__}"
            )
        return value

    def top_a(self, expected: type) -> Any:
        value = self.pop_a(expected)
        self.push(value)
        return value

    def mark(self) -> None:
        self.stacks.append([])

    def duplicate(self) -> None:
        value = self.pop()
        self.push(value)
        self.push(value)

    def tuple_of(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(items)))

    def append(self, items: list[object]) -> None:
        self.top_a(list).extend(items)

    def set_items(self, items: list[object]) -> None:
        if len(items) % 2:
            raise PickleFormatError(f"expected a value to each key at byte {self.cursor.position}")
        target = self.top_a(dict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if isinstance(key, (str, int)) or (
                isinstance(key, Record) and key.kind == "numpy.scalar"
            ):
                target[key] = value

    def set_item(self) -> None:
        value = self.pop()
        self.set_items([self.pop(), value])

    def dict_of_items(self) -> None:
        items = self.pop_to_mark()
        self.push({})
        self.set_items(items)

    def put(self, index: int) -> None:
        value = self.pop()
        self.memo[index] = value
        self.push(value)

    def get(self, index: int) -> None:
        if index not in self.memo:
            raise PickleFormatError(
                f"expected a stored value {index} before byte {self.cursor.position}, got none"
            )
        self.push(self.memo[index])

    def global_by_line(self) -> None:
        position = self.cursor.position - 1
        self.push(_kind_of(self.cursor.text_line(), self.cursor.text_line(), position))

    def global_by_stack(self) -> None:
        name = self.pop()
        self.push(_kind_of(self.pop(), name, self.cursor.position - 1))

    def call(self) -> None:
        """REDUCE and NEWOBJ: a Global and its arguments become a Record; nothing is called."""
        arguments = self.pop_a(tuple)
        called = self.pop_a(Global)
        match called.kind, arguments:
            case "copyreg._reconstructor", (Global(made), *_):
                self.push(Record(made, ()))
            case "collections.dict", _:
                self.push({})
            case kind, _:
                self.push(Record(kind, arguments))

    def build(self) -> None:
        state = self.pop()
        if self.stacks[-1] and isinstance(self.stacks[-1][-1], dict):
            return  # attributes of a dict, which hold no data
        record = self.top_a(Record)
        record.state = state
        if record.kind == "joblib.array":
            self.take_array(record)

    def persistent(self) -> None:
        """PyTorch's reference to the data of a tensor."""
        self.push(Record("persistent", self.pop_a(tuple)))

    def take_array(self, record: Record) -> None:
        """Makes a record of an array of joblib's, which aligns its bytes, one of NumPy's."""
        match record.state:
            case {
                "shape": tuple(shape),
                "dtype": Record(arguments=(str(code), *_)) as dtype,
                **more,
            } if code[1:].isdecimal() and code[0] != "O":
                order = more.get("order", "C")
            case _:
                raise PickleFormatError("expected an array of numbers of joblib's, got another")
        if more.get("numpy_array_alignment_bytes") is not None:
            self.cursor.take(self.cursor.unsigned(1))
        if not all(type(size) is int and size >= 0 for size in shape):
            raise PickleFormatError("expected a shape, a tuple of sizes, got something else")
        content = self.cursor.take(math.prod(shape) * int(code[1:]))
        record.kind, record.arguments = "numpy.frombuffer", (content, dtype, shape, order)

    def protocol(self) -> None:
        version = self.cursor.unsigned(1)
        if version > 5:
            raise PickleFormatError(f"expected a pickle of protocol 0 to 5, got {version}")


_ACTIONS: dict[bytes, Callable[[_PickleReader], object]] = {
    pickle.PROTO: _PickleReader.protocol,
    pickle.FRAME: lambda reader: reader.cursor.take(8),
    pickle.MARK: _PickleReader.mark,
    pickle.POP: _PickleReader.pop,
    pickle.POP_MARK: _PickleReader.pop_to_mark,
    pickle.DUP: _PickleReader.duplicate,
    pickle.TUPLE: lambda reader: reader.push(tuple(reader.pop_to_mark())),
    pickle.TUPLE1: lambda reader: reader.tuple_of(1),
    pickle.TUPLE2: lambda reader: reader.tuple_of(2),
    pickle.TUPLE3: lambda reader: reader.tuple_of(3),
    pickle.LIST: lambda reader: reader.push(reader.pop_to_mark()),
    pickle.DICT: _PickleReader.dict_of_items,
    pickle.APPEND: lambda reader: reader.append([reader.pop()]),
    pickle.APPENDS: lambda reader: reader.append(reader.pop_to_mark()),
    pickle.ADDITEMS: lambda reader: reader.append(reader.pop_to_mark()),
    pickle.SETITEM: _PickleReader.set_item,
    pickle.SETITEMS: lambda reader: reader.set_items(reader.pop_to_mark()),
    pickle.PUT: lambda reader: reader.put(reader.cursor.decimal()),
    pickle.BINPUT: lambda reader: reader.put(reader.cursor.unsigned(1)),
    pickle.LONG_BINPUT: lambda reader: reader.put(reader.cursor.unsigned(4)),
    pickle.MEMOIZE: lambda reader: reader.put(len(reader.memo)),
    pickle.GET: lambda reader: reader.get(reader.cursor.decimal()),
    pickle.BINGET: lambda reader: reader.get(reader.cursor.unsigned(1)),
    pickle.LONG_BINGET: lambda reader: reader.get(reader.cursor.unsigned(4)),
    pickle.GLOBAL: _PickleReader.global_by_line,
    pickle.STACK_GLOBAL: _PickleReader.global_by_stack,
    pickle.REDUCE: _PickleReader.call,
    pickle.NEWOBJ: _PickleReader.call,
    pickle.BUILD: _PickleReader.build,
    pickle.BINPERSID: _PickleReader.persistent,
}
