"""Which cells share a core.

``sequential`` fills one core after the other in the order of creation, ``random`` in a random order (with a fixed
seed), to compare with. ``greedy`` fills a core with the cell
that exchanges most spikes with what the core already holds. ``refine`` begins with the better of the two and
moves or swaps cells as long as messages are saved, as Kernighan and Lin (1970, Bell Syst. Tech. J. 49:291)
and, for spikes, SpiNeMap (Balaji et al. 2020, IEEE TVLSI 28:76, section IV). ``metis`` asks pymetis for
balanced parts and repairs them. All are deterministic and respect every limit of a core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import NetworkError, UnsupportedError, suggestion
from .clusters import NOWHERE, Clusters
from .graph import SpikeGraph
from .limits import CoreLimits
from .problems import Problem, raise_if_any

PASSES = 8
SEED = 1
CANDIDATES = 4  # how many cells of a full core are tried as partners of a swap

WORDS = {
    "cells": ("cells", "use fewer cells"),
    "profiles": ("different sets of shared parameters", "use fewer different parameter values"),
    "axons_in": ("input axons", "let fewer sources reach each core"),
    "axons_out": ("output axons", "let each cell reach fewer cores, or put fewer cells on a core"),
    "memory": ("words of synaptic memory", "use fewer synapses, or fewer bits for each"),
    "fan_in": ("synapses of one cell", "give the cell fewer synapses"),
    "fan_out": ("cores that one source reaches", "connect it to fewer cells, or use fewer cores"),
}


def partition(
    graph: SpikeGraph, limits: CoreLimits, cores: int, method: str = "greedy", chip: str = "the chip"
) -> Clusters:
    """Assign every cell to one of at most `cores` cores.

    Parameters
    ----------
    graph : SpikeGraph
        Cells, synapses and expected spikes.
    limits : CoreLimits
        What one core holds.
    cores : int
        Number of cores.
    method : str
        ``"sequential"``, ``"random"``, ``"greedy"``, ``"refine"`` or ``"metis"``.
    chip : str
        Name for messages.

    Returns
    -------
    Clusters
        With as many cores as are in use.

    Raises
    ------
    MappingError
        If a limit cannot be kept; the tightest one is named.
    """
    if method not in METHODS:
        raise NetworkError(
            f"there is no partition method '{method}'", where="setup", remedy=suggestion(method, METHODS)
        )
    raise_if_any(_single_cells(graph, limits), chip)
    asked = limits
    while True:
        found = compact(METHODS[method](graph, limits, cores, chip))
        over = found.axons_out().max(initial=0) / asked.axons_out
        fullest = int(found.cells.max(initial=0))
        if over <= 1.0 or fullest <= 1:
            break
        # a cell that reaches every core needs as many output axons: with fewer cells on a core it shares them
        limits = replace(limits, cells=min(fullest - 1, int(fullest / over)))
    found.limits = asked
    raise_if_any(beyond(found), chip)
    return found


def compact(clusters: Clusters) -> Clusters:
    """Return the same clusters without the empty ones, in the order of their first cell."""
    core_of = clusters.core_of[: clusters.graph.n_cells]
    used, first = np.unique(core_of, return_index=True)
    number = np.zeros(clusters.n, dtype=np.int64)
    number[used[np.argsort(first)]] = np.arange(len(used))
    return Clusters.from_assignment(clusters.graph, clusters.limits, number[core_of], max(len(used), 1))


def _single_cells(graph: SpikeGraph, limits: CoreLimits) -> list[Problem]:
    """What no partition can mend: cells that do not even fit a core of their own."""
    worst = int(graph.fan_in.argmax()) if graph.n_cells else 0
    if graph.n_cells and graph.fan_in[worst] > limits.fan_in:
        return [
            Problem(
                graph.label(worst), f"{graph.fan_in[worst]} synapses",
                f"a cell has at most {limits.fan_in}", WORDS["fan_in"][1],
            )
        ]  # fmt: skip
    alone = Clusters(graph, limits, 1)
    for cell in range(graph.n_cells):
        refused = alone.refusal(cell, 0)
        if refused:
            return [
                Problem(
                    graph.label(cell), f"more {WORDS[refused][0]} than a core has", remedy=WORDS[refused][1]
                )
            ]
    return []


def beyond(clusters: Clusters) -> list[Problem]:
    """Return the limits that depend on where all others are and are broken."""
    limits, problems = clusters.limits, []
    out = clusters.axons_out()
    if out.max(initial=0) > limits.axons_out:
        problems.append(
            Problem(f"core {out.argmax()}", f"{out.max()} output axons", f"a core has {limits.axons_out}",
                    WORDS["axons_out"][1])
        )  # fmt: skip
    reached = clusters.destinations().sum(axis=1)
    if reached.max(initial=0) > limits.fan_out:
        problems.append(
            Problem(clusters.graph.label(int(reached.argmax())), f"targets on {reached.max()} cores",
                    f"a source reaches at most {limits.fan_out}", WORDS["fan_out"][1])
        )  # fmt: skip
    return problems


def _exhausted(clusters: Clusters, cell: int, refusals: Counter[str], chip: str) -> None:
    tightest = refusals.most_common(1)[0][0] if refusals else "cells"
    name, remedy = WORDS[tightest]
    bound: Any = getattr(clusters.limits, tightest)
    bound = bound.words if tightest == "memory" else bound
    left = clusters.graph.n_cells - int(np.count_nonzero(clusters.core_of >= 0))
    raise_if_any(
        [
            Problem(
                clusters.graph.label(cell),
                f"{left} of {clusters.graph.n_cells} cells have no place on {clusters.n} cores",
                f"the tightest limit is {bound} {name} per core",
                f"{remedy}, use more chips, or another partition method",
            )
        ],
        chip,
    )


def _sequential(graph: SpikeGraph, limits: CoreLimits, cores: int, chip: str) -> Clusters:
    return _fill(graph, limits, cores, chip, lambda clusters, core, free: int(np.argmax(free)))


def _random(graph: SpikeGraph, limits: CoreLimits, cores: int, chip: str) -> Clusters:
    rank = np.random.default_rng(SEED).random(graph.n_cells)
    return _fill(
        graph, limits, cores, chip, lambda clusters, core, free: int(np.where(free, rank, -1.0).argmax())
    )


def _greedy(graph: SpikeGraph, limits: CoreLimits, cores: int, chip: str) -> Clusters:
    affinity = _Affinity(graph)
    return _fill(graph, limits, cores, chip, affinity.best, affinity.added)


def _fill(
    graph: SpikeGraph, limits: CoreLimits, cores: int, chip: str,
    choose: Callable[[Clusters, int, Any], int], added: Callable[[Clusters, int, int], None] | None = None,
) -> Clusters:  # fmt: skip
    """Fill one core after the other with the cells that `choose` names; a cell that is refused waits for the
    next core."""
    clusters = Clusters(graph, limits, cores)
    refusals: Counter[str] = Counter()
    waiting = np.ones(graph.n_cells, dtype=bool)
    for core in range(cores):
        free = waiting.copy()
        refused_in_row = 0
        while free.any() and refused_in_row < CANDIDATES:
            cell = choose(clusters, core, free)
            free[cell] = False
            refusal = clusters.refusal(cell, core)
            if refusal:
                refusals[refusal] += 1
                refused_in_row += 1
                if refusal == "cells":
                    break
                continue
            clusters.add(cell, core)
            waiting[cell] = False
            if added:
                added(clusters, cell, core)
        if not waiting.any():
            return clusters
    if graph.n_cells:
        _exhausted(clusters, int(np.argmax(waiting)), refusals, chip)
    return clusters


class _Affinity:
    """Messages that each cell would share with the core being filled."""

    def __init__(self, graph: SpikeGraph) -> None:
        self.graph, self.core = graph, NOWHERE
        self.shared = np.zeros(graph.n_cells)

    def best(self, clusters: Clusters, core: int, free: Any) -> int:
        if core != self.core:
            self.core, self.shared = core, np.zeros(self.graph.n_cells)
        return int(np.argmax(np.where(free, self.shared, -1.0)))

    def added(self, clusters: Clusters, cell: int, core: int) -> None:
        graph = self.graph
        offsets, targets, _ = graph.outgoing
        in_offsets, sources, counts = graph.incoming
        row = slice(in_offsets[cell], in_offsets[cell + 1])
        new = sources[row][clusters.synapses[sources[row], core] == counts[row]]
        for source in (cell, *new):  # whoever they reach as well would share their messages
            self.shared[targets[offsets[source] : offsets[source + 1]]] += graph.spikes[source]
        inside = sources[row]
        inside = inside[inside < graph.n_cells]
        self.shared[inside] += graph.spikes[inside]


def _refine(graph: SpikeGraph, limits: CoreLimits, cores: int, chip: str) -> Clusters:
    starts = [_greedy(graph, limits, cores, chip), _sequential(graph, limits, cores, chip)]
    clusters = compact(min(starts, key=Clusters.messages))
    for _ in range(PASSES):
        table = np.array([clusters.gains(cell) for cell in range(graph.n_cells)])
        saved = sum(_improve(clusters, cell, table) for cell in range(graph.n_cells))
        if saved <= 1e-9:
            break
    return clusters


def _improve(clusters: Clusters, cell: int, table: Any) -> float:
    """Move the cell where it saves most, if need be in exchange for another one; return what it saved."""
    gains = clusters.gains(cell)
    here = int(clusters.core_of[cell])
    for core in np.argsort(-gains, kind="stable")[:CANDIDATES]:
        if core == here:
            break
        if gains[core] > 1e-9:
            if not clusters.refusal(cell, core):
                clusters.move(cell, core)
                return float(gains[core])
        saved = _swap(clusters, cell, int(core), table)
        if saved:
            return saved
    return 0.0


def _swap(clusters: Clusters, cell: int, core: int, table: Any) -> float:
    here = int(clusters.core_of[cell])
    there = np.flatnonzero(clusters.core_of[: clusters.graph.n_cells] == core)
    first = clusters.gains(cell)[core]
    order = there[np.argsort(-table[there, here], kind="stable")[:CANDIDATES]]
    for partner in order:
        if first + table[partner, here] <= 1e-9:
            return 0.0
        clusters.move(cell, core)
        second = clusters.gains(partner)[here]
        clusters.remove(cell)
        clusters.remove(partner)
        fits = not clusters.refusal(cell, core) and not clusters.refusal(partner, here)
        better = fits and first + second > 1e-9
        clusters.add(cell, core if better else here)
        clusters.add(partner, here if better else core)
        if better:
            return float(first + second)
    return 0.0


def _metis(graph: SpikeGraph, limits: CoreLimits, cores: int, chip: str) -> Clusters:
    try:
        import pymetis
    except ImportError as error:
        raise UnsupportedError(
            "the partition method 'metis' needs pymetis", remedy="pip install pymetis"
        ) from error
    wanted = compact(_sequential(graph, limits, cores, chip)).n
    offsets, targets, counts = graph.outgoing
    rows = np.repeat(np.arange(len(graph)), np.diff(offsets))
    inner = (rows < graph.n_cells) & (rows != targets)
    a, b = rows[inner], targets[inner]
    both, weight = np.unique(
        np.concatenate([a * graph.n_cells + b, b * graph.n_cells + a]), return_counts=True
    )
    row, column = np.divmod(both, max(graph.n_cells, 1))
    edges = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=graph.n_cells))])
    _, member = pymetis.part_graph(
        wanted, xadj=edges.tolist(), adjncy=column.tolist(),
        eweights=np.maximum(weight * graph.spikes[row], 1).astype(int).tolist(),
    )  # fmt: skip
    return _repaired(graph, limits, cores, np.asarray(member), chip)


def _repaired(graph: SpikeGraph, limits: CoreLimits, cores: int, member: Any, chip: str) -> Clusters:
    """Take parts that may break limits; what does not fit goes where it costs least."""
    clusters = Clusters(graph, limits, cores)
    late, refusals = [], Counter[str]()
    for cell in range(graph.n_cells):
        if clusters.refusal(cell, int(member[cell])):
            late.append(cell)
        else:
            clusters.add(cell, int(member[cell]))
    for cell in late:
        reached = clusters.synapses[clusters._inputs(cell)[0]].astype(bool).sum(axis=0)
        for core in np.argsort(-reached, kind="stable"):
            refusal = clusters.refusal(cell, int(core))
            if not refusal:
                clusters.add(cell, int(core))
                break
            refusals[refusal] += 1
        else:
            _exhausted(clusters, cell, refusals, chip)
    return clusters


METHODS: dict[str, Callable[[SpikeGraph, CoreLimits, int, str], Clusters]] = {
    "sequential": _sequential,
    "random": _random,
    "greedy": _greedy,
    "refine": _refine,
    "metis": _metis,
}
