"""Random networks for the property tests: a description as data, built in several arrangements.

Weights of static synapses are multiples of 2^-10 of a unit, so that sums of them do not depend on their order
and networks that differ in nothing else must agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pyNN.codegen as sim
from hypothesis import strategies as st

from pynn_ext.models.base import Cell
from pynn_ext.models.registry import all_models

Split = Sequence[int]
Result = dict[str, list[np.ndarray]]


@lru_cache
def cell_names() -> list[str]:
    """One cell type of each kind that an engine treats in its own way.

    That is by its method of integration, its synapses, and what happens around the step; each costs the time
    of a compilation."""
    kinds: dict[Any, str] = {}
    for name, model in sorted(all_models().items()):
        m: Any = model
        # the networks have currents and potentials, which an astrocyte has not
        if issubclass(model, Cell) and hasattr(model, "cell_model") and m.injectable and "v" in m.recordable:
            cell = m.cell_model
            kind = (
                cell.method,
                m.conductance_based,
                bool(cell.before),
                bool(cell.after),
                bool(cell.refractory),
            )
            kinds.setdefault(kind, name)
    return sorted(kinds.values())


@dataclass(frozen=True)
class Wiring:
    """Connections from the sources (0) or the cells (1) to the cells: rows of pre, post, weight, delay."""

    pre: int
    receptor: int
    synapse: str
    rows: tuple[tuple[int, int, float, float], ...]


@dataclass(frozen=True)
class Description:
    """A network: one kind of cells, sources with given spikes, and wirings."""

    cell: str
    timestep: float
    parameters: dict[str, tuple[float, ...]]
    start: tuple[float, ...]
    spike_times: tuple[tuple[float, ...], ...]
    wirings: tuple[Wiring, ...]
    poisson: bool = False
    current: str = ""
    amplitude: float = 1.0
    injected: tuple[int, ...] = (0, 1)
    duration: float = 40.0
    threads: int = 1

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.start)


def weight_unit(name: str) -> float:
    """A weight (nA, uS or mV) that moves a cell noticeably."""
    model: Any = all_models()[name]
    if model.conductance_based:
        return 0.03125
    variables = {variable for variable, _ in model.cell_model.receptors.values()}
    return 8.0 if "v" in variables or "jump" in variables else 2.0


def cell_parameters(name: str, size: int, rng: np.random.Generator) -> dict[str, tuple[float, ...]]:
    """Values for each cell of a parameter near its default, a current near the threshold, a refractory period.

    Always the same ones, because each set of heterogeneous parameters is compiled by itself."""
    defaults: dict[str, Any] = all_models()[name].default_parameters  # type: ignore[attr-defined]
    values = {}
    if "i_offset" in defaults:
        values["i_offset"] = rng.uniform(0.5, 1.5, size) * (0.9 if "cm" in defaults else 0.01)
    if "tau_refrac" in defaults:
        values["tau_refrac"] = rng.uniform(1.0, 6.0, size)
    others = [n for n, v in defaults.items() if isinstance(v, float) and v and n not in values]
    values |= {n: defaults[n] * rng.uniform(0.95, 1.05, size) for n in sorted(others)[:1]}
    return {n: tuple(v.tolist()) for n, v in values.items()}


def timesteps(name: str) -> list[float]:
    """Time steps (ms) for a cell type: one, if units are compiled for a number of steps within a time step."""
    model: Any = all_models()[name]
    return [0.25] if model.cell_model.max_step else [0.1, 0.25, 0.5]


def wiring(
    pre: int, n_pre: int, size: int, synapse: str, unit: float, steps: Sequence[int], timestep: float,
    rng: np.random.Generator,
) -> Wiring:  # fmt: skip
    """Connect about a third of the pairs, some twice."""
    count = int(rng.integers(1, max(2, n_pre * size // 2)))
    ends = rng.integers(0, [n_pre, size], (count, 2))
    weights = rng.integers(1, 2048, count) / 1024 * unit
    delays = rng.choice(np.asarray(steps), count) * timestep
    rows = [(int(i), int(j), float(w), float(d)) for (i, j), w, d in zip(ends, weights, delays, strict=True)]
    return Wiring(pre, int(rng.integers(2)), synapse, tuple(rows))


SYNAPSES = ["static", "Tsodyks-Markram", "additive STDP", "multiplicative STDP"]


def _is_random(cell: str) -> bool:
    model: Any = all_models()[cell]
    return "rand()" in model.cell_model.threshold


@st.composite
def descriptions(
    draw: st.DrawFn,
    synapses: Sequence[str] = tuple(SYNAPSES),
    sizes: tuple[int, int] = (2, 7),
    poisson: bool = False,
) -> Description:
    """Random networks of `sizes` cells; nothing draws random numbers during the run unless `poisson` is true."""
    cell = draw(st.sampled_from([n for n in cell_names() if poisson or not _is_random(n)]))
    size = draw(st.integers(*sizes))
    n_sources = draw(st.integers(1, 4))
    timestep = draw(st.sampled_from(timesteps(cell)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    wirings = []
    for pre, synapse in draw(
        st.lists(st.tuples(st.integers(0, 1), st.sampled_from(list(synapses))), min_size=1, max_size=3)
    ):
        steps = draw(st.sampled_from([[1], [3], [1, 2, 5], list(range(1, 30))]))
        n_pre = size if pre else n_sources
        wirings.append(wiring(pre, n_pre, size, synapse, weight_unit(cell), steps, timestep, rng))
    return Description(
        cell,
        timestep,
        cell_parameters(cell, size, rng),
        tuple((-65.0 + rng.uniform(-3, 3, size)).tolist()),
        tuple(tuple(np.sort(rng.uniform(0.6, 40.0, rng.integers(0, 12))).tolist()) for _ in range(n_sources)),
        tuple(wirings),
        poisson and draw(st.booleans()),
        draw(st.sampled_from(["", "step", "sine", *(["noise"] if poisson else [])])),
        0.9 if "cm" in all_models()[cell].default_parameters else 0.01,  # type: ignore[attr-defined]
    )


def synapse_type(name: str, unit: float) -> Any:
    """A synapse type; weight and delay are those of the connector."""
    if name == "static":
        return sim.StaticSynapse()
    if name == "Tsodyks-Markram":
        return sim.TsodyksMarkramSynapse(U=0.4, tau_rec=50.0, tau_facil=20.0)
    dependence = {
        "additive STDP": sim.AdditiveWeightDependence,
        "multiplicative STDP": sim.MultiplicativeWeightDependence,
    }[name]
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(tau_plus=12.0, tau_minus=17.0, A_plus=0.05, A_minus=0.04),
        weight_dependence=dependence(w_min=0.0, w_max=3 * unit),
        dendritic_delay_fraction=1.0 if name.startswith("add") else 0.0,
    )


def receptor(description: Description, w: Wiring) -> str:
    """Name of the receptor; plastic synapses are excitatory."""
    names: Sequence[str] = all_models()[description.cell].receptor_types  # type: ignore[attr-defined]
    return names[0] if "STDP" in w.synapse else names[w.receptor % len(names)]


def rows(description: Description, w: Wiring) -> list[list[float]]:
    """Rows for a connector: weights onto inhibitory currents are negative."""
    model: Any = all_models()[description.cell]
    negative = receptor(description, w) == "inhibitory" and not model.conductance_based
    return [[i, j, -weight if negative else weight, delay] for i, j, weight, delay in w.rows]


def current_source(kind: str, amplitude: float) -> Any:
    """A current of about `amplitude` (nA)."""
    if kind == "step":
        return sim.StepCurrentSource(
            times=[3.0, 11.2, 20.05], amplitudes=[amplitude, -amplitude, 0.5 * amplitude]
        )
    if kind == "sine":
        return sim.ACSource(amplitude=amplitude, start=2.5, stop=33.0, frequency=40.0)
    return sim.NoisyCurrentSource(mean=0.0, stdev=0.5 * amplitude, start=4.0, stop=30.0, dt=0.5)


@dataclass
class Built:
    """What a description became: the cells, as a population or an assembly, and the projections."""

    cell: str
    cells: Any
    sources: Any
    projections: list[Any] = field(default_factory=list)

    def record(self) -> None:
        """Record spikes and every state variable that has a unit."""
        self.cells.record("spikes")
        self.cells.record(recorded(self.cell))


def recorded(cell: str) -> list[str]:
    """State variables to record."""
    model: Any = all_models()[cell]
    return [name for name in model.recordable if name != "spikes"]


def populate(make: Callable[[slice], Any], size: int, split: Split) -> Any:
    """One population, or an assembly of those between the indices of `split`."""
    bounds = [0, *split, size]
    parts = [make(slice(a, b)) for a, b in zip(bounds, bounds[1:], strict=False)]
    return parts[0] if len(parts) == 1 else sim.Assembly(*parts)


def build(
    description: Description,
    split: Split = (),
    split_sources: Split = (),
    connectors: Callable[[int, Wiring], Any] | None = None,
) -> Built:
    """Set up the network of a description, its cells and sources in one population or several."""
    d = description
    sim.setup(timestep=d.timestep, min_delay=d.timestep, max_delay=20.0, threads=d.threads, rng_seed=7)

    def make_cells(part: slice) -> Any:
        parameters = {n: np.array(v[part]) for n, v in d.parameters.items()}
        if part.stop - part.start == 1:
            parameters = {n: float(v[0]) for n, v in parameters.items()}
        population = sim.Population(part.stop - part.start, getattr(sim, d.cell)(**parameters))
        population.initialize(v=np.array(d.start[part]))
        return population

    def make_sources(part: slice) -> Any:
        if d.poisson:
            return sim.Population(part.stop - part.start, sim.SpikeSourcePoisson(rate=150.0))
        trains = [list(times) for times in d.spike_times[part]]
        return sim.Population(len(trains), sim.SpikeSourceArray(spike_times=trains))

    built = Built(
        d.cell, populate(make_cells, d.size, split), populate(make_sources, len(d.spike_times), split_sources)
    )
    unit = weight_unit(d.cell)
    for k, w in enumerate(d.wirings):
        projection = sim.Projection(
            built.cells if w.pre else built.sources,
            built.cells,
            connectors(k, w) if connectors else sim.FromListConnector(rows(d, w)),
            synapse_type(w.synapse, unit),
            receptor_type=receptor(d, w),
        )
        built.projections.append(projection)
    if d.current:
        current_source(d.current, d.amplitude).inject_into(built.cells[np.array(d.injected)])
    built.record()
    return built


def segment_result(segment: Any, size: int) -> Result:
    """Spike times and state variables of each cell, as plain arrays."""
    result: Result = {"spikes": [np.asarray(train.rescale("ms").magnitude) for train in segment.spiketrains]}
    assert len(result["spikes"]) == size
    for signal in segment.analogsignals:
        result[signal.name] = list(np.asarray(signal.magnitude).T)
    return result


def result(built: Built, segment: int = -1) -> Result:
    """What was recorded in a segment, and the present weights."""
    found = segment_result(built.cells.get_data().segments[segment], built.cells.size)
    found["weights"] = [weights_of(projection) for projection in built.projections]
    return found


def weights_of(projection: Any) -> np.ndarray:
    """Rows of pre, post, weight, delay, sorted."""
    rows = np.array(
        projection.get(["weight", "delay"], format="list", with_address=True), dtype=float
    ).reshape(-1, 4)
    return rows[np.lexsort(rows.T[::-1])]


def simulate(description: Description, **arrangement: Any) -> Result:
    """Build, run and return the result."""
    built = build(description, **arrangement)
    sim.run(description.duration)
    found = result(built)
    sim.end()
    return found


def assert_same(a: Result, b: Result, tolerance: float = 0.0) -> None:
    """Spikes are identical; the rest too, or within a relative `tolerance`."""
    assert a.keys() == b.keys()
    for name, values in a.items():
        assert len(values) == len(b[name])
        for k, (x, y) in enumerate(zip(values, b[name], strict=True)):
            if tolerance and name != "spikes":
                np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance, err_msg=f"{name}[{k}]")
            else:
                np.testing.assert_array_equal(x, y, err_msg=f"{name}[{k}]")


def tolerance(description: Description) -> float:
    """Relative tolerance between networks that add up the same weights in another order.

    Such sums are exact for static weights, unless the receptor multiplies them (alpha functions: by e)."""
    model: Any = all_models()[description.cell]
    exact = all(factor == 1.0 for _, factor in model.cell_model.receptors.values())
    return 0.0 if exact and all(w.synapse == "static" for w in description.wirings) else 1e-9


def permuted(description: Description, order: Sequence[int]) -> Description:
    """The same network with cell ``order[k]`` in place k."""
    place = {int(old): new for new, old in enumerate(order)}
    return replace(
        description,
        parameters={n: tuple(v[i] for i in order) for n, v in description.parameters.items()},
        start=tuple(description.start[i] for i in order),
        injected=tuple(place[i] for i in description.injected),
        wirings=tuple(
            replace(w, rows=tuple((place[i] if w.pre else i, place[j], x, d) for i, j, x, d in w.rows))
            for w in description.wirings
        ),
    )


def example(cell: str, seed: int) -> Description:
    """One network of a type of cell, with every kind of synapse."""
    rng = np.random.default_rng(seed)
    unit, size, sources, timestep = weight_unit(cell), 6, 3, timesteps(cell)[0]
    wirings = [
        wiring(k % 2, size if k % 2 else sources, size, synapse, unit, [1, 2, 7], timestep, rng)
        for k, synapse in enumerate(SYNAPSES)
    ]
    start = tuple((-65.0 + rng.uniform(-3, 3, size)).tolist())
    parameters = cell_parameters(cell, size, rng)
    return Description(cell, timestep, parameters, start, ((),) * sources, tuple(wirings), poisson=True)
