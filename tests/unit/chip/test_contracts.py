"""When a message acts, and how long a step lasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynn_ext.chip.contracts import (
    CONTRACTS,
    Asynchronous,
    Barrier,
    Clocked,
    RealTimeTick,
    TimeContract,
    contract_of,
)
from pynn_ext.errors import NetworkError

kinds = st.sampled_from([kind() for kind in CONTRACTS.values()])


@given(kinds, st.integers(0, 1000), st.integers(1, 50), st.integers(1, 300))
def test_a_message_acts_in_the_first_step_it_is_in_time_for(
    contract: TimeContract, step: int, cycles: int, transit: int
) -> None:
    generated = step * cycles
    arrived = generated + transit
    acts = int(contract.acts(generated, arrived, cycles))
    assert acts >= step
    assert arrived < contract.until(acts, cycles)
    assert acts == step or arrived >= contract.until(acts - 1, cycles)


@pytest.mark.parametrize(
    ("contract", "acts", "late"),
    [
        (Barrier(), [3, 3, 3, 3, 3], [0, 0, 0, 0, 0]),
        (RealTimeTick(), [3, 3, 3, 4, 5], [0, 0, 0, 1, 1]),
        (Asynchronous(), [3, 3, 4, 4, 5], [0, 0, 1, 1, 1]),
        (Clocked(), [4, 4, 4, 4, 5], [0, 0, 0, 0, 1]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_steps_of_ten_cycles(contract: TimeContract, acts: list[int], late: list[int]) -> None:
    generated, arrived = np.full(5, 30), np.array([31, 34, 35, 40, 50])
    assert np.asarray(contract.acts(generated, arrived, 10)).tolist() == acts
    assert contract.late(generated, arrived, 10).tolist() == late


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (Barrier(2e-6), 7e-6),
        (RealTimeTick(1e-3), 1e-3),
        (Asynchronous(), 5e-6),
        (Clocked(100e3, 96), 960e-6),
    ],
)
def test_how_long_a_step_of_5_microseconds_of_work_lasts(contract: TimeContract, expected: float) -> None:
    assert contract.lasts(5e-6) == pytest.approx(expected)


def test_contracts_by_name() -> None:
    assert isinstance(contract_of("barrier"), Barrier) and contract_of("barrier").waits
    assert RealTimeTick(drops=True).loses and not contract_of("real-time tick").loses
    contract: Any = Clocked(1e6, 10)
    assert contract_of(contract) is contract
    with pytest.raises(NetworkError, match="did you mean 'clocked'"):
        contract_of("clock")
