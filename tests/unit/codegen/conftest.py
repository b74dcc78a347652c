"""Small networks of the neutral description, without PyNN's front end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN.parameters import ArrayParameter

from pynn_ext.codegen import cache, library
from pynn_ext.models.registry import all_models
from pynn_ext.network import (
    ArraySource,
    CellGroup,
    CellModel,
    Connections,
    Injection,
    Network,
    PoissonSource,
    Probe,
    SpikeLog,
    SynapseModel,
)
from pynn_ext.network.cells import column_name

LEAK = CellModel(
    name="leak",
    equations="dv/dt = (i_offset + i_inj)/cm - v/tau_m : volt (unless refractory)",
    parameters={
        "tau_m": "second",
        "cm": "farad",
        "i_offset": "amp",
        "v_thresh": "volt",
        "tau_refrac": "second",
    },
    receptors={"excitatory": ("v", 1.0)},
    threshold="v >= v_thresh",
    reset="v = 0*volt",
    refractory="tau_refrac",
    method="exact",
)
LEAK_VALUES = {"tau_m": 10.0, "cm": 1.0, "i_offset": 0.0, "v_thresh": 1e9, "tau_refrac": 2.0}
STATIC = SynapseModel("static")
STDP = SynapseModel(
    "stdp",
    parameters=dict.fromkeys(("tau_plus", "tau_minus", "A_plus", "A_minus", "w_max"), "1"),
    pre_traces={"x": "tau_plus"},
    post_traces={"y": "tau_minus"},
    on_pre="weight = clip(weight - A_minus*weight*y, 0, w_max)",
    on_post="weight = clip(weight + A_plus*w_max*x, 0, w_max)",
)
STDP_VALUES = {"tau_plus": 20.0, "tau_minus": 15.0, "A_plus": 0.05, "A_minus": 0.06}


class Builder:
    """Adds groups and connections to one network; `stdp` holds the options of plastic connections, but w_max."""

    stdp: dict[str, Any] = {"model": STDP, **STDP_VALUES}

    def __init__(self, timestep: float = 0.1, seed: int = 7) -> None:
        self.network = Network(timestep=timestep, seed=seed)

    def cells(self, size: int, model: CellModel = LEAK, **values: Any) -> CellGroup:
        """Cells of `model`, with the defaults of LEAK where they fit."""
        group = CellGroup(size, model)
        for name in model.parameters:
            group.set_parameter(name, values[name] if name in values else LEAK_VALUES[name])
        return self._added(group)

    def standard(self, name: Any, size: int, **values: Any) -> CellGroup:
        """Cells of a standard model, given by its name or as an instance."""
        model: Any = all_models()[name] if isinstance(name, str) else name
        group = CellGroup(size, model.cell_model, tables=dict(getattr(model, "tables", {})))
        defaults: dict[str, Any] = {}
        for parameter, value in model.default_parameters.items():
            if isinstance(value, ArrayParameter):
                defaults.update({f"{parameter}_{k}": x for k, x in enumerate(value.value)})
            else:
                defaults[column_name(parameter)] = value
        for parameter in model.cell_model.parameters:
            group.set_parameter(parameter, values.get(parameter, defaults[parameter]))
        for variable, value in model.default_initial_values.items():
            if column_name(variable) in group.state:
                group.set_initial(column_name(variable), value)
        return self._added(group)

    def times(self, *trains: list[float]) -> ArraySource:
        """One source for each spike train."""
        group = ArraySource(len(trains))
        group.set_times([np.array(t, dtype=float) for t in trains], self.network.timestep, 0)
        return self._added(group)

    def poisson(self, size: int, rate: float, start: float = 0.0, duration: float = 1e9) -> PoissonSource:
        """Poisson sources of one rate."""
        columns = {"rate": rate, "start": start, "duration": duration}
        return self._added(PoissonSource(size, **{n: np.full(size, value) for n, value in columns.items()}))

    def _added(self, group: Any) -> Any:
        group.spikes = SpikeLog()
        self.network.add_group(group)
        return group

    def connect(self, pre: Any, post: CellGroup, pairs: Any, **options: Any) -> Connections:
        """Connections along `pairs`, shape (2, n); the defaults are weight 1, one step, static."""
        model = options.pop("model", STATIC)
        receptor = options.pop("receptor", "excitatory")
        delays, fraction = options.pop("delays", 1), options.pop("fraction", 1.0)
        columns = {"weight": 1.0, **options}
        first, second = np.asarray(pairs)
        made = Connections.build(pre, post, receptor, model, first, second, delays, columns, fraction)
        self.network.add_connections(made)
        return made

    def probe(self, group: CellGroup, variable: str = "v", every: int = 1) -> Probe:
        """All cells of a group."""
        probe = Probe(group, variable, np.arange(group.size, dtype=np.int32), every)
        self.network.add_probe(probe)
        return probe

    def inject(self, group: CellGroup, index: list[int], amplitude: Callable[[Any], Any]) -> None:
        """A current that is a function of the step."""
        self.network.add_injection(
            Injection(
                group,
                np.array(index, dtype=np.int32),
                lambda first, n: amplitude(np.arange(first, first + n)),
            )
        )


@pytest.fixture
def build() -> type[Builder]:
    return Builder


@pytest.fixture
def busy() -> Callable[..., Builder]:
    """Poisson sources drive cells that excite each other, with several delays; static or plastic."""

    def make(
        name: Any = "IF_cond_exp", plastic: bool = False, fraction: float = 1.0, size: int = 150
    ) -> Builder:
        b, rng = Builder(), np.random.default_rng(5)
        source, cells = (
            b.poisson(60, 300.0, start=1.23),
            b.standard(name, size, tau_m=rng.uniform(10, 20, size)),
        )
        weight = 0.03 if any("gsyn" in v for v in cells.model.state_variables) else 1.0
        pairs = np.array(np.nonzero(rng.random((60, size)) < 0.3))
        delays = rng.integers(1, 6, pairs.shape[1])
        if plastic:
            kind = dict(fraction=fraction, w_max=2 * weight, **b.stdp)
        else:
            kind = {}
        receptor = next(iter(cells.model.receptors))
        weights = rng.uniform(0, weight, len(delays))
        b.connect(source, cells, pairs, delays=delays, weight=weights, receptor=receptor, **kind)
        pairs = np.array(np.nonzero(rng.random((size, size)) < 0.05))
        b.connect(cells, cells, pairs, delays=3, weight=weight / 4, receptor=receptor)
        b.inject(cells, [0, 1, size - 1], lambda k: np.where(k // 70 % 2, 0.3, 0.0))
        b.probe(cells, "v" if "v" in cells.state else next(iter(cells.state)))
        return b

    return make


def outcome(b: Builder) -> dict[str, np.ndarray[Any, Any]]:
    """Everything a run has produced: spikes, traces, weights, state."""
    found: dict[str, Any] = {}
    for i, group in enumerate(b.network.groups):
        assert group.spikes is not None
        found[f"times {i}"], found[f"index {i}"] = group.spikes.arrays()
        if isinstance(group, CellGroup):
            found.update({f"{name} {i}": column.copy() for name, column in group.state.items()})
    for i, connections in enumerate(b.network.connections):
        found[f"weight {i}"] = connections.get("weight").copy()
    for i, probe in enumerate(b.network.probes):
        found[f"probe {i}"] = probe.samples()
    return found


@pytest.fixture
def results() -> Callable[[Builder], dict[str, np.ndarray[Any, Any]]]:
    return outcome


@pytest.fixture
def assert_same() -> Callable[..., None]:
    """Compares two outcomes byte for byte, or spikes exactly and all else up to a tolerance."""

    def check(a: dict[str, Any], b: dict[str, Any], tolerance: float = 0.0) -> None:
        assert a.keys() == b.keys()
        for name in a:
            if tolerance and not name.startswith(("times", "index")):
                np.testing.assert_allclose(a[name], b[name], rtol=tolerance, atol=tolerance, err_msg=name)
            else:
                assert a[name].tobytes() == b[name].tobytes(), name

    return check


def forget() -> None:
    for cached in (cache.compiler, cache._environment, library.core, library.plastic, library.merger):
        cached.cache_clear()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A function that makes all that follows be built by a compiler with certain flags, into an empty cache."""

    def use(compiler: str, flags: list[str]) -> None:
        folder = tmp_path / "cache"
        folder.mkdir(mode=0o700, exist_ok=True)
        monkeypatch.setenv("PYNN_EXT_CACHE", str(folder))
        monkeypatch.setenv("CXX", compiler)
        monkeypatch.setattr(cache, "FLAGS", flags)
        forget()

    yield use
    monkeypatch.undo()
    forget()
