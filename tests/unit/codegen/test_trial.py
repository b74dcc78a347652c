"""Steps on trial: their order, their estimate, and who makes finer steps instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyNN.codegen as sim
import pytest
from pyNN.parameters import Sequence

from pynn_ext.codegen import brian, exponentials
from pynn_ext.codegen.trial import SMALL, trial
from pynn_ext.errors import NetworkError

EQUATIONS = """
dx/dt = (-x*y*y + exp(-x/4) + 2*exp(-x/6))/second : 1
dy/dt = (sin(t/second) - x*y)/second : 1
dg/dt = -g/(3*second) : 1
"""
START = {"x": 0.3, "y": 0.8, "g": 2.0}


class Steps:
    """The statements of `EQUATIONS`, run by Brian2's NumPy target in seconds."""

    def __init__(self, tolerance: float = 1.0) -> None:
        equations = brian.parse(EQUATIONS, "")
        variables = {name: brian.Variable("1", writable=True) for name in START}
        self._statements = brian.Statements(variables)
        self.made = trial(equations, self._statements.variables, "rk4", {"x": tolerance}, "")

    def run(self, code: str, h: float, steps: int) -> tuple[dict[str, float], Any]:
        """Return the state after some steps, and the namespace."""
        program = self._statements.program(code)
        columns = {f"P_{name}": np.array([value]) for name, value in START.items()}
        for k in range(steps):
            program(**columns, P_dt=np.array([1e3 * h]), P_t=np.array([1e3 * k * h]))
        return {name: float(columns[f"P_{name}"][0]) for name in START}, program.namespace


@pytest.mark.parametrize("which, order", [("code", 3), ("finer", 4)])
def test_order_of_the_steps(which: str, order: int) -> None:
    steps = Steps()
    code = getattr(steps.made, which)
    ends = [np.array(list(steps.run(code, 0.4 / n, n)[0].values())) for n in (40, 80, 160)]
    assert np.log2(np.abs(ends[0] - ends[1])[:2] / np.abs(ends[1] - ends[2])[:2]) == pytest.approx(
        order, abs=0.2
    )
    assert ends[0][2] == pytest.approx(2.0 * np.exp(-0.4 / 3), rel=1e-14)  # decays freely: exact


def test_the_estimate_is_the_difference_from_the_midpoint_rule() -> None:
    h, steps = 0.01, Steps(tolerance=0.25)

    def slope(t: float, x: float, y: float) -> np.ndarray:
        return np.array([-x * y * y + np.exp(-x / 4) + 2 * np.exp(-x / 6), np.sin(t) - x * y])

    before = np.array([START["x"], START["y"]])
    midpoint = before + h * slope(h / 2, *(before + h / 2 * slope(0.0, *before)))
    after, namespace = steps.run(steps.made.code, h, 1)
    assert namespace["_excess_x"][0] + 0.25 == pytest.approx(abs(after["x"] - midpoint[0]), rel=1e-6)


def test_a_cell_whose_exponentials_change_too_much_fails() -> None:
    steps = Steps()
    for h, fails in ((0.01, False), (0.5, True)):
        _, namespace = steps.run(steps.made.code, h, 1)
        changes = [namespace[name][0] for name in steps.made.excess if name != "_excess_x"]
        assert len(changes) == 2 and (max(changes) > 0) == fails
    assert abs(exponentials.exp_near(SMALL) - np.exp(SMALL)) < 3e-11


@pytest.mark.parametrize("method, name", [("euler", "x"), ("rk4", "z")])
def test_a_tolerance_without_a_method_or_variable_is_told(method: str, name: str) -> None:
    with pytest.raises(NetworkError, match=rf"a tolerance for {name} with the method '{method}'"):
        trial(brian.parse(EQUATIONS, ""), {}, method, {name: 1.0}, "cell model X")


def test_powers_follow_from_each_other() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        wanted, known = rng.integers(1, 128, 4).tolist(), {1}
        for n, a, b in exponentials.products(wanted):
            assert {a, b} <= known and a + b == n
            known.add(n)
        assert known >= set(wanted)


def _driven(order: np.ndarray, threads: int = 1) -> tuple[np.ndarray, list[Any]]:
    """Potentials and spikes of cells with different currents, which stand in this order."""
    size = len(order)
    sim.setup(timestep=0.1, min_delay=0.1, threads=threads)
    cells = sim.Population(size, sim.HH_cond_exp(i_offset=np.linspace(-0.2, 1.5, size)[order]))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence([1.0, 3.0, 7.0, 12.0])))
    synapse = sim.StaticSynapse(weight=0.02, delay=0.1)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    cells.record(["v", "spikes"])
    sim.run(20.0)
    segment = cells.get_data().segments[0]
    v, spikes = np.empty((201, size)), [None] * size
    v[:, order] = segment.analogsignals[0].magnitude
    for k, train in zip(order, segment.spiketrains, strict=True):
        spikes[k] = train.magnitude.tolist()
    return v, spikes


def test_a_cell_does_not_depend_on_its_neighbours_or_on_threads() -> None:
    order = np.arange(200)
    v, spikes = _driven(order)
    assert sum(map(bool, spikes)) > 100
    for other, threads in ((np.random.default_rng(1).permutation(200), 1), (order, 2)):
        again, same = _driven(other, threads)
        assert again.tobytes() == v.tobytes() and same == spikes


def test_most_cells_pass_and_stay_near_the_finer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    v, spikes = _driven(np.arange(64))
    model = sim.HH_cond_exp.cell_model
    monkeypatch.setattr(sim.HH_cond_exp, "cell_model", replace(model, tolerance={}))
    finer, same = _driven(np.arange(64))
    different = np.abs(v - finer)
    assert 0.0 < np.quantile(different, 0.5) < 3e-3 and [len(s) for s in spikes] == [len(s) for s in same]
