"""A NIR graph becomes populations and projections.

From each spiking node and each input every chain of linear nodes is followed to the next neuron. What NIR does not say
and PyNN asks for: a synapse takes at least one time step, cells begin at their leak potential, and a constant input (a
bias) acts from the start also where NIR filters it by the synapse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UnsupportedError, UsageError
from .linear import LinearMap
from .neurons import NEURONS, Cells


@dataclass(frozen=True)
class ReadNetwork:
    """The PyNN objects made from a graph.

    Attributes
    ----------
    inputs : dict of str to Population
        A `SpikeSourceArray` for each input of the graph; give it spike times.
    populations : dict of str to Population
        The cells of each neuron node.
    outputs : dict of str to Population
        The cells whose spikes each output of the graph passes on.
    projections : list of Projection
    """

    inputs: dict[str, Any] = field(default_factory=dict)
    populations: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    projections: list[Any] = field(default_factory=list)


def from_nir(sim: Any, graph: Any, *, spike_width: float = 1e-4, unit: float = 1.0) -> ReadNetwork:
    """Build the network of a NIR graph on a backend.

    Parameters
    ----------
    sim : module
        Any PyNN backend, after ``sim.setup()``.
    graph : nir.NIRGraph or path
    spike_width : float
        How long a spike of 1 lasts, in s: the time step of the framework that trained the network.
    unit : float
        Millivolts of one NIR unit of potential.

    Returns
    -------
    ReadNetwork

    Raises
    ------
    UnsupportedError
        If a node has no counterpart, or an output is not the spikes of neurons.
    UsageError
        If `nir` is missing.
    """
    nodes, edges = flattened(_read(graph))
    reader = _Reader(sim, nodes, edges, spike_width, unit)
    for name, node in nodes.items():
        reader.add_population(name, node)
    for name in reader.made:
        for path in reader.paths(name):
            reader.connect(name, *path)
    reader.add_offsets()
    return reader.network


def _read(graph: Any) -> Any:
    try:
        import nir
    except ImportError as missing:
        raise UsageError("NIR graphs need the package nir", remedy="pip install nir") from missing
    return nir.read(graph) if isinstance(graph, str | Path) else graph


def flattened(graph: Any, prefix: str = "") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the nodes and edges of a graph with its sub-graphs put in, named ``sub-graph.node``."""
    nodes: dict[str, Any] = {}
    edges = [(prefix + source, prefix + target) for source, target in graph.edges]
    for name, node in graph.nodes.items():
        if not hasattr(node, "edges"):
            nodes[prefix + name] = node
            continue
        inner, inner_edges = flattened(node, f"{prefix}{name}.")
        ends = {
            kind: [f"{prefix}{name}.{n}" for n, other in node.nodes.items() if type(other).__name__ == kind]
            for kind in ("Input", "Output")
        }
        if len(ends["Input"]) != 1 or len(ends["Output"]) != 1:
            raise UnsupportedError(
                "a sub-graph with several inputs or outputs",
                where=f"NIR node '{prefix}{name}'",
                limit="one of each",
            )
        edges = [
            (
                ends["Output"][0] if source == prefix + name else source,
                ends["Input"][0] if target == prefix + name else target,
            )
            for source, target in edges
        ]
        nodes |= inner
        edges += inner_edges
    return nodes, edges


