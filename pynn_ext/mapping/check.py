"""What a chip can run: checks that every chip shares. Each returns the problems it finds; `raise_if_any` of
`problems` raises them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from ..network import CellGroup, Network
from .problems import Problem


def models(network: Network, cells: Iterable[str], synapses: Iterable[str], remedy: str) -> Iterator[Problem]:
    """Report cells and synapses of other models than those named."""
    cells, synapses = set(cells), set(synapses)
    for group in network.groups:
        if isinstance(group, CellGroup) and group.model.name not in cells:
            yield Problem(
                group.label, f"cells of type {group.model.name}", f"the chip has {_listed(cells)}", remedy
            )
    for block in network.connections:
        if block.model.name not in synapses:
            limit = f"the chip has {_listed(synapses)}"
            yield Problem(block.label, f"synapses of type {block.model.name}", limit, remedy)


def delays(network: Network, largest: int, smallest: int = 1) -> Iterator[Problem]:
    """Report delays (steps) beyond what the chip has."""
    for block in network.connections:
        if not len(block):
            continue
        low, high = int(block.delay_steps.min()), int(block.delay_steps.max())
        if low < smallest or high > largest:
            worst = low if low < smallest else high
            yield Problem(
                block.label,
                f"a delay of {worst * network.timestep:g} ms, {worst} steps",
                f"the chip has {smallest} to {largest} steps",
                f"use delays up to {largest * network.timestep:g} ms, or a larger timestep",
            )


def timestep(network: Network, allowed: Iterable[float]) -> Iterator[Problem]:
    """Report a time step (ms) that is not among those allowed."""
    allowed = sorted(allowed)
    if not any(abs(network.timestep - value) <= 1e-9 for value in allowed):
        yield Problem(
            "setup",
            f"a timestep of {network.timestep:g} ms",
            f"the chip has {_listed(f'{value:g} ms' for value in allowed)}",
            f"setup(timestep={allowed[-1]:g})",
        )


def equal_parameters(
    group: CellGroup, pairs: Mapping[str, str], limit: str, remedy: str
) -> Iterator[Problem]:
    """Report cells in which two parameters differ that the chip has only once."""
    for first, second in pairs.items():
        a, b = group.parameter(first), group.parameter(second)
        differ = np.flatnonzero(a != b)
        if differ.size:
            cell = int(differ[0])
            asked = f"{first} = {a[cell]:g} and {second} = {b[cell]:g}"
            yield Problem(group.label, f"{asked} (cell {cell}, {differ.size} cells in all)", limit, remedy)


def range_of(group: CellGroup, name: str, low: float, high: float, remedy: str) -> Iterator[Problem]:
    """Report values of a parameter outside ``[low, high]``."""
    values = group.parameter(name)
    outside = np.flatnonzero((values < low) | (values > high))
    if outside.size:
        cell = int(outside[0])
        what = f"{name} = {values[cell]:g} (cell {cell}, {outside.size} cells in all)"
        yield Problem(group.label, what, f"the chip has {low:g} to {high:g}", remedy)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
