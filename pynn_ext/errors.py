"""Every exception of the package: what happened, where, which limit was broken by which value, and what to
do.

Each class also derives from the exception that PyNN or Python would raise, so that existing ``except``
clauses work."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable


def script_line() -> str:
    """Return ``file:line`` of the innermost frame outside this package and PyNN, or an empty string."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.split(".")[0] not in ("pynn_ext", "pyNN", "lazyarray", "importlib", "runpy"):
            return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a remedy for a misspelt name."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"choose one of {', '.join(known)}"


class PynnExtError(Exception):
    """Base class.

    Parameters
    ----------
    what : str
        What happened, with the offending value.
    where : str
        The label of the object; the line of the script is added.
    limit : str
        The limit or rule that was broken.
    remedy : str
        What to do.
    """

    def __init__(self, what: str, *, where: str = "", limit: str = "", remedy: str = "") -> None:
        self.what, self.limit, self.remedy = what, limit, remedy
        self.where = ", ".join(part for part in (where, script_line()) if part)
        text = f"{self.where}: {what}" if self.where else what
        if limit:
            text += f"; {limit}"
        if remedy:
            text += f". Remedy: {remedy}"
        self.message = text
        Exception.__init__(self, text)  # PyNN's classes have constructors of other signatures

    def __str__(self) -> str:
        return self.message


def _pynn_errors() -> dict[str, type[Exception]]:
    """PyNN's exception classes, if PyNN has been imported or can be; imported late because PyNN takes 0.3
    s."""
    from pyNN import errors

    return {name: value for name, value in vars(errors).items() if isinstance(value, type)}


class NetworkError(PynnExtError, ValueError):
    """A value in the network description is impossible."""


class UnsupportedError(PynnExtError, NotImplementedError):
    """The backend cannot do what was asked, and says why."""


class CompilerError(PynnExtError, RuntimeError):
    """The C++ compiler is missing or failed."""


class MappingError(NetworkError):
    """A network does not fit a chip.

    Parameters
    ----------
    problems : list
        Everything that does not fit.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        limit: str = "",
        remedy: str = "",
        problems: Iterable[object] = (),
    ) -> None:
        super().__init__(what, where=where, limit=limit, remedy=remedy)
        self.problems = list(problems)


class StrictError(PynnExtError, ValueError):
    """Something would have been changed silently, and ``setup(strict=True)`` forbids it."""


class UsageError(PynnExtError):
    """A command was called in a way it does not understand."""


def pynn_error(kind: str, what: str, *, where: str = "", limit: str = "", remedy: str = "") -> PynnExtError:
    """Return an exception that is both ours and ``pyNN.errors.<kind>``.

    Parameters
    ----------
    kind : str
        Name of a class of `pyNN.errors`, for example ``"InvalidParameterValueError"``.
    what, where, limit, remedy : str
        As for `PynnExtError`.
    """
    theirs = _pynn_errors()[kind]

    class _Error(PynnExtError, theirs):  # type: ignore[misc, valid-type]
        pass

    _Error.__name__ = _Error.__qualname__ = kind
    return _Error(what, where=where, limit=limit, remedy=remedy)
