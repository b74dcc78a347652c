"""What other simulators add to PyNN's interface: a file for each.

Scripts written for one of them call functions that PyNN does not have. When ``pynn-ext run --backend`` puts another
backend in its place, the script gets that backend with the dialect's names added. A dialect is a module with

- ``BACKEND``: the name of PyNN's backend that it belongs to,
- ``MODULES``: the names of the modules under which scripts import it,
- ``additions(backend, name)``: what it adds to the module of the backend called `name`, or replaces there,
- ``HELPERS``: further modules that scripts import, ``{dotted name: names in it}``.

Modules whose names begin with an underscore are parts of dialects.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ._parts import linked, parts_of

__all__ = ["dialects", "parts_of", "speaking", "without_effect"]


def dialects() -> dict[str, ModuleType]:
    """Return all dialects, ``{name of PyNN's backend: module}``."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    ]
    return {module.BACKEND: module for module in found}


def speaking(replaced: str, backend: Any, name: str) -> dict[str, Any]:
    """Return the modules that a script written for `replaced` shall import, ``{dotted name: module}``.

    What it imports from parts of them, `parts_of` finds.

    Parameters
    ----------
    replaced : str
        Name of the backend in the script.
    backend : module
        The backend that takes its place.
    name : str
        Its name.
    """
    if name == replaced:
        return {f"pyNN.{replaced}": backend}
    dialect = dialects().get(replaced)
    module = ModuleType(f"pyNN.{replaced}", backend.__doc__)
    vars(module).update({key: value for key, value in vars(backend).items() if not key.startswith("__")})
    added = dialect.additions(backend, name) if dialect else {}
    vars(module).update(added, __path__=[])
    if hasattr(backend, "__all__"):  # PyNN's own have none: ``import *`` takes all public names
        vars(module)["__all__"] = sorted({*backend.__all__, *added})

    def missing(attribute: str) -> Any:
        raise AttributeError(
            f"pyNN.{replaced} is {name} in this run, which has no {attribute!r}. "
            f"Remedy: leave it out, or run the script on pyNN.{replaced} itself"
        )

    module.__getattr__ = missing  # type: ignore[method-assign]
    spoken = dict.fromkeys(dialect.MODULES if dialect else [module.__name__], module)
    for dotted, names in dialect.HELPERS.items() if dialect else ():
        spoken[dotted] = ModuleType(dotted)
        vars(spoken[dotted]).update(names)
    return linked(spoken)


def without_effect(function: str, why: str) -> Callable[..., None]:
    """Return a function of that name which does nothing; its first call says `why`."""
    said: list[bool] = []

    def ignored(*args: Any, **kwargs: Any) -> None:
        if not said:
            print(f"pynn-ext: {function} {why}", file=sys.stderr)
            said.append(True)

    ignored.__name__ = function.rpartition(".")[2]
    ignored.__doc__ = f"Do nothing: it {why}."
    return ignored
