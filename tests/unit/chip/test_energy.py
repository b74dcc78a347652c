"""Energy is exact, by component, and static energy stands apart."""

from __future__ import annotations

import numpy as np

from pynn_ext.chip.energy import Ledger, femtojoules


def test_sums_do_not_depend_on_the_order() -> None:
    costs = np.array([23_600, 1, 81_000, 120_000])
    events = np.random.default_rng(1).integers(0, 4, 10_000)
    one, other = Ledger("synapse"), Ledger("synapse")
    for event in events:
        one.spend("synapse", 1, costs[event])
    other.add({"synapse": 0})
    other.spend("synapse", np.bincount(events), costs)
    assert one.dynamic == other.dynamic == {"synapse": int(costs[events].sum())}


def test_static_energy_is_power_times_time() -> None:
    ledger = Ledger("soma")
    for _ in range(1000):
        ledger.flow("leakage", 3.34 / 32, 1e-6)
    assert ledger.static == {"leakage": 1000 * femtojoules(3.34 / 32 * 1e-6)}
    assert ledger.report() == {"energy_nJ": {"soma": 0.0}, "static_energy_nJ": {"leakage": 104_375.0}}
