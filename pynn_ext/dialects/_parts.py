"""Parts of the modules that scripts import a backend by: ``pyNN.nest.random``, ``spynnaker.pyNN.external_devices``.

The module of the backend that takes their place has no parts, but it has most of the names that scripts import from
them (``NativeRNG``, ``IF_curr_exp``, ``OneToOneConnector``). A part that stands in gives those, then what the dialect
has under the name of the part, and says of anything else what is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from ..errors import UnsupportedError

PACKAGES = ("standardmodels",)  #: parts that have parts themselves


class NoSuchNameError(UnsupportedError, ImportError):
    """A script imports what the backend in the other's place does not have."""


class PartsFinder:
    """Finds the parts of modules that stand in for those of a backend.

    Parameters
    ----------
    modules : mapping of str to module
        The modules that stand in, by dotted name.
    """

    def __init__(self, modules: Mapping[str, Any]) -> None:
        self._modules = modules

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return a spec for a part, or None for every other name (called by importlib)."""
        if self._whole(name) is None:
            return None
        return ModuleSpec(name, self, is_package=name.endswith(PACKAGES))  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a part."""
        whole, part = self._whole(spec.name), ModuleType(spec.name)
        inner = getattr(whole, spec.name.rpartition(".")[2], None)

        def found(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            if name in vars(whole):
                return vars(whole)[name]
            try:
                return getattr(inner, name)
            except AttributeError:
                pass
            try:
                return getattr(whole, name)
            except (
                AttributeError
            ) as error:  # which says what is missing; ``from a import b`` would not tell it
                raise NoSuchNameError(str(error)) from None

        part.__getattr__ = found  # type: ignore[method-assign]
        return part

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names are looked up when they are asked for."""

    def _whole(self, name: str) -> Any:
        """Return the module that a dotted name is a part of, or None."""
        parent = name.rpartition(".")[0]
        while parent and parent not in self._modules:
            parent = parent.rpartition(".")[0]
        return self._modules.get(parent)


def linked(modules: Mapping[str, Any]) -> dict[str, Any]:
    """Return modules with the empty packages above them that are missing (``spynnaker`` for ``spynnaker.pyNN``).

    Each is an attribute of the one above it, which ``import a.b as c`` asks for."""
    found = dict(modules)
    for dotted, module in modules.items():
        above, _, name = dotted.rpartition(".")
        if not above or above == "pyNN":
            continue
        if above not in found and not _installed(above):
            found[above] = ModuleType(above)
            found[above].__path__ = []
        if above in found:
            setattr(found[above], name, module)
    return found


def _installed(package: str) -> bool:
    top = package.partition(".")[0]
    return top in sys.modules or find_spec(top) is not None


@contextmanager
def parts_of(modules: Mapping[str, Any]) -> Iterator[None]:
    """Let scripts import parts of `modules`, which are in ``sys.modules``, for a while."""

    def inside() -> Sequence[str]:
        return [name for name in sys.modules if name.startswith(tuple(f"{m}." for m in modules))]

    before = {name: sys.modules.pop(name) for name in inside() if name not in modules}
    finder = PartsFinder(modules)
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
        for name in inside():
            if name not in modules:
                del sys.modules[name]
        sys.modules.update(before)
