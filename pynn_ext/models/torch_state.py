"""Reads the tensors of a PyTorch state file without PyTorch and without executing what the file says.

Such a file is a zip archive: raw numbers under ``data/0``, ``data/1``, ... and ``data.pkl``, a program that builds a
dictionary of tensors. Of that program's language only the operations that a dictionary of tensors needs are
understood here, and the only "functions" are the dictionary, the tensor, and the types of its numbers; anything else
is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import NetworkError

if TYPE_CHECKING:
    import zipfile

TYPES = {
    "torch FloatStorage": np.float32,
    "torch DoubleStorage": np.float64,
    "torch LongStorage": np.int64,
    "torch BoolStorage": np.bool_,
}
DICTIONARY, TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
LITERALS = {"BININT", "BININT1", "BININT2", "BINUNICODE", "SHORT_BINUNICODE"}
CONSTANTS = {"NEWFALSE": False, "NEWTRUE": True, "NONE": None, "EMPTY_TUPLE": ()}
MAX_BYTES = 2**30  # of all numbers of a file
MARK = object()


def read_state(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors of a state file by name.

    Raises
    ------
    NetworkError
        If the file is no such archive, is larger than 1 GiB, or says anything but a dictionary of tensors.
    """
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if sum(sizes.values()) > MAX_BYTES:
                raise ValueError(f"it holds {sum(sizes.values())} bytes, more than {MAX_BYTES}")
            programs = [name for name in sizes if name.endswith("/data.pkl")]
            if len(programs) != 1:
                raise ValueError("it has no data.pkl")
            return _Reader(archive, programs[0].removesuffix("data.pkl")).run(archive.read(programs[0]))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise NetworkError(
            f"{Path(path).name} is no dictionary of tensors ({error})",
            where="read_state",
            limit="torch.save(module.state_dict(), file) writes what can be read",
        ) from error


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        self.archive, self.folder = archive, folder
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def run(self, program: bytes) -> dict[str, npt.NDArray[Any]]:
        import pickletools

        for operation, argument, _ in pickletools.genops(program):
            if operation.name == "STOP":
                break
            self._execute(operation.name, argument)
        (result,) = self.stack
        if not isinstance(result, dict) or not all(isinstance(v, np.ndarray) for v in result.values()):
            raise ValueError("its value is another one")
        return result

    def _execute(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in LITERALS:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            stack.append(MARK)
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memory[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memory[argument])
        elif name == "GLOBAL" and argument in (*TYPES, DICTIONARY, TENSOR):
            stack.append(argument)
        elif name == "TUPLE":
            stack.append(tuple(self._since_mark()))
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            n = int(name[-1])
            stack[-n:] = [tuple(stack[-n:])]
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            stack[-1][key] = value
        elif name == "SETITEMS":
            items = self._since_mark()
            stack[-1].update(zip(items[::2], items[1::2], strict=True))
        elif name == "BINPERSID":
            stack.append(self._storage(*stack.pop()))
        elif name == "REDUCE":
            given, function = stack.pop(), stack.pop()
            stack.append(self._call(function, given))
        elif name == "BUILD" and isinstance(stack[-2], dict):
            stack.pop()  # versions of the modules, which a state dictionary carries along
        elif name not in ("PROTO", "FRAME"):
            raise ValueError(f"it says {name} {argument or ''}".strip())

    def _since_mark(self) -> list[Any]:
        at = len(self.stack) - 1 - next(i for i, x in enumerate(reversed(self.stack)) if x is MARK)
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    def _storage(self, kind: str, dtype: str, key: str, _device: str, count: int) -> npt.NDArray[Any]:
        if kind != "storage" or not str(key).isdigit():
            raise ValueError("it names another kind of data")
        data = self.archive.read(f"{self.folder}data/{key}")
        numbers: npt.NDArray[Any] = np.frombuffer(data, dtype=TYPES[dtype])
        if len(numbers) != count:
            raise ValueError(f"data/{key} has {len(numbers)} numbers instead of {count}")
        return numbers

    def _call(self, function: Any, given: tuple[Any, ...]) -> Any:
        if not isinstance(function, str):
            raise ValueError("it calls what is no function")
        if function == DICTIONARY and given == ():
            return {}
        if function != TENSOR:
            raise ValueError(f"it calls {function}")
        numbers, offset, shape, strides = given[:4]
        rows = np.cumprod([1, *reversed(shape[1:])])[::-1].tolist() if shape else []
        if list(strides) != rows:
            raise ValueError(f"a tensor of shape {shape} has the strides {strides}")
        count = int(np.prod(shape))
        if offset + count > len(numbers):
            raise ValueError(f"a tensor of shape {shape} is larger than its data")
        return numbers[offset : offset + count].reshape(shape)
