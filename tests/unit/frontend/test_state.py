"""Time, settings and cells of one backend, on an engine that only counts steps."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pyNN import errors

from pynn_ext.errors import NetworkError
from pynn_ext.frontend.simulator import Simulator


class Counting:
    """An engine that only advances the step."""

    def __init__(self, network: Any, threads: int = 1) -> None:
        self.network, self.threads = network, threads

    def run(self, steps: int) -> None:
        self.network.step += steps


@pytest.fixture
def sim() -> Any:
    backend = Simulator("tests.counting", "counting", Counting)
    backend.setup(timestep=0.1)
    return backend


def test_time_is_a_number_of_steps(sim: Any) -> None:
    for _ in range(1000):
        sim.run(0.1)
    assert sim.state.t == pytest.approx(100.0, abs=1e-9)
    assert sim.state.network.step == 1000
    assert sim.run(0.0) == sim.state.t


@pytest.mark.parametrize("ahead", [0.0, 0.01, 0.37, 2.5])
def test_callbacks_always_advance(sim: Any, ahead: float) -> None:
    calls: list[float] = []

    def callback(t: float) -> float:
        calls.append(t)
        assert len(calls) < 1000
        return t + ahead

    assert sim.run_until(10.04, callbacks=[callback]) == pytest.approx(10.0)
    assert calls == sorted(calls) and calls[-1] <= 10.0
    assert len(calls) == pytest.approx(10.0 / max(ahead, 0.1), rel=0.1, abs=2)


def test_the_past_is_refused(sim: Any) -> None:
    sim.run(5.0)
    with pytest.raises(ValueError):
        sim.run_until(3.0)


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"threads": 1.5}, {"rng_seed": None}, {"rng_seed": -1}])
def test_settings_without_meaning(sim: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(NetworkError, match=next(iter(wrong))):
        sim.setup(**wrong)


def test_delays_in_use(sim: Any) -> None:
    assert (sim.state.min_delay, sim.state.max_delay) == (0.1, 0.1)
    names = sim.namespace()
    p = sim.Population(2, names["IF_curr_exp"]())
    synapse = names["StaticSynapse"](weight=0.1, delay=1.5)
    sim.Projection(p, p, names["AllToAllConnector"](), synapse)
    assert (names["get_min_delay"](), names["get_max_delay"]()) == (1.5, 1.5)
    sim.setup(timestep=0.1, min_delay=0.5, max_delay=7.0)
    assert (names["get_min_delay"](), names["get_max_delay"]()) == (0.5, 7.0)


def test_cells_are_consecutive_and_know_their_population(sim: Any) -> None:
    model = sim.namespace()["IF_curr_exp"]
    p, q = sim.Population(3, model()), sim.Population(2, model())
    assert [int(i) for i in p] + [int(i) for i in q] == [1, 2, 3, 4, 5]
    assert all(cell.parent is q for cell in q) and q.id_to_index(q[1]) == 1
    assert not hasattr(p[0], "__array_interface__")
    assert copy.copy(p[1]).parent is p
    with pytest.raises(errors.NonExistentParameterError, match="did you mean 'tau_m'"):
        p[0].tau_me  # noqa: B018


def test_a_new_network_forgets_everything(sim: Any) -> None:
    p = sim.Population(3, sim.namespace()["IF_curr_exp"]())
    p.record("v", to_file="never.pkl")
    sim.run(1.0)
    sim.state.report("a change", "somewhere", "none")
    sim.setup(timestep=0.5)
    state = sim.state
    assert (state.t, state.dt, state.running, state.segment_counter) == (0.0, 0.5, False, 0)
    assert not (state.recorders or state.write_on_end or state.changes or state.network.groups)
    assert int(sim.Population(1, sim.namespace()["IF_curr_exp"]())[0]) == 1