class _Reader:
    """Populations first, then the projections between them, then the constant currents."""

    def __init__(
        self, sim: Any, nodes: dict[str, Any], edges: list[tuple[str, str]], spike_width: float, unit: float
    ) -> None:
        self.sim, self.nodes, self.spike_width, self.unit = sim, nodes, spike_width, unit
        self.targets: dict[str, list[str]] = {name: [] for name in nodes}
        for source, target in edges:
            self.targets[source].append(target)
        self.network = ReadNetwork()
        self.made: dict[str, Any] = {}
        self.cells: dict[str, Cells] = {}
        self.offsets: dict[str, Any] = {}
        self.entered = {target for _, target in edges}

    def add_population(self, name: str, node: Any) -> None:
        kind = type(node).__name__
        if kind in NEURONS:
            cells = NEURONS[kind](node, self.unit, self.spike_width)
            parameters = {k: v[0] if np.ptp(v) == 0 else v for k, v in cells.parameters.items()}
            celltype = getattr(self.sim, cells.celltype)(**parameters)
            population = self.sim.Population(
                len(cells.gain), celltype, initial_values={"v": parameters["v_rest"]}, label=name
            )
            self.cells[name], self.network.populations[name] = cells, population
            self.offsets[name] = np.zeros(len(cells.gain))
        elif kind == "Input" and name not in self.entered:
            size = int(np.prod(node.input_type["input"]))
            population = self.sim.Population(size, self.sim.SpikeSourceArray(), label=name)
            self.network.inputs[name] = population
        else:
            return
        self.made[name] = population

    def _shape(self, name: str) -> tuple[int, ...]:
        shape = self.nodes[name].output_type["output"]
        return tuple(int(n) for n in np.atleast_1d(shape))

    def paths(self, name: str) -> Iterator[tuple[str, LinearMap]]:
        """Yield each neuron or output that the spikes of a node reach, and the map on the way."""
        waiting: list[tuple[str, LinearMap, tuple[str, ...]]]
        waiting = [(target, LinearMap.identity(self._shape(name)), (name,)) for target in self.targets[name]]
        while waiting:
            target, way, passed = waiting.pop()
            node, last = self.nodes[target], not self.targets[target]
            if target in self.cells or (type(node).__name__ == "Output" and last):
                yield target, way
                continue
            if target in passed:
                raise UnsupportedError("a loop without a neuron", where=f"NIR node '{target}'")
            if type(node).__name__ not in ("Input", "Output"):  # those of sub-graphs pass everything on
                way = way.then(target, node)
            waiting += [(next_one, way, (*passed, target)) for next_one in self.targets[target]]

    def connect(self, source: str, target: str, way: LinearMap) -> None:
        """Make the projections of one path, or note an output."""
        if target not in self.cells:
            self._note_output(source, target, way)
            return
        cells = self.cells[target]
        if way.matrix.shape[0] != len(cells.gain):
            raise UnsupportedError(
                f"{way.matrix.shape[0]} values go into {len(cells.gain)} neurons",
                where=f"NIR node '{target}'",
            )
        self.offsets[target] += way.bias * cells.current
        table = way.matrix.tocoo()
        rows, columns = table.coords
        weights = table.data * cells.gain[rows]
        step = self.sim.get_time_step()
        delays = np.maximum((way.before[columns] + way.after[rows]) * 1e3, step)
        for sign, receptor in ((1, "excitatory"), (-1, "inhibitory")):
            chosen = sign * weights > 0
            if not chosen.any():
                continue
            synapses = np.column_stack([columns[chosen], rows[chosen], weights[chosen], delays[chosen]])
            connector = self.sim.FromListConnector(
                [(int(i), int(j), w, d) for i, j, w, d in synapses], column_names=["weight", "delay"]
            )
            self.network.projections.append(
                self.sim.Projection(
                    self.made[source],
                    self.made[target],
                    connector,
                    self.sim.StaticSynapse(),
                    receptor_type=receptor,
                    label=f"{source}→{target} {receptor}",
                )
            )

    def _note_output(self, source: str, target: str, way: LinearMap) -> None:
        if not way.is_identity:
            raise UnsupportedError(
                "an output that is a weighted sum of spikes",
                where=f"NIR node '{target}'",
                limit="spikes of neurons",
                remedy="end the graph with a spiking or an LI node",
            )
        self.network.outputs[target] = self.made[source]

    def add_offsets(self) -> None:
        """Give the biases to the cells as constant currents."""
        for name, current in self.offsets.items():
            if current.any():
                self.network.populations[name].set(i_offset=current)
