"""Populations and projections become a NIR graph.

`IF_curr_delta` becomes ``LIF``, `IF_curr_exp` ``CubaLIF``, spike sources ``Input``. The projections between two
populations become a ``Linear`` node (``Affine`` with the constant currents of the cells), and a ``Delay`` node before
it if they take longer than a time step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnsupportedError, UsageError
from .neurons import cuba_lif_node, lif_node


def to_nir(
    populations: Sequence[Any],
    projections: Sequence[Any],
    outputs: Sequence[Any] | None = None,
    *,
    spike_width: float = 1e-4,
    unit: float = 1.0,
) -> Any:
    """Return the NIR graph of a network; write it with ``nir.write(path, graph)``.

    Parameters
    ----------
    populations, projections : sequence
        Of any PyNN backend. The nodes get the labels of the populations.
    outputs : sequence of Population, optional
        Populations whose spikes are the outputs; those that project nowhere if left out.
    spike_width : float
        How long a spike of 1 lasts in the framework that will run the graph, in s.
    unit : float
        Millivolts of one NIR unit of potential.

    Returns
    -------
    nir.NIRGraph

    Raises
    ------
    UnsupportedError
        For what NIR cannot say: other cell types, a refractory period, two synaptic time constants, plasticity,
        short-term dynamics, views as ends of a projection, delays that differ between the synapses of one source.
    """
    try:
        import nir
    except ImportError as missing:
        raise UsageError("NIR graphs need the package nir", remedy="pip install nir") from missing
    names = _names(populations)
    nodes, edges, gains = {}, [], {}
    for population in populations:
        nodes[names[id(population)]], gains[id(population)] = _node(nir, population, spike_width, unit)
    ends: dict[tuple[int, int], list[Any]] = {}
    for projection in projections:
        _check(projection, names)
        ends.setdefault((id(projection.pre), id(projection.post)), []).append(projection)
    waiting = {id(p): offset for p in populations if (offset := _offset(p)) is not None and offset.any()}
    for (pre, post), parts in ends.items():
        source, target = names[pre], names[post]
        weight, delay = _table(parts)
        bias = waiting.pop(post, None)
        weight = weight.T / gains[post][:, None]
        way = nir.Linear(weight) if bias is None else nir.Affine(weight, bias)
        chain = [source, f"{source}_to_{target}", target]
        nodes[chain[1]] = way
        if delay is not None:
            chain.insert(1, f"{source}_to_{target}_delay")
            nodes[chain[1]] = nir.Delay(delay / 1e3)
        edges += list(zip(chain, chain[1:], strict=False))
    if waiting:
        raise UnsupportedError(
            "a constant current of cells without input",
            where=", ".join(names[key] for key in waiting),
            limit="NIR has a bias in Affine nodes only",
            remedy="drive the cells by a projection",
        )
    _add_outputs(nir, populations, outputs, names, nodes, edges, {pre for pre, _ in ends})
    return nir.NIRGraph(nodes, edges)


def _names(populations: Sequence[Any]) -> dict[int, str]:
    names = {id(population): str(population.label) for population in populations}
    if len(set(names.values())) < len(names):
        raise UsageError("two populations have the same label", remedy="give each a label of its own")
    return names


def _node(nir: Any, population: Any, spike_width: float, unit: float) -> tuple[Any, NDArray[np.float64]]:
    """Return the node of a population, and the PyNN weight of a NIR weight of 1 for each cell."""
    kind = type(population.celltype).__name__
    if not population.celltype.injectable:
        return nir.Input({"input": np.array([population.size])}), np.ones(population.size)
    if kind not in ("IF_curr_delta", "IF_curr_exp"):
        raise UnsupportedError(
            f"cells of type {kind}", where=population.label, limit="NIR can say IF_curr_delta and IF_curr_exp"
        )
    names = population.celltype.get_parameter_names()
    values = {name: np.broadcast_to(population.get(name, simplify=True), population.size) for name in names}
    step = population._simulator.state.dt
    if (values["tau_refrac"] > step * (1 + 1e-9)).any():
        raise UnsupportedError(
            f"tau_refrac of {values['tau_refrac'].max():g} ms",
            where=population.label,
            limit=f"NIR has no refractory period; at most the time step, {step:g} ms",
        )
    if kind == "IF_curr_delta":
        return nir.LIF(**lif_node(values, unit)), spike_width * 1e3 / values["cm"]
    if (values["tau_syn_E"] != values["tau_syn_I"]).any():
        raise UnsupportedError(
            "tau_syn_E and tau_syn_I differ",
            where=population.label,
            limit="CubaLIF has one synaptic time constant",
        )
    return nir.CubaLIF(**cuba_lif_node(values, unit)), spike_width * 1e3 / values["tau_syn_E"]


def _offset(population: Any) -> NDArray[np.float64] | None:
    if "i_offset" not in population.celltype.get_parameter_names():
        return None
    return np.array(np.broadcast_to(population.get("i_offset", simplify=True), population.size), dtype=float)


def _check(projection: Any, names: dict[int, str]) -> None:
    kind = type(projection.synapse_type).__name__
    if kind != "StaticSynapse":
        raise UnsupportedError(
            f"synapses of type {kind}", where=projection.label, limit="NIR can say StaticSynapse"
        )
    for end in (projection.pre, projection.post):
        if id(end) not in names:
            raise UnsupportedError(
                f"the end '{end.label}'",
                where=projection.label,
                limit="a population of the list (NIR has no views or assemblies)",
                remedy="project between the populations themselves",
            )


def _table(projections: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return the summed weights, shape (pre, post), and the delay of each source in ms, or None for one time step."""
    first = projections[0]
    weights = np.zeros((first.pre.size, first.post.size))
    delays = np.full(first.pre.size, np.nan)
    for projection in projections:
        table = np.array(projection.get(["weight", "delay"], format="list"), dtype=float).reshape(-1, 4)
        pre, post = table[:, 0].astype(int), table[:, 1].astype(int)
        np.add.at(weights, (pre, post), table[:, 2])
        for source, delay in np.unique(table[:, [0, 3]], axis=0):
            known = delays[int(source)]
            if not np.isnan(known) and abs(known - delay) > 1e-9:
                raise UnsupportedError(
                    f"source {int(source)} has delays of {known:g} and {delay:g} ms",
                    where=projection.label,
                    limit="a Delay node has one value per source",
                )
            delays[int(source)] = delay
    step = first._simulator.state.dt
    delays = np.nan_to_num(delays, nan=step)
    return weights, None if np.allclose(delays, step, rtol=1e-9, atol=0) else delays


def _add_outputs(
    nir: Any, populations: Sequence[Any], outputs: Sequence[Any] | None, names: dict[int, str],
    nodes: dict[str, Any], edges: list[tuple[str, str]], sources: set[int],
) -> None:  # fmt: skip
    chosen = [p for p in populations if id(p) not in sources] if outputs is None else outputs
    for population in chosen:
        name = "output" if len(chosen) == 1 else f"output_{names[id(population)]}"
        nodes[name] = nir.Output({"output": np.array([population.size])})
        edges.append((names[id(population)], name))
