"""What the record of a chip says, as a page: limits, arithmetic, time and energy, each number with its source, and what
is not modelled. For ``pynn-ext backends NAME`` and the docs.

Nothing is written here: numbers, meanings, units and sources are those of the record, ``CHIP`` of a backend's module,
and of its ``COSTS`` where sets of costs stand beside each other; the text is the module's docstring."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from .chip.contracts import TimeContract
from .chip.energy import FEMTO
from .chip.record import GROUPS, Entry, entries
from .errors import UnsupportedError
from .plugins import backend_names, load_backend

PARAGRAPHS = ("Not modelled", "Sources")


def chip_names() -> list[str]:
    """Return the backends that are models of a chip, sorted; all backends are imported."""
    return [name for name in backend_names() if hasattr(load_backend(name), "CHIP")]


def record_of(name: str) -> list[Entry]:
    """Return the declared numbers of a chip.

    Parameters
    ----------
    name : str
        Name of the backend.

    Raises
    ------
    UnsupportedError
        If the backend is no chip.
    UsageError
        If there is no such backend.
    """
    module = load_backend(name)
    if not hasattr(module, "CHIP"):
        raise UnsupportedError(
            f"'{name}' is no chip", limit="only chips have a record", remedy=f"choose one of {', '.join(chip_names())}"
        )  # fmt: skip
    return list(entries(module.CHIP))


def page(name: str) -> str:
    """Return the page of a chip, in Markdown, from its second level of headings on.

    Parameters
    ----------
    name : str
        Name of the backend.
    """
    found, module = record_of(name), load_backend(name)
    lines: list[str] = []
    for group in GROUPS:
        members = [entry for entry in found if entry.group == group]
        if members:
            lines += [f"## {group.capitalize()}", "", *_table(members), ""]
        if group == "time":
            lines += _contract(members)
        if group == "energy":
            lines += _costs(getattr(module, "COSTS", {}))
    return "\n".join([*lines, *_paragraphs(inspect.getdoc(module) or "")])


def shown(value: Any) -> str:
    """Return a value of a record as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, TimeContract):
        return value.name
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(members: list[Entry]) -> Iterator[str]:
    yield from ("| field | what | value | source |", "|---|---|---|---|")
    for entry in members:
        value = f"{shown(entry.value)} {entry.unit}".strip()
        yield f"| `{entry.name}` | {entry.what} | {value} | {entry.source} |"


def _contract(members: list[Entry]) -> Iterator[str]:
    """Say what the time contract promises, and how long a step is if it has a length."""
    for entry in members:
        if isinstance(entry.value, TimeContract):
            text = " ".join((inspect.getdoc(type(entry.value)) or "").split("\n\n")[0].split())
            yield f"Time contract: **{entry.value.name}**. {text}"
            step = getattr(entry.value, "step_s", None)
            if step:
                yield f"A step of {entry.value.cycles} cycles takes {1e6 * step:.6g} µs."  # type: ignore[attr-defined]
            yield ""


def _costs(sets: dict[str, Any]) -> Iterator[str]:
    """Put sets of costs beside each other."""
    if not sets:
        return
    yield "Energy and time of operations, in sets that are never mixed:"
    yield ""
    yield "| operation |" + "".join(f" `{name}` |" for name in sets)
    yield "|---|" + "---|" * len(sets)
    for entry in entries(next(iter(sets.values()))):
        cells = [_operation(getattr(costs, entry.name)) for costs in sets.values()]
        yield f"| {entry.what} | " + " | ".join(cells) + " |"
    yield "| barrier | " + " | ".join(costs.barrier_text for costs in sets.values()) + " |"
    yield ""
    for name, costs in sets.items():
        yield f"- `{name}`: {costs.source}"
    yield ""


def _operation(cost: Any) -> str:
    if not cost.energy and not cost.time and cost.source:
        return f"– ({cost.source})"
    note = f" ({cost.source})" if cost.source else ""
    return f"{cost.energy * FEMTO * 1e12:g} pJ, {cost.time * 1e9:.3g} ns{note}"


def _paragraphs(docstring: str) -> Iterator[str]:
    """Give the paragraphs of a docstring that begin with one of `PARAGRAPHS`, each as a section."""
    for title in PARAGRAPHS:
        for paragraph in docstring.split("\n\n"):
            if paragraph.startswith(f"{title}:"):
                text = " ".join(paragraph.removeprefix(f"{title}:").split())
                yield from (f"## {title}", "", text[:1].upper() + text[1:], "")
