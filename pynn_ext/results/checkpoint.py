"""State on disk: everything that a run changes, in one file without code.

The objects of a simulation are walked from a few roots, in the order of their attributes, and every array and plain
value is kept under its path. The objects themselves are not kept: the script builds them again, which gives the same
walk, and `restore` puts arrays and values back where they were. So a file holds numbers and text alone, arrays as
``.npz``, the rest as JSON inside it; nothing in it is executed."""

from __future__ import annotations

import json
import operator
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NetworkError
from .atomic import written

MAX_BYTES = 8 << 30
#: What belongs to the process and not to the state: identities of objects and counters of changes.
NOT_STATE = {"revision", "_revision", "_revisions", "_key", "_structure", "_known", "_report", "_compile"}
Plain = bool | int | float | str | None


def save(path: Path | str, about: Mapping[str, Any], roots: Mapping[str, Any]) -> None:
    """Write the state of `roots`, whole or not at all.

    Parameters
    ----------
    path : path
    about : mapping
        What the state is of, as plain data; `load` compares it.
    roots : mapping of str to object
    """
    arrays: dict[str, Any] = {}
    tree = {}
    walk = _Walk()
    for name, root in roots.items():
        tree[name] = walk.describe(root, name, arrays)
    text = json.dumps({"about": dict(about), "tree": tree})
    with written(path) as temporary, temporary.open("wb") as file:
        np.savez(file, json=np.frombuffer(text.encode(), np.uint8), **arrays)


def load(path: Path | str, about: Mapping[str, Any], roots: Mapping[str, Any]) -> None:
    """Put the state back into `roots`, which have been built in the same way.

    Raises
    ------
    NetworkError
        If the file is no checkpoint, or one of something else.
    """
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES >> 30} GB")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        found = json.loads(arrays.pop("json").tobytes())
        tree, then = found["tree"], found["about"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NetworkError(
            f"{path} is no checkpoint: {error}", remedy="give a file that was saved as one"
        ) from None
    for name, value in about.items():
        if then.get(name) != value:
            raise NetworkError(
                f"the checkpoint has {name} {then.get(name)!r}, the script builds {value!r}",
                where=str(path),
                remedy="load it with the script and settings that saved it",
            )
    walk = _Walk()
    for name, root in roots.items():
        walk.restore(root, tree[name], arrays, name)


class _Walk:
    """Goes through objects of ours once each."""

    def __init__(self) -> None:
        self._seen: list[Any] = []  # kept alive, so that no identity is used twice
        self._ids: set[int] = set()

    def _enter(self, value: Any) -> bool:
        if id(value) in self._ids:
            return False
        self._ids.add(id(value))
        self._seen.append(value)
        return True

    def describe(self, value: Any, path: str, arrays: dict[str, Any]) -> Any:
        """Return JSON of a value; its arrays go into `arrays`."""
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                return {"kind": "other"}
            arrays[path] = value
            return {"kind": "array"}
        if isinstance(value, np.generic):
            arrays[path] = np.asarray(value)
            return {"kind": "number"}
        if isinstance(value, Plain):  # type: ignore[misc,arg-type,unused-ignore]
            return {"kind": "plain", "value": value}
        if isinstance(value, list | tuple | deque):
            kind = "tuple" if isinstance(value, tuple) else "list"
            parts = [self.describe(v, f"{path}/{n}", arrays) for n, v in enumerate(value)]
            return {"kind": kind, "parts": parts}
        if isinstance(value, dict):
            keys = list(value) if all(isinstance(k, int | str) for k in value) else None
            parts = [self.describe(v, f"{path}/{n}", arrays) for n, v in enumerate(value.values())]
            return {"kind": "dict", "keys": keys, "parts": parts}
        if not _ours(value):
            return {"kind": "other"}
        if not self._enter(value):
            return {"kind": "seen"}
        named = {name: self.describe(v, f"{path}/{name}", arrays) for name, v in _attributes(value)}
        return {"kind": "object", "parts": named}

    def restore(self, value: Any, told: Any, arrays: dict[str, Any], path: str) -> Any:
        """Return what takes the place of `value`: itself wherever it can be changed in place."""
        kind = told["kind"]
        if kind in ("other", "seen"):
            return value
        if kind in ("plain", "number"):
            new = told["value"] if kind == "plain" else arrays[path][()]
            return value if type(value) is type(new) and value == new else new
        if kind == "array":
            saved = arrays[path]
            same = isinstance(value, np.ndarray) and (value.shape, value.dtype) == (saved.shape, saved.dtype)
            if not same or not value.flags.writeable:
                return value if same and np.array_equal(value, saved) else saved
            value[...] = saved
            return value
        if kind == "object":
            if not _ours(value):
                raise NetworkError(f"the checkpoint has an object at {path} that the script does not build")
            if self._enter(value):
                for name, now in _attributes(value):
                    if name in told["parts"]:
                        new = self.restore(now, told["parts"][name], arrays, f"{path}/{name}")
                        if new is not now:
                            object.__setattr__(value, name, new)
            return value
        return self._container(value, told, arrays, path)

    def _container(self, value: Any, told: Any, arrays: dict[str, Any], path: str) -> Any:
        kind, parts = told["kind"], told["parts"]
        if kind == "dict":
            before = list(value.values()) if isinstance(value, dict) else []
        else:
            before = list(value) if isinstance(value, list | tuple | deque) else []
        before += [None] * (len(parts) - len(before))
        new = [
            self.restore(b, part, arrays, f"{path}/{n}")
            for n, (b, part) in enumerate(zip(before, parts, strict=False))
        ]
        if kind == "tuple":
            if isinstance(value, tuple) and len(value) == len(new) and all(map(operator.is_, value, new)):
                return value
            return type(value)(*new) if hasattr(value, "_fields") else tuple(new)
        if kind == "list":
            value.clear()
            value.extend(new)
            return value
        keys = (
            list(value)
            if len(value) == len(new) and (told["keys"] is None or _identities(told["keys"]))
            else told["keys"]
        )
        value_of = dict(zip(keys, new, strict=True))
        value.clear()
        value.update(value_of)
        return value


def _identities(keys: list[Any]) -> bool:
    """Return whether these keys are identities of objects, which are others in every process."""
    return bool(keys) and all(isinstance(key, int) and key > 1 << 32 for key in keys)


def _ours(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "pynn_ext" and (
        hasattr(value, "__dict__") or hasattr(value, "__slots__")
    )


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    named = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    named |= getattr(value, "__dict__", {})
    for name, part in list(named.items()):
        if name not in NOT_STATE:
            yield name, part
