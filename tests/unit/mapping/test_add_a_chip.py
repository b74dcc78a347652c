"""The chip of the how-to page runs."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Any

import pytest

from pynn_ext.chip.record import entries
from pynn_ext.errors import MappingError

PAGE = Path(__file__).parents[3] / "docs" / "add_a_chip.md"


@pytest.fixture(scope="module")
def tiny() -> Any:
    match = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert match
    code = match.group(1)
    assert len([line for line in code.splitlines() if line.strip()]) < 60
    module = types.ModuleType("tests.tiny")
    exec(compile(code, str(PAGE), "exec", dont_inherit=True), module.__dict__)
    return module


def chain(tiny: Any, cells: int = 3, delay: float = 1.0) -> Any:
    tiny.setup(timestep=1.0)
    source = tiny.Population(1, tiny.SpikeSourceArray(spike_times=[3.0]))
    population = tiny.Population(cells, tiny.IF_curr_delta(v_thresh=-60.0))
    synapse = tiny.StaticSynapse(weight=7.0, delay=delay)
    tiny.Projection(source, population[:1], tiny.OneToOneConnector(), synapse)
    onward = [(i, i + 1) for i in range(cells - 1)]
    tiny.Projection(population, population, tiny.FromListConnector(onward), synapse, label="onward")
    population.record(["spikes", "v"])
    return population


def test_a_chain_fires_in_turn(tiny: Any) -> None:
    population = chain(tiny)
    tiny.run(10.0)
    trains = population.get_data().segments[0].spiketrains
    assert [train.magnitude.tolist() for train in trains] == [[4.0], [5.0], [6.0]]
    assert tiny.chip_report()["spikes"] == 3


def test_its_record_holds_what_a_page_shows(tiny: Any) -> None:
    shown = {entry.name: entry for entry in entries(tiny.CHIP)}
    assert str(shown["weight"].value).startswith("4 bits; wraps") and shown["cells"].value == 16
    assert shown["time"].value.name == "clocked" and all(entry.source for entry in shown.values())


def test_what_does_not_fit_is_said(tiny: Any) -> None:
    chain(tiny, delay=2.0)
    with pytest.raises(MappingError, match="a delay of 2 ms"):
        tiny.run(1.0)
    chain(tiny, cells=70)
    with pytest.raises(MappingError, match="tightest limit is 16 cells"):
        tiny.run(1.0)
    with pytest.raises(NotImplementedError):
        tiny.IF_cond_exp()
